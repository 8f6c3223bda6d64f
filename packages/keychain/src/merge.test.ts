import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { encodeCbor, toHex } from '@nokkel/base'
import { createItem, deleteItem, editItem, purgeItem, restoreItem } from './commands.ts'
import { HybridClock, maxHlcCounter, maxHlcMs, type Hlc } from './hlc.ts'
import { decodeItem, encodeItem, removalOf, type Item } from './item.ts'
import { equalItems, joinItems, planMerge } from './merge.ts'

const cases = Number(process.env.NOKKEL_MERGE_CASES ?? 100_000)
const dev = (n: number) => n.toString(16).padStart(16, '0')

const hlc = fc.record({ ms: fc.integer({ min: 1, max: 6 }), ctr: fc.integer({ min: 0, max: 1 }), dev: fc.constantFrom(dev(1), dev(2)) })
const value = fc.constantFrom('a', 'b', 'c', null, true)
const register = fc.record({ value, hlc })
const item: fc.Arbitrary<Item> = fc.record({
  schema: fc.constantFrom(1, 2),
  kind: fc.constantFrom('password', 'note'),
  created: hlc,
  fields: fc.dictionary(fc.constantFrom('title', 'password', 'site:x', 'later'), register).map((fields) => new Map(Object.entries(fields))),
  removal: fc.option(fc.record({ state: fc.constantFrom('deleted' as const, 'restored' as const), hlc })),
  purge: fc.option(hlc, { freq: 6 }),
  history: fc.constant([]),
  extra: fc.constantFrom([], ['x'], ['y', 1]),
})
/** reachable items only: a purge has already dropped what it covers */
const settled = item.map((i) => joinItems(i, i))
const bytes = (i: Item) => toHex(encodeItem(i))

describe('joinItems (SYN-20)', () => {
  it(`is commutative, associative and idempotent in ${cases} cases`, () => {
    fc.assert(
      fc.property(settled, settled, settled, (a, b, c) => {
        expect(bytes(joinItems(a, b))).toBe(bytes(joinItems(b, a)))
        expect(bytes(joinItems(joinItems(a, b), c))).toBe(bytes(joinItems(a, joinItems(b, c))))
        expect(bytes(joinItems(a, a))).toBe(bytes(a))
      }),
      { numRuns: cases },
    )
  }, 300_000)
})

function device(n: number) {
  let ms = 1_000
  return { at: (time: number) => (ms = time), stamp: (): Hlc => ({ ms: ms++, ctr: 0, dev: dev(n) }) }
}
const draft = (fields: Record<string, string>) => ({ kind: 'password' as const, fields: new Map(Object.entries(fields)) })

describe('planMerge (B2)', () => {
  const a = device(1)
  const b = device(2)
  const base = createItem(draft({ title: 'Bank', username: 'kari', password: 'old' }), a.stamp)

  it('merges edits of different fields without a conflict', () => {
    a.at(2_000)
    b.at(2_500)
    const local = editItem(base, new Map([['username', 'kari2']]), a.stamp)
    const remote = editItem(base, new Map([['password', 'new']]), b.stamp)
    const plan = planMerge(base, local, remote, a.stamp)
    expect(plan.conflicts).toEqual([])
    expect(plan.item.fields.get('username')?.value).toBe('kari2')
    expect(plan.item.fields.get('password')?.value).toBe('new')
  })

  it('keeps the loser of a conflict in the history, whichever side it was on', () => {
    for (const [mine, theirs, winner, loser] of [
      [3_000, 3_500, 'theirs', 'mine'],
      [3_500, 3_000, 'mine', 'theirs'],
    ] as const) {
      a.at(mine)
      b.at(theirs)
      const local = editItem(base, new Map([['password', 'mine']]), a.stamp)
      const remote = editItem(base, new Map([['password', 'theirs']]), b.stamp)
      const plan = planMerge(base, local, remote, a.stamp)
      expect(plan.item.fields.get('password')?.value).toBe(winner)
      expect(plan.item.history.find((entry) => entry.value === loser)?.reason).toBe('conflict')
      expect(plan.item.history.some((entry) => entry.value === 'old')).toBe(true)
    }
  })

  it('lets an edit win over a deletion that did not know of it, on either side and for purges too (SYN-23)', () => {
    a.at(4_000)
    b.at(4_500)
    const edited = editItem(base, new Map([['password', 'edited']]), a.stamp)
    for (const gone of [deleteItem(base, b.stamp), purgeItem(base, b.stamp)]) {
      for (const [local, remote] of [
        [edited, gone],
        [gone, edited],
      ] as const) {
        a.at(5_000)
        const plan = planMerge(base, local, remote, a.stamp)
        expect(plan.restored).toBe(true)
        expect(removalOf(plan.item)).toBe('none')
        expect(plan.item.fields.get('password')?.value).toBe('edited')
        expect(plan.item.fields.get('title')?.value).toBe('Bank')
      }
    }
  })

  it('does not bring back what was deleted with knowledge of the edit', () => {
    const edited = editItem(base, new Map([['password', 'edited']]), a.stamp)
    b.at(9_000)
    const gone = deleteItem(edited, b.stamp)
    expect(removalOf(planMerge(edited, edited, gone, a.stamp).item)).toBe('deleted')
    const purged = purgeItem(gone, b.stamp)
    expect(removalOf(joinItems(purged, edited))).toBe('purged')
    expect(joinItems(purged, edited).fields.size).toBe(0)
  })

  it('restores a deleted item', () => {
    b.at(10_000)
    const gone = deleteItem(base, b.stamp)
    expect(removalOf(restoreItem(gone, b.stamp))).toBe('none')
  })

  it("takes the newer client's unknown elements (B4)", () => {
    const remote = { ...base, schema: 2, extra: ['from the future', 7] }
    const local = editItem(base, new Map([['title', 'Bank 2']]), a.stamp)
    const plan = planMerge(base, local, remote, a.stamp)
    expect(plan.item.extra).toEqual(['from the future', 7])
    expect(plan.item.schema).toBe(2)
    expect(plan.changed).toBe(true)
  })

  it('has nothing to send when the other side already has it all', () => {
    const plan = planMerge(base, base, editItem(base, new Map([['title', 'x']]), b.stamp), a.stamp)
    expect(plan.changed).toBe(false)
  })
})

describe('item encoding (B4)', () => {
  it('carries unknown fields, kinds and elements unchanged', () => {
    const a = device(1)
    const known = createItem(draft({ title: 'T' }), a.stamp)
    const strange: Item = {
      ...known,
      kind: 'spaceship',
      schema: 9,
      fields: new Map([...known.fields, ['warp', { value: [1, 'x', new Uint8Array([1])], hlc: a.stamp() }]]),
      extra: [[1, 2], 'tail'],
    }
    const encoded = encodeItem(strange)
    expect(toHex(encodeItem(decodeItem(encoded)))).toBe(toHex(encoded))
    expect(equalItems(decodeItem(encoded), strange)).toBe(true)
  })

  it('refuses malformed items', () => {
    for (const bad of [
      [],
      [0],
      [1, 'password'],
      [1, 'password', [1, 2], [], null, null, []],
      [1, 'password', [1, 2, new Uint8Array(7)], [], null, null, []],
    ])
      expect(() => decodeItem(encodeCbor(bad))).toThrow('malformed')
  })

  it('SYN-31 refuses times after the year 9999, and a clock pushed to its end still writes times that others read', () => {
    const known = createItem(draft({ title: 'T' }), device(1).stamp)
    const late = { ...known, created: { ...known.created, ms: maxHlcMs + 1 } }
    expect(() => decodeItem(encodeItem(late))).toThrow('malformed')
    const clock = new HybridClock({ nowMs: () => 1 }, dev(1))
    clock.observe({ ms: maxHlcMs, ctr: maxHlcCounter })
    const last = { ...known, created: clock.tick() }
    expect(equalItems(decodeItem(encodeItem(last)), last)).toBe(true)
  })
})
