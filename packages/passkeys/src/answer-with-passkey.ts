/** Signing in with a passkey, after the person said yes (WebAuthn §5.1.4, §6.3.3). The private key is used here and goes nowhere. */
import { concatBytes, NokkelError, toBase64url, utf8, type Bytes } from '@nokkel/base'
import { authenticatorData } from './authenticator-data.ts'
import { clientDataJson, type Caller } from './client-data.ts'
import { sha256, signWith } from './keys.ts'
import type { AssertionRequest } from './requests.ts'

export interface UsablePasskey {
  readonly rpId: string
  readonly credentialId: Bytes
  /** undefined: the site gave none; passkeys of other managers may come without */
  readonly userHandle: Bytes | undefined
  readonly privateKey: Bytes
}

/** AuthenticationResponseJSON of the standard. */
export interface AssertionJson {
  readonly id: string
  readonly rawId: string
  readonly type: 'public-key'
  readonly authenticatorAttachment: 'platform'
  readonly clientExtensionResults: Readonly<Record<string, never>>
  readonly response: {
    readonly clientDataJSON: string
    readonly authenticatorData: string
    readonly signature: string
    readonly userHandle?: string
  }
}

/** Throws `malformed` for a key that is none of P-256, `internal` for a passkey of another site: the caller looked for both before. */
export async function answerWithPasskey(
  passkey: UsablePasskey,
  request: AssertionRequest,
  caller: Caller,
  verified: boolean,
): Promise<AssertionJson> {
  // once more at the line that signs: a passkey answers for its own site alone
  if (passkey.rpId !== request.rpId) throw new NokkelError('internal', { what: 'rp-id' })
  const clientData = clientDataJson('webauthn.get', request.challenge, caller)
  const authData = authenticatorData(await sha256(utf8(request.rpId)), verified)
  const signature = await signWith(passkey.privateKey, concatBytes(authData, await sha256(clientData)))
  if (signature === undefined) throw new NokkelError('malformed', { what: 'private-key' })
  const id = toBase64url(passkey.credentialId)
  return {
    id,
    rawId: id,
    type: 'public-key',
    authenticatorAttachment: 'platform',
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64url(clientData),
      authenticatorData: toBase64url(authData),
      signature: toBase64url(signature),
      ...(passkey.userHandle !== undefined && { userHandle: toBase64url(passkey.userHandle) }),
    },
  }
}
