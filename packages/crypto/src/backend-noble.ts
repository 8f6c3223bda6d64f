/** The backend for every other platform: noble, audited pure JavaScript. */
import { gcm } from '@noble/ciphers/aes.js'
import { ed25519 } from '@noble/curves/ed25519.js'
import { argon2idAsync } from '@noble/hashes/argon2.js'
import { hkdf } from '@noble/hashes/hkdf.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256, sha512 } from '@noble/hashes/sha2.js'
import type { Bytes } from '@nokkel/base'
import type { CryptoBackend } from './backend.ts'

export const backend: CryptoBackend = {
  name: 'noble',
  sha256: (data) => sha256(data) as Bytes,
  sha512: (data) => sha512(data) as Bytes,
  hmacSha256: (key, data) => hmac(sha256, key, data) as Bytes,
  hmacSha512: (key, data) => hmac(sha512, key, data) as Bytes,
  hkdfSha256: (ikm, salt, info, length) => hkdf(sha256, ikm, salt, info, length) as Bytes,
  aesGcmSeal: (key, nonce, aad, plaintext) => gcm(key, nonce, aad).encrypt(plaintext) as Bytes,
  aesGcmOpen(key, nonce, aad, sealed) {
    try {
      return gcm(key, nonce, aad).decrypt(sealed) as Bytes
    } catch {
      return undefined
    }
  },
  ed25519PublicKey: (seed) => ed25519.getPublicKey(seed) as Bytes,
  ed25519Sign: (seed, message) => ed25519.sign(message, seed) as Bytes,
  ed25519Verify(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    try {
      // noble's default follows ZIP 215, which accepts encodings that OpenSSL and WebCrypto refuse: two devices could disagree
      // about a circle entry (protocol A39)
      return ed25519.verify(signature, message, publicKey, { zip215: false })
    } catch {
      return false
    }
  },
  argon2id: async (password, salt, params, length) =>
    (await argon2idAsync(password, salt, { m: params.memoryKiB, t: params.passes, p: params.parallelism, dkLen: length })) as Bytes,
}
