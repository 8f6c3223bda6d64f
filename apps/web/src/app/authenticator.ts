/**
 * Asks the platform authenticator (Touch ID, Face ID, Windows Hello …) for the 32 bytes that open this device (WebAuthn, extension `prf`).
 * The credential serves nobody but this device: its answers are looked at here and dropped. Of `clientExtensionResults` only `prf` is read,
 * and it goes to the worker alone; nothing of a credential is ever sent to a server (attack A37).
 */
import { isNokkelError, NokkelError } from '@nokkel/base'
import type { AuthenticatorAnswer, AuthenticatorHandle } from '../worker/protocol.ts'
import { call } from './worker-client.ts'

const timeoutMs = 60_000
const outputBytes = 32
const algorithms = [-8, -7, -257] as const

/** The browser and this machine have one, and the page's address is a name: credentials are bound to names, not to numbers. */
export async function hasPlatformAuthenticator(): Promise<boolean> {
  if (typeof PublicKeyCredential === 'undefined' || /^[\d.]+$|:/.test(location.hostname)) return false
  return PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable().catch(() => false)
}

/** A new credential and its answer. Throws `authenticator-missing` where it cannot derive anything, `cancelled` when the person says no. */
async function makeCredential(name: string): Promise<AuthenticatorAnswer> {
  const salt = crypto.getRandomValues(new Uint8Array(32))
  const made = await ask(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: location.hostname, name: 'Nøkkelring' },
        // whom it belongs to is nobody's business: a number made for this credential
        user: { id: crypto.getRandomValues(new Uint8Array(32)), name, displayName: name },
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
        authenticatorSelection: { authenticatorAttachment: 'platform', userVerification: 'required', residentKey: 'discouraged' },
        attestation: 'none',
        timeout: timeoutMs,
        extensions: { prf: { eval: { first: salt } } },
      },
    }),
  )
  const { enabled, results } = made.getClientExtensionResults().prf ?? {}
  const handle = { credentialId: new Uint8Array(made.rawId), salt }
  if (results !== undefined) return { ...handle, output: bytesOf(results.first) }
  // some derive only when they are asked, not when they are made
  if (enabled !== true) throw new NokkelError('authenticator-missing')
  return { ...handle, output: await askAuthenticator(handle) }
}

/** Throws `cancelled`, `authenticator-missing`. Whoever gets the bytes overwrites them. */
async function askAuthenticator({ credentialId, salt }: AuthenticatorHandle): Promise<Uint8Array> {
  const got = await ask(() =>
    navigator.credentials.get({
      publicKey: {
        rpId: location.hostname,
        challenge: crypto.getRandomValues(new Uint8Array(32)),
        allowCredentials: [{ type: 'public-key', id: new Uint8Array(credentialId), transports: ['internal'] }],
        userVerification: 'required',
        timeout: timeoutMs,
        extensions: { prf: { eval: { first: new Uint8Array(salt) } } },
      },
    }),
  )
  const first = got.getClientExtensionResults().prf?.results?.first
  if (first === undefined) throw new NokkelError('authenticator-missing')
  return bytesOf(first)
}

function bytesOf(source: BufferSource): Uint8Array {
  const bytes = ArrayBuffer.isView(source) ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength) : new Uint8Array(source)
  if (bytes.length !== outputBytes) throw new NokkelError('authenticator-missing')
  return bytes
}

async function ask(work: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    const credential = await work()
    if (credential instanceof PublicKeyCredential) return credential
  } catch (error) {
    if (isNokkelError(error)) throw error
    // what the browser says when the person closes its window, waits too long, or the credential is not there: all the same to a page
    if (error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError'))
      throw new NokkelError('cancelled')
  }
  throw new NokkelError('authenticator-missing')
}

async function handOver(answer: Promise<Uint8Array>, to: (output: Uint8Array) => Promise<void>): Promise<void> {
  const output = await answer
  try {
    await to(output)
  } finally {
    output.fill(0)
  }
}

export async function turnOnAuthenticator(name: string): Promise<void> {
  const answer = await makeCredential(name)
  await handOver(Promise.resolve(answer.output), (output) => call('addAuthenticator', { ...answer, output }))
}
export function unlockWithAuthenticator(handle: AuthenticatorHandle): Promise<void> {
  return handOver(askAuthenticator(handle), (output) => call('unlockWithAuthenticator', output))
}
export function proveWithAuthenticator(handle: AuthenticatorHandle): Promise<void> {
  return handOver(askAuthenticator(handle), (output) => call('proveWithAuthenticator', output))
}
