import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPasskeyAsk } from './passkey-messages.ts'

const ask = { kind: 'get', options: { challenge: 'x' }, ancestors: ['https://shop.no'], activated: true, permitted: true }

describe('what a document may say about passkeys (A34, PK-5)', () => {
  it('takes what fits the schema, and leaves out the rest', () => {
    expect(readPasskeyAsk({ ...ask, more: 1 })).toEqual(ask)
    expect(readPasskeyAsk({ ...ask, ticket: 'abc' })).toEqual({ ...ask, ticket: 'abc' })
    expect(readPasskeyAsk({ ...ask, ticket: 'x'.repeat(65) })).toEqual(ask)
  })

  it('an act or a policy that is not plainly true is none', () => {
    expect(readPasskeyAsk({ ...ask, activated: 'true', permitted: 1 })).toMatchObject({ activated: false, permitted: false })
  })

  it.each([
    ['another kind', { ...ask, kind: 'store' }],
    ['options that are none', { ...ask, options: 'x' }],
    ['no options', { ...ask, options: null }],
    ['frames without end', { ...ask, ancestors: Array.from({ length: 33 }, () => 'https://a.no') }],
    ['a frame without a name', { ...ask, ancestors: [1] }],
    ['an origin without end', { ...ask, ancestors: ['x'.repeat(301)] }],
    ['what is inherited', Object.create(ask)],
    ['nothing', null],
  ])('refuses %s', (_, value) => expect(readPasskeyAsk(value)).toBeNull())

  it('never throws', () => {
    fc.assert(fc.property(fc.anything(), (value) => void readPasskeyAsk(value)))
    fc.assert(
      fc.property(
        fc.record({
          kind: fc.constantFrom('get', 'create', 'x'),
          options: fc.object(),
          ancestors: fc.anything(),
          activated: fc.anything(),
          permitted: fc.anything(),
        }),
        (value) => {
          const read = readPasskeyAsk(value)
          if (read !== null) expect(read.ancestors.every((each) => typeof each === 'string')).toBe(true)
        },
      ),
    )
  })
})
