/**
 * What a person can do to an item: pure functions from an item and a command to a new item (house: state x command -> change).
 * Input is checked here, once; a command that is refused changes nothing.
 */
import { NokkelError, type CborValue } from '@nokkel/base'
import { findFieldRule, isItemKind, itemLimits, setFieldPrefixes, type FieldRule, type ItemDraft } from './fields.ts'
import type { Hlc } from './hlc.ts'
import { encodeItem, equalValues, itemSchema, removalOf, type HistoryEntry, type Item, type Register } from './item.ts'
import { fieldKeepsHistory, trimHistory } from './merge.ts'

/** `stamp` gives a fresh, ever increasing time of this device. */
export type Stamp = () => Hlc

const itemBytesMax = 190_000

/** Throws `field-unknown`, `too-large` or `malformed`. Values of unknown fields are never accepted from people, only carried. */
export function checkField(kind: string, name: string, value: CborValue): void {
  const rule = findFieldRule(kind, name)
  if (rule !== undefined) return checkValue(rule, value)
  const prefix = setFieldPrefixes.find((candidate) => name.startsWith(`${candidate}:`))
  const element = prefix === undefined ? '' : name.slice(prefix.length + 1)
  if (prefix === undefined || element === '' || !isItemKind(kind)) throw new NokkelError('field-unknown', { field: name })
  if (element.length > itemLimits.siteLength) throw new NokkelError('too-large', { field: prefix })
  if (prefix === 'custom') {
    if (value === null) return
    if (!Array.isArray(value) || value.length !== 2 || typeof value[0] !== 'string' || typeof value[1] !== 'boolean')
      throw new NokkelError('malformed', { what: name })
    if (value[0].length > 100_000) throw new NokkelError('too-large', { field: name })
  } else if (typeof value !== 'boolean') throw new NokkelError('malformed', { what: name })
}

function checkValue(rule: FieldRule, value: CborValue): void {
  if (value === null) return
  const wrong = () => new NokkelError('malformed', { what: rule.name })
  switch (rule.type) {
    case 'text':
    case 'secret':
    case 'multiline':
      if (typeof value !== 'string' || !value.isWellFormed()) throw wrong()
      if (value.length > rule.max) throw new NokkelError('too-large', { field: rule.name })
      return
    case 'uint':
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > rule.max) throw wrong()
      return
    case 'bool':
      if (typeof value !== 'boolean') throw wrong()
      return
    case 'bytes':
      if (!(value instanceof Uint8Array)) throw wrong()
      if (value.length > rule.max) throw new NokkelError('too-large', { field: rule.name })
  }
}

export function checkSize(item: Item): Item {
  if (item.fields.size > itemLimits.fields) throw new NokkelError('too-large', { field: 'fields' })
  if (encodeItem(item).length > itemBytesMax) throw new NokkelError('too-large', { limitBytes: itemBytesMax })
  return item
}

export function createItem(draft: ItemDraft, stamp: Stamp): Item {
  if (!isItemKind(draft.kind)) throw new NokkelError('malformed', { what: 'kind' })
  const now = stamp()
  const fields = new Map<string, Register>()
  for (const [name, value] of draft.fields) {
    checkField(draft.kind, name, value)
    if (value !== null) fields.set(name, { value, hlc: now })
  }
  const history = (draft.history ?? []).map((entry): HistoryEntry => ({
    field: entry.field,
    value: entry.value,
    hlc: { ms: Math.max(0, Math.trunc(entry.ms)), ctr: 0, dev: now.dev },
    reason: 'replaced',
  }))
  // an imported item keeps the day it was made, but never one in the future
  const createdMs = draft.createdMs === undefined ? now.ms : Math.min(now.ms, Math.max(0, Math.trunc(draft.createdMs)))
  return checkSize({
    schema: itemSchema,
    kind: draft.kind,
    created: { ms: createdMs, ctr: now.ctr, dev: now.dev },
    fields,
    removal: null,
    purge: null,
    history: trimHistory(history),
    extra: [],
  })
}

/** Sets fields; `null` empties one. Returns the same item when nothing changes. */
export function editItem(item: Item, changes: ReadonlyMap<string, CborValue>, stamp: Stamp): Item {
  if (removalOf(item) === 'purged') throw new NokkelError('not-found')
  const effective = [...changes].filter(([name, value]) => !equalValues(item.fields.get(name)?.value ?? null, value))
  if (effective.length === 0) return item
  const now = stamp()
  const fields = new Map(item.fields)
  const replaced: HistoryEntry[] = []
  for (const [name, value] of effective) {
    checkField(item.kind, name, value)
    const before = fields.get(name)
    if (before !== undefined && before.value !== null && before.value !== '' && fieldKeepsHistory(item.kind, name))
      replaced.push({ field: name, value: before.value, hlc: before.hlc, reason: 'replaced' })
    fields.set(name, { value, hlc: now })
  }
  const decided = new Set(effective.map(([name]) => name))
  return checkSize({ ...item, fields, history: trimHistory([...replaced, ...settled(item.history, decided)]) })
}

/** Whoever writes a field, or brings a value of it back, had its lost values before them: they are values like others from then on (SYN-22). */
function settled(history: readonly HistoryEntry[], fields: ReadonlySet<string>): HistoryEntry[] {
  return history.map((entry) => (entry.reason === 'conflict' && fields.has(entry.field) ? { ...entry, reason: 'replaced' } : entry))
}

export function deleteItem(item: Item, stamp: Stamp): Item {
  if (removalOf(item) !== 'none') return item
  return { ...item, removal: { state: 'deleted', hlc: stamp() } }
}

export function restoreItem(item: Item, stamp: Stamp): Item {
  if (removalOf(item) !== 'deleted') throw new NokkelError('not-found')
  return { ...item, removal: { state: 'restored', hlc: stamp() } }
}

/** Content and history go; what remains says only that there was something (B5). */
export function purgeItem(item: Item, stamp: Stamp): Item {
  return { ...item, fields: new Map(), history: [], purge: stamp() }
}

/** Puts the value of history entry `index` back into its field; the present value goes to the history. */
export function restoreHistory(item: Item, index: number, stamp: Stamp): Item {
  const entry = item.history[index]
  if (entry === undefined) throw new NokkelError('not-found')
  const now = stamp()
  const present = item.fields.get(entry.field)
  const fields = new Map(item.fields)
  fields.set(entry.field, { value: entry.value, hlc: now })
  const history = settled(
    item.history.filter((_, at) => at !== index),
    new Set([entry.field]),
  )
  if (present !== undefined && present.value !== null)
    history.push({ field: entry.field, value: present.value, hlc: present.hlc, reason: 'replaced' })
  return checkSize({ ...item, fields, history: trimHistory(history) })
}

export const recentlyDeletedMs = 30 * 24 * 3_600_000

/** Deleted more than 30 days ago by this clock, which is never ahead of the item's own (B5). */
export function isPurgeDue(item: Item, nowMs: number): boolean {
  return removalOf(item) === 'deleted' && item.removal !== null && nowMs - item.removal.hlc.ms > recentlyDeletedMs
}
