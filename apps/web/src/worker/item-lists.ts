/**
 * Lists for the page, cut into windows: the page never holds more rows than it shows, however many there are. A list stays as it was
 * found until it is found again, so that scrolling does not jump while changes arrive.
 */
import type { Client, ItemSummary } from '@nokkel/client'
import type { Category, Found } from './protocol.ts'

const firstRows = 60
/** The page scrolls in one list at a time; one more is kept while it changes over. */
const keptLists = 3

export class ItemLists {
  readonly #client: Client
  readonly #lists = new Map<number, readonly ItemSummary[]>()
  /** Lists without search words, which take the longest to sort, by category. */
  readonly #whole = new Map<string, Promise<readonly ItemSummary[]>>()
  #next = 1

  constructor(client: Client) {
    this.#client = client
  }

  /** The items have changed. */
  changed(): void {
    this.#whole.clear()
  }

  clear(): void {
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
    for (const { kind } of all) counts[kind] = (counts[kind] ?? 0) + 1
    return counts
  }

  async #find(category: Category, text: string): Promise<readonly ItemSummary[]> {
    const deleted = category === 'deleted'
    const kind = category === 'all' || deleted ? {} : { kind: category }
    if (text !== '') return this.#client.items({ text, deleted, ...kind })
    const whole = await this.#all(deleted)
    return kind.kind === undefined ? whole : whole.filter((item) => item.kind === kind.kind)
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
