/**
 * Bytes of an export file to text. Exports are UTF-8 in principle; a spreadsheet that opened and saved one may have left UTF-16 or
 * the code page of old Windows. A guess is reported, never made in silence.
 */

export interface DecodedText {
  readonly text: string
  /** set when nothing in the file says which encoding it is and it is not valid UTF-8 */
  readonly guessed?: 'windows-1252' | 'utf-8' | 'utf-16le' | 'utf-16be'
  /** undecodable bytes became U+FFFD somewhere */
  readonly lossy: boolean
}

const byteOrderMarks = /^\uFEFF+/

export function decodeText(bytes: Uint8Array): DecodedText {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return decodeUtf16(bytes, 'utf-16le', false)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return decodeUtf16(bytes, 'utf-16be', false)
  const unmarked = findUnmarkedUtf16(bytes)
  if (unmarked !== undefined) return decodeUtf16(bytes, unmarked, true)
  try {
    return { text: strip(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), lossy: false }
  } catch {
    const text = strip(new TextDecoder('utf-8').decode(bytes))
    // mostly good UTF-8 with some damage stays UTF-8: reading it as Windows-1252 would garble every good character
    if (looksLikeUtf8(text)) return { text, guessed: 'utf-8', lossy: true }
    return { text: new TextDecoder('windows-1252').decode(bytes), guessed: 'windows-1252', lossy: false }
  }
}

function decodeUtf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be', guessed: boolean): DecodedText {
  const decoder = (fatal: boolean) => strip(new TextDecoder(encoding, { fatal }).decode(bytes))
  let text: string
  let lossy = false
  try {
    text = decoder(true)
  } catch {
    text = decoder(false)
    lossy = true
  }
  return guessed ? { text, guessed: encoding, lossy } : { text, lossy }
}

/** A header line is ASCII in every format we read: in UTF-16 every other one of its bytes is zero. */
function findUnmarkedUtf16(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const length = Math.min(bytes.length, 64) & ~1
  if (length < 8) return undefined
  let even = 0
  let odd = 0
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) even++
    if (bytes[i + 1] === 0) odd++
  }
  const pairs = length / 2
  if (odd === pairs && even === 0) return 'utf-16le'
  return even === pairs && odd === 0 ? 'utf-16be' : undefined
}

function looksLikeUtf8(text: string): boolean {
  let good = 0
  let bad = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0xfffd) bad++
    else if (unit >= 0x80) good++
  }
  return good > 0 && good >= bad
}

function strip(text: string): string {
  return text.replace(byteOrderMarks, '')
}
