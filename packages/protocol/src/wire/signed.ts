/**
 * Signed objects travel as [body, signer, signature]; the signature covers label || 0x00 || body exactly as received (SPEC ENC-6).
 * The hash of the whole triple is the object's name in chains.
 */
import { encodeCbor, CborReader, idToBytes, readId, type Bytes, type DeviceId } from '@nokkel/base'
import { sha256, signatureBytes, verifySignature } from '@nokkel/crypto/verify'

export interface SignedObject {
  readonly body: Bytes
  readonly signer: DeviceId
  readonly signature: Bytes
}

export function encodeSigned(object: SignedObject): Bytes {
  return encodeCbor([object.body, idToBytes(object.signer), object.signature])
}

export function decodeSigned(bytes: Uint8Array, maxBytes: number, what: string): SignedObject {
  const reader = CborReader.decode(bytes, maxBytes, what)
  const object = { body: reader.bytesUpTo(maxBytes), signer: readId<DeviceId>(reader), signature: reader.bytes(signatureBytes) }
  reader.end()
  return object
}

export function signedHash(encoded: Uint8Array): Bytes {
  return sha256(encoded)
}

export function isSignedBy(object: SignedObject, label: string, publicKey: Uint8Array): boolean {
  return verifySignature(publicKey, label, object.body, object.signature)
}
