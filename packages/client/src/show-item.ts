/** Items as screens show them, and what was typed there as fields. Secrets are left out unless they are asked for. */
import { toBase64url, type CborValue } from '@nokkel/base'
import { fieldRules, findFieldRule, isItemKind, type Draft } from '@nokkel/keychain'
import type { FieldView, HistoryView, ItemSummary, ItemView } from './facade.ts'

export interface FieldShown {
  readonly name: string
  readonly kind: 'text' | 'multiline' | 'bytes'
  readonly secret: boolean
  /** null where it is secret */
  readonly text: string | null
}

export interface HistoryShown {
  readonly index: number
  readonly field: string
  readonly secret: boolean
  readonly text: string | null
  readonly timeMs: number
  readonly by: string
  readonly reason: 'replaced' | 'conflict'
}

export interface ItemShown extends ItemSummary {
  readonly fields: readonly FieldShown[]
  readonly tags: readonly string[]
  readonly history: readonly HistoryShown[]
  readonly changedBy: string
}

/** A verification code as it runs. */
export interface CodeShown {
  readonly code: string
  readonly validUntilMs: number
  readonly periodMs: number
}

function isCustomValue(value: CborValue): value is readonly [string, boolean] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'boolean'
}

export function textOf(value: CborValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (value === null) return ''
  if (value instanceof Uint8Array) return toBase64url(value)
  return isCustomValue(value) ? value[0] : JSON.stringify(value)
}

export function showItem(item: ItemView, withSecrets: boolean): ItemShown {
  const { fields, history, ...summary } = item
  const order = isItemKind(item.kind) ? fieldRules[item.kind].map(({ name }) => name) : []
  const rank = ({ name }: FieldView): number => {
    const known = order.indexOf(name)
    return known !== -1 ? known : name.startsWith('custom:') ? order.length : order.length + 1
  }
  const plain = fields.filter(({ name }) => !/^(site|tag):/.test(name)).toSorted((a, b) => rank(a) - rank(b))
  const newest = fields.reduce<FieldView | null>(
    (best, field) => (best === null || field.modifiedMs > best.modifiedMs ? field : best),
    null,
  )
  return {
    ...summary,
    sites: elementsOf(fields, 'site'),
    tags: elementsOf(fields, 'tag'),
    fields: plain.map((field) => showField(item.kind, field, withSecrets)),
    history: history.map(({ index, field, secret, value, timeMs, by, reason }: HistoryView) => ({
      index,
      field,
      secret,
      text: secret ? null : textOf(value),
      timeMs,
      by,
      reason,
    })),
    changedBy: newest?.modifiedBy ?? '',
  }
}

function showField(kind: string, { name, value, secret }: FieldView, withSecrets: boolean): FieldShown {
  const rule = findFieldRule(kind, name)
  return {
    name,
    kind: rule?.type === 'multiline' ? 'multiline' : value instanceof Uint8Array ? 'bytes' : 'text',
    secret,
    text: secret && !withSecrets ? null : textOf(value),
  }
}

function elementsOf(fields: readonly FieldView[], prefix: 'site' | 'tag'): string[] {
  return fields
    .filter(({ name, value }) => name.startsWith(`${prefix}:`) && value === true)
    .map(({ name }) => name.slice(prefix.length + 1))
}

/** Splits a draft into what `editItem` takes. Bytes cannot be typed, so nothing here makes any. */
export function readDraft(draft: Draft): { readonly set: Map<string, CborValue>; readonly remove: string[] } {
  const set = new Map<string, CborValue>()
  const remove: string[] = []
  for (const [name, value] of draft) {
    if (value === null || value === '') remove.push(name)
    else set.set(name, value)
  }
  return { set, remove }
}
