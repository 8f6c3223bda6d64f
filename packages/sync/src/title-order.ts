/**
 * The entries of an index in the order that lists show them: by folded title, then by id. Kept between lists, because folding and
 * sorting tens of thousands of titles costs more than all the rest of a keystroke; a change costs the block that it falls into. Lists and
 * searches keep what they found until something changes, so that a further letter need not look through everything. Entries without
 * readable content are not in it.
 */
import type { ItemId } from '@nokkel/base'
import { foldText, hasWords, narrows, searchWords } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'
import { compareRows, textOf, TitleBlock, type Filter, type ReadableEntry, type Row } from './title-block.ts'

export type { ReadableEntry } from './title-block.ts'

/** What is in a list, in its order. */
export type FoundEntries = readonly { readonly entry: ReadableEntry }[]

interface Search {
  readonly wanted: Filter
  /** none: all that are wanted */
  readonly words: readonly string[]
  readonly rows: Row[]
}

/** as many letters as one takes back and types anew */
const keptSearches = 8
/** as many as a window has categories, and a few */
const keptLists = 16
/** Looking through found rows one by one pays when they are at most this part of all; a sweep is quicker for more. */
const sweepFrom = 1 / 4

const rowOf = (entry: ReadableEntry): Row => ({ key: foldText(entry.summary.title), entry, text: null })

export class TitleOrder {
  /** as it came; cut into blocks by the first list */
  #unsorted: Row[] = []
  #cut: TitleBlock[] | null = null
  #size: number
  /** made when the first change comes: a command that lists once has none */
  #byId: Map<ItemId, Row> | null = null
  /** the newest first; none outlives a change */
  #searches: readonly Search[] = []

  constructor(entries: Iterable<IndexEntry>) {
    for (const entry of entries) if (isReadable(entry)) this.#unsorted.push(rowOf(entry))
    this.#size = this.#unsorted.length
  }

  get #blocks(): TitleBlock[] {
    if (this.#cut === null) {
      this.#cut = TitleBlock.cut(this.#unsorted.sort(compareRows))
      this.#unsorted = []
    }
    return this.#cut
  }

  set(entry: IndexEntry): void {
    this.#searches = []
    this.#byId ??= new Map(this.#blocks.flatMap(({ rows }) => rows.map((row) => [row.entry.id, row])))
    const row = this.#byId.get(entry.id)
    if (row !== undefined && isReadable(entry) && row.entry.summary.title === entry.summary.title) {
      // another row, not this one changed: lists that were handed out stay as they were
      const other = { key: row.key, entry, text: row.entry.summary === entry.summary ? row.text : null }
      this.#byId.set(entry.id, other)
      this.#blockOf(row).replace(row, other)
      return
    }
    if (row !== undefined) this.#remove(row)
    if (isReadable(entry)) this.#insert(rowOf(entry))
  }

  #insert(row: Row): void {
    this.#byId?.set(row.entry.id, row)
    this.#size++
    const block = this.#blockOf(row)
    block.insert(row)
    this.#blocks.splice(this.#blocks.indexOf(block), 1, ...block.split())
  }

  #remove(row: Row): void {
    this.#byId?.delete(row.entry.id)
    this.#size--
    const block = this.#blockOf(row)
    block.remove(row)
    if (block.rows.length === 0 && this.#blocks.length > 1) this.#blocks.splice(this.#blocks.indexOf(block), 1)
  }

  /** The one that has the row, or that it belongs into. */
  #blockOf(row: Row): TitleBlock {
    const blocks = this.#blocks
    let [from, to] = [0, blocks.length - 1]
    while (from < to) {
      const middle = (from + to) >> 1
      const last = blocks[middle]?.rows.at(-1)
      if (last !== undefined && compareRows(last, row) < 0) from = middle + 1
      else to = middle
    }
    return blocks[from] as TitleBlock
  }

  /**
   * Prepares the texts of one more block, so that the first letter of a search need not wait for those of all. True: there may be more.
   * In pieces, because whoever asks has other things to answer in between.
   */
  prepare(): boolean {
    const next = this.#blocks.find(({ prepared }) => !prepared)
    next?.prepare()
    return next !== undefined
  }

  /**
   * The first `limit` that are `wanted` and have every word of `query`; of all, for an empty query. `wanted` looks at the entry alone; who hands over
   * the same function again has the advantage of what was found with it.
   */
  find(query: string, wanted: Filter, limit = Number.POSITIVE_INFINITY): FoundEntries {
    if (limit <= 0) return []
    // fewest texts have the longest
    const words = searchWords(query).toSorted((a, b) => b.length - a.length)
    // who types on finds among what was found, who deletes a letter among what was found before it
    const within = this.#searches
      .filter((search) => search.wanted === wanted && narrows(words, search.words))
      .sort((a, b) => a.rows.length - b.rows.length)[0]
    if (within !== undefined && within.words.length === words.length && narrows(within.words, words)) return within.rows.slice(0, limit)
    const found: Search = { wanted, words, rows: [] }
    const few = within !== undefined && within.rows.length <= this.#size * sweepFrom
    const ended = few ? lookWithin(within, found, limit) : this.#blocks.every((block) => block.sweep(wanted, words, found.rows, limit))
    // an unfinished search says nothing to the next one
    if (ended) this.#keep(found)
    return found.rows
  }

  #keep(found: Search): void {
    const isList = ({ words }: Search): boolean => words.length === 0
    const alike = this.#searches
      .filter((search) => isList(search) === isList(found))
      .slice(0, (isList(found) ? keptLists : keptSearches) - 1)
    this.#searches = [found, ...alike, ...this.#searches.filter((search) => isList(search) !== isList(found))]
  }
}

function lookWithin(within: Search, { words, rows }: Search, limit: number): boolean {
  for (const row of within.rows) {
    if (hasWords(textOf(row), words) && rows.push(row) >= limit) return false
  }
  return true
}

function isReadable(entry: IndexEntry): entry is ReadableEntry {
  return entry.summary !== null
}
