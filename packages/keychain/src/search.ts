/**
 * Search over summaries: every word must occur in title, user name, sites or tags, ignoring case, accents (but not å, ø, æ, which are
 * letters of their own) and width. A linear scan over prepared text: 50,000 items in a few milliseconds, with nothing to keep in step.
 */
import type { ItemId } from '@nokkel/base'
import type { Summary } from './summary.ts'

/** Letters that NFKD would take apart although readers of Norwegian hold them to be different letters. */
const kept: Readonly<Record<string, string>> = { å: '\ue000', ä: '\ue001', ö: '\ue002', ø: '\ue003', æ: '\ue004' }

export function foldText(text: string): string {
  const lower = text.normalize('NFC').toLowerCase()
  // most titles, names and addresses are plain ASCII, and lower-casing is all they need
  if (/^[\x00-\x7f]*$/.test(lower)) return lower
  return lower
    .replace(/[åäöøæ]/g, (letter) => kept[letter] as string)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
}

export class SearchIndex {
  readonly #texts = new Map<ItemId, string>()

  set(summary: Summary): void {
    this.#texts.set(summary.id, foldText([summary.title, summary.username, ...summary.sites, ...summary.tags].join('\n')))
  }

  delete(id: ItemId): void {
    this.#texts.delete(id)
  }

  get size(): number {
    return this.#texts.size
  }

  /** Ids that contain every word of `query`, in insertion order; all ids for an empty query. */
  find(query: string): ItemId[] {
    const words = foldText(query)
      .split(/\s+/)
      .filter((word) => word !== '')
    const found: ItemId[] = []
    for (const [id, text] of this.#texts) if (words.every((word) => text.includes(word))) found.push(id)
    return found
  }
}
