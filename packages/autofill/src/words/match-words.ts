/**
 * Finds the words of the vocabulary in a folded text: leftmost, longest, no overlaps, so that "e-mail address" is an e-mail and no address.
 * The three classes (fields, purposes of forms, qualifiers of passwords) are found side by side in one pass. This runs cold, once a page:
 * what counts is how little is set up, so words stay the strings that they are until a text comes near to them.
 */
import type { Folded } from './fold-text.ts'
import { classOf, keyMarks, wordKeys, type WordKey } from './table.ts'
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

type Buckets = Record<string, string | readonly string[]>
let latin: Buckets | undefined
let others: Buckets | undefined

/** By the first three letters, or all of shorter words. Parsed at the first use: a page without fields pays nothing. */
function open(ascii: boolean): Buckets {
  if (ascii) return (latin ??= JSON.parse(latinWords) as Buckets)
  return (others ??= JSON.parse(otherWords) as Buckets)
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
  const prefix = folded.text.slice(at, at + letters)
  const buckets = open(folded.ascii || folded.text.charCodeAt(at) < 128)
  let bucket = buckets[prefix]
  if (bucket === undefined) return
  if (typeof bucket === 'string') buckets[prefix] = bucket = bucket.split(' ')
  match(folded, bucket, at, at + letters, next, hits)
}

export function findWords(folded: Folded): Hits {
  const hits: Hits = { field: [], purpose: [], qualifier: [] }
  const next: Next = { field: 0, purpose: 0, qualifier: 0 }
  const { text, edges, ascii, letters } = folded
  const all = open(true)
  for (let at = 0; at < text.length; at++) {
    if (!ascii || all[text.slice(at, at + 3)] !== undefined) look(folded, at, 3, next, hits)
    // in alphabets words of two letters stand alone; Chinese and Japanese have them anywhere, and words of one letter too
    if (!letters || edges[at] === 1) {
      look(folded, at, 2, next, hits)
      if (!letters) look(folded, at, 1, next, hits)
    }
  }
  return hits
}
