/**
 * Lists for the page, cut into windows: neither it nor this worker holds more rows than are shown, however many there are. A list stays as
 * it was found until it is found again, so that scrolling does not jump while changes arrive.
 */
import type { ItemId } from '@nokkel/base'
import type { Client, ItemList, ItemSummary } from '@nokkel/client'
import { itemKinds } from '@nokkel/keychain'
import type { Category, Found, Health } from './protocol.ts'

const firstRows = 60
/** The page scrolls in one list at a time; one more is kept while it changes over. */
const keptLists = 3
const categories: readonly Category[] = ['all', 'favorite', ...itemKinds, 'code', 'deleted']

export class ItemLists {
  readonly #client: Client
  readonly #lists = new Map<number, ItemList>()
  #next = 1
  #health: Promise<Health> | null = null

  constructor(client: Client) {
    this.#client = client
  }

  /** The items have changed. */
  changed(): void {
    this.#health = null
  }

  clear(): void {
    this.#health = null
    this.#lists.clear()
  }

  async find(category: Category, text: string): Promise<Found> {
    const found = await this.#find(category, text)
    const list = this.#next++
    this.#lists.set(list, found)
    for (const old of this.#lists.keys()) if (old <= list - keptLists) this.#lists.delete(old)
    return { list, total: found.total, first: found.rows(0, firstRows) }
  }

  rows(list: number, from: number, to: number): readonly ItemSummary[] {
    return this.#lists.get(list)?.rows(from, to) ?? []
  }

  async counts(): Promise<Record<Category, number>> {
    const counted = categories.map(async (category) => [category, (await this.#find(category, '')).total] as const)
    return Object.fromEntries(await Promise.all(counted)) as Record<Category, number>
  }

  #find(category: Category, text: string): Promise<ItemList> {
    if (category === 'deleted') return this.#client.listItems({ text, deleted: true })
    if (category === 'favorite') return this.#client.listItems({ text, favorite: true })
    if (category === 'code') return this.#client.listItems({ text, hasTotp: true })
    return this.#client.listItems(category === 'all' ? { text } : { text, kind: category })
  }

  /** Kept until the items change: every password is opened for it. */
  health(): Promise<Health> {
    this.#health ??= this.#readHealth()
    return this.#health
  }

  async #readHealth(): Promise<Health> {
    const [{ weak, reused, old }, duplicates, all] = await Promise.all([
      this.#client.passwordHealth(),
      this.#client.duplicates(),
      this.#client.items(),
    ])
    const known = new Map(all.map((item) => [item.id, item]))
    const shown = (ids: readonly ItemId[]): ItemSummary[] =>
      ids.flatMap((id) => {
        const item = known.get(id)
        return item === undefined ? [] : [item]
      })
    const [weakItems, reusedItems, oldItems] = [shown(weak), reused.map(shown), shown(old)]
    return {
      weak: weakItems,
      reused: reusedItems,
      old: oldItems,
      // the one that was changed last is the one to keep
      duplicates: duplicates.map((group) => group.toSorted((a, b) => b.modifiedMs - a.modifiedMs)),
      changeAt: await this.#changeAddresses([...weakItems, ...reusedItems.flat(), ...oldItems]),
    }
  }

  /** By the list that the server told, if it did, and that of our own: here, so that nobody is asked about a site. */
  async #changeAddresses(items: readonly ItemSummary[]): Promise<Record<string, string>> {
    // which names are whose brings a list of its own along, and is needed by nothing else here
    const { changeAddress, parseSiteData, starterFeed } = await import('@nokkel/autofill')
    const feeds = [starterFeed]
    try {
      const text = await this.#client.siteData()
      if (text !== null) feeds.push(parseSiteData(text))
    } catch {
      // a list that cannot be read is none
    }
    const addresses = items.flatMap(({ id, sites }) => {
      const address = sites.map((site) => changeAddress(site, feeds)).find((each) => each !== null)
      return address === undefined || address === null ? [] : [[id, address] as const]
    })
    return Object.fromEntries(addresses)
  }
}
