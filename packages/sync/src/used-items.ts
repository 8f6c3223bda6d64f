/**
 * When which item was last filled in on this device: of accounts that fit alike, the one that was used last is meant most often (E6). This device's
 * alone, sealed like every row and never sent; gone with the items.
 */
import { CborReader, decodeOwnCbor, encodeCbor, idToBytes, readId, type CborValue, type ItemId } from '@nokkel/base'
import type { LocalKeychain } from './local-keychain.ts'
import { usedItemsRow as row } from './local-state.ts'

/** The oldest fall out. */
export const mostUsedItems = 256

/** In milliseconds since 1970; the one that was used last stands first. */
export async function readUsedItems(keychain: LocalKeychain): Promise<ReadonlyMap<ItemId, number>> {
  const bytes = await keychain.store.get('state', row)
  if (bytes === undefined) return new Map()
  const entries = new CborReader([decodeOwnCbor(bytes)], row).list(mostUsedItems, (parent) => {
    const reader = parent.tuple()
    return [readId<ItemId>(reader), reader.uint()] as const
  })
  return new Map(entries)
}

export async function noteUsedItem(keychain: LocalKeychain, id: ItemId): Promise<void> {
  await keychain.update(async (staged) => {
    const used = new Map(await readUsedItems(keychain))
    used.delete(id)
    const kept = [[id, keychain.nowMs()] as const, ...used].slice(0, mostUsedItems)
    staged.putState(row, encodeCbor(kept.map(([each, ms]): CborValue => [idToBytes(each), ms])))
  })
}
