/**
 * Proof that a request comes from the device itself, so that a session token found in a log or a backup changes nothing
 * (SPEC API-5). Header `nokkel-proof: <time ms>.<signature>`; the time is the server's as the client last heard it.
 */
import { encodeCbor, utf8, type Bytes } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'
import { formatVersion } from './labels.ts'

export const proofHeader = 'nokkel-proof'
/** A proof is accepted this long before and after its time. */
export const proofWindowMs = 300_000

export interface RequestProof {
  readonly method: string
  /** path with query, as sent */
  readonly target: string
  readonly timeMs: number
  readonly body: Uint8Array
  /** the bearer token, text form */
  readonly token: string
}

/** What the device signs, under `labels.request`. */
export function requestProofBody(proof: RequestProof): Bytes {
  return encodeCbor([formatVersion, proof.method, proof.target, proof.timeMs, sha256(proof.body), sha256(utf8(proof.token))])
}

/** What a device signs at sign-in, under `labels.signIn`: it ties the session to the device key. */
export function signInProofBody(loginId: Uint8Array, accountId: Uint8Array, deviceId: Uint8Array, finishLoginRequest: string): Bytes {
  return encodeCbor([formatVersion, loginId, accountId, deviceId, sha256(utf8(finishLoginRequest))])
}
