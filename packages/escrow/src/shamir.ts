/**
 * Shamir's sharing over the scalar field of ristretto255, done by the client that registers: share i is the value at i of a random
 * polynomial of degree t - 1 whose value at 0 is the secret. t shares give the secret, t - 1 say nothing of it.
 * Scalars are bigints inside noble and cannot be zeroed; they live for the length of a call.
 */
import { ristretto255 } from '@noble/curves/ed25519.js'
import { NokkelError, type Bytes, type Random } from '@nokkel/base'

const { Fn } = ristretto255.Point

export interface IndexedShare {
  /** place of the realm, counted from 1 */
  readonly index: number
  readonly value: Uint8Array
}

function wideScalar(random: Random): bigint {
  let value = 0n
  for (const byte of random.bytes(64)) value = (value << 8n) | BigInt(byte)
  return value % Fn.ORDER
}

/** A uniform scalar in [1, order): 64 random bytes reduced (bias below 2^-250). */
export function randomScalar(random: Random): Bytes {
  for (;;) {
    const scalar = wideScalar(random)
    if (scalar !== 0n) return Fn.toBytes(scalar) as Bytes
  }
}

/** Share i at place i - 1. No share is zero: a realm could not multiply by it. */
export function splitScalar(random: Random, secret: Uint8Array, threshold: number, shares: number): Bytes[] {
  for (;;) {
    // uniform and zero allowed: anything else would say something of the secret
    const coefficients = [Fn.fromBytes(secret), ...Array.from({ length: threshold - 1 }, () => wideScalar(random))]
    const values = Array.from({ length: shares }, (_, i) => {
      let value = 0n
      for (const coefficient of coefficients.toReversed()) value = Fn.add(Fn.mul(value, BigInt(i + 1)), coefficient)
      return value
    })
    if (values.every((value) => value !== 0n)) return values.map((value) => Fn.toBytes(value) as Bytes)
  }
}

/** The weight of the share at `index` among `indices` (Lagrange at 0). */
export function weightAtZero(indices: readonly number[], index: number): bigint {
  if (new Set(indices).size !== indices.length || indices.some((each) => !Number.isSafeInteger(each) || each < 1))
    throw new NokkelError('internal', { what: 'shares' })
  let above = 1n
  let below = 1n
  for (const other of indices) {
    if (other === index) continue
    above = Fn.mul(above, BigInt(other))
    below = Fn.mul(below, Fn.sub(BigInt(other), BigInt(index)))
  }
  return Fn.mul(above, Fn.inv(below))
}

/** The secret, given exactly t right shares; some other scalar otherwise. Throws `malformed` for what is no scalar. */
export function combineShares(shares: readonly IndexedShare[]): Bytes {
  const indices = shares.map((share) => share.index)
  let secret = 0n
  for (const share of shares) {
    let value: bigint
    try {
      value = Fn.fromBytes(share.value)
    } catch {
      throw new NokkelError('malformed', { what: 'escrow-share' })
    }
    secret = Fn.add(secret, Fn.mul(value, weightAtZero(indices, share.index)))
  }
  return Fn.toBytes(secret) as Bytes
}
