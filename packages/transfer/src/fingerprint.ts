/**
 * A canonical text of what an item is about, so that the client can see that the same content is already in the keychain and importing
 * a file twice adds nothing. Not a hash: it contains the secrets themselves. Keep it in memory, never store, log or send it.
 */
import { toHex, type CborValue } from '@nokkel/base'
import type { ItemDraft } from '@nokkel/keychain'
import { derivedTitles } from './derived-title.ts'

/**
 * Equal for equal content, whatever the order of the fields. It leaves out what is not content: a title that only repeats the site
 * (import adds it), favourite and tags (how a person sorts), whether a custom field is hidden (some formats cannot say), times,
 * history, and set elements and values that were removed. So it may be taken of a live item's current fields as well as of a draft.
 */
export function draftFingerprint(draft: Pick<ItemDraft, 'kind' | 'fields'>): string {
  const derived = derivedTitles(draft.fields)
  const content: [string, string][] = []
  for (const [name, value] of draft.fields) {
    if (name === 'favorite' || name.startsWith('tag:')) continue
    if (value === null || value === false || value === '') continue
    if (name === 'title' && typeof value === 'string' && derived.includes(value)) continue
    content.push([
      name,
      name.startsWith('custom:') && Array.isArray(value) ? canonical((value as readonly CborValue[])[0] ?? null) : canonical(value),
    ])
  }
  return canonicalList(draft.kind, content)
}

/** Everything a draft says, history included, its own times excepted: two rows with the same text are the same row. */
export function exactKey(draft: ItemDraft): string {
  const content: [string, string][] = []
  for (const [name, value] of draft.fields) content.push([name, canonical(value)])
  for (const { field, value, ms } of draft.history ?? []) content.push([`${field}@${ms}`, canonical(value)])
  return canonicalList(draft.kind, content)
}

/** JSON keeps the parts apart whatever they contain, and is the fastest way to one flat string. */
function canonicalList(kind: string, content: [string, string][]): string {
  content.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
  return JSON.stringify([kind, content])
}

/** One letter for the type keeps the text "1" apart from the number 1. */
function canonical(value: CborValue): string {
  if (typeof value === 'string') return `t${value}`
  if (value instanceof Uint8Array) return `b${toHex(value)}`
  if (Array.isArray(value)) return `a${JSON.stringify((value as readonly CborValue[]).map(canonical))}`
  return `v${String(value)}`
}
