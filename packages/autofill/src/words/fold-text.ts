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
  readonly values: readonly number[]
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
  let ascii = true
  for (let at = 0; at < raw.length; at++)
    if (raw.charCodeAt(at) > 127) {
      ascii = false
      break
    }
  const source = ascii ? raw : raw.normalize('NFKD')
  let text = ''
  let before = other
  const starts: number[] = []
  const values: number[] = []
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
      if (code < 128) {
        text += kind === upper ? String.fromCharCode(code + 32) : source.charAt(at)
        values.push(kind === lower ? code - 97 : kind === upper ? code - 65 : code - 22)
      } else {
        const low = source.charAt(at).toLowerCase()
        const plain = spelled[low] ?? low
        text += plain
        for (let place = 0; place < plain.length; place++) values.push(valueOf(plain.charCodeAt(place)))
        if (code > 0x2e80) letters = false
      }
    }
    before = kind
  }
  const edges = new Uint8Array(text.length + 1)
  for (const start of starts) edges[start] = 1
  edges[text.length] = 1
  return { text, edges, values, letters }
}
