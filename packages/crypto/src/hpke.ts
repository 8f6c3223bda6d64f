/**
 * Sealing to a public key: HPKE base mode (RFC 9180), single shot, suite X-Wing (KEM 0x647a, draft-connolly-cfrg-xwing-kem),
 * HKDF-SHA256, AES-256-GCM. Hybrid with ML-KEM-768 from the first day, because key shares stored at a server can be kept until
 * somebody can break X25519 (docs/adr/0004). The sender is not authenticated here: callers sign the sealed share (SPEC KEY-8).
 */
import { ml_kem768_x25519 as xwing } from '@noble/post-quantum/hybrid.js'
import { concatBytes, NokkelError, Secret, utf8, type Bytes, type Random } from '@nokkel/base'
import { backend } from '#backend'

export const kemPublicKeyBytes = 1216
export const kemCiphertextBytes = 1120
const kemSeedBytes = 32
const encapsulationSeedBytes = 64

export interface KemKey {
  readonly seed: Secret
  readonly publicKey: Bytes
}

export function createKemKey(random: Random): KemKey {
  return kemKeyFromSeed(new Secret(random.bytes(kemSeedBytes)))
}

export function kemKeyFromSeed(seed: Secret): KemKey {
  return { seed, publicKey: xwing.keygen(seed.reveal()).publicKey as Bytes }
}

/** Returns enc (1120 bytes) || ciphertext || tag. Throws `malformed` for a public key that is none. */
export function sealTo(random: Random, publicKey: Uint8Array, info: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes {
  let encapsulated: { sharedSecret: Uint8Array; cipherText: Uint8Array }
  try {
    encapsulated = xwing.encapsulate(publicKey, random.bytes(encapsulationSeedBytes))
  } catch {
    throw new NokkelError('malformed', { what: 'kem-key' })
  }
  const { key, nonce } = keySchedule(encapsulated.sharedSecret, info)
  return concatBytes(encapsulated.cipherText, backend.aesGcmSeal(key, nonce, aad, plaintext))
}

/** Throws `open-failed` for every failure. */
export function openFrom(kemKey: KemKey, info: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes {
  if (sealed.length < kemCiphertextBytes + 16) throw new NokkelError('open-failed')
  let sharedSecret: Uint8Array
  try {
    sharedSecret = xwing.decapsulate(sealed.subarray(0, kemCiphertextBytes), kemKey.seed.reveal())
  } catch (error) {
    if (error instanceof NokkelError) throw error
    throw new NokkelError('open-failed')
  }
  const { key, nonce } = keySchedule(sharedSecret, info)
  const plaintext = backend.aesGcmOpen(key, nonce, aad, sealed.subarray(kemCiphertextBytes))
  if (plaintext === undefined) throw new NokkelError('open-failed')
  return plaintext
}

const version = utf8('HPKE-v1')
/** RFC 9180 §5.1: "HPKE" || kem_id || kdf_id || aead_id */
const suiteId = concatBytes(utf8('HPKE'), new Uint8Array([0x64, 0x7a, 0x00, 0x01, 0x00, 0x02]))
const empty = new Uint8Array(0)

function labeledExtract(salt: Uint8Array, label: string, ikm: Uint8Array): Bytes {
  // HKDF-Extract(salt, ikm) = HMAC(salt, ikm); an empty salt is a key of zeros (RFC 5869 §2.2)
  return backend.hmacSha256(salt.length === 0 ? new Uint8Array(32) : salt, concatBytes(version, suiteId, utf8(label), ikm))
}

/** HKDF-Expand for at most one block of output (RFC 5869 §2.3), which is all that this suite asks for. */
function labeledExpand(prk: Uint8Array, label: string, info: Uint8Array, length: number): Bytes {
  const labeledInfo = concatBytes(new Uint8Array([length >> 8, length & 255]), version, suiteId, utf8(label), info)
  return backend.hmacSha256(prk, concatBytes(labeledInfo, new Uint8Array([1]))).slice(0, length)
}

/** RFC 9180 §5.1, mode_base. */
function keySchedule(sharedSecret: Uint8Array, info: Uint8Array): { key: Bytes; nonce: Bytes } {
  const context = concatBytes(new Uint8Array([0]), labeledExtract(empty, 'psk_id_hash', empty), labeledExtract(empty, 'info_hash', info))
  const secret = labeledExtract(sharedSecret, 'secret', empty)
  return { key: labeledExpand(secret, 'key', context, 32), nonce: labeledExpand(secret, 'base_nonce', context, 12) }
}
