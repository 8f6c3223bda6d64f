/**
 * Item kinds and their fields (behaviour C2). Kinds and fields outside this table are kept byte for byte and shown as they are
 * (B4): the table says what this version can name, not what may exist.
 * A field name is either fixed, or `prefix:key` for set-valued fields, where each element is a register of its own so that two
 * devices can add and remove elements without overwriting each other:
 *   `site:<url or host>` -> true (present) or false (removed)
 *   `tag:<text>`         -> true or false
 *   `custom:<label>`     -> [text value, secret: boolean] or null when removed
 */
import type { CborValue } from '@nokkel/base'

export type ItemKind = 'password' | 'passkey' | 'card' | 'wifi' | 'note'
/** Not shown among the items: what the keychain remembers about itself, synced like everything else. */
export type SystemKind = 'device' | 'settings'

export const itemKinds: readonly ItemKind[] = ['password', 'passkey', 'card', 'wifi', 'note']

export type FieldType = 'text' | 'secret' | 'multiline' | 'uint' | 'bool' | 'bytes'

export interface FieldRule {
  readonly name: string
  readonly type: FieldType
  /** longest value: UTF-16 units for text, bytes for bytes, greatest value for uint */
  readonly max: number
  /** an overwritten value goes to the item's history */
  readonly history?: true
}

const title: FieldRule = { name: 'title', type: 'text', max: 500 }
const notes: FieldRule = { name: 'notes', type: 'multiline', max: 100_000 }
const favorite: FieldRule = { name: 'favorite', type: 'bool', max: 1 }

export const fieldRules: Readonly<Record<ItemKind, readonly FieldRule[]>> = {
  password: [
    title,
    { name: 'username', type: 'text', max: 1_000, history: true },
    { name: 'password', type: 'secret', max: 5_000, history: true },
    { name: 'totp', type: 'secret', max: 2_000, history: true },
    notes,
    favorite,
  ],
  passkey: [
    title,
    { name: 'rpId', type: 'text', max: 253 },
    { name: 'username', type: 'text', max: 1_000 },
    { name: 'displayName', type: 'text', max: 1_000 },
    { name: 'userHandle', type: 'bytes', max: 64 },
    { name: 'credentialId', type: 'bytes', max: 1_023 },
    /** PKCS #8; the algorithm is inside */
    { name: 'privateKey', type: 'bytes', max: 4_096, history: true },
    notes,
    favorite,
  ],
  // The card's security code has no field on purpose (E5): there is nowhere to put it.
  card: [
    title,
    { name: 'cardholder', type: 'text', max: 500 },
    { name: 'number', type: 'secret', max: 32, history: true },
    { name: 'expiryMonth', type: 'uint', max: 12 },
    { name: 'expiryYear', type: 'uint', max: 9_999 },
    notes,
    favorite,
  ],
  wifi: [
    title,
    { name: 'ssid', type: 'text', max: 64 },
    { name: 'password', type: 'secret', max: 256, history: true },
    { name: 'security', type: 'text', max: 32 },
    { name: 'hidden', type: 'bool', max: 1 },
    notes,
    favorite,
  ],
  note: [title, { name: 'notes', type: 'multiline', max: 100_000, history: true }, favorite],
}

export const setFieldPrefixes = ['site', 'tag', 'custom'] as const
export type SetFieldPrefix = (typeof setFieldPrefixes)[number]

/** Limits of one item; the sealed record must also stay under 200 KB (SPEC SYN-30). */
export const itemLimits = { fields: 300, nameLength: 2_100, historyEntries: 20, siteLength: 2_048 } as const

export function isItemKind(kind: string): kind is ItemKind {
  return (itemKinds as readonly string[]).includes(kind)
}

export function findFieldRule(kind: string, name: string): FieldRule | undefined {
  return isItemKind(kind) ? fieldRules[kind].find((rule) => rule.name === name) : undefined
}

/** Secret for display: known secrets, hidden custom fields, every byte string, and every field this version cannot name. */
export function isSecretField(kind: string, name: string, value: CborValue): boolean {
  const rule = findFieldRule(kind, name)
  if (rule !== undefined) return rule.type === 'secret' || rule.type === 'bytes' || (kind === 'note' && name === 'notes')
  if (name.startsWith('site:') || name.startsWith('tag:')) return false
  if (name.startsWith('custom:')) return !Array.isArray(value) || value[1] !== false
  return true
}

/** What import and `add` hand over: plain values, not yet stamped with times. `fields` uses the names described above. */
export interface ItemDraft {
  readonly kind: ItemKind
  readonly fields: ReadonlyMap<string, CborValue>
  /** when known from the source; the present otherwise */
  readonly createdMs?: number
  readonly modifiedMs?: number
  /** earlier values, newest first */
  readonly history?: readonly { readonly field: string; readonly value: CborValue; readonly ms: number }[]
}
