/**
 * Items deleted more than 30 days ago lose their content (B5), and that is for good: so no clock alone may decide it (attack A45). Each
 * device counts from when it first knew of a deletion, by the later of its own time and the server's, and to the earlier of the two.
 * The deletion's own stamp says little: a device whose clock is behind stamps with the newest time that it has seen elsewhere.
 */
import { CborReader, decodeOwnCbor, encodeCbor, idToBytes, readId, type CborValue, type ItemId } from '@nokkel/base'
import { isPurgeDue, purgeItem, recentlyDeletedMs } from '@nokkel/keychain'
import type { LocalKeychain } from './local-keychain.ts'
import type { ServerApi } from './server-api.ts'
import { sessionOf } from './sync-circle.ts'

const row = 'deleted-since'

interface Known {
  /** which deletion: an item may be restored and deleted again */
  readonly removedMs: number
  readonly sinceMs: number
}

/** What has been deleted for long enough is purged, as a local change; the next push sends it. Asks the server for the time when there is news. */
export async function purgeDue(keychain: LocalKeychain, api: ServerApi): Promise<void> {
  const deleted = [...keychain.index.values()].flatMap(({ id, summary, dirty }) =>
    !dirty && summary?.removal === 'deleted' ? [{ id, removedMs: summary.removedMs }] : [],
  )
  if (deleted.length === 0) return
  const known = await readKnown(keychain)
  const ownMs = keychain.nowMs()
  const isKnown = ({ id, removedMs }: { readonly id: ItemId; readonly removedMs: number }) => known.get(id)?.removedMs === removedMs
  const isOld = (id: ItemId, nowMs: number) => nowMs - (known.get(id)?.sinceMs ?? nowMs) > recentlyDeletedMs
  if (deleted.every((item) => isKnown(item) && !isOld(item.id, ownMs))) return
  const { timeMs } = await api.session(sessionOf(keychain.requireTrusted().identity))
  const now = Math.min(ownMs, timeMs)
  const since = new Map(
    deleted.map((item): [ItemId, Known] => [
      item.id,
      isKnown(item) ? (known.get(item.id) as Known) : { removedMs: item.removedMs, sinceMs: Math.max(ownMs, timeMs) },
    ]),
  )
  const due = deleted.filter((item) => isKnown(item) && isOld(item.id, now))
  await keychain.update(async (staged) => {
    for (const { id } of due) {
      const stored = await keychain.readItem(id)
      if (stored === undefined || !isPurgeDue(stored.item, now)) continue
      staged.putLocal(id, purgeItem(stored.item, staged.stamp), stored)
      since.delete(id)
    }
    staged.putState(row, encodeCbor([...since].map(([id, { removedMs, sinceMs }]): CborValue => [idToBytes(id), removedMs, sinceMs])))
  })
}

async function readKnown(keychain: LocalKeychain): Promise<Map<ItemId, Known>> {
  const bytes = await keychain.store.get('state', row)
  if (bytes === undefined) return new Map()
  const entries = new CborReader([decodeOwnCbor(bytes)], row).list(Number.MAX_SAFE_INTEGER, (parent) => {
    const reader = parent.tuple()
    return [readId<ItemId>(reader), { removedMs: reader.uint(), sinceMs: reader.uint() }] as const
  })
  return new Map(entries)
}
