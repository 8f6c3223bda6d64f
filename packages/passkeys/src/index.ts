/**
 * Passkeys (WebAuthn level 3) as the client and the authenticator in one: what a site asks for is read and bounded, held against the origin
 * that the browser names, and answered. No DOM, no storage and no consent here: whoever calls has asked the person first. Keys are WebCrypto's.
 */
export { rpIdFault, type RpIdFault } from './rp-id.ts'
export {
  passkeyCeilings,
  readAssertionRequest,
  readCreationRequest,
  type AssertionRequest,
  type CreationRequest,
  type Reading,
  type RequestFault,
  type Verification,
} from './requests.ts'
export type { Caller } from './client-data.ts'
export { makePasskey, type NewPasskey, type RegistrationJson } from './make-passkey.ts'
export { answerWithPasskey, type AssertionJson, type UsablePasskey } from './answer-with-passkey.ts'
