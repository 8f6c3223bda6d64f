/**
 * A fingerprint of what an item says, kept in the sealed index: import uses it to see that the same content is already there,
 * without opening every item. Eight bytes are enough, because a match is confirmed by comparing the items themselves.
 */
import { encodeCbor, type Bytes, type CborValue } from '@nokkel/base'
import { sha256 } from '@nokkel/crypto'
import type { Item } from '@nokkel/keychain'

/** Order of fields and times do not matter; empty values count as absent. */
export function contentKeyOf(kind: string, fields: Iterable<readonly [string, CborValue]>): Bytes {
  const present = [...fields]
    .filter(([name, value]) => value !== null && value !== '' && value !== false && name !== 'favorite')
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return sha256(encodeCbor([kind, present.map(([name, value]) => [name, value])])).slice(0, 8) as Bytes
}

export function contentKey(item: Item): Bytes {
  return contentKeyOf(
    item.kind,
    [...item.fields].map(([name, register]) => [name, register.value] as const),
  )
}
