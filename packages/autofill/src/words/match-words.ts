/**
 * Finds the words of the vocabulary in a folded text: leftmost, longest, no overlaps, so that "e-mail address" is an e-mail and no address.
 * The three classes (fields, purposes of forms, qualifiers of passwords) are found side by side in one pass. This runs cold, once a page:
 * what counts is how little is set up and how few steps are taken, so words stay the text that they are, and the browser's own search finds
 * those whose first four letters are met.
 */
import type { Folded } from './fold-text.ts'
import { alphabet, beyond, firstEdge, firstMark, firstPurpose, firstQualifier, sectionOf, wordKeys, type WordKey } from './table.ts'
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

/** Latin words by their first two letters: the place is the first one's value times 36 and the second one's. */
let pairs: readonly string[] | undefined

/** What stands before a third letter, and before a fourth one, in the words of a pair. */
const beforeThird: string[] = []
const beforeFourth: string[] = []
for (const letter of alphabet) {
  beforeThird.push(`\n${letter}`)
  beforeFourth.push(` ${letter}`)
}

let others: Map<number, string> | undefined
const starts = 1
const ends = 2

/** A text, where each class of words may go on in it, and what was found. */
interface Search {
  readonly folded: Folded
  readonly hits: Hits
  field: number
  purpose: number
  qualifier: number
}

/** Takes a word, as far as its letters are the text's: it is `mark`, has the edges `edge`, and goes from `at` to `stop`. */
function take(search: Search, mark: number, edge: number, at: number, stop: number): void {
  const { edges } = search.folded
  if (((edge & starts) !== 0 && edges[at] !== 1) || ((edge & ends) !== 0 && edges[stop] !== 1)) return
  const place = mark - firstMark
  const kind = place < firstPurpose ? 'field' : place < firstQualifier ? 'purpose' : 'qualifier'
  if (search[kind] > at) return
  search[kind] = stop
  search.hits[kind].push({ key: wordKeys[place] as WordKey, at, length: stop - at })
}

/** Takes the words that are the letters from `at` to `stop` and no more: in `words`, their marks begin at `place`. */
function takeAll(search: Search, words: string, place: number, at: number, stop: number): void {
  let mark = words.charCodeAt(place)
  for (let next = place; mark >= firstMark;) {
    const edge = words.charCodeAt(++next) - firstEdge + 1
    take(search, mark, edge > 0 ? edge : 0, at, stop)
    mark = words.charCodeAt(edge > 0 ? ++next : next)
  }
}

/**
 * Words that go on with the text from `place`, and begin at `at`: those from `first` on and before `to`, as long as their next letter is `letter`, if
 * it is given. The longest stand first. Their spaces are what is searched for: browsers have a short way to one character, and not to two.
 */
function tryWords(search: Search, words: string, first: number, to: number, letter: number, at: number, place: number): void {
  const { text } = search.folded
  const room = text.length - place
  for (let word = first; word < to && (letter === 0 || words.charCodeAt(word + 1) === letter);) {
    const next = words.indexOf(' ', word + 1)
    const end = next < 0 || next > to ? to : next
    const last = words.charCodeAt(end - 1)
    const edge = last < firstEdge ? 0 : last - firstEdge + 1
    const mark = edge === 0 ? end - 1 : end - 2
    const length = mark - word - 1
    if (length <= room && text.startsWith(words.slice(word + 1, mark), place))
      take(search, words.charCodeAt(mark), edge, at, place + length)
    word = end
  }
}

/** Words that begin with the Latin letters from `at` to `after`: they are the line whose third letter stands before `start` in `words`. */
function tryLine(search: Search, words: string, start: number, at: number, after: number): void {
  const { text, values } = search.folded
  if (after < text.length) {
    const value = values[after] as number
    const first = words.indexOf(value < beyond ? (beforeFourth[value] as string) : ` ${text.charAt(after)}`, start)
    if (first >= 0) {
      const end = words.indexOf('\n', start)
      tryWords(search, words, first, end < 0 ? words.length : end, text.charCodeAt(after), at, after)
    }
  }
  takeAll(search, words, start, at, after)
}

/** Words that begin with the letters from `at` to `after`, not all of them Latin. */
function tryOthers(search: Search, at: number, after: number): void {
  const letters = search.folded.text.slice(at, after)
  if (others === undefined) {
    others = new Map()
    for (const section of otherWords.split('\f')) others.set(sectionOf(section), section)
  }
  const words = others.get(sectionOf(letters))
  const line = words === undefined ? -1 : words.indexOf(`\n${letters} `)
  if (words === undefined || line < 0) return
  const end = words.indexOf('\n', line + 1)
  tryWords(search, words, line + 1 + letters.length, end < 0 ? words.length : end, 0, at, after)
}

export function findWords(folded: Folded): Hits {
  const hits: Hits = { field: [], purpose: [], qualifier: [] }
  const search: Search = { folded, hits, field: 0, purpose: 0, qualifier: 0 }
  const { text, edges, values, letters } = folded
  const latin = (pairs ??= latinWords.split('\f'))
  const { length } = text
  let first = beyond
  let second = length > 0 ? (values[0] as number) : beyond
  let third = length > 1 ? (values[1] as number) : beyond
  for (let at = 0; at < length; at++) {
    first = second
    second = third
    third = at + 2 < length ? (values[at + 2] as number) : beyond
    // in alphabets words of two letters stand alone; Chinese and Japanese have them anywhere, and words of one letter too
    if (first < beyond && second < beyond) {
      const words = latin[first * beyond + second] as string
      if (third < beyond) {
        // no word begins with these two letters, which is so at most places
        if (words !== '') {
          const line = words.indexOf(beforeThird[third] as string)
          if (line >= 0) tryLine(search, words, line + 2, at, at + 3)
        }
      } else if (at + 3 <= length) tryOthers(search, at, at + 3)
      // words of two letters come first, as their marks alone
      if (words !== '' && (!letters || edges[at] === 1)) takeAll(search, words, 0, at, at + 2)
    } else {
      if (at + 3 <= length) tryOthers(search, at, at + 3)
      if (at + 2 <= length && (!letters || edges[at] === 1)) tryOthers(search, at, at + 2)
    }
    if (!letters) tryOthers(search, at, at + 1)
  }
  return hits
}
