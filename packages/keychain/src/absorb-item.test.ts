import { expect, it } from 'vitest'
import { absorbItem } from './absorb-item.ts'
import { createItem } from './commands.ts'
import type { Hlc } from './hlc.ts'
import type { Item } from './item.ts'

let ctr = 0
const stamp = (): Hlc => ({ ms: 1_000 + ++ctr, ctr: 0, dev: '0011223344556677' })
const make = (fields: Readonly<Record<string, string | boolean>>): Item =>
  createItem({ kind: 'password', fields: new Map(Object.entries(fields)) }, stamp)
const value = (item: Item, name: string): unknown => item.fields.get(name)?.value

it('B2 merging two items loses nothing: what is missing is taken, what differs is in the history', () => {
  const kept = make({ title: 'Bank', username: 'kari', password: 'new', 'site:https://bank.example': true, notes: 'mine' })
  const other = make({
    title: 'bank.example',
    username: 'kari',
    password: 'old',
    totp: 'JBSWY3DPEHPK3PXP',
    'site:bank.example': true,
    notes: 'theirs',
    favorite: true,
  })
  const merged = absorbItem(kept, other, stamp)
  expect(value(merged, 'title')).toBe('Bank')
  expect(value(merged, 'password')).toBe('new')
  expect(value(merged, 'totp')).toBe('JBSWY3DPEHPK3PXP')
  expect(value(merged, 'notes')).toBe('mine\n\ntheirs')
  expect([value(merged, 'site:https://bank.example'), value(merged, 'site:bank.example'), value(merged, 'favorite')]).toEqual([
    true,
    true,
    true,
  ])
  expect(merged.history.map(({ field, value: earlier }) => [field, earlier])).toEqual([['password', 'old']])
  // the other's own history comes along, and merging the same again changes nothing more
  const again = absorbItem(
    merged,
    { ...other, fields: new Map([...other.fields].filter(([name]) => name !== 'notes')), history: merged.history },
    stamp,
  )
  expect(again.history.map(({ value: earlier }) => earlier)).toEqual(['old'])
})

it('B2 fields that this version cannot name are carried, and kinds are not mixed', () => {
  const kept = make({ title: 'A' })
  const other: Item = { ...make({ title: 'A' }), fields: new Map([['future', { value: 7, hlc: stamp() }]]) }
  expect(value(absorbItem(kept, other, stamp), 'future')).toBe(7)
  expect(() => absorbItem(kept, { ...other, kind: 'note' }, stamp)).toThrow('malformed')
})
