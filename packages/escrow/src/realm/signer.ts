/**
 * A private Ed25519 key that stays with its holder: the realm signs its answers and the sign-in server its tokens through this, and
 * no code here sees the key. The host implements it with its platform's own means.
 */
import { CborReader, encodeCbor, type Bytes } from '@nokkel/base'
import { signatureBytes, signedMessage, verifySignature } from '@nokkel/crypto/verify'

export interface Signer {
  /** Ed25519, 32 bytes */
  readonly publicKey: Bytes
  /** RFC 8032 signature over exactly these bytes. */
  sign(message: Bytes): Bytes | Promise<Bytes>
}

/** [body, signature over label || 0x00 || body] */
export interface SignedBody {
  readonly body: Bytes
  readonly signature: Bytes
}

export function encodeSignedBody(signed: SignedBody): Bytes {
  return encodeCbor([signed.body, signed.signature])
}

export function decodeSignedBody(bytes: Uint8Array, maxBytes: number, what: string): SignedBody {
  const reader = CborReader.decode(bytes, maxBytes, what)
  const signed = { body: reader.bytesUpTo(maxBytes), signature: reader.bytes(signatureBytes) }
  reader.end()
  return signed
}

export async function signBody(signer: Signer, label: string, body: Bytes): Promise<Bytes> {
  return encodeSignedBody({ body, signature: await signer.sign(signedMessage(label, body)) })
}

export function isSignedBody(signed: SignedBody, label: string, publicKey: Uint8Array): boolean {
  return verifySignature(publicKey, label, signed.body, signed.signature)
}
