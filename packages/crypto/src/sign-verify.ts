/**
 * Verification of signatures (Ed25519, RFC 8032, canonical encodings only). Holds no keys: this is the half that the server may use.
 * What is signed is always label || 0x00 || body, so that a signature for one purpose is none for another (SPEC ENC-5).
 */
import { concatBytes, utf8, type Bytes } from '@nokkel/base'
import { backend } from '#backend'

export const signaturePublicKeyBytes = 32
export const signatureBytes = 64

export function signedMessage(label: string, body: Uint8Array): Bytes {
  return concatBytes(utf8(label), new Uint8Array(1), body)
}

export function verifySignature(publicKey: Uint8Array, label: string, body: Uint8Array, signature: Uint8Array): boolean {
  return backend.ed25519Verify(publicKey, signedMessage(label, body), signature)
}
