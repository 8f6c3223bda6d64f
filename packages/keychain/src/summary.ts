/** What lists and searches need of an item, without its secrets. Kept in the device's index pages so that a list never opens items. */
import type { Bytes, ItemId } from '@nokkel/base'
import { latestHlc, removalOf, setField, textField, type Item } from './item.ts'

export interface Summary {
  readonly id: ItemId
  readonly kind: string
  readonly title: string
  readonly username: string
  readonly sites: readonly string[]
  readonly tags: readonly string[]
  readonly createdMs: number
  readonly modifiedMs: number
  readonly removal: 'none' | 'deleted' | 'purged'
  readonly removedMs: number
  readonly favorite: boolean
  readonly hasTotp: boolean
  /** fingerprint of the visible content, to recognise an item imported twice; see `contentKey` in the client */
  readonly content: Bytes
}

export function summarise(id: ItemId, item: Item, content: Bytes): Summary {
  const username = textField(item, 'username')
  return {
    id,
    kind: item.kind,
    title: textField(item, 'title'),
    username: username !== '' ? username : textField(item, item.kind === 'card' ? 'cardholder' : 'ssid'),
    sites: setField(item, 'site'),
    tags: setField(item, 'tag'),
    createdMs: item.created.ms,
    modifiedMs: latestHlc(item).ms,
    removal: removalOf(item),
    removedMs: item.removal?.hlc.ms ?? 0,
    favorite: item.fields.get('favorite')?.value === true,
    hasTotp: textField(item, 'totp') !== '',
    content,
  }
}
