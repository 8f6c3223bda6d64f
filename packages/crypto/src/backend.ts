/**
 * What a platform must bring: standard primitives only, synchronous, so that the core above is plain deterministic code
 * (docs/adr/0003). Two backends exist, node:crypto and noble; both pass the same vectors and give the same verdicts.
 * Key derivation from passcodes is the one slow operation and the one asynchronous member.
 */
import type { Bytes } from '@nokkel/base'

export interface Argon2idParams {
  readonly memoryKiB: number
  readonly passes: number
  readonly parallelism: number
}

export interface Sealable {
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
  readonly plaintext: Uint8Array
}
export interface Openable {
  readonly nonce: Uint8Array
  readonly aad: Uint8Array
  readonly sealed: Uint8Array
}

export interface CryptoBackend {
  readonly name: 'node' | 'noble'
  sha256(data: Uint8Array): Bytes
  sha512(data: Uint8Array): Bytes
  hmacSha256(key: Uint8Array, data: Uint8Array): Bytes
  hmacSha512(key: Uint8Array, data: Uint8Array): Bytes
  /** RFC 5869 extract and expand; `length` at most 255 * 32 bytes. */
  hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, length: number): Bytes
  /** AES-256-GCM (SP 800-38D), 12-byte nonce; the 16-byte tag follows the ciphertext. */
  aesGcmSeal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Bytes
  /** `undefined` for any failure whatsoever. */
  aesGcmOpen(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Bytes | undefined
  /**
   * Many messages under one key, as single calls would, by what the platform has of its own and lets one only wait for. Absent where the
   * single calls are as fast.
   */
  aesGcmSealMany?(key: Uint8Array, messages: readonly Sealable[]): Promise<Bytes[]>
  aesGcmOpenMany?(key: Uint8Array, messages: readonly Openable[]): Promise<(Bytes | undefined)[]>
  /** RFC 8032; `seed` is the 32-byte private key. */
  ed25519PublicKey(seed: Uint8Array): Bytes
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Bytes
  /** RFC 8032 §5.1.7 with canonical encodings required (protocol A39); false for anything malformed. */
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean
  /** RFC 9106, version 0x13. */
  argon2id(password: Uint8Array, salt: Uint8Array, params: Argon2idParams, length: number): Promise<Bytes>
}
