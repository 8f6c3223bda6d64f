import { describe, expect, it } from 'vitest'
import { fromHex, newId, type ItemId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { foldText } from '@nokkel/keychain'
import type { IndexEntry } from './index-entry.ts'
import { TitleOrder, type FoundEntries } from './title-order.ts'

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

const entriesOf = (found: FoundEntries) => found.map(({ entry }) => entry)
const all = (order: TitleOrder) => entriesOf(order.find('', () => true))
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
      if (random.chance(0.1)) order.prepare()
      const wanted = random.chance(0.8) ? late : every
      const limit = random.chance(0.3) ? random.below(20) : undefined
      const anew = new TitleOrder(entries.values()).find(query, wanted).slice(0, limit)
      expect(entriesOf(order.find(query, wanted, limit))).toEqual(entriesOf(anew))
    }
    expect(narrowed).toBeGreaterThan(500)
  })

  it('C1 what the first search needs is prepared piece by piece, and again for what changes', () => {
    const entries = Array.from({ length: 2_000 }, (_, at) => entryOf(`tittel ${String(at).padStart(4, '0')}`))
    const order = new TitleOrder(entries)
    const pieces = (): number => {
      let count = 0
      while (order.prepare()) count++
      return count
    }
    const all = pieces()
    expect(all).toBeGreaterThan(2)
    expect(pieces()).toBe(0)
    order.set({ ...(entries[3] as IndexEntry), dirty: true })
    expect(pieces()).toBe(0)
    order.set(entryOf('tittel 0003', entries[3]?.id, false, 'ola'))
    expect(pieces()).toBe(1)
    order.set(entryOf(null, entries[3]?.id))
    order.set(entryOf('tittel 1999b'))
    expect(pieces()).toBe(2)
    expect(order.find('ola', () => true)).toEqual([])
  })

  it('C1 what many items bring and take away stands in its place, however many', () => {
    const order = new TitleOrder([])
    const titles = new Map<ItemId, string>()
    const search = (query: string): string[] => order.find(query, () => true).map(({ entry }) => entry.summary.title)
    const check = (): void => {
      const sorted = [...titles].sort(([idA, a], [idB, b]) => (a < b ? -1 : a > b ? 1 : idA < idB ? -1 : 1)).map(([, title]) => title)
      expect(search('')).toEqual(sorted)
      expect(search('7')).toEqual(sorted.filter((title) => title.includes('7')))
    }
    for (let at = 0; at < 4_000; at++) {
      // many alike, so that whole blocks have one title
      const added = entryOf(`t${random.below(at < 2_000 ? 3 : 4_000)}`)
      titles.set(added.id, added.summary?.title ?? '')
      order.set(added)
    }
    check()
    for (const id of titles.keys()) {
      if (random.chance(0.9)) {
        titles.delete(id)
        order.set(entryOf(null, id))
      }
    }
    check()
    for (const id of titles.keys()) order.set(entryOf(null, id))
    expect(search('')).toEqual([])
    order.set(entryOf('igjen'))
    expect(search('igj')).toEqual(['igjen'])
  })

  it('C1 a list that was handed out stays as it was found', () => {
    const [first, second] = [entryOf('Avis'), entryOf('Bank')]
    const order = new TitleOrder([first, second])
    const found = order.find('', () => true)
    order.set({ ...first, dirty: true })
    order.set(entryOf(null, second.id))
    expect(entriesOf(found)).toEqual([first, second])
  })

  it('C1 puts æ, ø and å behind z, in the order of Norwegian, with ä and ö beside them', () => {
    const order = new TitleOrder(['Ås', 'Øl', 'Ærlig', 'Zoo', 'Östersund', 'Äpple', 'Avis', 'Énergie'].map((title) => entryOf(title)))
    expect(titlesOf(order)).toEqual(['Avis', 'Énergie', 'Zoo', 'Ærlig', 'Äpple', 'Øl', 'Östersund', 'Ås'])
  })
})
