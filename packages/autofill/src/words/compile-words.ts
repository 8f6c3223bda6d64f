/**
 * Word tables → the text of `vocabulary.ts`: folded, sorted by their first four letters, the longest first. Done before the engine
 * ships, because sorting some thousand words at the first field of a page takes longer than classifying the page. `compile-words.test.ts`
 * compares and, asked to update its snapshot (`-u`), writes the file.
 */
import { foldText } from './fold-text.ts'
import { alphabet, classOf, firstEdge, firstMark, sectionOf, wordKeys, type WordKey, type WordTable } from './table.ts'

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

/** What `start` (1) and `end` (2) are in the compiled form. */
function edgeMark({ start, end }: Word): string {
  const edges = (start ? 1 : 0) + (end ? 2 : 0)
  return edges === 0 ? '' : String.fromCharCode(firstEdge + edges - 1)
}

/**
 * What a text of this one word would be taken for without it: the one word of its class that is in it, if there is only one. A text may have
 * its spaces anywhere in the word or nowhere (`spaced`).
 */
function withoutIt(word: Word, buckets: ReadonlyMap<string, readonly Word[]>, spaced: boolean): WordKey | undefined {
  const found: WordKey[] = []
  const { text } = word
  for (let at = 0; at < text.length;) {
    const candidates = [3, 2, 1].flatMap((length) => (length <= text.length - at ? (buckets.get(text.slice(at, at + length)) ?? []) : []))
    const hit = candidates
      .filter((other) => other !== word && classOf(other.key) === classOf(word.key) && text.startsWith(other.text, at))
      .filter(
        (other) =>
          (!other.start || spaced || (at === 0 && word.start)) &&
          (!other.end || spaced || (at + other.text.length === text.length && word.end)),
      )
      .toSorted((a, b) => b.text.length - a.text.length)[0]
    if (hit === undefined) at++
    else {
      found.push(hit.key)
      at += hit.text.length
    }
  }
  return found.length === 1 ? found[0] : undefined
}

/** Leaves out words that only say what a shorter word in them says already: the tables may be generous, a content script may not. */
function prune(buckets: Map<string, Word[]>): void {
  const all = [...buckets.values()].flat().toSorted((a, b) => a.text.length - b.text.length || (a.text < b.text ? -1 : 1))
  // short ones first: what is in a word has been decided when it comes
  for (const word of all) {
    if (withoutIt(word, buckets, false) !== word.key || withoutIt(word, buckets, true) !== word.key) continue
    const prefix = word.text.slice(0, 3)
    buckets.set(
      prefix,
      (buckets.get(prefix) ?? []).filter((other) => other !== word),
    )
    if (buckets.get(prefix)?.length === 0) buckets.delete(prefix)
  }
}

export interface Compiled {
  /** Words of the letters a to z and digits, which most pages have alone. */
  readonly latin: string
  readonly others: string
}

const longestFirst = (words: readonly Word[]): Word[] => words.toSorted((a, b) => b.text.length - a.text.length)

/** The mark of a word's key, and behind it that of its edges where it has to stand at some. */
const markOf = (word: Word): string => String.fromCharCode(firstMark + wordKeys.indexOf(word.key)) + edgeMark(word)

/** A space, the letters after the third, the mark. */
const restOf = (word: Word): string => ` ${word.text.slice(3)}${markOf(word)}`

/** Words with the same first three letters, Latin ones: the marks of those that are no longer, then the others by their fourth letter. */
function latinLine(words: readonly Word[]): string {
  const fourth = (word: Word): string => word.text.charAt(3)
  return longestFirst(words)
    .toSorted((a, b) => (fourth(a) < fourth(b) ? -1 : fourth(a) > fourth(b) ? 1 : 0))
    .map((word) => (word.text.length > 3 ? restOf(word) : markOf(word)))
    .join('')
}

/** For each first letter and each second one, between form feeds: the words that are these two; a line feed, a third letter and its words; the next. */
function latinText(buckets: ReadonlyMap<string, readonly Word[]>): string {
  const sections: string[] = []
  for (const first of alphabet)
    for (const second of alphabet) {
      let text = latinLine(buckets.get(first + second) ?? [])
      for (const third of alphabet) {
        const words = buckets.get(first + second + third)
        if (words !== undefined) text += `\n${third}${latinLine(words)}`
      }
      sections.push(text)
    }
  return sections.join('\f')
}

/** Lines: the first three letters, or all of shorter words, and the words. A form feed where the block of 64 characters changes. */
function otherText(buckets: ReadonlyMap<string, readonly Word[]>): string {
  let text = ''
  let section = 0
  for (const [prefix, words] of [...buckets].toSorted(([x], [y]) => (x < y ? -1 : 1))) {
    if (plain.test(prefix) && prefix.length > 1) continue
    const next = sectionOf(prefix)
    if (next !== section) text += `${text === '' ? '' : '\f'}${prefix.charAt(0)}`
    section = next
    text += `\n${prefix}${longestFirst(words).map(restOf).join('')}`
  }
  return text
}

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
  prune(buckets)
  return { latin: latinText(buckets), others: otherText(buckets) }
}
