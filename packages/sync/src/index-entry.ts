/**
 * The device's index of a vault: one entry an item, in 256 sealed pages by the first byte of the item id. A list or a search opens
 * the pages and no items; an edit rewrites one page.
 */
import { CborReader, decodeOwnCbor, encodeCbor, idToBytes, readId, type Bytes, type CborValue, type ItemId } from '@nokkel/base'
import { readSummary, summaryToCbor, type Summary } from '@nokkel/keychain'
import { bucketOf } from '@nokkel/protocol/wire'

export interface IndexEntry {
  readonly id: ItemId
  /** record in the vault log that this entry stands on; null for an item that was never pushed */
  readonly recordHash: Bytes | null
  /** vault key epoch of that record */
  readonly epoch: number
  /** `missing`: the log lists a record that has not arrived. `quarantined`: it arrived and cannot be read (B4). */
  readonly state: 'ok' | 'missing' | 'quarantined'
  /** has local changes to push; the outbox holds what they were made on */
  readonly dirty: boolean
  /** kept from before a restore of the server or a re-join: to be compared with what the log brings */
  readonly unconfirmed: boolean
  /** null while there is no readable content */
  readonly summary: Summary | null
}

const states = ['ok', 'missing', 'quarantined'] as const

export function pageKeyOf(item: ItemId): string {
  return item.slice(0, 2)
}

export function pageKeys(): string[] {
  return Array.from({ length: 256 }, (_, bucket) => bucket.toString(16).padStart(2, '0'))
}

export { bucketOf }

/** A page is written whenever one of its entries changes; the others' summaries need not be encoded again each time. */
const encodedSummaries = new WeakMap<Summary, Bytes>()

function encodedSummary(summary: Summary): Bytes {
  const known = encodedSummaries.get(summary)
  if (known !== undefined) return known
  const encoded = encodeCbor(summaryToCbor(summary))
  encodedSummaries.set(summary, encoded)
  return encoded
}

function decodeSummary(encoded: Bytes): Summary {
  const summary = readSummary(new CborReader(decodeOwnCbor(encoded), 'summary'))
  encodedSummaries.set(summary, encoded)
  return summary
}

export function encodePage(entries: readonly IndexEntry[]): Bytes {
  return encodeCbor(
    entries.map((entry): CborValue => [
      idToBytes(entry.id),
      entry.recordHash,
      entry.epoch,
      states.indexOf(entry.state),
      entry.dirty,
      entry.unconfirmed,
      entry.summary === null ? null : encodedSummary(entry.summary),
    ]),
  )
}

const hashBytes = 32

export function decodePage(page: Uint8Array): IndexEntry[] {
  const pageValue = decodeOwnCbor(page)
  return new CborReader([pageValue], 'page').list(Number.MAX_SAFE_INTEGER, (parent) => {
    const reader = parent.tuple()
    return {
      id: readId<ItemId>(reader),
      recordHash: reader.nullable((r) => r.bytes(hashBytes)),
      epoch: reader.uint(),
      state: states[reader.uint(2)] as IndexEntry['state'],
      dirty: reader.bool(),
      unconfirmed: reader.bool(),
      summary: reader.nullable((r) => decodeSummary(r.bytesUpTo(Number.MAX_SAFE_INTEGER))),
    }
  })
}
