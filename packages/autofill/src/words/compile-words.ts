/**
 * Word tables → the text of `vocabulary.ts`: folded, sorted into buckets by their first three letters, longest first. Done before the engine
 * ships, because sorting some thousand words at the first field of a page takes longer than classifying the page. `compile-words.test.ts`
 * compares and, asked to update its snapshot (`-u`), writes the file.
 */
import { foldText } from './fold-text.ts'
import { classOf, keyMarks, wordKeys, type WordKey, type WordTable } from './table.ts'

interface Word {
  readonly text: string
  readonly key: WordKey
  readonly start: boolean
  readonly end: boolean
}

const plain = /^[a-z0-9]+$/

function wordOf(written: string, key: WordKey): Word | undefined {
  const text = foldText(written).text
  if (text === '') return undefined
  const from = written.startsWith('<')
  // short Latin words are parts of too many others
  const short = plain.test(text) && text.length
  return {
    text,
    key,
    start: from || (short !== false && short <= 4),
    end: written.endsWith('>') || (short !== false && short <= 3 && !from),
  }
}

/** A word that stands before it takes every place where this one could. */
function isShadowed(word: Word, by: Word): boolean {
  return by.text === word.text && classOf(by.key) === classOf(word.key) && (!by.start || word.start) && (!by.end || word.end)
}

/** What `start` and `end` are in the compiled form. */
const edgeMark = (word: Word): string => String((word.start ? 1 : 0) + (word.end ? 2 : 0))

export interface Compiled {
  /** Words of the letters a to z and digits, which most pages have alone. */
  readonly latin: string
  readonly others: string
}

/**
 * Two JSON objects: the first three letters (or all of shorter words) → words separated by spaces, each the mark of its key, 0 to 3 for its
 * edges, and the rest of its letters.
 */
export function compileWords(tables: readonly WordTable[]): Compiled {
  const buckets = new Map<string, Word[]>()
  for (const table of tables) {
    for (const [key, words] of Object.entries(table) as [WordKey, string][]) {
      for (const written of words.split(' ')) {
        const word = wordOf(written, key)
        if (word === undefined) continue
        const prefix = word.text.slice(0, 3)
        const bucket = buckets.get(prefix) ?? []
        if (!bucket.some((other) => isShadowed(word, other))) bucket.push(word)
        buckets.set(prefix, bucket)
      }
    }
  }
  const written = (take: (prefix: string) => boolean): string =>
    JSON.stringify(
      Object.fromEntries(
        [...buckets]
          .filter(([prefix]) => take(prefix))
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([prefix, words]) => {
            const longestFirst = words.toSorted((a, b) => b.text.length - a.text.length)
            const entries = longestFirst.map((word) => keyMarks.charAt(wordKeys.indexOf(word.key)) + edgeMark(word) + word.text.slice(3))
            return [prefix, entries.join(' ')]
          }),
      ),
    )
  return { latin: written((prefix) => plain.test(prefix)), others: written((prefix) => !plain.test(prefix)) }
}
