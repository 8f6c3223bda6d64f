/** An item laid out for people and for scripts. Secrets appear only where the caller has decided to reveal them. */
import type { CborValue } from '@nokkel/base'
import type { FieldView, HistoryView, ItemView } from '@nokkel/client'
import { fieldRules, isItemKind, totpCode } from '@nokkel/keychain'
import type { Messages } from '@nokkel/messages'

/** Always as long: a mask must not tell the length. */
export const mask = '••••••••'

/** A value as text: bytes as base64url, a custom field without its flag. */
export function valueText(messages: Messages, value: CborValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  if (typeof value === 'boolean') return messages.t(value ? 'show.yes' : 'show.no')
  if (value === null) return ''
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64url')
  return isCustomValue(value) ? value[0] : JSON.stringify(value)
}

function isCustomValue(value: CborValue): value is readonly [string, boolean] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === 'string' && typeof value[1] === 'boolean'
}

const plainValue = (name: string, value: CborValue): CborValue => (name.startsWith('custom:') && isCustomValue(value) ? value[0] : value)

/** `value` is null where it is secret and not revealed; a custom field's value is its text. */
export function itemForScripts(item: ItemView, reveal: boolean): object {
  const shown = <T extends FieldView | HistoryView>(view: T, name: string): T => ({
    ...view,
    value: view.secret && !reveal ? null : plainValue(name, view.value),
  })
  return {
    ...item,
    fields: item.fields.map((field) => shown(field, field.name)),
    history: item.history.map((entry) => shown(entry, entry.field)),
  }
}

/** Fields of the kind in their own order, then custom ones, then what this version cannot name. Sites and tags are told apart by the caller. */
export function orderFields(item: ItemView): readonly FieldView[] {
  const order = isItemKind(item.kind) ? fieldRules[item.kind].map(({ name }) => name) : []
  const rank = ({ name }: FieldView): number => {
    const known = order.indexOf(name)
    return known !== -1 ? known : name.startsWith('custom:') ? order.length : order.length + 1
  }
  return item.fields.filter(({ name }) => !/^(site|tag):/.test(name)).toSorted((a, b) => rank(a) - rank(b))
}

export function elementsOf(item: ItemView, prefix: 'site' | 'tag'): string[] {
  return item.fields
    .filter(({ name, value }) => name.startsWith(`${prefix}:`) && value === true)
    .map(({ name }) => name.slice(prefix.length + 1))
}

export interface PresentCode {
  readonly code: string
  readonly secondsLeft: number
}

/** The verification code of this moment (RFC 6238); `undefined` when the item has no key for it. Throws `malformed` for a key that is none. */
export async function presentCode(item: ItemView, nowMs: number): Promise<PresentCode | undefined> {
  const key = item.fields.find(({ name }) => name === 'totp')?.value
  if (typeof key !== 'string' || key === '') return undefined
  const { code, validUntilMs } = await totpCode(key, nowMs)
  return { code, secondsLeft: Math.max(1, Math.ceil((validUntilMs - nowMs) / 1_000)) }
}

/**
 * One field by the name a script uses: the field's own, `sites`, `tags`, `code` (the verification code), or the label of a custom
 * field. `undefined` when the item has no such value.
 */
export async function findFieldValue(item: ItemView, name: string, nowMs: number): Promise<CborValue | undefined> {
  if (name === 'code') return (await presentCode(item, nowMs))?.code
  if (name === 'sites' || name === 'site') return elementsOf(item, 'site')
  if (name === 'tags' || name === 'tag') return elementsOf(item, 'tag')
  const field = item.fields.find((each) => each.name === name) ?? item.fields.find((each) => each.name === `custom:${name}`)
  return field === undefined ? undefined : plainValue(field.name, field.value)
}
