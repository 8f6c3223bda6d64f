/** Lookups that are gathered: each gets its own row, alone it goes alone, and what fails fails for those who asked and nobody after. */
import { describe, expect, test } from 'vitest'
import { gathered } from './gathered.ts'

interface Row {
  readonly id: string
  readonly askedAfter: number
}

function world() {
  const groups: (readonly string[])[] = []
  let state = 0
  let isBroken = false
  const release: (() => void)[] = []
  const answer = async (keys: readonly string[]): Promise<Row[]> => {
    groups.push(keys)
    const askedAfter = state
    await new Promise<void>((resolve) => release.push(resolve))
    if (isBroken) throw new Error('gone')
    return keys.filter((key) => key !== 'none').map((id) => ({ id, askedAfter }))
  }
  const find = gathered<string, Row>({
    one: async (key) => (await answer([key]))[0],
    many: answer,
    nameOfKey: (key) => key,
    nameOfRow: ({ id }) => id,
  })
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve))
  return {
    find,
    groups,
    turn,
    /** answers everything, until nobody waits */
    async flush() {
      for (let quiet = 0; quiet < 3;) {
        await turn()
        if (release.length === 0) quiet++
        for (const each of release.splice(0)) each()
      }
    },
    breakDown: (broken: boolean) => (isBroken = broken),
    change: () => ++state,
  }
}

describe('gathered lookups', () => {
  test('alone goes alone; those who come meanwhile go together, each with its own row or none', async () => {
    const { find, groups, turn, flush } = world()
    const first = find('a')
    await turn()
    const second = find('b')
    await turn()
    // two are under way: these wait
    const others = ['c', 'd', 'none', 'c'].map(find)
    await flush()
    expect((await first)?.id).toBe('a')
    expect((await second)?.id).toBe('b')
    expect((await Promise.all(others)).map((row) => row?.id)).toEqual(['c', 'd', undefined, 'c'])
    expect(groups).toEqual([['a'], ['b'], ['c', 'd', 'none', 'c']])
  })

  test('nobody is answered by a lookup that was on its way before it asked', async () => {
    const { find, turn, flush, change } = world()
    const early = find('a')
    await turn()
    change()
    const late = find('a')
    await flush()
    expect((await early)?.askedAfter).toBe(0)
    expect((await late)?.askedAfter).toBe(1)
  })

  test('a group has an end', async () => {
    const { find, groups, flush } = world()
    const all = Promise.all(Array.from({ length: 200 }, (_, n) => find(String(n))))
    await flush()
    expect((await all).map((row) => row?.id)).toEqual(Array.from({ length: 200 }, (_, n) => String(n)))
    expect(Math.max(...groups.map((group) => group.length))).toBe(64)
  })

  test('what fails fails for those who asked, and the next are answered', async () => {
    const { find, flush, breakDown } = world()
    breakDown(true)
    const settled = Promise.allSettled(['a', 'b', 'c'].map(find))
    await flush()
    expect((await settled).map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
    breakDown(false)
    const after = find('a')
    await flush()
    expect((await after)?.id).toBe('a')
  })
})
