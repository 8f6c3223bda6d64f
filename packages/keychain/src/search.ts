/**
 * Search over summaries: every word must occur in title, user name, sites or tags, ignoring case, accents (but not å, ø, æ, which are
 * letters of their own) and width. The text of an item is prepared once; looking through tens of thousands takes milliseconds, and nothing
 * has to be kept in step with the items.
 */
import type { Summary } from './summary.ts'

/**
 * Letters that NFKD would take apart although readers of Norwegian hold them to be different letters, in the order in which those put them behind
 * z, ä beside æ and ö beside ø. Characters of one byte that nobody types: a text with them takes no more room than one without.
 */
const kept: Readonly<Record<string, string>> = { æ: '\x80', ä: '\x81', ø: '\x82', ö: '\x83', å: '\x84' }

export function foldText(text: string): string {
  // most titles, names and addresses are plain ASCII, and lower-casing is all they need
  if (/^[\x00-\x7f]*$/.test(text)) return text.toLowerCase()
  const lower = text
    .normalize('NFC')
    .toLowerCase()
    .replace(/[åäöøæ]/g, (letter) => kept[letter] as string)
  // most of the others have nothing but those letters, which taking apart would leave as they are
  if (/^[\x00-\x84]*$/.test(lower)) return lower
  return lower.normalize('NFKD').replace(/\p{M}+/gu, '')
}

/** What words are looked for in. */
export function searchText({ title, username, sites, tags }: Pick<Summary, 'title' | 'username' | 'sites' | 'tags'>): string {
  return foldText([title, username, ...sites, ...tags].join('\n'))
}

/** Folded, each once; none for an empty query, which finds everything. */
export function searchWords(query: string): readonly string[] {
  return [...new Set(foldText(query).split(/\s+/))].filter((word) => word !== '')
}

/** `text` of `searchText`, `words` of `searchWords`. */
export function hasWords(text: string, words: readonly string[]): boolean {
  for (const word of words) if (!text.includes(word)) return false
  return true
}

/** Whether all that has `words` has `earlier` too, so that looking through what was found earlier is enough: as when somebody types on. */
export function narrows(words: readonly string[], earlier: readonly string[]): boolean {
  return earlier.every((each) => words.some((word) => word.includes(each)))
}
