/** `vectors/state-root.json`: one hash for a set of items and records (SYN-7). */
import { fromHex, newId, parseId, toHex, type ItemId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { StateRoot } from '@nokkel/protocol'
import { expect } from 'vitest'
import type { Suite } from './format.ts'

interface RootSuite extends Suite {
  readonly accept: readonly {
    readonly name: string
    readonly records: readonly (readonly [item: string, hash: string])[]
    readonly root: string
  }[]
  /** sets whose roots must differ from that of the case named */
  readonly differ: readonly {
    readonly name: string
    readonly from: string
    readonly records: readonly (readonly [item: string, hash: string])[]
  }[]
}

type Records = readonly (readonly [item: string, hash: string])[]

function rootOf(records: Records): string {
  const root = new StateRoot()
  for (const [item, hash] of records) root.set(parseId<ItemId>(item), fromHex(hash))
  return toHex(root.root())
}

export function build(): RootSuite {
  const random = new SeededRandom(303)
  const pair = (prefix = '') => [`${prefix}${newId<ItemId>(random).slice(prefix.length)}`, toHex(random.bytes(32))] as const
  const one = pair()
  const sameBucket = [pair('7f'), pair('7f'), pair('7f')]
  const many = Array.from({ length: 40 }, () => pair())
  const cases: readonly (readonly [name: string, records: Records])[] = [
    ['nothing', []],
    ['one item', [one]],
    ['three items in one bucket', sameBucket],
    ['three items in one bucket, given the other way round', [...sameBucket].reverse()],
    ['forty items', many],
    ['an item whose record was replaced', [...many, [many[3]?.[0] ?? '', one[1]]]],
  ]
  const [first = one, second = one] = sameBucket
  return {
    about: 'Later pairs replace earlier ones of the same item. "differ": a set that must not have the root of the case named under "from".',
    rules: ['SYN-7'],
    accept: cases.map(([name, records]) => ({ name, records, root: rootOf(records) })),
    differ: [
      { name: 'one item less', from: 'forty items', records: many.slice(1) },
      { name: 'one item more', from: 'forty items', records: [...many, one] },
      { name: 'an older record', from: 'one item', records: [[one[0], second[1]]] },
      {
        name: 'two records exchanged',
        from: 'three items in one bucket',
        records: [[first[0], second[1]], [second[0], first[1]], ...sameBucket.slice(2)],
      },
      { name: 'the same record under another item', from: 'one item', records: [[first[0], one[1]]] },
    ],
  }
}

export function check(suite: RootSuite): number {
  const roots = new Map(suite.accept.map(({ name, root }) => [name, root]))
  for (const { name, records, root } of suite.accept) expect(rootOf(records), name).toBe(root)
  for (const { name, from, records } of suite.differ) expect(rootOf(records), name).not.toBe(roots.get(from))
  return suite.accept.length + suite.differ.length
}
