/**
 * The backend for every other platform: noble, audited pure JavaScript. Argon2id alone comes from hash-wasm, which is three to four
 * times as fast as any JavaScript can be here; it is loaded when a passcode is first stretched. The vectors hold it to RFC 9106.
 */
import { gcm } from '@noble/ciphers/aes.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { argon2idAsync } from '@noble/hashes/argon2.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import { concatBytes, equalBytes, NokkelError, type Bytes } from '@nokkel/base'
import { hasPlatformAes, openManyByPlatform, sealManyByPlatform } from './aes-gcm-many.ts'
import type { CryptoBackend } from './backend.ts'
import { acceptablePoint } from './ed25519-points.ts'

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

function checkGcm(key: Uint8Array, nonce: Uint8Array): void {
  if (key.length !== 32 || nonce.length !== 12) throw new NokkelError('internal', { what: 'aes-gcm' })
}

export const backend: CryptoBackend = {
  name: 'noble',
  sha256: (data) => sha256(data) as Bytes,
  sha512: (data) => sha512(data) as Bytes,
  hmacSha256: (key, data) => hmac(sha256, key, data) as Bytes,
  hmacSha512: (key, data) => hmac(sha512, key, data) as Bytes,
  hkdfSha256: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length) as Bytes,
  aesGcmSeal(key, nonce, aad, plaintext) {
    checkGcm(key, nonce)
    return gcm(key, nonce, aad).encrypt(plaintext) as Bytes
  },
  aesGcmOpen(key, nonce, aad, sealed) {
    try {
      checkGcm(key, nonce)
      return gcm(key, nonce, aad).decrypt(sealed) as Bytes
    } catch {
      return undefined
    }
  },
  ...(hasPlatformAes() && { aesGcmSealMany: sealManyByPlatform, aesGcmOpenMany: openManyByPlatform }),
  ed25519PublicKey: (seed) => ed25519.getPublicKey(seed) as Bytes,
  ed25519Sign: (seed, message) => ed25519.sign(message, seed) as Bytes,
  ed25519Verify(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    const r = signature.subarray(0, 32)
    if (!acceptablePoint(publicKey) || !acceptablePoint(r)) return false
    try {
      const { Point } = ed25519
      const s = littleEndian(signature.subarray(32))
      if (s >= Point.Fn.ORDER) return false
      const k = Point.Fn.create(littleEndian(sha512(concatBytes(r, publicKey, message))))
      // noble's own verify multiplies by the cofactor, OpenSSL's does not
      return equalBytes(Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(publicKey).multiplyUnsafe(k)).toBytes(), r)
    } catch {
      return false
    }
  },
  async argon2id(password, salt, params, length) {
    // hash-wasm refuses what RFC 9106 allows: an empty password, a salt under 8 bytes, a tag under 4
    if (password.length === 0 || salt.length < 8 || length < 4)
      return (await argon2idAsync(password, salt, { m: params.memoryKiB, t: params.passes, p: params.parallelism, dkLen: length })) as Bytes
    const { argon2id } = await import('hash-wasm')
    const { memoryKiB: memorySize, passes: iterations, parallelism } = params
    return (await argon2id({ password, salt, memorySize, iterations, parallelism, hashLength: length, outputType: 'binary' })) as Bytes
  },
}
