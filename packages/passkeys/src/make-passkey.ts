/** A new passkey for a site, after the person said yes: what the keychain keeps, and what the page gets (WebAuthn §5.1.3, §6.3.2). */
import { concatBytes, toBase64url, utf8, type Bytes, type Random } from '@nokkel/base'
import { aaguid, attestationObject, authenticatorData } from './authenticator-data.ts'
import { clientDataJson, type Caller } from './client-data.ts'
import { makeKey, sha256 } from './keys.ts'
import type { CreationRequest } from './requests.ts'

/** As the fields of an item of kind `passkey` (SPEC REC-6). */
export interface NewPasskey {
  readonly rpId: string
  readonly username: string
  readonly displayName: string
  readonly userHandle: Bytes
  readonly credentialId: Bytes
  readonly privateKey: Bytes
}

/** RegistrationResponseJSON of the standard. No secret is in it. */
export interface RegistrationJson {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly authenticatorAttachment: 'platform'
  readonly clientExtensionResults: { readonly credProps?: { readonly rk: true } }
  readonly response: {
    readonly clientDataJSON: string
    readonly attestationObject: string
    readonly authenticatorData: string
    readonly publicKey: string
    readonly publicKeyAlgorithm: -7
    readonly transports: readonly ['internal']
  }
}

const credentialIdBytes = 32

/** `verified`: the person gave the passcode for this very act. */
export async function makePasskey(
  request: CreationRequest,
  caller: Caller,
  verified: boolean,
  random: Random,
): Promise<{ readonly passkey: NewPasskey; readonly json: RegistrationJson }> {
  const { rpId, username, displayName, userHandle } = request
  const { privateKey, publicKey, spki } = await makeKey()
  const credentialId = random.bytes(credentialIdBytes)
  const authData = authenticatorData(await sha256(utf8(rpId)), verified, { aaguid, credentialId, publicKey })
  const id = toBase64url(credentialId)
  const json: RegistrationJson = {
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: request.credProps ? { credProps: { rk: true } } : {},
    response: {
      clientDataJSON: toBase64url(clientDataJson('webauthn.create', request.challenge, caller)),
      attestationObject: toBase64url(attestationObject(authData)),
      authenticatorData: toBase64url(authData),
      publicKey: toBase64url(spki),
      publicKeyAlgorithm: -7,
      transports: ['internal'],
    },
  }
  return { passkey: { rpId, username, displayName, userHandle: concatBytes(userHandle), credentialId, privateKey }, json }
}
