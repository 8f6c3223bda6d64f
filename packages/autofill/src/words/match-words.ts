/**
 * Finds the words of the tables in a text: leftmost, longest, no overlaps, so that "e-mail address" is an e-mail and no address. Texts and
 * words are folded alike: lower case, no marks, no spaces; a boundary is where a space, a mark, a digit edge or a capital stood.
 */
import { arabic, chinese, japanese, korean, others } from './asian.ts'
import { czech, greek, hungarian, polish, romanian, russian, turkish } from './eastern.ts'
import { danish, english, finnish, norwegian, swedish } from './nordic.ts'
import type { WordKey, WordTable } from './table.ts'
import { dutch, french, german, italian, portuguese, spanish } from './western.ts'

interface Word {
  readonly text: string
  readonly key: WordKey
  readonly start: boolean
  readonly end: boolean
}

export interface WordHit {
  readonly key: WordKey
  readonly at: number
  readonly length: number
}

/** English goes last: where a word is in two tables with the same boundaries, the first stands, and English words are the most ambiguous. */
const tables: readonly WordTable[] = [
  norwegian, swedish, danish, finnish, german, dutch, french, spanish, portuguese, italian,
  polish, czech, russian, turkish, greek, hungarian, romanian, japanese, chinese, korean, arabic, others, english,
] // prettier-ignore

type WordClass = 'field' | 'purpose' | 'qualifier'

function classOf(key: string): WordClass {
  return key.startsWith('+') ? 'purpose' : key.startsWith('~') ? 'qualifier' : 'field'
}

/** NFKD is left out for Korean and Japanese syllables on purpose: both sides fold the same. */
function fold(text: string): string {
  const low = text.toLowerCase()
  // plain ASCII is the usual case
  // oxlint-disable-next-line no-control-regex
  return /^[\x00-\x7f]*$/.test(low)
    ? low
    : low
        .normalize('NFD')
        .replace(/\p{M}+/gu, '')
        .replace(/ß/g, 'ss')
        .replace(/ı/g, 'i')
}

const plain = /^[a-z0-9]+$/

type Buckets = Map<string, Word[]>
let built: Readonly<Record<WordClass, Buckets>> | undefined

/** Built at the first use: a page without fields pays nothing. */
function buckets(): Readonly<Record<WordClass, Buckets>> {
  if (built !== undefined) return built
  const made: Record<WordClass, Buckets> = { field: new Map(), purpose: new Map(), qualifier: new Map() }
  for (const table of tables) {
    for (const [key, words] of Object.entries(table)) {
      const into: Buckets = made[classOf(key)]
      for (const word of fold(words).split(' ')) {
        const from = word.startsWith('<') ? 1 : 0
        const to = word.endsWith('>') ? word.length - 1 : word.length
        const text = word.slice(from, to).replace(/[^\p{L}\p{N}]/gu, '')
        if (text === '') continue
        // short Latin words are parts of too many others
        const short = text.length <= 4 && plain.test(text)
        const prefix = text.slice(0, 2)
        const list = into.get(prefix)
        const entry: Word = {
          text,
          key: key as WordKey,
          start: from === 1 || short,
          end: to < word.length || (text.length <= 3 && plain.test(text) && from === 0),
        }
        if (list === undefined) into.set(prefix, [entry])
        else list.push(entry)
      }
    }
  }
  for (const map of Object.values(made)) for (const list of map.values()) list.sort((a, b) => b.text.length - a.text.length)
  built = made
  return built
}

export interface Folded {
  readonly text: string
  /** 1 where a word begins (or the text ends). */
  readonly edges: Uint8Array
}

/** `identifier`: camelCase and digits are boundaries too. */
export function foldText(raw: string, identifier = false): Folded {
  const spaced = identifier ? raw.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/([A-Za-z])(?=\d)|(\d)(?=[A-Za-z])/g, '$1$2\u0001') : raw
  const parts = fold(spaced).split(/[^\p{L}\p{N}\u0001]+/u)
  let text = ''
  const edges: number[] = []
  for (const part of parts) {
    for (const piece of part.split('\u0001')) {
      if (piece !== '') edges.push(text.length)
      text += piece
    }
  }
  const flags = new Uint8Array(text.length + 1)
  for (const edge of edges) flags[edge] = 1
  flags[text.length] = 1
  return { text, edges: flags }
}

export function findWords(folded: Folded, kind: WordClass): WordHit[] {
  const map = buckets()[kind]
  const hits: WordHit[] = []
  const { text, edges } = folded
  for (let at = 0; at < text.length;) {
    const one = map.get(text.slice(at, at + 2))
    const single = map.get(text[at] ?? '')
    const found =
      one?.find(
        (word) => (!word.start || edges[at] === 1) && text.startsWith(word.text, at) && (!word.end || edges[at + word.text.length] === 1),
      ) ?? single?.find((word) => (!word.start || edges[at] === 1) && (!word.end || edges[at + 1] === 1))
    if (found === undefined) at++
    else {
      hits.push({ key: found.key, at, length: found.text.length })
      at += found.text.length
    }
  }
  return hits
}
