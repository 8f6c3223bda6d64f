/**
 * Whether two factors are on, as this device may believe it (F1, SPEC VER-8, VER-9): the newest statement that it has verified, while the device
 * that signed it is a member; on, otherwise. A server that shows an older one, another one of the same count, or none where there was one,
 * is named and not followed.
 */
import {
  decodeOwnCbor,
  encodeCbor,
  CborReader,
  equalBytes,
  fromBase64url,
  isNokkelError,
  NokkelError,
  type Bytes,
  type DeviceId,
} from '@nokkel/base'
import { decodeTwoFactor, isTwoFactorOn, makeTwoFactor, readTwoFactor } from '@nokkel/protocol'
import { sessionOf, type LocalKeychain, type ServerApi } from '@nokkel/sync'

const row = 'two-factor'
const statementBytesMax = 256

/** The newest that this device has seen and verified; of another account it says nothing. */
async function knownStatement(keychain: LocalKeychain): Promise<Bytes | null> {
  const stored = await keychain.store.get('state', row)
  if (stored === undefined) return null
  const encoded = new CborReader([decodeOwnCbor(stored)], row).bytesUpTo(statementBytesMax)
  return decodeTwoFactor(encoded).account === keychain.identity?.account ? encoded : null
}

export async function readTwoFactorSetting(keychain: LocalKeychain): Promise<boolean> {
  const known = await knownStatement(keychain)
  return known === null || keychain.circle === null || isTwoFactorOn(readTwoFactor(keychain.circle, known))
}

function encodedOf(served: string | null): Bytes | null {
  try {
    return served === null ? null : fromBase64url(served)
  } catch (error) {
    if (isNokkelError(error)) return null
    throw error
  }
}

/** Holds what the server shows against what is known, and keeps the newer. */
export async function learnTwoFactor(keychain: LocalKeychain, served: string | null, nameOf: (device: DeviceId) => string): Promise<void> {
  const { circle, identity } = keychain.requireTrusted()
  const known = await knownStatement(keychain)
  const encoded = encodedOf(served)
  if (known === null ? served === null : encoded !== null && equalBytes(known, encoded)) return
  const offered = encoded === null ? undefined : readTwoFactor(circle, encoded)
  if (encoded === null || offered === undefined || (known !== null && offered.counter <= decodeTwoFactor(known).counter)) {
    await keychain.update((staged) => staged.notify('alarm', { code: 'state-diverged', what: 'two-factor' }))
    return
  }
  const before = await readTwoFactorSetting(keychain)
  const now = isTwoFactorOn(offered)
  await keychain.update((staged) => {
    staged.putState(row, encodeCbor(encoded))
    if (now !== before && offered.signer !== identity.keys.id)
      staged.notify(now ? 'two-factor-on' : 'two-factor-off', { by: nameOf(offered.signer) }, offered.timeMs)
  })
}

/** Signs the change and lays it down. Throws `verification-needed`, `number-missing`, `conflict`. */
export async function signTwoFactor(keychain: LocalKeychain, api: ServerApi, on: boolean): Promise<void> {
  const { identity, account } = keychain.requireTrusted()
  const session = sessionOf(identity)
  const served = encodedOf((await api.verification(session)).twoFactorStatement)
  const known = await knownStatement(keychain)
  const counters = [served, known].map((encoded) => (encoded === null ? 0 : counterOf(encoded)))
  const encoded = makeTwoFactor(identity.keys, { account, counter: Math.max(...counters) + 1, on, timeMs: keychain.nowMs() })
  await api.twoFactorSet(session, encoded)
  await keychain.update((staged) => staged.putState(row, encodeCbor(encoded)))
}

function counterOf(encoded: Uint8Array): number {
  try {
    return decodeTwoFactor(encoded).counter
  } catch (error) {
    if (isNokkelError(error)) throw new NokkelError('malformed', { what: 'response' }, { cause: error })
    throw error
  }
}
