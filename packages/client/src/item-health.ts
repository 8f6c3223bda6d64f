/** Passwords that need attention, and duplicates made one (B2). Opens items in small groups, so that whoever else waits gets a turn. */
import { NokkelError, type ItemId } from '@nokkel/base'
import { absorbItem, deleteItem, passwordHealth, type KeptPassword, type PasswordHealth } from '@nokkel/keychain'
import type { LocalKeychain } from '@nokkel/sync'
import { isVisible } from './item-views.ts'

const groupItems = 250
const mergeMost = 50

/** `breathe`: awaited between groups. */
export async function readPasswordHealth(keychain: LocalKeychain, breathe: () => Promise<void>): Promise<PasswordHealth> {
  const ids = [...keychain.index.values()]
    .filter((entry) => isVisible(entry) && entry.summary.kind === 'password' && entry.summary.removal === 'none')
    .map(({ id }) => id)
  const kept: KeptPassword[] = []
  for (let from = 0; from < ids.length; from += groupItems) {
    const group = ids.slice(from, from + groupItems)
    for (const [at, held] of (await keychain.readItems(group)).entries()) {
      const register = held?.item.fields.get('password')
      const id = group[at]
      if (id !== undefined && typeof register?.value === 'string') kept.push({ id, password: register.value, changedMs: register.hlc.ms })
    }
    await breathe()
  }
  return passwordHealth(kept, keychain.nowMs())
}

/** Into the first of `ids`; the others go to "recently deleted" in the same transaction. */
export async function mergeItems(keychain: LocalKeychain, ids: readonly ItemId[]): Promise<void> {
  const [first, ...others] = [...new Set(ids)]
  if (first === undefined || others.length === 0 || others.length >= mergeMost) throw new NokkelError('malformed', { what: 'items' })
  keychain.requireTrusted()
  await keychain.update(async (staged) => {
    const read = async (id: ItemId) => {
      const [stored, entry] = [await keychain.readItem(id), staged.entry(id)]
      if (stored === undefined || entry === undefined || !isVisible(entry) || entry.summary.removal !== 'none')
        throw new NokkelError('not-found')
      if (entry.state === 'quarantined') throw new NokkelError('update-needed', { what: 'item' })
      return stored
    }
    const kept = await read(first)
    let merged = kept.item
    for (const id of others) {
      const other = await read(id)
      merged = absorbItem(merged, other.item, staged.stamp)
      staged.putLocal(id, deleteItem(other.item, staged.stamp), other)
    }
    staged.putLocal(first, merged, kept)
  })
}
