/**
 * Texts and words in one spelling, so that they can be compared: lower case, without marks, spaces and punctuation; ø is o, ß is ss,
 * full-width letters are plain ones. Where a space, a mark, the edge of a number or (in identifiers) a capital stood is remembered as an edge.
 * One loop over character codes: regular expressions with Unicode classes cost more to compile than a page has time for.
 */
import { valueOf } from './table.ts'

export interface Folded {
  readonly text: string
  /** 1 where a word begins or the text ends. */
  readonly edges: Uint8Array
  /** Of each letter, as `valueOf` gives them. */
  readonly values: Uint8Array
  /** False: some of it is Chinese, Japanese or the like. */
  readonly letters: boolean
}

/** What stays of a letter that does not decompose. */
const spelled: Readonly<Record<string, string>> = { ß: 'ss', ı: 'i', ø: 'o', æ: 'ae', œ: 'oe', ł: 'l', đ: 'd', ð: 'd', þ: 'th' }

/** Combining marks that are left out: Latin, Cyrillic and Greek accents, Hebrew and Arabic points, Japanese sound marks. */
function isMark(code: number): boolean {
  return (
    (code >= 0x300 && code <= 0x36f) ||
    (code >= 0x591 && code <= 0x5c7) ||
    (code >= 0x610 && code <= 0x61a) ||
    (code >= 0x64b && code <= 0x65f) ||
    code === 0x670 ||
    code === 0x3099 ||
    code === 0x309a ||
    // zero width joiners and marks of direction
    (code >= 0x200b && code <= 0x200f)
  )
}

function isLetterBeyondAscii(code: number): boolean {
  if (code < 0xc0) return code === 0xaa || code === 0xb5 || code === 0xba
  if (code === 0xd7 || code === 0xf7 || code === 0x60c || code === 0x61b || code === 0x61f || code === 0x30fb) return false
  if (code >= 0x2000 && code <= 0x2bff) return false
  return !((code >= 0x3000 && code <= 0x3020 && code !== 0x3005 && code !== 0x3006) || code >= 0xfe10)
}

const other = 0
const lower = 1
const upper = 2
const digit = 3

/** `identifier`: a capital after a small letter and the edge of a number begin a word too. */
export function foldText(raw: string, identifier = false): Folded {
  const { length } = raw
  // most texts are ASCII, and of these whole words are taken over instead of letters
  const small = raw.toLowerCase()
  const values = new Uint8Array(length)
  const edges = new Uint8Array(length + 1)
  let text = ''
  let from = 0
  let size = 0
  let before = other
  for (let at = 0; at < length; at++) {
    const code = raw.charCodeAt(at)
    let kind = other
    let value = 0
    if (code >= 97) {
      if (code > 127) return foldAny(raw.normalize('NFKD'), identifier)
      if (code <= 122) {
        kind = lower
        value = code - 97
      }
    } else if (code >= 65) {
      if (code <= 90) {
        kind = upper
        value = code - 65
      }
    } else if (code >= 48 && code <= 57) {
      kind = digit
      value = code - 22
    }
    if (kind === other) {
      if (before !== other) text += small.slice(from, at)
    } else {
      if (before === other) {
        from = at
        edges[size] = 1
      } else if (identifier && kind !== before && !(before === upper && kind === lower)) edges[size] = 1
      values[size++] = value
    }
    before = kind
  }
  if (before !== other) text += small.slice(from)
  edges[size] = 1
  return { text, edges, values, letters: true }
}

/** The same for a text with any letters, decomposed. */
function foldAny(source: string, identifier: boolean): Folded {
  let text = ''
  let before = other
  const starts: number[] = []
  let letters = true
  for (let at = 0; at < source.length; at++) {
    const code = source.charCodeAt(at)
    let kind = other
    if (code < 128) {
      if (code >= 97 && code <= 122) kind = lower
      else if (code >= 65 && code <= 90) kind = upper
      else if (code >= 48 && code <= 57) kind = digit
    } else if (isMark(code)) continue
    else if (isLetterBeyondAscii(code)) kind = lower
    if (kind !== other) {
      if (before === other || (identifier && kind !== before && !(before === upper && kind === lower))) starts.push(text.length)
      const letter = source.charAt(at).toLowerCase()
      text += spelled[letter] ?? letter
      if (code > 0x2e80) letters = false
    }
    before = kind
  }
  const edges = new Uint8Array(text.length + 1)
  for (const start of starts) edges[start] = 1
  edges[text.length] = 1
  const values = new Uint8Array(text.length)
  for (let at = 0; at < text.length; at++) values[at] = valueOf(text.charCodeAt(at))
  return { text, edges, values, letters }
}
