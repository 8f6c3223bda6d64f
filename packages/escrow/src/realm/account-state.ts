/**
 * All that a realm knows of one account, as one document of the store. Counts and times lie open, so that the host's own tools could
 * never need the key; the share of the OPRF key and the part to be released are sealed under the host's KEK.
 */
import { CborReader, encodeCbor, isNokkelError, NokkelError, type Bytes, type CborValue } from '@nokkel/base'
import type { StateReason } from './answers.ts'
import { stateReasons } from './answers.ts'
import { escrowIdToBytes, readEscrowId, type RecordSlot, type RegistrationId } from './ids.ts'
import { escrowLimits } from './policy.ts'
import { nonceBytes } from './token.ts'

export interface Registration {
  readonly id: RegistrationId
  readonly slot: RecordSlot
  readonly active: boolean
  /** by a trusted device, until it thaws */
  readonly frozen: boolean
  /** the realm's epoch when it was laid down */
  readonly bornEpoch: number
  readonly statement: Bytes
  /** [share, part] under the KEK */
  readonly sealed: Bytes
  /** SHA-256 of the tag */
  readonly tagHash: Bytes
  readonly left: number
  readonly nextTryAtMs: number
  /** set with the last evaluation: its proof may still come, nothing else can */
  readonly burnAtMs: number | null
  readonly createdAtMs: number
  readonly triedAtMs: number | null
}

export interface Tombstone {
  readonly id: RegistrationId
  readonly slot: RecordSlot
  readonly reason: StateReason
  readonly atMs: number
  /** so that a client that repeats its activation can be told */
  readonly signKey: Bytes
}

/** A token that was used, kept until it expires. */
export interface SpentToken {
  readonly nonce: Bytes
  readonly registration: RegistrationId
  /** the one request it is good for; all zeros where only a tag was sent with it */
  readonly requestHash: Bytes
  readonly expiresMs: number
  /** what was answered; null = taken but not yet evaluated, so the same request is evaluated without a charge */
  readonly answer: Bytes | null
  /** a wrong tag came with it */
  readonly failed: boolean
}

/** A guess that was not followed by the right tag. */
export interface LedgerEntry {
  readonly atMs: number
  readonly nonce: Bytes
}

export interface RealmAccount {
  readonly registrations: readonly Registration[]
  readonly tombstones: readonly Tombstone[]
  readonly spent: readonly SpentToken[]
  readonly ledger: readonly LedgerEntry[]
  readonly created: readonly { readonly slot: RecordSlot; readonly atMs: number }[]
}

export const emptyAccount: RealmAccount = { registrations: [], tombstones: [], spent: [], ledger: [], created: [] }

const version = 1
const hashBytes = 32
const keyBytes = 32
const most = 4_096

export function encodeAccount(account: RealmAccount): Bytes {
  return encodeCbor([
    version,
    account.registrations.map(registrationToCbor),
    account.tombstones.map((stone) => [
      escrowIdToBytes(stone.id),
      escrowIdToBytes(stone.slot),
      stateReasons.indexOf(stone.reason),
      stone.atMs,
      stone.signKey,
    ]),
    account.spent.map((token) => [
      token.nonce,
      escrowIdToBytes(token.registration),
      token.requestHash,
      token.expiresMs,
      token.answer,
      token.failed,
    ]),
    account.ledger.map((entry) => [entry.atMs, entry.nonce]),
    account.created.map((entry) => [escrowIdToBytes(entry.slot), entry.atMs]),
  ])
}

function registrationToCbor(row: Registration): CborValue {
  return [
    escrowIdToBytes(row.id),
    escrowIdToBytes(row.slot),
    row.active,
    row.frozen,
    row.bornEpoch,
    row.statement,
    row.sealed,
    row.tagHash,
    row.left,
    row.nextTryAtMs,
    row.burnAtMs,
    row.createdAtMs,
    row.triedAtMs,
  ]
}

/** Throws `store-damaged`: a count that cannot be read is no count. */
export function decodeAccount(bytes: Uint8Array): RealmAccount {
  try {
    const reader = CborReader.decode(bytes, escrowLimits.accountBytes, 'escrow-account')
    reader.literal(version)
    const account: RealmAccount = {
      registrations: reader.list(most, readRegistration),
      tombstones: reader.list(most, (parent) => {
        const inner = parent.tuple()
        const stone = {
          id: readEscrowId<RegistrationId>(inner),
          slot: readEscrowId<RecordSlot>(inner),
          reason: stateReasons[inner.uint(stateReasons.length - 1)] as StateReason,
          atMs: inner.uint(),
          signKey: inner.bytes(keyBytes),
        }
        inner.end()
        return stone
      }),
      spent: reader.list(most, (parent) => {
        const inner = parent.tuple()
        const token = {
          nonce: inner.bytes(nonceBytes),
          registration: readEscrowId<RegistrationId>(inner),
          requestHash: inner.bytes(hashBytes),
          expiresMs: inner.uint(),
          answer: inner.nullable((r) => r.bytesUpTo(escrowLimits.answerBytes)),
          failed: inner.bool(),
        }
        inner.end()
        return token
      }),
      ledger: reader.list(most, (parent) => {
        const inner = parent.tuple()
        const entry = { atMs: inner.uint(), nonce: inner.bytes(nonceBytes) }
        inner.end()
        return entry
      }),
      created: reader.list(most, (parent) => {
        const inner = parent.tuple()
        const entry = { slot: readEscrowId<RecordSlot>(inner), atMs: inner.uint() }
        inner.end()
        return entry
      }),
    }
    reader.end()
    return account
  } catch (error) {
    if (isNokkelError(error, 'malformed', 'too-large')) throw new NokkelError('store-damaged', { part: 'escrow' })
    throw error
  }
}

function readRegistration(parent: CborReader): Registration {
  const reader = parent.tuple()
  const row = {
    id: readEscrowId<RegistrationId>(reader),
    slot: readEscrowId<RecordSlot>(reader),
    active: reader.bool(),
    frozen: reader.bool(),
    bornEpoch: reader.uint(),
    statement: reader.bytesUpTo(escrowLimits.statementBytes),
    sealed: reader.bytesUpTo(escrowLimits.statementBytes),
    tagHash: reader.bytes(hashBytes),
    left: reader.uint(100),
    nextTryAtMs: reader.uint(),
    burnAtMs: reader.nullable((r) => r.uint()),
    createdAtMs: reader.uint(),
    triedAtMs: reader.nullable((r) => r.uint()),
  }
  reader.end()
  return row
}
