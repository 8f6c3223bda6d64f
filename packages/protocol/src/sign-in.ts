/**
 * The client's half of OPAQUE (RFC 9807, ristretto255, SHA-512, Argon2id 64 MiB) through @serenity-kit/opaque (docs/adr/0005).
 * The password never leaves the device in any form and never wraps a vault key. Stretching is a constant here: the server
 * has no say in it (attack A9). What the password yields besides the session: `bind`, which ties the circle to it (SIG-5), and two keys for
 * recovery (ESC-3).
 */
import { equalBytes, fromBase64url, NokkelError, Secret, toBase64url, type AccountId, type Bytes } from '@nokkel/base'
import { deriveBytes, mac } from '@nokkel/crypto'
import { labels } from './wire/labels.ts'

/** RFC 9106 §4, second recommended option: 64 MiB, t = 3, p = 4. */
const keyStretching = 'memory-constrained'

/** 130 kB of WebAssembly, loaded only when somebody signs in. */
async function loadOpaque() {
  const opaque = await import('@serenity-kit/opaque')
  await opaque.ready
  return opaque
}

export interface Identities {
  readonly account: AccountId
  readonly serverId: string
}

function identifiers(identities: Identities) {
  return { client: identities.account, server: identities.serverId }
}

/** What only who knows the password can make: the lock around the outer layer of a lone realm, and around names of ways back. */
export interface PasswordKeys {
  readonly outer: Secret
  readonly label: Secret
}

export interface Registration {
  readonly registrationRequest: string
  finish(
    registrationResponse: string,
    identities: Identities,
    genesisHash: Uint8Array,
  ): { readonly registrationRecord: string; readonly bind: Bytes; readonly passwordKeys: PasswordKeys }
}

export async function startRegistration(password: string): Promise<Registration> {
  const { client } = await loadOpaque()
  const normalised = password.normalize('NFKC')
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password: normalised })
  return {
    registrationRequest,
    finish(registrationResponse, identities, genesisHash) {
      const finished = answered(() =>
        client.finishRegistration({
          password: normalised,
          clientRegistrationState,
          registrationResponse,
          identifiers: identifiers(identities),
          keyStretching,
        }),
      )
      const { registrationRecord, exportKey } = finished
      return { registrationRecord, bind: bindOf(exportKey, genesisHash), passwordKeys: passwordKeysOf(exportKey) }
    },
  }
}

export interface SignedIn {
  readonly finishLoginRequest: string
  readonly passwordKeys: PasswordKeys
  /** Does this circle belong to the password? `bind` and `genesisHash` come from the server. */
  checkBind(genesisHash: Uint8Array, bind: Uint8Array): void
}

export interface SignIn {
  readonly startLoginRequest: string
  /** Throws `sign-in-failed`: wrong password, unknown account or a lying server; they look the same. */
  finish(loginResponse: string, identities: Identities): SignedIn
}

export async function startSignIn(password: string): Promise<SignIn> {
  const { client } = await loadOpaque()
  const normalised = password.normalize('NFKC')
  const { clientLoginState, startLoginRequest } = client.startLogin({ password: normalised })
  return {
    startLoginRequest,
    finish(loginResponse, identities) {
      const finished = answered(() =>
        client.finishLogin({ password: normalised, clientLoginState, loginResponse, identifiers: identifiers(identities), keyStretching }),
      )
      const exportKey = new Secret(fromBase64url(finished.exportKey))
      return {
        finishLoginRequest: finished.finishLoginRequest,
        passwordKeys: passwordKeysOf(finished.exportKey),
        checkBind(genesisHash, bind) {
          if (!equalBytes(bindOf(toBase64url(exportKey.reveal()), genesisHash), bind))
            throw new NokkelError('circle-mismatch', { rule: 'SIG-5' })
        },
      }
    },
  }
}

/** The library throws, or returns undefined, for a wrong password and for malformed messages alike. */
function answered<T>(call: () => T | undefined): T {
  let result: T | undefined
  try {
    result = call()
  } catch {
    result = undefined
  }
  if (result === undefined) throw new NokkelError('sign-in-failed')
  return result
}

function bindOf(exportKey: string, genesisHash: Uint8Array): Bytes {
  return mac(deriveBytes(fromBase64url(exportKey), labels.bind, 32), genesisHash)
}

function passwordKeysOf(exportKey: string): PasswordKeys {
  const key = fromBase64url(exportKey)
  const derive = (label: string): Secret => new Secret(deriveBytes(key, label, 32))
  return { outer: derive(labels.escrowExport), label: derive(labels.escrowLabel) }
}
