/**
 * Which items belong to the site of a tab, best first. The index is made anew after a change, but what an address means is kept: to look ten
 * thousand of them up in the public suffix list costs twenty times as much as the rest. In memory alone, like the open keychain it is made of.
 */
import { bestMatch, saidMatch, siteOf, starterFeed, type SiteFeed } from '@nokkel/autofill'
import type { Client, ItemSummary } from '@nokkel/client'

const shownRows = 50
const ranks = ['exact-origin', 'exact-host', 'same-site', 'equivalent-site'] as const

interface Index {
  readonly all: readonly ItemSummary[]
  /** by registrable domain, or the host where there is none */
  readonly bySite: ReadonlyMap<string, readonly ItemSummary[]>
}

function siteKey(address: string): string | undefined {
  const site = siteOf(address)
  return site === undefined ? undefined : (site.registrable ?? site.host)
}

export class Matches {
  readonly #client: Pick<Client, 'items' | 'usedItems'>
  readonly #said: () => Promise<SiteFeed | undefined>
  /** what saved addresses mean; bounded by what the keychain holds, and gone with the lock */
  #keys = new Map<string, string | undefined>()
  #index: Promise<Index> | null = null

  constructor(client: Pick<Client, 'items' | 'usedItems'>, said: () => Promise<SiteFeed | undefined> = () => Promise.resolve(undefined)) {
    this.#client = client
    this.#said = said
  }

  changed(): void {
    this.#index = null
  }

  /** Nothing of an open keychain stays behind. */
  forget(): void {
    this.#index = null
    this.#keys.clear()
  }

  async #build(): Promise<Index> {
    const all = await this.#client.items()
    const bySite = new Map<string, ItemSummary[]>()
    const before = this.#keys
    this.#keys = new Map()
    const keyOf = (address: string): string | undefined => {
      const key = before.has(address) ? before.get(address) : siteKey(address)
      this.#keys.set(address, key)
      return key
    }
    const put = (key: string | undefined, item: ItemSummary): void => {
      if (key === undefined) return
      const list = bySite.get(key)
      if (list === undefined) bySite.set(key, [item])
      // several addresses of one site
      else if (list.at(-1) !== item) list.push(item)
    }
    for (const item of all) for (const address of item.sites) put(keyOf(address), item)
    return { all, bySite }
  }

  #ready(): Promise<Index> {
    this.#index ??= this.#build()
    return this.#index
  }

  /** All logins of the site and of those that are one with it, also those that may not be used on this very page. */
  async ofSite(pageUrl: string, wanted = 'password'): Promise<readonly ItemSummary[]> {
    const key = siteKey(pageUrl)
    if (key === undefined || !/^https?:/.test(pageUrl)) return []
    const { bySite } = await this.#ready()
    const keys = new Set([key])
    for (const { saved, usable } of starterFeed.equivalents) if (usable.has(key)) for (const each of saved) keys.add(each)
    return [...new Set([...keys].flatMap((each) => bySite.get(each) ?? []))].filter(({ kind }) => kind === wanted)
  }

  /** Of those that fit alike, the last used here first. Never an item saved over HTTPS on a page of plain HTTP (E6). */
  async forPage(pageUrl: string): Promise<readonly ItemSummary[]> {
    const ranked: { readonly item: ItemSummary; readonly rank: number }[] = []
    for (const item of await this.ofSite(pageUrl)) {
      const { rank, insecure } = bestMatch(item.sites, pageUrl, starterFeed)
      if (rank !== 'none' && !insecure) ranked.push({ item, rank: ranks.indexOf(rank) })
    }
    if (ranked.length < 2) return ranked.map(({ item }) => item)
    const used = await this.#client.usedItems()
    const since = ({ item }: { readonly item: ItemSummary }): number => used.get(item.id) ?? 0
    return ranked.toSorted((a, b) => a.rank - b.rank || since(b) - since(a)).map(({ item }) => item)
  }

  /**
   * Logins of sites that are one with the page's by the server's word alone (AUT-7), for a page that has none of its own. Apart from the others: they are
   * never what is known of a site, neither when something is saved nor for passkeys.
   */
  async bySaying(pageUrl: string): Promise<readonly ItemSummary[]> {
    const key = siteKey(pageUrl)
    if (key === undefined || (await this.ofSite(pageUrl)).length > 0) return []
    const said = await this.#said()
    const { bySite } = await this.#ready()
    const keys = new Set<string>()
    for (const { saved, usable } of said?.equivalents ?? []) if (usable.has(key)) for (const each of saved) keys.add(each)
    const items = new Set([...keys].flatMap((each) => bySite.get(each) ?? []))
    return [...items].filter(({ kind, sites }) => kind === 'password' && saidMatch(sites, pageUrl, said))
  }

  /** What the popup lists for a tab: its logins, then the passkeys of its site, which the page itself asks for (E8). */
  async ofTab(pageUrl: string): Promise<readonly ItemSummary[]> {
    const secure = siteOf(pageUrl)?.scheme === 'https' || siteOf(pageUrl)?.loopback === true
    return [...(await this.forPage(pageUrl)), ...(await this.bySaying(pageUrl)), ...(secure ? await this.ofSite(pageUrl, 'passkey') : [])]
  }

  async find(
    text: string,
    pageUrl: string,
  ): Promise<{ readonly matches: readonly ItemSummary[]; readonly others: readonly ItemSummary[]; readonly total: number }> {
    const matches = await this.ofTab(pageUrl)
    const ids = new Set(matches.map(({ id }) => id))
    if (text.trim() !== '') {
      const hits = await this.#client.items({ text, limit: shownRows })
      // what belongs to the tab can be filled, also when it was looked for
      const here = hits.filter(({ id }) => ids.has(id))
      return { matches: here, others: hits.filter(({ id }) => !ids.has(id)), total: hits.length }
    }
    const { all } = await this.#ready()
    const others: ItemSummary[] = []
    for (const item of all) {
      if (others.length >= shownRows) break
      if (!ids.has(item.id)) others.push(item)
    }
    return { matches: matches.slice(0, shownRows), others, total: all.length }
  }
}
