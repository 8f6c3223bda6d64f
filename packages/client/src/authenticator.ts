/**
 * The second way to the local key (C1, SPEC LOC-12): 32 bytes that a platform authenticator derives after it has seen the person (WebAuthn,
 * extension `prf`). They wrap the same local key as the passcode does and never replace it. How the authenticator is asked is the app's
 * business; what it answers reaches this file only, and nothing of it reaches the server (attack A37).
 */
import { CborReader, concatBytes, decodeCbor, encodeCbor, equalBytes, NokkelError, Secret, utf8, type Random } from '@nokkel/base'
import { deriveBoundKey, deriveBytes, openRandom, sealRandom } from '@nokkel/crypto'
import type { DeviceStore } from '@nokkel/store'

const row = 'authenticator'
const label = utf8('nk/1/local/prf')
const commitmentLabel = 'nk/1/local/prf/com'
const saltBytes = 32
export const authenticatorOutputBytes = 32
/** WebAuthn level 3, 4: at most 1,023 */
const credentialBytesMax = 1_023

/** How the authenticator is asked. No secret: it stands in the store in plain, since the device is locked when it is needed. */
export interface AuthenticatorHandle {
  readonly credentialId: Uint8Array
  readonly salt: Uint8Array
}

interface Wrap extends AuthenticatorHandle {
  readonly commitment: Uint8Array
  readonly wrapped: Uint8Array
}

export async function findAuthenticator(store: DeviceStore): Promise<AuthenticatorHandle | null> {
  const wrap = await readWrap(store)
  return wrap === null ? null : { credentialId: wrap.credentialId, salt: wrap.salt }
}

/** Puts another in the place of one that is there. Throws `malformed`. */
export async function wrapForAuthenticator(
  store: DeviceStore,
  random: Random,
  key: Secret,
  { credentialId, salt }: AuthenticatorHandle,
  output: Secret,
): Promise<void> {
  if (output.reveal().length !== authenticatorOutputBytes || salt.length !== saltBytes) throw new NokkelError('malformed', { what: 'prf' })
  if (credentialId.length === 0 || credentialId.length > credentialBytesMax) throw new NokkelError('malformed', { what: 'credential' })
  const { wrapKey, commitment } = keysOf(output, { credentialId, salt })
  const wrapped = sealRandom(random, wrapKey, concatBytes(label, credentialId), key.reveal())
  await store.commit([{ op: 'put', table: 'meta', key: row, value: encodeCbor([1, credentialId, salt, commitment, wrapped]) }])
}

/** Throws `authenticator-wrong`, also when there is none; `store-damaged`. */
export async function unwrapWithAuthenticator(store: DeviceStore, output: Secret): Promise<Secret> {
  const wrap = await readWrap(store)
  if (wrap === null || output.reveal().length !== authenticatorOutputBytes) throw new NokkelError('authenticator-wrong')
  const { wrapKey, commitment } = keysOf(output, wrap)
  // before anything is opened, so that no blob opens under two outputs (A41)
  if (!equalBytes(commitment, wrap.commitment)) throw new NokkelError('authenticator-wrong')
  try {
    return new Secret(openRandom(wrapKey, concatBytes(label, wrap.credentialId), wrap.wrapped))
  } catch {
    throw new NokkelError('store-damaged', { part: 'key' })
  }
}

/** False when there was none. */
export async function forgetAuthenticator(store: DeviceStore): Promise<boolean> {
  if ((await store.get('meta', row)) === undefined) return false
  await store.commit([{ op: 'delete', table: 'meta', key: row }])
  return true
}

/** The output is uniform, so that one HKDF is enough; salt and credential bind the key to this wrap. */
function keysOf(output: Secret, { credentialId, salt }: AuthenticatorHandle): { wrapKey: Uint8Array; commitment: Uint8Array } {
  const wrapKey = deriveBoundKey(output, salt, concatBytes(label, credentialId))
  return { wrapKey, commitment: deriveBytes(wrapKey, commitmentLabel, 32) }
}

async function readWrap(store: DeviceStore): Promise<Wrap | null> {
  const bytes = await store.get('meta', row)
  if (bytes === undefined) return null
  try {
    const reader = new CborReader(decodeCbor(bytes, 2_048), 'authenticator')
    if (reader.uint() !== 1) throw new NokkelError('store-too-new')
    const wrap = {
      credentialId: reader.bytesUpTo(credentialBytesMax),
      salt: reader.bytes(saltBytes),
      commitment: reader.bytes(32),
      wrapped: reader.bytesUpTo(256),
    }
    reader.end()
    return wrap
  } catch {
    // the passcode opens the same key: what cannot be read is as if it were not there
    return null
  }
}
