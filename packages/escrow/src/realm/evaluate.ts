/**
 * The realm's side of VOPRF(ristretto255, SHA-512), RFC 9497 §3.3.2, on noble: a blinded element times the realm's share of the key, and
 * the proof that it was that share. The element says nothing of the code, not even to somebody who can break ristretto255.
 */
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js'
import { NokkelError, type Bytes, type Random } from '@nokkel/base'

export const shareBytes = 32
export const elementBytes = 32

/** RFC 9497 §3.3: a canonical element and not the identity. */
export function isElement(bytes: Uint8Array): boolean {
  try {
    return !ristretto255.Point.fromBytes(bytes).equals(ristretto255.Point.ZERO)
  } catch {
    return false
  }
}

/** Throws `malformed` for a share that is no scalar in [1, order). */
export function publicKeyOf(share: Uint8Array): Bytes {
  try {
    return ristretto255.Point.BASE.multiply(ristretto255.Point.Fn.fromBytes(share)).toBytes() as Bytes
  } catch {
    throw new NokkelError('malformed', { what: 'escrow-share' })
  }
}

/** About 10 ms. `blinded` must be an element (`isElement`); the proof's nonce comes from `random`. */
export function evaluateBlinded(
  random: Random,
  share: Uint8Array,
  publicKey: Uint8Array,
  blinded: Uint8Array,
): { readonly evaluated: Bytes; readonly proof: Bytes } {
  const { evaluated, proof } = ristretto255_oprf.voprf.blindEvaluate(share, publicKey, blinded, (length = 32) => random.bytes(length))
  return { evaluated: evaluated as Bytes, proof: proof as Bytes }
}
