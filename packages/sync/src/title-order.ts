/**
 * The entries of an index in the order that lists show them: by folded title, then by id. Kept between lists, because folding and
 * sorting tens of thousands of titles costs more than all the rest of a keystroke; a change costs the next list one pass over what is
 * nearly sorted. Searches keep what they found until something changes, so that a further letter looks only through that. Entries without
 * readable content are not in it.
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

interface Search {
  readonly words: readonly string[]
  /** all that have the words */
  readonly rows: readonly Row[]
}

/** as many letters as one takes back and types anew */
const keptSearches = 8

const rowOf = (entry: ReadableEntry): Row => ({ key: foldText(entry.summary.title), entry, text: null })

export class TitleOrder {
  #rows: Row[] = []
  /** made when the first change comes: a command that lists once has none */
  #byId: Map<ItemId, Row> | null = null
  #sorted = false
  /** the newest first; none outlives a change */
  #searches: readonly Search[] = []

  constructor(entries: Iterable<IndexEntry>) {
    for (const entry of entries) if (isReadable(entry)) this.#rows.push(rowOf(entry))
  }

  set(entry: IndexEntry): void {
    this.#searches = []
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
    // who types on finds among what was found, who deletes a letter among what was found before it
    const within = this.#searches.filter((search) => narrows(words, search.words)).sort((a, b) => a.rows.length - b.rows.length)[0]
    const matching: Row[] = []
    for (const row of within?.rows ?? this.#rows) {
      // an unfinished search says nothing to the next one
      if (found.length >= limit) return found
      if (!hasWords((row.text ??= searchText(row.entry.summary)), words)) continue
      matching.push(row)
      if (wanted(row.entry)) found.push(row.entry)
    }
    this.#searches = [{ words, rows: matching }, ...this.#searches].slice(0, keptSearches)
    return found
  }
}

function isReadable(entry: IndexEntry): entry is ReadableEntry {
  return entry.summary !== null
}
