/** The backend on Node's own OpenSSL. The only file of this package that may import `node:crypto`. */
import {
  argon2 as nodeArgon2,
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  hash,
  hkdfSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto'
import { concatBytes, NokkelError, type Bytes } from '@nokkel/base'
import type { CryptoBackend } from './backend.ts'
import { acceptablePoint } from './ed25519-points.ts'

const tagBytes = 16
const nonceBytes = 12
/** DER prefixes of PKCS #8 and SubjectPublicKeyInfo for Ed25519 (RFC 8410 §7, §4) */
const pkcs8Prefix = Buffer.from('302e020100300506032b657004220420', 'hex')
const spkiPrefix = Buffer.from('302a300506032b6570032100', 'hex')

/** Parsing a public key costs a third of a verification, and the same few devices sign everything. */
const publicKeys = new Map<string, KeyObject>()
const publicKeysMax = 4_096

function publicKeyObject(raw: Uint8Array): KeyObject {
  const name = Buffer.from(raw).toString('latin1')
  const known = publicKeys.get(name)
  if (known !== undefined) return known
  const key = createPublicKey({ key: Buffer.concat([spkiPrefix, raw]), format: 'der', type: 'spki' })
  if (publicKeys.size >= publicKeysMax) publicKeys.clear()
  publicKeys.set(name, key)
  return key
}

function privateKeyObject(seed: Uint8Array): KeyObject {
  if (seed.length !== 32) throw new NokkelError('internal', { what: 'seed' })
  const der = concatBytes(pkcs8Prefix, seed)
  try {
    return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' })
  } finally {
    der.fill(0)
  }
}

/** Buffers from the pool share memory with others; ours stand alone. */
function own(buffer: Uint8Array): Bytes {
  return new Uint8Array(buffer)
}

const hkdfSyncInfoMax = 1_024

/** RFC 5869 §2.2, §2.3. */
function hkdfByHmac(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Bytes {
  const prk = createHmac('sha256', salt).update(ikm).digest()
  const out = new Uint8Array(length)
  let block = Buffer.alloc(0)
  for (let at = 0, counter = 1; at < length; at += 32, counter++) {
    block = createHmac('sha256', prk)
      .update(block)
      .update(info)
      .update(new Uint8Array([counter]))
      .digest()
    out.set(block.subarray(0, length - at), at)
  }
  return out
}

/**
 * Node turns raw key bytes into a key object at every call, which costs five times the encryption of a small record. Long-lived keys
 * come from `Secret.reveal()` as the same array each time, so the object is kept for as long as that array lives and no longer.
 */
const secretKeys = new WeakMap<Uint8Array, KeyObject>()

function secretKey(bytes: Uint8Array): KeyObject {
  const known = secretKeys.get(bytes)
  if (known !== undefined) return known
  const key = createSecretKey(bytes)
  secretKeys.set(bytes, key)
  return key
}

export const backend: CryptoBackend = {
  name: 'node',
  sha256: (data) => own(hash('sha256', data, 'buffer')),
  sha512: (data) => own(hash('sha512', data, 'buffer')),
  hmacSha256: (key, data) => own(createHmac('sha256', key).update(data).digest()),
  hmacSha512: (key, data) => own(createHmac('sha512', key).update(data).digest()),
  hkdfSha256(ikm, salt, info, length) {
    if (length > 255 * 32) throw new NokkelError('internal', { what: 'hkdf' })
    // hkdfSync is four times as fast, but refuses an info of more than 1,024 bytes
    return info.length <= hkdfSyncInfoMax
      ? new Uint8Array(hkdfSync('sha256', secretKey(ikm), salt, info, length))
      : hkdfByHmac(ikm, salt, info, length)
  },
  aesGcmSeal(key, nonce, aad, plaintext) {
    if (nonce.length !== nonceBytes) throw new NokkelError('internal', { what: 'nonce' })
    const cipher = createCipheriv('aes-256-gcm', secretKey(key), nonce, { authTagLength: tagBytes })
    cipher.setAAD(aad)
    return concatBytes(cipher.update(plaintext), cipher.final(), cipher.getAuthTag())
  },
  aesGcmOpen(key, nonce, aad, sealed) {
    if (sealed.length < tagBytes || nonce.length !== nonceBytes) return undefined
    try {
      const decipher = createDecipheriv('aes-256-gcm', secretKey(key), nonce, { authTagLength: tagBytes })
      decipher.setAAD(aad)
      decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
      return concatBytes(decipher.update(sealed.subarray(0, sealed.length - tagBytes)), decipher.final())
    } catch {
      return undefined
    }
  },
  ed25519PublicKey(seed) {
    const spki = createPublicKey(privateKeyObject(seed)).export({ format: 'der', type: 'spki' })
    return own(spki.subarray(spkiPrefix.length))
  },
  ed25519Sign: (seed, message) => own(sign(null, message, privateKeyObject(seed))),
  ed25519Verify(publicKey, message, signature) {
    if (publicKey.length !== 32 || signature.length !== 64) return false
    if (!acceptablePoint(publicKey) || !acceptablePoint(signature.subarray(0, 32))) return false
    try {
      return verify(null, message, publicKeyObject(publicKey), signature)
    } catch {
      return false
    }
  },
  argon2id: (password, salt, params, length) =>
    new Promise((resolve, reject) => {
      nodeArgon2(
        'argon2id',
        {
          message: password,
          nonce: salt,
          memory: params.memoryKiB,
          passes: params.passes,
          parallelism: params.parallelism,
          tagLength: length,
        },
        (error, derived) => (error === null ? resolve(own(derived)) : reject(error)),
      )
    }),
}
