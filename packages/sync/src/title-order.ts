/**
 * The entries of an index in the order that lists show them: by folded title, then by id. Kept between lists, because folding and
 * sorting tens of thousands of titles costs more than all the rest of a keystroke; a change costs the next list one pass over what is
 * nearly sorted. A search keeps what it found until something changes: who types on looks only through that. Entries without readable
 * content are not in it.
 */
import type { ItemId } from '@nokkel/base'
import { foldText, hasWords, narrows, searchText, searchWords, type Summary } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'

export type ReadableEntry = IndexEntry & { readonly summary: Summary }

interface Row {
  key: string
  entry: ReadableEntry
  /** prepared by the first search that comes by */
  text: string | null
}

const rowOf = (entry: ReadableEntry): Row => ({ key: foldText(entry.summary.title), entry, text: null })

export class TitleOrder {
  #rows: Row[] = []
  /** made when the first change comes: a command that lists once has none */
  #byId: Map<ItemId, Row> | null = null
  #sorted = false
  #lastSearch: { readonly words: readonly string[]; readonly rows: readonly Row[] } | null = null

  constructor(entries: Iterable<IndexEntry>) {
    for (const entry of entries) if (isReadable(entry)) this.#rows.push(rowOf(entry))
  }

  set(entry: IndexEntry): void {
    this.#lastSearch = null
    this.#byId ??= new Map(this.#rows.map((row) => [row.entry.id, row]))
    const row = this.#byId.get(entry.id)
    if (!isReadable(entry)) {
      if (row === undefined) return
      this.#byId.delete(entry.id)
      this.#rows = this.#rows.filter((each) => each !== row)
    } else if (row === undefined) {
      const added = rowOf(entry)
      this.#byId.set(entry.id, added)
      this.#rows.push(added)
      this.#sorted = false
    } else {
      if (row.entry.summary.title !== entry.summary.title) {
        row.key = foldText(entry.summary.title)
        this.#sorted = false
      }
      if (row.entry.summary !== entry.summary) row.text = null
      row.entry = entry
    }
  }

  /** The first `limit` that are `wanted` and have every word of `query`; of all, for an empty query. */
  find(query: string, wanted: (entry: ReadableEntry) => boolean, limit = Number.POSITIVE_INFINITY): ReadableEntry[] {
    if (!this.#sorted) this.#rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry.id < b.entry.id ? -1 : 1))
    this.#sorted = true
    const words = searchWords(query)
    const found: ReadableEntry[] = []
    if (words.length === 0) {
      for (const { entry } of this.#rows) {
        if (found.length >= limit) break
        if (wanted(entry)) found.push(entry)
      }
      return found
    }
    const last = this.#lastSearch
    const matching: Row[] = []
    for (const row of last !== null && narrows(words, last.words) ? last.rows : this.#rows) {
      // an unfinished search says nothing to the next one
      if (found.length >= limit) return found
      if (!hasWords((row.text ??= searchText(row.entry.summary)), words)) continue
      matching.push(row)
      if (wanted(row.entry)) found.push(row.entry)
    }
    this.#lastSearch = { words, rows: matching }
    return found
  }
}

function isReadable(entry: IndexEntry): entry is ReadableEntry {
  return entry.summary !== null
}
