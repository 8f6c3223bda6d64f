/**
 * Finds the words of the vocabulary in a folded text: leftmost, longest, no overlaps, so that "e-mail address" is an e-mail and no address.
 * The three classes (fields, purposes of forms, qualifiers of passwords) are found side by side in one pass. This runs cold, once a page:
 * what counts is how little is set up, so words stay the strings that they are until a text comes near to them.
 */
import type { Folded } from './fold-text.ts'
import { classOf, keyMarks, sectionOf, wordKeys, type WordKey } from './table.ts'
import { latinWords, otherWords } from './vocabulary.ts'

export interface WordHit {
  readonly key: WordKey
  readonly at: number
  readonly length: number
}

export interface Hits {
  readonly field: WordHit[]
  readonly purpose: WordHit[]
  readonly qualifier: WordHit[]
}

/** Words by their first letters, as far as a text has asked for them. */
const buckets = new Map<string, readonly string[] | undefined>()
let latin: Map<number, string> | undefined
let others: Map<number, string> | undefined

function sections(text: string): Map<number, string> {
  const found = new Map<number, string>()
  for (const section of text.split('\f')) found.set(sectionOf(section), section)
  return found
}

/**
 * Looks in the text of the vocabulary, which is cut into sections at the first use: to parse all of it would take longer than the few hundred
 * places that a page asks for.
 */
function findBucket(prefix: string): readonly string[] | undefined {
  const section = sectionOf(prefix)
  const text = (section < 128 ? (latin ??= sections(latinWords)) : (others ??= sections(otherWords))).get(section)
  const at = text === undefined ? -1 : text.indexOf(`\n${prefix} `)
  if (text === undefined || at < 0) return undefined
  const end = text.indexOf('\n', at + 1)
  return text.slice(at + prefix.length + 2, end < 0 ? undefined : end).split(' ')
}

function bucketOf(prefix: string): readonly string[] | undefined {
  let bucket = buckets.get(prefix)
  if (bucket === undefined && !buckets.has(prefix)) {
    bucket = findBucket(prefix)
    buckets.set(prefix, bucket)
  }
  return bucket
}

const firstMark = keyMarks.charCodeAt(0)
/** By the code of the mark, counted from the first. */
const keyOfMark: WordKey[] = []
for (let at = 0; at < wordKeys.length; at++) keyOfMark[keyMarks.charCodeAt(at) - firstMark] = wordKeys[at] as WordKey
const starts = 1
const ends = 2

/** Where each class may go on. */
interface Next {
  field: number
  purpose: number
  qualifier: number
}

function match({ text, edges }: Folded, bucket: readonly string[], at: number, from: number, next: Next, hits: Hits): void {
  const code = text.charCodeAt(from)
  for (let place = 0; place < bucket.length; place++) {
    const word = bucket[place] as string
    // most words differ in the next letter already
    if (word.length > 2 && word.charCodeAt(2) !== code) continue
    const edge = word.charCodeAt(1) - 48
    if ((edge & starts) !== 0 && edges[at] !== 1) continue
    const stop = from + word.length - 2
    if (((edge & ends) !== 0 && edges[stop] !== 1) || (word.length > 3 && !text.startsWith(word.slice(2), from))) continue
    const key = keyOfMark[word.charCodeAt(0) - firstMark] as WordKey
    const kind = classOf(key)
    if (next[kind] > at) continue
    next[kind] = stop
    hits[kind].push({ key, at, length: stop - at })
  }
}

function look(folded: Folded, at: number, letters: number, next: Next, hits: Hits): void {
  const bucket = bucketOf(folded.text.slice(at, at + letters))
  if (bucket !== undefined) match(folded, bucket, at, at + letters, next, hits)
}

export function findWords(folded: Folded): Hits {
  const hits: Hits = { field: [], purpose: [], qualifier: [] }
  const next: Next = { field: 0, purpose: 0, qualifier: 0 }
  const { text, edges, letters } = folded
  for (let at = 0; at < text.length; at++) {
    if (at + 3 <= text.length) look(folded, at, 3, next, hits)
    // in alphabets words of two letters stand alone; Chinese and Japanese have them anywhere, and words of one letter too
    if (!letters || edges[at] === 1) {
      if (at + 2 <= text.length) look(folded, at, 2, next, hits)
      if (!letters) look(folded, at, 1, next, hits)
    }
  }
  return hits
}
