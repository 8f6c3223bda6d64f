/**
 * Tokens: what the sign-in server gives a person who has shown the password (and the SMS code, where there is one), and what a realm
 * asks for. Signed with Ed25519, so that a realm needs no secret of the server's and cannot make tokens for another realm; bound to
 * account, registration, realm and the client's ephemeral key; ten minutes; good for one evaluation or one act.
 */
import { CborReader, encodeCbor, idToBytes, readId, type AccountId, type Bytes } from '@nokkel/base'
import { escrowIdToBytes, readEscrowId, type RealmId, type RegistrationId } from './ids.ts'
import { formatVersion, tokenLabels } from './labels.ts'
import { escrowLimits, type EscrowPolicy } from './policy.ts'
import { decodeSignedBody, isSignedBody, signBody, type Signer } from './signer.ts'

/** `recover` sees and tries; `register` lays down a new registration; `manage` looks, freezes and destroys, and never tries. */
export type TokenKind = keyof typeof tokenLabels

export interface TokenClaims {
  readonly account: AccountId
  /** null in a `manage` token that may only look */
  readonly registration: RegistrationId | null
  readonly realm: RealmId
  /** Ed25519 key that the client made for this one purpose */
  readonly clientKey: Bytes
  /** 16 bytes */
  readonly nonce: Bytes
  readonly expiresMs: number
}

export const nonceBytes = 16
const keyBytes = 32

/** For the sign-in server. It must have checked the person, and for `register` and `manage` that a trusted device asks. */
export function issueToken(signer: Signer, kind: TokenKind, claims: TokenClaims): Promise<Bytes> {
  const body = encodeCbor([
    formatVersion,
    tokenLabels[kind],
    idToBytes(claims.account),
    claims.registration === null ? null : escrowIdToBytes(claims.registration),
    escrowIdToBytes(claims.realm),
    claims.clientKey,
    claims.nonce,
    claims.expiresMs,
  ])
  return signBody(signer, tokenLabels[kind], body)
}

/** Claims as they stand; `isTokenGood` says whether to believe them. Throws `malformed`. */
export function decodeToken(bytes: Uint8Array, kind: TokenKind): TokenClaims {
  const reader = CborReader.decode(
    decodeSignedBody(bytes, escrowLimits.tokenBytes, 'escrow-token').body,
    escrowLimits.tokenBytes,
    'escrow-token',
  )
  reader.literal(formatVersion)
  reader.literal(tokenLabels[kind])
  const claims = {
    account: readId<AccountId>(reader),
    registration: reader.nullable((r) => readEscrowId<RegistrationId>(r)),
    realm: readEscrowId<RealmId>(reader),
    clientKey: reader.bytes(keyBytes),
    nonce: reader.bytes(nonceBytes),
    expiresMs: reader.uint(),
  }
  reader.end()
  return claims
}

/** Signed by one of `issuers`, for this realm, in time. Whether it was used before is for the store to say. */
export function isTokenGood(
  bytes: Uint8Array,
  kind: TokenKind,
  claims: TokenClaims,
  realm: RealmId,
  issuers: readonly Bytes[],
  nowMs: number,
  policy: EscrowPolicy,
): boolean {
  if (claims.realm !== realm || claims.expiresMs <= nowMs || claims.expiresMs > nowMs + policy.tokenLifeMs + policy.tokenSkewMs)
    return false
  const signed = decodeSignedBody(bytes, escrowLimits.tokenBytes, 'escrow-token')
  return issuers.some((issuer) => isSignedBody(signed, tokenLabels[kind], issuer))
}
