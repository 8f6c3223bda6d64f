/**
 * The entries of an index in the order that lists show them: by folded title, then by id. Kept between lists, because folding and
 * sorting tens of thousands of titles costs more than all the rest of a keystroke; a change costs the next list one pass over what is
 * nearly sorted. Entries without readable content are not in it.
 */
import type { ItemId } from '@nokkel/base'
import { foldText, type Summary } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'

export type ReadableEntry = IndexEntry & { readonly summary: Summary }

interface Row {
  key: string
  entry: ReadableEntry
}

export class TitleOrder {
  #rows: Row[] = []
  /** made when the first change comes: a command that lists once has none */
  #byId: Map<ItemId, Row> | null = null
  #sorted = false

  constructor(entries: Iterable<IndexEntry>) {
    for (const entry of entries) if (isReadable(entry)) this.#rows.push({ key: foldText(entry.summary.title), entry })
  }

  set(entry: IndexEntry): void {
    this.#byId ??= new Map(this.#rows.map((row) => [row.entry.id, row]))
    const row = this.#byId.get(entry.id)
    if (!isReadable(entry)) {
      if (row === undefined) return
      this.#byId.delete(entry.id)
      this.#rows = this.#rows.filter((each) => each !== row)
    } else if (row === undefined) {
      const added = { key: foldText(entry.summary.title), entry }
      this.#byId.set(entry.id, added)
      this.#rows.push(added)
      this.#sorted = false
    } else {
      if (row.entry.summary.title !== entry.summary.title) {
        row.key = foldText(entry.summary.title)
        this.#sorted = false
      }
      row.entry = entry
    }
  }

  *[Symbol.iterator](): Iterator<ReadableEntry> {
    if (!this.#sorted) this.#rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry.id < b.entry.id ? -1 : 1))
    this.#sorted = true
    for (const { entry } of this.#rows) yield entry
  }
}

function isReadable(entry: IndexEntry): entry is ReadableEntry {
  return entry.summary !== null
}
