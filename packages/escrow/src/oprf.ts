/**
 * The client's side of the threshold VOPRF(ristretto255, SHA-512), RFC 9497 §3.3.2: each realm evaluates the same blinded element with its
 * share, proves it, and the evaluations are combined as the shares would be (T-2HashDH). The result is that of the unshared key.
 */
import { ristretto255, ristretto255_oprf } from '@noble/curves/ed25519.js'
import { Secret, type Bytes, type Random } from '@nokkel/base'
import { weightAtZero } from './shamir.ts'

const { oprf, voprf } = ristretto255_oprf

export interface Blinding {
  /** the secret scalar; stays here */
  readonly blind: Bytes
  /** goes to the realms */
  readonly blinded: Bytes
}

export interface Evaluation {
  readonly evaluated: Uint8Array
  readonly proof: Uint8Array
}

export function blindInput(random: Random, input: Secret): Blinding {
  const { blind, blinded } = voprf.blind(input.reveal(), (length = 32) => random.bytes(length))
  return { blind: blind as Bytes, blinded: blinded as Bytes }
}

/** Was this evaluated with the key behind `publicKey`? False for anything malformed. */
export function isEvaluationTrue(input: Secret, blinding: Blinding, evaluation: Evaluation, publicKey: Uint8Array): boolean {
  try {
    voprf.finalize(input.reveal(), blinding.blind, evaluation.evaluated, blinding.blinded, publicKey, evaluation.proof).fill(0)
    return true
  } catch {
    return false
  }
}

/** 64 bytes of output from exactly t evaluations that were found true; `index` is the realm's place, counted from 1. */
export function combineEvaluations(
  input: Secret,
  blinding: Blinding,
  evaluations: readonly { readonly index: number; readonly evaluated: Uint8Array }[],
): Secret {
  const indices = evaluations.map((evaluation) => evaluation.index)
  let sum = ristretto255.Point.ZERO
  for (const { index, evaluated } of evaluations)
    sum = sum.add(ristretto255.Point.fromBytes(evaluated).multiply(weightAtZero(indices, index)))
  return new Secret(oprf.finalize(input.reveal(), blinding.blind, sum.toBytes()))
}

/** The output for a key that one holds oneself, as at registration. */
export function evaluateOwn(random: Random, key: Uint8Array, input: Secret): Secret {
  const blinding = blindInput(random, input)
  return new Secret(oprf.finalize(input.reveal(), blinding.blind, oprf.blindEvaluate(key, blinding.blinded)))
}
