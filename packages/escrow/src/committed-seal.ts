/**
 * AES-256-GCM with a 32-byte commitment to the key in front: without it a ciphertext can be made that opens under many keys, and
 * whether it opens then tells a hostile server something of the code or the password (partitioning oracles, A41).
 */
import { concatBytes, equalBytes, NokkelError, type Bytes, type Random } from '@nokkel/base'
import { deriveBytes, openOnce, openRandom, sealOnce, sealRandom } from '@nokkel/crypto'

const commitmentBytes = 32

function keysOf(key: Uint8Array, label: string): { commitment: Bytes; sealKey: Bytes } {
  return { commitment: deriveBytes(key, `${label}/kc`, commitmentBytes), sealKey: deriveBytes(key, `${label}/key`, 32) }
}

/** `random` for a key that seals more than one message; null for a key that is made for this one. */
export function sealCommitted(random: Random | null, key: Uint8Array, label: string, aad: Uint8Array, plaintext: Uint8Array): Bytes {
  const { commitment, sealKey } = keysOf(key, label)
  return concatBytes(commitment, random === null ? sealOnce(sealKey, aad, plaintext) : sealRandom(random, sealKey, aad, plaintext))
}

/** `open-failed` for whatever the reason. */
export function openCommitted(nonce: 'once' | 'random', key: Uint8Array, label: string, aad: Uint8Array, sealed: Uint8Array): Bytes {
  const { commitment, sealKey } = keysOf(key, label)
  if (sealed.length < commitmentBytes || !equalBytes(sealed.subarray(0, commitmentBytes), commitment)) throw new NokkelError('open-failed')
  const body = sealed.subarray(commitmentBytes)
  return nonce === 'once' ? openOnce(sealKey, aad, body) : openRandom(sealKey, aad, body)
}
