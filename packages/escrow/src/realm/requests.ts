/**
 * What clients ask of a realm: [body, signature of the client's ephemeral key], body = [1, label, token, nonce, …]. The token says who
 * may, the signature that it was not taken from somebody else's wire. Activation alone needs no token: the recovery secret signs it.
 * Everything that is wrong with a token, a signature or a form ends in the one answer `escrow-refused` (house rule 11).
 */
import {
  CborReader,
  encodeCbor,
  idToBytes,
  isNokkelError,
  NokkelError,
  readId,
  type AccountId,
  type Bytes,
  type CborValue,
} from '@nokkel/base'
import { sha256, signatureBytes } from '@nokkel/crypto/verify'
import { escrowIdToBytes, readEscrowId, type RealmId, type RegistrationId } from './ids.ts'
import { formatVersion, labels, requestLabels } from './labels.ts'
import { escrowLimits, type EscrowPolicy } from './policy.ts'
import { decodeSignedBody, isSignedBody } from './signer.ts'
import { decodeToken, isTokenGood, nonceBytes, type TokenClaims, type TokenKind } from './token.ts'

export type RequestKind = keyof typeof requestLabels

export const tokenKindOf: Readonly<Record<RequestKind, TokenKind>> = {
  info: 'recover',
  evaluate: 'recover',
  prove: 'recover',
  register: 'register',
  status: 'manage',
  destroy: 'manage',
  freeze: 'manage',
  thaw: 'manage',
}

/** What the client signs under `requestLabels[kind]`. */
export function encodeRequestBody(kind: RequestKind, token: Bytes, nonce: Bytes, fields: readonly CborValue[]): Bytes {
  return encodeCbor([formatVersion, requestLabels[kind], token, nonce, ...fields])
}

/** Names a request in its answer. */
export function requestHash(encoded: Uint8Array): Bytes {
  return sha256(encoded)
}

export interface OpenedRequest {
  readonly claims: TokenClaims
  readonly hash: Bytes
  /** positioned after the nonce; the caller reads the fields and ends it */
  readonly fields: CborReader
}

export interface RequestPlace {
  readonly realm: RealmId
  readonly issuers: readonly Bytes[]
  readonly nowMs: number
  readonly policy: EscrowPolicy
}

/** Throws `escrow-refused`. */
export function openRequest(encoded: Uint8Array, kind: RequestKind, place: RequestPlace): OpenedRequest {
  return refusing(() => {
    const signed = decodeSignedBody(encoded, escrowLimits.requestBytes, 'escrow-request')
    const fields = CborReader.decode(signed.body, escrowLimits.requestBytes, 'escrow-request')
    fields.literal(formatVersion)
    fields.literal(requestLabels[kind])
    const token = fields.bytesUpTo(escrowLimits.tokenBytes)
    fields.bytes(nonceBytes)
    const tokenKind = tokenKindOf[kind]
    const claims = decodeToken(token, tokenKind)
    const good = isTokenGood(token, tokenKind, claims, place.realm, place.issuers, place.nowMs, place.policy)
    if (!good || !isSignedBody(signed, requestLabels[kind], claims.clientKey)) fields.fail()
    return { claims, hash: requestHash(encoded), fields }
  })
}

/** Malformed is refused like everything else that a stranger can send. */
export function refusing<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (isNokkelError(error, 'malformed', 'too-large')) throw new NokkelError('escrow-refused')
    throw error
  }
}

export interface Activation {
  readonly account: AccountId
  readonly registration: RegistrationId
  readonly realm: RealmId
}

/** [1, "nk/1/esc/act", reg_id, realm], signed by the recovery secret. */
export function activationBody(activation: Activation): Bytes {
  return encodeCbor([formatVersion, labels.activation, escrowIdToBytes(activation.registration), escrowIdToBytes(activation.realm)])
}

export function encodeActivation(activation: Activation, signature: Bytes): Bytes {
  return encodeCbor([idToBytes(activation.account), escrowIdToBytes(activation.registration), escrowIdToBytes(activation.realm), signature])
}

/** Throws `escrow-refused`. The signature is checked where the registration's key is at hand. */
export function decodeActivation(encoded: Uint8Array): {
  readonly activation: Activation
  readonly signature: Bytes
  readonly hash: Bytes
} {
  return refusing(() => {
    const reader = CborReader.decode(encoded, escrowLimits.requestBytes, 'escrow-activation')
    const activation = {
      account: readId<AccountId>(reader),
      registration: readEscrowId<RegistrationId>(reader),
      realm: readEscrowId<RealmId>(reader),
    }
    const signature = reader.bytes(signatureBytes)
    reader.end()
    return { activation, signature, hash: requestHash(encoded) }
  })
}
