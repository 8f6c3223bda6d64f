/**
 * Finds the words of the vocabulary in a folded text: leftmost, longest, no overlaps, so that "e-mail address" is an e-mail and no address.
 * The three classes (fields, purposes of forms, qualifiers of passwords) are found side by side in one pass. This runs cold, once a page:
 * what counts is how little is set up, so words stay the strings that they are until a text comes near to them.
 */
import type { Folded } from './fold-text.ts'
import { beyond, classOf, keyMarks, sectionOf, wordKeys, type WordKey } from './table.ts'
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

/** Latin words by the first letter, and by the first two as far as a text has asked for them. */
let latin: readonly string[] | undefined
const sections: (readonly string[] | undefined)[] = []

function sectionsOf(first: number): readonly string[] {
  latin ??= latinWords.split('\v')
  return (sections[first] ??= (latin[first] as string).split('\f'))
}

let others: Map<number, string> | undefined
const none: readonly string[] = []
/** Words by their first letters, as far as a text has asked for them. */
const buckets = new Map<string | number, readonly string[]>()

/** The words of a pair of letters whose next letter is `third`; a space: those that are the pair. */
function latinBucket(section: string, pair: number, third: string): readonly string[] {
  // most places of a text are where no word begins
  if (section === '') return none
  let at = 0
  if (section.charAt(0) !== third) {
    at = section.indexOf(`\n${third}`) + 1
    if (at === 0) return none
  }
  const place = pair * 128 + third.charCodeAt(0)
  let bucket = buckets.get(place)
  if (bucket === undefined) {
    const end = section.indexOf('\n', at)
    buckets.set(place, (bucket = section.slice(at + 1, end < 0 ? undefined : end).split(' ')))
  }
  return bucket
}

function otherBucket(prefix: string): readonly string[] {
  let bucket = buckets.get(prefix)
  if (bucket === undefined) {
    if (others === undefined) {
      others = new Map()
      for (const section of otherWords.split('\f')) others.set(sectionOf(section), section)
    }
    const text = others.get(sectionOf(prefix)) ?? ''
    const at = text.indexOf(`\n${prefix} `)
    const end = text.indexOf('\n', at + 1)
    buckets.set(prefix, (bucket = at < 0 ? none : text.slice(at + prefix.length + 2, end < 0 ? undefined : end).split(' ')))
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

export function findWords(folded: Folded): Hits {
  const hits: Hits = { field: [], purpose: [], qualifier: [] }
  const next: Next = { field: 0, purpose: 0, qualifier: 0 }
  const { text, edges, values, letters } = folded
  const look = (bucket: readonly string[], at: number, from: number): void => {
    if (bucket.length > 0) match(folded, bucket, at, from, next, hits)
  }
  let first = beyond
  let second = values[0] ?? beyond
  let third = values[1] ?? beyond
  for (let at = 0; at < text.length; at++) {
    first = second
    second = third
    third = values[at + 2] ?? beyond
    // in alphabets words of two letters stand alone; Chinese and Japanese have them anywhere, and words of one letter too
    const short = !letters || edges[at] === 1
    if (first !== beyond && second !== beyond) {
      const pair = first * 36 + second
      const section = (sections[first] ?? sectionsOf(first))[second] as string
      // nothing begins here, which is so at most places
      if (section === '' && third !== beyond && letters) continue
      if (at + 3 <= text.length)
        look(third === beyond ? otherBucket(text.slice(at, at + 3)) : latinBucket(section, pair, text.charAt(at + 2)), at, at + 3)
      if (short) look(latinBucket(section, pair, ' '), at, at + 2)
    } else {
      if (at + 3 <= text.length) look(otherBucket(text.slice(at, at + 3)), at, at + 3)
      if (short && at + 2 <= text.length) look(otherBucket(text.slice(at, at + 2)), at, at + 2)
    }
    if (!letters) look(otherBucket(text.charAt(at)), at, at + 1)
  }
  return hits
}
