/**
 * The local key: 32 random bytes that seal everything in this device's store, themselves wrapped by the passcode (SPEC LOC-5 … LOC-8).
 * The passcode never leaves the device. Wrong passcodes are counted in the store before they are tried, with growing delays; that is
 * friction for somebody at the keyboard, while Argon2id is what stands against somebody with the disk.
 */
import {
  concatBytes,
  CborReader,
  decodeCbor,
  encodeCbor,
  equalBytes,
  isNokkelError,
  NokkelError,
  Secret,
  utf8,
  type Bytes,
  type Clock,
  type Random,
} from '@nokkel/base'
import { deriveBytes, openRandom, openRandomMany, passcodeKdf, sealRandom, sealRandomMany, sha256, stretchPasscode } from '@nokkel/crypto'
import { passcodeWeakness } from '@nokkel/keychain'
import type { DeviceStore, LocalCipher, StoreOp } from '@nokkel/store'

const wrapRow = 'passcode'
const attemptsRow = 'attempts'
const label = utf8('nk/1/local/pw')
const saltBytes = 16
const keyBytes = 32

/** Seconds to wait after this many wrong passcodes in a row. */
const delays: readonly (readonly [wrong: number, seconds: number])[] = [
  [5, 30],
  [7, 300],
  [10, 3_600],
]

export function localCipher(random: Random, key: Secret): LocalCipher {
  return {
    // async: a key that is gone is a failure of the call like any other
    sealMany: async (messages) => sealRandomMany(random, key.reveal(), messages),
    openMany: async (messages) => openRandomMany(key.reveal(), messages),
  }
}

export async function hasLocalKey(store: DeviceStore): Promise<boolean> {
  return (await store.get('meta', wrapRow)) !== undefined
}

/** Names the present passcode without saying anything of it: another one, or the same set anew, has another name. Null: there is none. */
export async function passcodeName(store: DeviceStore): Promise<Bytes | null> {
  const row = await store.get('meta', wrapRow)
  return row === undefined ? null : sha256(row)
}

/** Throws `weak-passcode` with the reason as parameter. */
export function assertPasscode(passcode: string): void {
  const reason = passcodeWeakness(passcode)
  if (reason !== null) throw new NokkelError('weak-passcode', { reason })
}

export function createLocalKey(random: Random): Secret {
  return new Secret(random.bytes(keyBytes))
}

/** The row that keeps `key` under `passcode`; commit it together with what the key is for. */
export async function wrapLocalKey(random: Random, key: Secret, passcode: string): Promise<StoreOp[]> {
  assertPasscode(passcode)
  const salt = random.bytes(saltBytes)
  const { wrapKey, commitment } = await stretch(passcode, salt, passcodeKdf)
  const wrapped = sealRandom(random, wrapKey, label, key.reveal())
  const row = encodeCbor([1, passcodeKdf.memoryKiB, passcodeKdf.passes, passcodeKdf.parallelism, salt, commitment, wrapped])
  return [
    { op: 'put', table: 'meta', key: wrapRow, value: row },
    { op: 'delete', table: 'meta', key: attemptsRow },
  ]
}

/** One stretch gives the wrapping key and a commitment to it, so that no blob opens under two passcodes (A41). */
async function stretch(
  passcode: string,
  salt: Uint8Array,
  params: { memoryKiB: number; passes: number; parallelism: number },
): Promise<{ wrapKey: Bytes; commitment: Bytes }> {
  const stretched = (await stretchPasscode(passcode, salt, params, 64)).reveal()
  return { wrapKey: stretched.slice(0, keyBytes), commitment: deriveBytes(stretched.subarray(keyBytes), 'nk/1/local/com', keyBytes) }
}

/** Throws `passcode-wrong` (param `attempts`), `passcode-throttled` (param `retryAfterSeconds`), `store-damaged`. */
export async function unwrapLocalKey(store: DeviceStore, clock: Clock, passcode: string): Promise<Secret> {
  const row = await store.get('meta', wrapRow)
  if (row === undefined) throw new NokkelError('not-signed-in')
  const { params, salt, commitment, wrapped } = parseWrap(row)
  const wrong = await countAttempt(store, clock)
  const { wrapKey, commitment: actual } = await stretch(passcode, salt, params)
  if (!equalBytes(actual, commitment)) throw new NokkelError('passcode-wrong', { attempts: wrong })
  let key: Secret
  try {
    key = new Secret(openRandom(wrapKey, label, wrapped))
  } catch {
    throw new NokkelError('store-damaged', { part: 'key' })
  }
  await store.commit([{ op: 'delete', table: 'meta', key: attemptsRow }])
  return key
}

/** Returns how many there are now. Each counts by itself, also when several processes try at the same moment: the later one reads again. */
async function countAttempt(store: DeviceStore, clock: Clock): Promise<number> {
  for (;;) {
    const generation = await store.generation()
    const attempts = await readAttempts(store)
    const waitMs = attempts.notBeforeMs - clock.nowMs()
    // a clock set back must not turn a wait of minutes into one of years
    if (waitMs > 0 && waitMs <= 3_600_000) throw new NokkelError('passcode-throttled', { retryAfterSeconds: Math.ceil(waitMs / 1000) })
    const wrong = attempts.wrong + 1
    const seconds = delays.findLast(([from]) => wrong >= from)?.[1] ?? 0
    try {
      await store.commit([{ op: 'put', table: 'meta', key: attemptsRow, value: encodeCbor([wrong, clock.nowMs() + seconds * 1000]) }], {
        expectGeneration: generation,
      })
      return wrong
    } catch (error) {
      if (!isNokkelError(error, 'conflict')) throw error
    }
  }
}

function parseWrap(row: Uint8Array) {
  try {
    const reader = new CborReader(decodeCbor(row, 1_024), 'key')
    if (reader.uint() !== 1) throw new NokkelError('store-too-new')
    const params = { memoryKiB: reader.uint(), passes: reader.uint(), parallelism: reader.uint() }
    const parsed = { params, salt: reader.bytes(saltBytes), commitment: reader.bytes(keyBytes), wrapped: reader.bytesUpTo(256) }
    reader.end()
    return parsed
  } catch (error) {
    if (error instanceof NokkelError && error.code === 'store-too-new') throw error
    throw new NokkelError('store-damaged', { part: 'key' })
  }
}

async function readAttempts(store: DeviceStore): Promise<{ wrong: number; notBeforeMs: number }> {
  const row = await store.get('meta', attemptsRow)
  if (row === undefined) return { wrong: 0, notBeforeMs: 0 }
  try {
    const reader = new CborReader(decodeCbor(row, 64), 'attempts')
    return { wrong: reader.uint(), notBeforeMs: reader.uint() }
  } catch {
    throw new NokkelError('store-damaged', { part: 'attempts' })
  }
}

/** Does `key` belong to this store? Tells a stale agent's key from the right one. */
export function keyCheck(key: Secret): Bytes {
  return deriveBytes(concatBytes(key.reveal()), 'nk/1/local/check', 16)
}
