/** Commands on items whose history holds what lost a conflict (B2, SYN-22). */
import { describe, expect, it } from 'vitest'
import { createItem, editItem, restoreHistory } from './commands.ts'
import { HybridClock } from './hlc.ts'
import { planMerge } from './merge.ts'
import type { Item } from './item.ts'

describe('SYN-22 what lost a conflict', () => {
  let ms = 1_000
  const clockOf = (dev: string) => new HybridClock({ nowMs: () => ++ms }, dev.repeat(16))
  const [a, b] = [clockOf('a'), clockOf('b')]
  const fields = (password: string, username: string) =>
    new Map([
      ['password', password],
      ['username', username],
    ])
  const lost = (item: Item): unknown[] =>
    item.history.filter(({ reason }) => reason === 'conflict').map(({ field, value }) => [field, value])

  function conflicted(): Item {
    const base = createItem({ kind: 'password', fields: fields('p0', 'u0') }, () => a.tick())
    const ours = editItem(base, fields('p1', 'u1'), () => a.tick())
    const theirs = editItem(base, fields('p2', 'u2'), () => b.tick())
    return planMerge(base, ours, theirs, () => a.tick()).item
  }

  it('stays lost until somebody writes that field, and of that field alone', () => {
    const item = conflicted()
    expect(lost(item)).toEqual([
      ['password', 'p1'],
      ['username', 'u1'],
    ])
    expect(lost(editItem(item, new Map([['notes', 'x']]), () => a.tick()))).toHaveLength(2)
    const typed = editItem(item, new Map([['password', 'p1']]), () => a.tick())
    expect(lost(typed)).toEqual([['username', 'u1']])
    // nothing of the history is gone
    expect(typed.history.map(({ value }) => value)).toEqual(expect.arrayContaining(['p0', 'p1', 'p2', 'u0', 'u1']))
  })

  it('is no longer lost when it, or another value of the field, is brought back', () => {
    const item = conflicted()
    for (const value of ['p1', 'p0']) {
      const at = item.history.findIndex((entry) => entry.field === 'password' && entry.value === value)
      const back = restoreHistory(item, at, () => a.tick())
      expect(back.fields.get('password')?.value).toBe(value)
      expect(lost(back)).toEqual([['username', 'u1']])
    }
  })
})
