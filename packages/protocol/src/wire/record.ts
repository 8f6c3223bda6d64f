/**
 * Envelope of a sealed record, as the server sees it (SPEC REC-1): ids, epoch, salt, ciphertext; no field, name, date or address.
 * [1, "nk/1/rec", suite, vault, item, rev, epoch, salt, ct]
 */
import { encodeCbor, CborReader, idToBytes, NokkelError, readId, type AccountId, type Bytes, type ItemId, type VaultId } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto/verify'
import { currentSuite, formatVersion, labels } from './labels.ts'
import { limits } from './limits.ts'

export const saltBytes = 32
export const revisionBytes = 16
const least = 256 + 16

export interface RecordPlace {
  readonly account: AccountId
  readonly vault: VaultId
  readonly item: ItemId
  /** random, new with every revision */
  readonly rev: Bytes
  readonly epoch: number
}

export interface RecordEnvelope {
  readonly vault: VaultId
  readonly item: ItemId
  readonly rev: Bytes
  readonly epoch: number
  readonly salt: Bytes
  readonly ciphertext: Bytes
}

export function encodeRecord(record: RecordEnvelope): Bytes {
  return encodeCbor([
    formatVersion,
    labels.record,
    currentSuite,
    idToBytes(record.vault),
    idToBytes(record.item),
    record.rev,
    record.epoch,
    record.salt,
    record.ciphertext,
  ])
}

export function decodeRecord(bytes: Uint8Array): RecordEnvelope {
  const reader = CborReader.decode(bytes, limits.recordBytes, 'record')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'record' })
  reader.literal(labels.record)
  if (reader.uint() !== currentSuite) throw new NokkelError('update-needed', { what: 'suite' })
  const record = {
    vault: readId<VaultId>(reader),
    item: readId<ItemId>(reader),
    rev: reader.bytes(revisionBytes),
    epoch: reader.uint(0xffff_ffff, 1),
    salt: reader.bytes(saltBytes),
    ciphertext: reader.bytesUpTo(limits.recordBytes, least),
  }
  reader.end()
  return record
}

/** Associated data: the record's whole context, so that it opens in its own place only (SPEC REC-2, attacks A5, A6). */
export function recordAad(place: RecordPlace): Bytes {
  return encodeCbor([
    formatVersion,
    labels.record,
    currentSuite,
    idToBytes(place.account),
    idToBytes(place.vault),
    idToBytes(place.item),
    place.rev,
    place.epoch,
  ])
}

/** Names one revision in batches and state roots. */
export function recordHash(encoded: Uint8Array): Bytes {
  return sha256(encoded)
}
