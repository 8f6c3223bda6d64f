/**
 * One item out of two for the same site and user name (B2): what the kept one lacks it takes, and what differs goes to its history, so that
 * nothing of the other is lost when that one is deleted. Pure; the kept item's own values always stay.
 */
import { NokkelError } from '@nokkel/base'
import { checkSize, type Stamp } from './commands.ts'
import { equalValues, type HistoryEntry, type Item } from './item.ts'
import { fieldKeepsHistory, trimHistory } from './merge.ts'

const isEmpty = (value: unknown): boolean => value === null || value === undefined || value === '' || value === false

/** Throws `malformed` for items of two kinds, `too-large` when one item cannot hold both. */
export function absorbItem(kept: Item, other: Item, stamp: Stamp): Item {
  if (kept.kind !== other.kind) throw new NokkelError('malformed', { what: 'kind' })
  const now = stamp()
  const fields = new Map(kept.fields)
  const history: HistoryEntry[] = [...kept.history]
  const remember = (entry: HistoryEntry): void => {
    if (!history.some(({ field, value }) => field === entry.field && equalValues(value, entry.value))) history.push(entry)
  }
  for (const entry of other.history) remember(entry)
  for (const [name, { value, hlc }] of other.fields) {
    const own = fields.get(name)?.value
    if (isEmpty(value) || equalValues(own ?? null, value)) continue
    if (isEmpty(own)) fields.set(name, { value, hlc: now })
    else if (name === 'notes' && typeof own === 'string' && typeof value === 'string')
      fields.set(name, { value: `${own}\n\n${value}`, hlc: now })
    else if (fieldKeepsHistory(kept.kind, name)) remember({ field: name, value, hlc, reason: 'replaced' })
  }
  return checkSize({ ...kept, fields, history: trimHistory(history) })
}
