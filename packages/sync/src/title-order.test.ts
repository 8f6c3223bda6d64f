import { describe, expect, it } from 'vitest'
import { fromHex, newId, type ItemId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { foldText } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'
import { TitleOrder } from './title-order.ts'

const random = new SeededRandom(7)

function entryOf(title: string | null, id = newId<ItemId>(random), dirty = false, username = ''): IndexEntry {
  const summary =
    title === null
      ? null
      : {
          id,
          kind: 'password',
          title,
          username,
          sites: [],
          tags: [],
          createdMs: 1,
          modifiedMs: 1,
          removal: 'none' as const,
          removedMs: 0,
          favorite: false,
          hasTotp: false,
          content: fromHex('00'),
        }
  return { id, recordHash: null, epoch: 0, state: 'ok', dirty, unconfirmed: false, summary }
}

const all = (order: TitleOrder) => order.find('', () => true)
const titlesOf = (order: TitleOrder): string[] => all(order).map(({ summary }) => summary.title)

describe('order of the list', () => {
  it('goes by title without regard to case, and by id where titles are the same', () => {
    const [first, second] = [newId<ItemId>(random), newId<ItemId>(random)].sort() as [ItemId, ItemId]
    const order = new TitleOrder([entryOf('bank', second), entryOf('Zalando'), entryOf('bank', first), entryOf('Avis'), entryOf(null)])
    expect(titlesOf(order)).toEqual(['Avis', 'bank', 'bank', 'Zalando'])
    expect(
      all(order)
        .slice(1, 3)
        .map(({ id }) => id),
    ).toEqual([first, second])
  })

  it('follows every change as if it had been made anew', () => {
    const entries = new Map(Array.from({ length: 40 }, () => entryOf(`T${random.below(30)}`)).map((entry) => [entry.id, entry]))
    const order = new TitleOrder(entries.values())
    for (let round = 0; round < 300; round++) {
      const known = random.chance(0.7) ? [...entries.keys()][random.below(entries.size)] : undefined
      const title = random.chance(0.2)
        ? null
        : random.chance(0.3)
          ? (entries.get(known as ItemId)?.summary?.title ?? 'x')
          : `t${random.below(30)}`
      const changed = entryOf(title, known, random.chance(0.5))
      entries.set(changed.id, changed)
      order.set(changed)
      const expected = [...entries.values()]
        .flatMap((entry) => (entry.summary === null ? [] : [{ entry, key: `${foldText(entry.summary.title)}\n${entry.id}` }]))
        .sort((a, b) => (a.key < b.key ? -1 : 1))
      expect(all(order)).toEqual(expected.map(({ entry }) => entry))
    }
  })

  it('C1 finds the same as a search through everything, whatever was found before, typed, deleted or changed meanwhile', () => {
    const letters = ['a', 'b', 'ab', 'ba', 'å', ' ']
    const word = (most: number) => Array.from({ length: 1 + random.below(most) }, () => letters[random.below(letters.length)]).join('')
    const entries = new Map(
      Array.from({ length: 200 }, () => entryOf(word(4), undefined, false, word(3))).map((entry) => [entry.id, entry]),
    )
    const order = new TitleOrder(entries.values())
    const late = ({ id }: IndexEntry): boolean => id > '4'
    const every = (): boolean => true
    let query = ''
    let narrowed = 0
    for (let round = 0; round < 3_000; round++) {
      const before = query
      query = random.chance(0.1) ? '' : random.chance(0.3) ? query.slice(0, -1) : query + word(1)
      if (query.startsWith(before) && before !== '') narrowed++
      if (random.chance(0.1)) {
        const id = [...entries.keys()][random.below(entries.size)]
        const changed = entryOf(random.chance(0.1) ? null : word(4), id, false, word(3))
        entries.set(changed.id, changed)
        order.set(changed)
      }
      if (random.chance(0.1)) order.prepare(random.below(150))
      const wanted = random.chance(0.8) ? late : every
      const limit = random.chance(0.3) ? random.below(20) : undefined
      expect(order.find(query, wanted, limit)).toEqual(new TitleOrder(entries.values()).find(query, wanted).slice(0, limit))
    }
    expect(narrowed).toBeGreaterThan(500)
  })

  it('C1 what the first search needs is prepared piece by piece, and again for what changes', () => {
    const entries = ['Avis', 'bank', 'Café', 'dør', 'Elv'].map((title) => entryOf(title))
    const order = new TitleOrder(entries)
    expect([order.prepare(2), order.prepare(2), order.prepare(2), order.prepare(2)]).toEqual([true, true, false, false])
    order.set({ ...(entries[3] as IndexEntry), summary: entryOf('Zoo').summary })
    expect(order.prepare(1)).toBe(false)
    order.set(entryOf('ny'))
    order.set(entryOf('nyere'))
    expect([order.prepare(1), order.prepare(1), order.prepare(1)]).toEqual([true, true, false])
    expect(titlesOf(order)).toEqual(['Avis', 'bank', 'Café', 'Elv', 'ny', 'nyere', 'Zoo'])
  })
})
