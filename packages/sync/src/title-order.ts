/**
 * The entries of an index in the order that lists show them: by folded title, then by id. Kept between lists, because folding and
 * sorting tens of thousands of titles costs more than all the rest of a keystroke; a change costs the next list one pass over what is
 * nearly sorted. Lists and searches keep what they found until something changes, so that a further letter looks only through that. Entries
 * without readable content are not in it.
 */
import type { ItemId } from '@nokkel/base'
import { foldText, hasWords, narrows, searchText, searchWords, type Summary } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'

export type ReadableEntry = IndexEntry & { readonly summary: Summary }

interface Row {
  key: string
  entry: ReadableEntry
  /** prepared ahead, or by the first search that comes by */
  text: string | null
}

/**
 * What was found, in three arrays side by side: the next letter looks through them in one sweep, without a step to each row and from there to its
 * entry and its summary, which with tens of thousands of them is most of the time.
 */
interface Search {
  readonly wanted: (entry: ReadableEntry) => boolean
  /** none: all that are wanted */
  readonly words: readonly string[]
  readonly rows: Row[]
  readonly entries: ReadableEntry[]
  /** null: not prepared yet */
  readonly texts: (string | null)[]
}

/** as many letters as one takes back and types anew */
const keptSearches = 8
/** as many as a window has categories, and a few */
const keptLists = 16

const rowOf = (entry: ReadableEntry): Row => ({ key: foldText(entry.summary.title), entry, text: null })

export class TitleOrder {
  #rows: Row[] = []
  /** made when the first change comes: a command that lists once has none */
  #byId: Map<ItemId, Row> | null = null
  #sorted = false
  /** the texts of the rows before it are prepared */
  #prepared = 0
  /** the newest first; none outlives a change */
  #searches: readonly Search[] = []

  constructor(entries: Iterable<IndexEntry>) {
    for (const entry of entries) if (isReadable(entry)) this.#rows.push(rowOf(entry))
  }

  set(entry: IndexEntry): void {
    this.#searches = []
    this.#prepared = 0
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

  /**
   * Prepares the texts of at most `count` more rows, so that the first letter of a search need not wait for those of all. True: there may be more.
   * In pieces, because whoever asks has other things to answer in between.
   */
  prepare(count: number): boolean {
    this.#sort()
    for (let left = count; left > 0 && this.#prepared < this.#rows.length; this.#prepared++) {
      const row = this.#rows[this.#prepared] as Row
      if (row.text !== null) continue
      row.text = searchText(row.entry.summary)
      left--
    }
    return this.#prepared < this.#rows.length
  }

  /**
   * The first `limit` that are `wanted` and have every word of `query`; of all, for an empty query. `wanted` looks at the entry alone; who hands over
   * the same function again has the advantage of what was found with it.
   */
  find(query: string, wanted: (entry: ReadableEntry) => boolean, limit = Number.POSITIVE_INFINITY): readonly ReadableEntry[] {
    this.#sort()
    const words = searchWords(query)
    // who types on finds among what was found, who deletes a letter among what was found before it
    const within = this.#searches
      .filter((search) => search.wanted === wanted && narrows(words, search.words))
      .sort((a, b) => a.rows.length - b.rows.length)[0]
    if (within !== undefined && within.words.length === words.length && narrows(within.words, words)) return within.entries.slice(0, limit)
    const found: Search = { wanted, words, rows: [], entries: [], texts: [] }
    const ended = within === undefined ? this.#lookThrough(found, limit) : lookWithin(within, found, limit)
    // an unfinished search says nothing to the next one
    if (ended) this.#keep(found)
    return found.entries
  }

  #lookThrough({ wanted, words, rows, entries, texts }: Search, limit: number): boolean {
    for (const row of this.#rows) {
      if (entries.length >= limit) return false
      if (!wanted(row.entry)) continue
      if (words.length > 0 && !hasWords((row.text ??= searchText(row.entry.summary)), words)) continue
      rows.push(row)
      entries.push(row.entry)
      texts.push(row.text)
    }
    return true
  }

  #keep(found: Search): void {
    const isList = ({ words }: Search): boolean => words.length === 0
    const alike = this.#searches
      .filter((search) => isList(search) === isList(found))
      .slice(0, (isList(found) ? keptLists : keptSearches) - 1)
    this.#searches = [found, ...alike, ...this.#searches.filter((search) => isList(search) !== isList(found))]
  }

  #sort(): void {
    if (this.#sorted) return
    this.#rows.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry.id < b.entry.id ? -1 : 1))
    this.#sorted = true
    this.#prepared = 0
  }
}

function lookWithin(within: Search, { words, rows, entries, texts }: Search, limit: number): boolean {
  for (let at = 0; at < within.rows.length; at++) {
    if (entries.length >= limit) return false
    const text = (within.texts[at] ??= (within.rows[at] as Row).text ??= searchText((within.entries[at] as ReadableEntry).summary))
    if (!hasWords(text, words)) continue
    rows.push(within.rows[at] as Row)
    entries.push(within.entries[at] as ReadableEntry)
    texts.push(text)
  }
  return true
}

function isReadable(entry: IndexEntry): entry is ReadableEntry {
  return entry.summary !== null
}
