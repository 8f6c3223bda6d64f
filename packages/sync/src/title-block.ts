/**
 * A stretch of the list's order: its rows, and their texts joined in one string. A word is looked for in all of them by one search of the JavaScript
 * engine, which goes through flat memory; a search in each text by itself spends most of its time on the way from row to row. Knows nothing of
 * queries, filters and what was found before: that is the order's.
 */
import { hasWords, searchText, type Summary } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'

export type ReadableEntry = IndexEntry & { readonly summary: Summary }

/** Looks at the entry alone. */
export type Filter = (entry: ReadableEntry) => boolean

export interface Row {
  /** folded title */
  readonly key: string
  readonly entry: ReadableEntry
  /** what words are looked for in; null: not prepared */
  text: string | null
}

/** A change makes one block anew, so they are small; a sweep goes through all, so they are not too small. */
const blockRows = 512

export const compareRows = (a: Row, b: Row): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.entry.id < b.entry.id ? -1 : 1)

export const textOf = (row: Row): string => (row.text ??= searchText(row.entry.summary))

export class TitleBlock {
  readonly rows: Row[]
  /** the texts of all rows, a line break after each, which no word contains; null: not prepared */
  #text: string | null = null
  /** where in it the text of each row ends */
  #ends = new Uint32Array(0)
  /**
   * By filter, whether it wants each row: 1 or 0. A letter that nearly every item has asks for each of them, and asking the filter means three steps
   * through memory for each, which took ten times as long as finding them.
   */
  #wanted = new WeakMap<Filter, Uint8Array>()

  constructor(rows: Row[]) {
    this.rows = rows
  }

  /** `sorted` in blocks; at least one, which is empty when there are no rows. */
  static cut(sorted: readonly Row[]): TitleBlock[] {
    const blocks: TitleBlock[] = []
    for (let at = 0; at === 0 || at < sorted.length; at += blockRows) blocks.push(new TitleBlock(sorted.slice(at, at + blockRows)))
    return blocks
  }

  /** Two in the place of one that has grown too large. */
  split(): readonly TitleBlock[] {
    if (this.rows.length <= 2 * blockRows) return [this]
    return [new TitleBlock(this.rows.slice(0, blockRows)), new TitleBlock(this.rows.slice(blockRows))]
  }

  insert(row: Row): void {
    this.rows.splice(this.#place(row), 0, row)
    this.#text = null
    this.#wanted = new WeakMap()
  }

  /** The row must be in this block. */
  remove(row: Row): void {
    this.rows.splice(this.#place(row), 1)
    this.#text = null
    this.#wanted = new WeakMap()
  }

  /** The row must be in this block, and the other one belong in its place. */
  replace(row: Row, other: Row): void {
    this.rows[this.#place(row)] = other
    if (row.text === null || other.text !== row.text) this.#text = null
    this.#wanted = new WeakMap()
  }

  /** Where the row stands, or belongs. */
  #place(row: Row): number {
    let [from, to] = [0, this.rows.length]
    while (from < to) {
      const middle = (from + to) >> 1
      if (compareRows(this.rows[middle] as Row, row) < 0) from = middle + 1
      else to = middle
    }
    return from
  }

  get prepared(): boolean {
    return this.#text !== null
  }

  prepare(): string {
    if (this.#text !== null) return this.#text
    const ends = new Uint32Array(this.rows.length)
    const texts: string[] = []
    let end = 0
    for (const [at, row] of this.rows.entries()) {
      const text = textOf(row)
      texts.push(text)
      ends[at] = end += text.length
      end++
    }
    this.#ends = ends
    this.#text = texts.join('\n')
    return this.#text
  }

  #wantedBy(filter: Filter): Uint8Array {
    const known = this.#wanted.get(filter)
    if (known !== undefined) return known
    const wanted = Uint8Array.from(this.rows, ({ entry }) => Number(filter(entry)))
    this.#wanted.set(filter, wanted)
    return wanted
  }

  /**
   * Adds to `into`, in their order, the rows that `filter` wants and that have every word of `words` (of `searchWords`, in any order; best is one
   * first that few have), until `limit` are there; then false.
   */
  sweep(filter: Filter, words: readonly string[], into: Row[], limit: number): boolean {
    const wanted = this.#wantedBy(filter)
    const [first, ...others] = words
    if (first === undefined) {
      for (let row = 0; row < wanted.length; row++) if (wanted[row] === 1 && into.push(this.rows[row] as Row) >= limit) return false
      return true
    }
    const text = this.prepare()
    let row = 0
    for (let at = text.indexOf(first); at !== -1; at = text.indexOf(first, this.#ends[row])) {
      while ((this.#ends[row] as number) <= at) row++
      if (wanted[row] === 0) continue
      const found = this.rows[row] as Row
      if ((others.length === 0 || hasWords(textOf(found), others)) && into.push(found) >= limit) return false
    }
    return true
  }
}
