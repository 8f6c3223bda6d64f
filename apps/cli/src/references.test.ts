import { describe, expect, it } from 'vitest'
import { chooseOne } from './references.ts'

const things = [
  { id: `abcd${'0'.repeat(28)}`, name: 'GitHub' },
  { id: `abce${'0'.repeat(28)}`, name: 'github' },
  { id: `1234${'0'.repeat(28)}`, name: 'Bank' },
  { id: `5678${'0'.repeat(28)}`, name: 'abce' },
  { id: `9999${'0'.repeat(28)}`, name: 'Kjøp' },
  { id: `9998${'0'.repeat(28)}`, name: 'Twice' },
  { id: `9997${'0'.repeat(28)}`, name: 'Twice' },
]
const choose = (reference: string) =>
  chooseOne(
    things,
    reference,
    ({ name }) => name,
    ({ id }) => id,
  )

describe('naming one of several', () => {
  it.each([
    ['GitHub', 'abcd'],
    ['github', 'abce'],
    ['BANK', '1234'],
    ['1234', '1234'],
    ['123400', '1234'],
    ['abce', '5678'],
    ['Kjøp', '9999'],
    ['KJØP', '9999'],
  ])('%s is %s…', (reference, id) => {
    expect(choose(reference).id.slice(0, 4)).toBe(id)
  })

  it.each(['Git', '123', 'ffff', '', 'zzzz'])('%j is nobody: no part of a name and no three digits', (reference) => {
    expect(() => choose(reference)).toThrow(expect.objectContaining({ code: 'not-found' }))
  })

  it.each(['Twice', 'GITHUB', 'twice'])('%s is refused as ambiguous, with the identifiers', (reference) => {
    expect(() => choose(reference)).toThrow(
      expect.objectContaining({
        code: 'ambiguous',
        params: expect.objectContaining({ count: 2, ids: expect.stringContaining('0000') as unknown }) as unknown,
      }),
    )
  })

  it('refuses a prefix of several identifiers', () => {
    const alike = [0, 1, 2, 3, 4, 5, 6].map((n) => ({ id: `cafe${n}${'0'.repeat(27)}`, name: `n${n}` }))
    expect(() =>
      chooseOne(
        alike,
        'cafe',
        ({ name }) => name,
        ({ id }) => id,
      ),
    ).toThrow(expect.objectContaining({ code: 'ambiguous', params: expect.objectContaining({ count: 7 }) as unknown }))
  })
})
