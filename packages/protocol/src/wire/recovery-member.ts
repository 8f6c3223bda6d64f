/**
 * Ways back without any other device (F6, F10, SPEC CIR-20): virtual members of the circle, each a sealing key and a signing key that come
 * from one secret: what escrow gives back for a code, or what a recovery key says. They can do one thing only: let one device in.
 */
import {
  concatBytes,
  fromHex,
  idToBytes,
  toHex,
  utf8,
  type AccountId,
  type Brand,
  type Bytes,
  type CborReader,
  type CborValue,
} from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'

/** Which way back it is, 32 hexadecimal digits: a device's id (its passcode), the account's id (its security code), or `keySlotOf`. */
export type RecoverySlot = Brand<string, 'RecoverySlot'>

const idBytes = 16
const hashBytes = 32
const kemKeyBytes = 1216
const signKeyBytes = 32
const realmsMost = 16
const attemptsMost = 10

/** What only escrow has: how many realms it takes, how many guesses, and which statement and realm list it stands on. */
export interface EscrowTerms {
  readonly threshold: number
  readonly limit: number
  readonly statementHash: Bytes
  readonly realmListHash: Bytes
}

export interface RecoveryRecord {
  readonly slot: RecoverySlot
  /** new with every code and every recovery key, 32 hexadecimal digits */
  readonly registration: string
  readonly kemKey: Bytes
  readonly signKey: Bytes
  /** null for a recovery key */
  readonly escrow: EscrowTerms | null
}

/** The place of the account's one recovery key. */
export function keySlotOf(account: AccountId): RecoverySlot {
  return toHex(sha256(concatBytes(utf8('nk/1/rk-slot'), idToBytes(account))).slice(0, idBytes)) as RecoverySlot
}

/** How a recovery member is named as the signer of an entry. */
export function recoverySignerOf(signKey: Uint8Array): string {
  return toHex(sha256(signKey).slice(0, idBytes))
}

/** How its bundle is named at the server, 64 hexadecimal digits. */
export function recoveryMemberName(signKey: Uint8Array): string {
  return toHex(sha256(signKey))
}

export function recoveryRecordToCbor(record: RecoveryRecord): CborValue {
  const { escrow } = record
  return [
    fromHex(record.slot),
    fromHex(record.registration),
    record.kemKey,
    record.signKey,
    escrow === null ? null : [escrow.threshold, escrow.limit, escrow.statementHash, escrow.realmListHash],
  ]
}

export function readRecoverySlot(reader: CborReader): RecoverySlot {
  return toHex(reader.bytes(idBytes)) as RecoverySlot
}

export function readRecoveryRecord(parent: CborReader): RecoveryRecord {
  const reader = parent.tuple()
  const record = {
    slot: readRecoverySlot(reader),
    registration: toHex(reader.bytes(idBytes)),
    kemKey: reader.bytes(kemKeyBytes),
    signKey: reader.bytes(signKeyBytes),
    escrow: reader.nullable((outer): EscrowTerms => {
      const inner = outer.tuple()
      const terms = {
        threshold: inner.uint(realmsMost, 1),
        limit: inner.uint(attemptsMost, 1),
        statementHash: inner.bytes(hashBytes),
        realmListHash: inner.bytes(hashBytes),
      }
      inner.end()
      return terms
    }),
  }
  reader.end()
  return record
}
