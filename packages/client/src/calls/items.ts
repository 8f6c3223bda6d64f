/** The items: found, read, made, changed, deleted and brought back, imported (A6, B1, B2, B5). All of it works offline; changes are sent when the server is there. */
import { newId, NokkelError, type ItemId } from '@nokkel/base'
import { createItem, deleteItem, editItem, findDuplicates, purgeItem, restoreHistory, restoreItem, type Item } from '@nokkel/keychain'
import type { FoundEntries, ReadableEntry, Staged } from '@nokkel/sync'
import type { DeviceSession } from '../device-session.ts'
import type { Client, ItemQuery } from '../facade.ts'
import { mergeItems, readPasswordHealth } from '../item-health.ts'
import { isVisible, itemView, removalValue, summaryView, systemKinds } from '../item-views.ts'

type Items = Pick<
  Client,
  | 'items'
  | 'listItems'
  | 'prepareSearch'
  | 'item'
  | 'addItem'
  | 'editItem'
  | 'deleteItem'
  | 'restoreItem'
  | 'purgeItem'
  | 'restoreHistory'
  | 'duplicates'
  | 'mergeItems'
  | 'passwordHealth'
  | 'importFile'
>

type Filter = (entry: ReadableEntry) => boolean
const filters = new Map<string, Filter>()

/** The same function for the same wishes: what was found with it serves the next search. There are as many as kinds, eight times. */
function filterOf({ kind, deleted = false, hasTotp = false, favorite = false }: Omit<ItemQuery, 'text' | 'limit'>): Filter {
  const name = [kind ?? '', deleted, hasTotp, favorite].join(' ')
  const known = filters.get(name)
  if (known !== undefined) return known
  const removal = deleted ? 'deleted' : 'none'
  const filter: Filter = ({ summary }) =>
    summary.removal === removal &&
    !systemKinds.has(summary.kind) &&
    (kind === undefined || summary.kind === kind) &&
    (!hasTotp || summary.hasTotp) &&
    (!favorite || summary.favorite)
  filters.set(name, filter)
  return filter
}

export function itemCalls(session: DeviceSession): Items {
  async function change(id: ItemId, edit: (item: Item, staged: Staged) => Item): Promise<void> {
    const { keychain } = session
    keychain.requireTrusted()
    await keychain.update(async (staged) => {
      const stored = await keychain.readItem(id)
      const entry = staged.entry(id)
      if (stored === undefined || entry === undefined || !isVisible(entry)) throw new NokkelError('not-found')
      // the log holds a newer record of it that this version cannot read: changing the older content would destroy that one (B4)
      if (entry.state === 'quarantined') throw new NokkelError('update-needed', { what: 'item' })
      const next = edit(stored.item, staged)
      if (next !== stored.item) staged.putLocal(id, next, stored)
    })
    await session.pushQuietly()
  }

  const find = ({ limit, text = '', ...which }: ItemQuery): FoundEntries => session.copy.byTitle.find(text, filterOf(which), limit)

  return {
    items: async (query = {}) => find(query).map(({ entry }) => summaryView(entry)),
    async listItems(query = {}) {
      const found = find(query)
      return { total: found.length, rows: (from, to) => found.slice(from, to).map(({ entry }) => summaryView(entry)) }
    },

    async prepareSearch({ signal } = {}) {
      // looked for anew each time: after the lock there is none
      while (signal?.aborted !== true && session.present?.keychain.byTitle.prepare() === true) await session.platform.pause(0, signal)
    },

    async item(id) {
      const keychain = session.copy
      const entry = keychain.index.get(id)
      const stored = await keychain.readItem(id)
      if (entry === undefined || stored === undefined || !isVisible(entry)) throw new NokkelError('not-found')
      return itemView(entry, stored.item, session.writerOf)
    },

    async addItem(draft) {
      const { keychain } = session
      keychain.requireTrusted()
      const id = newId<ItemId>(session.platform.random)
      await keychain.update((staged) => staged.putLocal(id, createItem(draft, staged.stamp), undefined))
      await session.pushQuietly()
      return id
    },
    async editItem(id, changes) {
      const values = new Map(changes.set)
      for (const name of changes.remove ?? []) values.set(name, removalValue(name))
      await change(id, (item, staged) => editItem(item, values, staged.stamp))
    },
    deleteItem: (id) => change(id, (item, staged) => deleteItem(item, staged.stamp)),
    restoreItem: (id) => change(id, (item, staged) => restoreItem(item, staged.stamp)),
    purgeItem: (id) => change(id, (item, staged) => purgeItem(item, staged.stamp)),
    restoreHistory: (id, index) => change(id, (item, staged) => restoreHistory(item, index, staged.stamp)),

    async duplicates() {
      const entries = new Map([...session.copy.index.values()].filter(isVisible).map((entry) => [entry.id, entry]))
      const groups = findDuplicates([...entries.values()].map((entry) => entry.summary))
      return groups.map((group) =>
        group.flatMap(({ id }) => {
          const entry = entries.get(id)
          return entry === undefined ? [] : [summaryView(entry)]
        }),
      )
    },
    async mergeItems(ids) {
      await mergeItems(session.keychain, ids)
      await session.pushQuietly()
    },
    passwordHealth: async () => readPasswordHealth(session.copy, () => session.platform.pause(0)),

    async importFile(file, options = {}) {
      const { keychain } = session
      keychain.requireTrusted()
      // a dozen formats that nothing else needs: read when somebody imports
      const { importItems } = await import('../import-items.ts')
      const report = await importItems(keychain, file, options)
      if (options.dryRun !== true && report.added > 0) await session.pushQuietly(options)
      return report
    },
  }
}
