/**
 * What a realm says, signed with its own key and bound to the request: a server that stands between client and realm can drop an
 * answer, but cannot change the count, the keys or the state that the person sees, nor replay an older answer.
 * [body, signature], body = [1, "nk/1/esc/ans", realm, request hash, payload]
 */
import { CborReader, encodeCbor, equalBytes, type Bytes, type CborValue } from '@nokkel/base'
import { escrowIdToBytes, readEscrowId, type RealmId, type RecordSlot, type RegistrationId } from './ids.ts'
import { formatVersion, labels } from './labels.ts'
import { escrowLimits } from './policy.ts'
import { decodeSignedBody, isSignedBody, signBody, type Signer } from './signer.ts'

/** `burned`: its keys are gone for good, whoever wanted that; a tombstone says when and why. */
export const recordStates = ['pending', 'active', 'locked', 'burned'] as const
export type RecordState = (typeof recordStates)[number]

/** Why it is locked or burned: `restored` = an older state of the realm came back, `frozen` = a trusted device wants it so. */
export const stateReasons = ['none', 'restored', 'frozen', 'attempts', 'member', 'expired'] as const
export type StateReason = (typeof stateReasons)[number]

export interface RecordStanding {
  readonly state: RecordState
  readonly reason: StateReason
  /** evaluations left at this realm */
  readonly left: number
  /** how long before the next one; 0 = now */
  readonly waitMs: number
}

export interface InfoAnswer extends RecordStanding {
  /** null once burned */
  readonly statement: Bytes | null
}

export type EvaluateAnswer =
  | { readonly outcome: 'evaluated'; readonly evaluated: Bytes; readonly proof: Bytes; readonly left: number; readonly waitMs: number }
  | { readonly outcome: 'stands'; readonly standing: RecordStanding }

export type ProveAnswer =
  { readonly outcome: 'released'; readonly part: Bytes } | { readonly outcome: 'stands'; readonly standing: RecordStanding }

export interface StatusRow extends RecordStanding {
  readonly registration: RegistrationId
  readonly slot: RecordSlot
  /** when somebody last tried, as long ago; null = nobody since the count was last reset */
  readonly triedAgoMs: number | null
}

const elementBytes = 32
const proofBytes = 64
const statusRows = 512

const encodeStanding = (standing: RecordStanding): CborValue => [
  recordStates.indexOf(standing.state),
  stateReasons.indexOf(standing.reason),
  standing.left,
  standing.waitMs,
]

function readStanding(parent: CborReader): RecordStanding {
  const reader = parent.tuple()
  const standing = {
    state: recordStates[reader.uint(recordStates.length - 1)] as RecordState,
    reason: stateReasons[reader.uint(stateReasons.length - 1)] as StateReason,
    left: reader.uint(100),
    waitMs: reader.uint(),
  }
  reader.end()
  return standing
}

export const encodeStandingAnswer = (standing: RecordStanding): CborValue => [encodeStanding(standing)]
export const encodeInfo = (info: InfoAnswer): CborValue => [encodeStanding(info), info.statement]
export const encodeEvaluate = (answer: EvaluateAnswer): CborValue =>
  answer.outcome === 'evaluated' ? [0, answer.evaluated, answer.proof, answer.left, answer.waitMs] : [1, encodeStanding(answer.standing)]
export const encodeProve = (answer: ProveAnswer): CborValue =>
  answer.outcome === 'released' ? [0, answer.part] : [1, encodeStanding(answer.standing)]
export const encodeStatus = (rows: readonly StatusRow[]): CborValue => [
  rows.map((row) => [escrowIdToBytes(row.registration), escrowIdToBytes(row.slot), encodeStanding(row), row.triedAgoMs]),
]

export function readStandingAnswer(reader: CborReader): RecordStanding {
  return readStanding(reader)
}

export function readInfo(reader: CborReader): InfoAnswer {
  return { ...readStanding(reader), statement: reader.nullable((r) => r.bytesUpTo(escrowLimits.statementBytes)) }
}

export function readEvaluate(reader: CborReader): EvaluateAnswer {
  if (reader.uint(1) === 1) return { outcome: 'stands', standing: readStanding(reader) }
  return {
    outcome: 'evaluated',
    evaluated: reader.bytes(elementBytes),
    proof: reader.bytes(proofBytes),
    left: reader.uint(100),
    waitMs: reader.uint(),
  }
}

export function readProve(reader: CborReader): ProveAnswer {
  if (reader.uint(1) === 1) return { outcome: 'stands', standing: readStanding(reader) }
  return { outcome: 'released', part: reader.bytesUpTo(escrowLimits.partBytes) }
}

export function readStatus(reader: CborReader): readonly StatusRow[] {
  return reader.list(statusRows, (parent) => {
    const inner = parent.tuple()
    const row = {
      registration: readEscrowId<RegistrationId>(inner),
      slot: readEscrowId<RecordSlot>(inner),
      ...readStanding(inner),
      triedAgoMs: inner.nullable((r) => r.uint()),
    }
    inner.end()
    return row
  })
}

export function signAnswer(signer: Signer, realm: RealmId, request: Bytes, payload: CborValue): Promise<Bytes> {
  return signBody(signer, labels.answer, encodeCbor([formatVersion, labels.answer, escrowIdToBytes(realm), request, payload]))
}

/** Throws `malformed` for whatever is not this realm's answer to this request. */
export function openAnswer<T>(encoded: Uint8Array, realm: RealmId, signKey: Bytes, request: Bytes, read: (reader: CborReader) => T): T {
  const signed = decodeSignedBody(encoded, escrowLimits.answerBytes, 'escrow-answer')
  const reader = CborReader.decode(signed.body, escrowLimits.answerBytes, 'escrow-answer')
  reader.literal(formatVersion)
  reader.literal(labels.answer)
  if (
    readEscrowId<RealmId>(reader) !== realm ||
    !equalBytes(reader.bytes(request.length), request) ||
    !isSignedBody(signed, labels.answer, signKey)
  )
    reader.fail()
  const payload = reader.tuple()
  const answer = read(payload)
  payload.end()
  reader.end()
  return answer
}
