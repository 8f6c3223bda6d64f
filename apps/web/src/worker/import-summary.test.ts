import { expect, it } from 'vitest'
import { summariseImport } from './import-summary.ts'

const report = { format: 'chrome-csv', rows: 0, added: 0, alreadyThere: 0, titles: [], rejected: [], notes: [] }

it('says a remark on many rows once, with the first of them', () => {
  const notes = Array.from({ length: 10_000 }, (_, at) => ({
    row: at + 1,
    code: at % 2 === 0 ? 'left-out' : 'totp-invalid',
    params: { field: 'x' },
  }))
  const { count, shown, more } = summariseImport({ ...report, notes }).notes
  expect({ count, more }).toEqual({ count: 10_000, more: 0 })
  expect(shown).toEqual([
    { code: 'left-out', params: { field: 'x' }, count: 5_000, rows: [1, 3, 5, 7, 9].map((row) => ({ row })) },
    { code: 'totp-invalid', params: { field: 'x' }, count: 5_000, rows: [2, 4, 6, 8, 10].map((row) => ({ row })) },
  ])
})

it('names refused rows by what they call themselves', () => {
  const rejected = [{ row: 3, title: 'Posten', reason: 'too-long', params: { field: 'x', max: 5 } }]
  expect(summariseImport({ ...report, rejected }).rejected.shown).toMatchObject([{ code: 'too-long', rows: [{ row: 3, title: 'Posten' }] }])
})

it('shows a bounded number of kinds, and counts the rest', () => {
  const rejected = Array.from({ length: 500 }, (_, at) => ({ row: at + 1, reason: 'duplicate-in-file', params: { firstRow: at } }))
  const { shown, more } = summariseImport({ ...report, rejected }).rejected
  expect([shown.length, more]).toEqual([40, 460])
})
