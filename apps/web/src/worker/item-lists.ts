/**
 * Lists for the page, cut into windows: the page never holds more rows than it shows, however many there are. A list stays as it was
 * found until it is found again, so that scrolling does not jump while changes arrive.
 */
import type { ItemId } from '@nokkel/base'
import type { Client, ItemSummary } from '@nokkel/client'
import type { Category, Found, Health } from './protocol.ts'

const firstRows = 60
/** The page scrolls in one list at a time; one more is kept while it changes over. */
const keptLists = 3

export class ItemLists {
  readonly #client: Client
  readonly #lists = new Map<number, readonly ItemSummary[]>()
  /** Lists without search words, which take the longest to sort, by category. */
  readonly #whole = new Map<string, Promise<readonly ItemSummary[]>>()
  #next = 1
  #health: Promise<Health> | null = null

  constructor(client: Client) {
    this.#client = client
  }

  /** The items have changed. */
  changed(): void {
    this.#health = null
    this.#whole.clear()
  }

  clear(): void {
    this.#health = null
    this.#whole.clear()
    this.#lists.clear()
  }

  async find(category: Category, text: string): Promise<Found> {
    const found = await this.#find(category, text.trim())
    const list = this.#next++
    this.#lists.set(list, found)
    for (const old of this.#lists.keys()) if (old <= list - keptLists) this.#lists.delete(old)
    return { list, total: found.length, first: found.slice(0, firstRows) }
  }

  rows(list: number, from: number, to: number): readonly ItemSummary[] {
    return this.#lists.get(list)?.slice(from, to) ?? []
  }

  async counts(): Promise<Record<string, number>> {
    const [all, deleted] = await Promise.all([this.#all(false), this.#all(true)])
    const counts: Record<string, number> = { all: all.length, deleted: deleted.length }
    for (const { kind, hasTotp } of all) {
      counts[kind] = (counts[kind] ?? 0) + 1
      if (hasTotp) counts['code'] = (counts['code'] ?? 0) + 1
    }
    return counts
  }

  async #find(category: Category, text: string): Promise<readonly ItemSummary[]> {
    const deleted = category === 'deleted'
    const kind = category === 'all' || category === 'code' || deleted ? {} : { kind: category }
    if (text !== '') {
      const found = await this.#client.items({ text, deleted, ...kind })
      return category === 'code' ? found.filter(({ hasTotp }) => hasTotp) : found
    }
    const whole = await this.#all(deleted)
    if (category === 'code') return whole.filter(({ hasTotp }) => hasTotp)
    return kind.kind === undefined ? whole : whole.filter((item) => item.kind === kind.kind)
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
      this.#all(false),
    ])
    const known = new Map(all.map((item) => [item.id, item]))
    const shown = (ids: readonly ItemId[]): ItemSummary[] =>
      ids.flatMap((id) => {
        const item = known.get(id)
        return item === undefined ? [] : [item]
      })
    return {
      weak: shown(weak),
      reused: reused.map(shown),
      old: shown(old),
      // the one that was changed last is the one to keep
      duplicates: duplicates.map((group) => group.toSorted((a, b) => b.modifiedMs - a.modifiedMs)),
    }
  }

  #all(deleted: boolean): Promise<readonly ItemSummary[]> {
    const name = String(deleted)
    const known = this.#whole.get(name)
    if (known !== undefined) return known
    const all = this.#client.items({ deleted })
    this.#whole.set(name, all)
    return all
  }
}
