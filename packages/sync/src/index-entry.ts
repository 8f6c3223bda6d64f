/**
 * The device's index of a vault: one entry an item, in 256 sealed pages by the first byte of the item id. A list or a search opens
 * the pages and no items; an edit rewrites one page. Pages are JSON: they are sealed, ours alone and never signed, and the platform's own
 * parser opens ten thousand entries in a fraction of the time that any parser in JavaScript takes.
 */
import { fromHex, NokkelError, toHex, utf8, utf8Decode, type Bytes, type ItemId } from '@nokkel/base'
import type { Summary } from '@nokkel/keychain'

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

type Row = readonly [
  id: string,
  recordHashHex: string | null,
  epoch: number,
  state: number,
  dirty: number,
  unconfirmed: number,
  summary: SummaryRow | null,
]

type SummaryRow = readonly [
  kind: string,
  title: string,
  username: string,
  sites: readonly string[],
  tags: readonly string[],
  createdMs: number,
  modifiedMs: number,
  removal: number,
  removedMs: number,
  favorite: number,
  hasTotp: number,
  contentHex: string,
]

const removals = ['none', 'deleted', 'purged'] as const

export function encodePage(entries: readonly IndexEntry[]): Bytes {
  return utf8(
    JSON.stringify(
      entries.map((entry): Row => [
        entry.id,
        entry.recordHash === null ? null : toHex(entry.recordHash),
        entry.epoch,
        states.indexOf(entry.state),
        entry.dirty ? 1 : 0,
        entry.unconfirmed ? 1 : 0,
        entry.summary === null ? null : summaryRow(entry.summary),
      ]),
    ),
  )
}

function summaryRow(summary: Summary): SummaryRow {
  const { kind, title, username, sites, tags, createdMs, modifiedMs, removal, removedMs, favorite, hasTotp, content } = summary
  return [
    kind,
    title,
    username,
    sites,
    tags,
    createdMs,
    modifiedMs,
    removals.indexOf(removal),
    removedMs,
    favorite ? 1 : 0,
    hasTotp ? 1 : 0,
    toHex(content),
  ]
}

/** Throws `store-damaged`: a page that opened under our key and does not parse was written by something else than this. */
export function decodePage(page: Uint8Array): IndexEntry[] {
  try {
    return (JSON.parse(utf8Decode(page)) as Row[]).map(([id, recordHashHex, epoch, state, dirty, unconfirmed, summary]) => ({
      id: id as ItemId,
      recordHash: recordHashHex === null ? null : fromHex(recordHashHex),
      epoch,
      state: states[state] as IndexEntry['state'],
      dirty: dirty === 1,
      unconfirmed: unconfirmed === 1,
      summary: summary === null ? null : summaryOf(id as ItemId, summary),
    }))
  } catch {
    throw new NokkelError('store-damaged', { table: 'pages' })
  }
}

function summaryOf(id: ItemId, row: SummaryRow): Summary {
  const [kind, title, username, sites, tags, createdMs, modifiedMs, removal, removedMs, favorite, hasTotp, contentHex] = row
  return {
    id,
    kind,
    title,
    username,
    sites,
    tags,
    createdMs,
    modifiedMs,
    removal: removals[removal] as Summary['removal'],
    removedMs,
    favorite: favorite === 1,
    hasTotp: hasTotp === 1,
    content: fromHex(contentHex),
  }
}
