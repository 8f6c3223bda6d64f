/**
 * Authenticated encryption: AES-256-GCM. Two shapes only, so that a nonce cannot be used twice (SPEC KEY-3):
 * - `sealOnce`: the key is used for one message ever (derived with a fresh 32-byte salt), nonce zero;
 * - `sealRandom`: a long-lived local key, random 96-bit nonce in front (SP 800-38D §8.2.2: below 2^32 messages a key).
 * Opening answers `open-failed` for every kind of failure (house rule 11).
 */
import { concatBytes, NokkelError, type Bytes, type Random } from '@nokkel/base'
import { backend } from '#backend'

const zeroNonce = new Uint8Array(12)
const nonceBytes = 12
export const aeadTagBytes = 16

export function sealOnce(key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
  return backend.aesGcmSeal(key, zeroNonce, aad, plaintext)
}

export function openOnce(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes {
  return opened(backend.aesGcmOpen(key, zeroNonce, aad, sealed))
}

export function sealRandom(random: Random, key: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
  const nonce = random.bytes(nonceBytes)
  return concatBytes(nonce, backend.aesGcmSeal(key, nonce, aad, plaintext))
}

export function openRandom(key: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes {
  if (sealed.length < nonceBytes + aeadTagBytes) throw new NokkelError('open-failed')
  return opened(backend.aesGcmOpen(key, sealed.subarray(0, nonceBytes), aad, sealed.subarray(nonceBytes)))
}

/** Below this many, waiting for the platform costs more than it saves. */
const manyFrom = 16

/** `sealRandom` of each. */
export async function sealRandomMany(
  random: Random,
  key: Uint8Array,
  messages: readonly { readonly aad: Uint8Array; readonly plaintext: Uint8Array }[],
): Promise<Bytes[]> {
  const { aesGcmSealMany } = backend
  if (aesGcmSealMany === undefined || messages.length < manyFrom)
    return messages.map(({ aad, plaintext }) => sealRandom(random, key, aad, plaintext))
  const prepared = messages.map((message) => ({ ...message, nonce: random.bytes(nonceBytes) }))
  const sealed = await aesGcmSealMany(key, prepared)
  return sealed.map((one, at) => concatBytes((prepared[at] as (typeof prepared)[number]).nonce, one))
}

/** `openRandom` of each. */
export async function openRandomMany(
  key: Uint8Array,
  messages: readonly { readonly aad: Uint8Array; readonly sealed: Uint8Array }[],
): Promise<Bytes[]> {
  const { aesGcmOpenMany } = backend
  if (aesGcmOpenMany === undefined || messages.length < manyFrom) return messages.map(({ aad, sealed }) => openRandom(key, aad, sealed))
  if (messages.some(({ sealed }) => sealed.length < nonceBytes + aeadTagBytes)) throw new NokkelError('open-failed')
  const split = messages.map(({ aad, sealed }) => ({ aad, nonce: sealed.subarray(0, nonceBytes), sealed: sealed.subarray(nonceBytes) }))
  return (await aesGcmOpenMany(key, split)).map(opened)
}

function opened(plaintext: Bytes | undefined): Bytes {
  if (plaintext === undefined) throw new NokkelError('open-failed')
  return plaintext
}
