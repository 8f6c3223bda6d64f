/**
 * Planted values and the search for them. Every canary carries one rare marker, so that a search for the marker, in every encoding that
 * software leaves traces in, is a search for all of them at once. `dumpOf` gives the same search something to find, to show that it can.
 */
import { randomBytes } from 'node:crypto'

/** Letters that hold no place in any format of ours; nine of them, so that base64 of it holds whole groups at each alignment. */
const marker = 'Kqzvjæwxq'

let planted = 0

/** Unique, and awkward in text: letters beyond ASCII, a slash, a percent sign. */
export function canary(): string {
  planted++
  return `${randomBytes(4).toString('hex')}/${marker}%${planted}`
}

export function plantedSoFar(): number {
  return planted
}

function needles(): Map<string, Buffer> {
  const utf8 = Buffer.from(marker, 'utf8')
  const utf16le = Buffer.from(marker, 'utf16le')
  const utf16be = Buffer.from(utf16le).swap16()
  const found = new Map<string, Buffer>([
    ['utf-8', utf8],
    ['utf-16le', utf16le],
    ['utf-16be', utf16be],
    ['latin-1', Buffer.from(marker, 'latin1')],
    ['reversed', Buffer.from([...marker].reverse().join(''), 'utf8')],
    ['reversed bytes', Buffer.from(utf8).reverse()],
    ['url-encoded', Buffer.from(encodeURIComponent(marker))],
    ['json-escaped', Buffer.from(marker.replace('æ', '\\u00e6'))],
    ['lower case', Buffer.from(marker.toLowerCase(), 'utf8')],
    ['upper case', Buffer.from(marker.toUpperCase(), 'utf8')],
  ])
  for (const [name, bytes] of [
    ['utf-8', utf8],
    ['utf-16le', utf16le],
  ] as const) {
    found.set(`hex of ${name}`, Buffer.from(bytes.toString('hex')))
    found.set(`upper-case hex of ${name}`, Buffer.from(bytes.toString('hex').toUpperCase()))
    // the marker may begin at any place of a group of three bytes; the characters at the edges depend on the neighbours
    for (const [shift, cut] of [
      [0, 0],
      [1, 2],
      [2, 3],
    ] as const) {
      const text = Buffer.concat([Buffer.alloc(shift), bytes])
        .toString('base64')
        .replace(/=+$/, '')
      const whole = text.slice(cut, Math.floor(((shift + bytes.length) * 8) / 6))
      found.set(`base64 of ${name}, ${shift}`, Buffer.from(whole))
      found.set(`base64url of ${name}, ${shift}`, Buffer.from(whole.replaceAll('+', '-').replaceAll('/', '_')))
    }
  }
  return found
}

const all = needles()

/** Encodings of the marker that occur in `haystack`; none is what is wanted. */
export function encodingsIn(haystack: Buffer): string[] {
  return [...all].filter(([, needle]) => haystack.includes(needle)).map(([name]) => name)
}

/** What a careless program would leave behind: the text in every encoding. */
export function dumpOf(text: string): [string, Buffer][] {
  const utf8 = Buffer.from(text, 'utf8')
  const utf16le = Buffer.from(text, 'utf16le')
  const base64 = (bytes: Buffer, before: number): Buffer =>
    Buffer.from(Buffer.concat([Buffer.from('x'.repeat(before)), bytes]).toString('base64'))
  return [
    ['utf-8', utf8],
    ['utf-16le', utf16le],
    ['utf-16be', Buffer.from(utf16le).swap16()],
    ['latin-1', Buffer.from(text, 'latin1')],
    ['reversed', Buffer.from([...text].reverse().join(''), 'utf8')],
    ['reversed bytes', Buffer.from(utf8).reverse()],
    ['url-encoded', Buffer.from(encodeURIComponent(text))],
    ['json-escaped', Buffer.from(text.replaceAll('æ', '\\u00e6'))],
    ['lower case', Buffer.from(text.toLowerCase())],
    ['upper case', Buffer.from(text.toUpperCase())],
    ['hex of utf-8', Buffer.from(utf8.toString('hex'))],
    ['upper-case hex of utf-8', Buffer.from(utf8.toString('hex').toUpperCase())],
    ['hex of utf-16le', Buffer.from(utf16le.toString('hex'))],
    ...[0, 1, 2].flatMap((before): [string, Buffer][] => [
      ['base64 of utf-8', base64(utf8, before)],
      ['base64url of utf-8', Buffer.from(base64(utf8, before).toString().replaceAll('+', '-').replaceAll('/', '_'))],
      ['base64 of utf-16le', base64(utf16le, before)],
    ]),
  ]
}
