/**
 * Text that may come from anywhere (titles, device names, answers of a server) made fit for a terminal: it cannot move the cursor,
 * change colours, hide itself or reverse the reading direction. Also how wide it is there.
 */

/** C0 and C1 controls but newline and tab, DEL, and the bidirectional and invisible format characters of Unicode TR 36 §2.5. */
// oxlint-disable-next-line no-control-regex -- control characters are what this is about
const dangerous = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029\ufeff\ufff9-\ufffb]/g
const replacement = '\ufffd'

export function safeText(text: string): string {
  return text.replace(dangerous, replacement)
}

/** For one line of a table: line breaks and tabs become spaces. */
export function safeLine(text: string): string {
  return safeText(text.replace(/\s*[\r\n\t]+\s*/g, ' '))
}

/** Wide in most terminals: East Asian Wide and Fullwidth blocks, and what is shown as a picture by default. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{20000}-\u{3fffd}]/u
/** Combining marks, joiners and variation selectors (U+FE00 … U+FE0F are marks). */
const zeroWidth = /[\p{M}\u200b-\u200d\u2060]/u
const plain = /^[\u0020-\u007e\u00a0-\u02ff]*$/

/** Columns that the text takes; terminals differ on emoji sequences, where this is an upper bound. */
export function textWidth(text: string): number {
  if (plain.test(text)) return text.length
  let width = 0
  for (const character of text) width += zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

/** The text within `width` columns, its end replaced by an ellipsis where it is cut. */
export function cutText(text: string, width: number): string {
  if (textWidth(text) <= width) return text
  let out = ''
  let used = 0
  for (const character of text) {
    used += zeroWidth.test(character) ? 0 : wide.test(character) ? 2 : 1
    if (used > width - 1) break
    out += character
  }
  return `${out}…`
}
