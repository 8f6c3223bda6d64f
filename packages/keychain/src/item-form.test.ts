import { describe, expect, it } from 'vitest'
import { readItemForm, type FormItem } from './item-form.ts'

const typed =
  (values: Readonly<Record<string, string>>) =>
  (name: string): string | null =>
    values[name] ?? null
const stored = (fields: Readonly<Record<string, string>>, more: Partial<FormItem> = {}): FormItem =>
  ({
    sites: [],
    tags: [],
    fields: Object.entries(fields).map(([name, text]) => ({ name, kind: 'text', secret: false, text })),
    ...more,
  }) as unknown as FormItem

describe('what is typed in an item’s form', () => {
  it.each(['2x28', '202', '20281', '-1', '0x1f', 'next year'])('C2 the year “%s” is a fault, and takes nothing away', (expiryYear) => {
    const { draft, faults } = readItemForm('card', stored({ expiryYear: '2027' }), typed({ expiryYear }))
    expect([...faults]).toEqual([['expiryYear', 'year']])
    expect(draft).toEqual([])
  })

  it('C2 only an empty field takes a number away', () => {
    const before = stored({ expiryMonth: '9', expiryYear: '2027' })
    expect(readItemForm('card', before, typed({ expiryMonth: '', expiryYear: ' ' })).draft).toEqual([
      ['expiryMonth', null],
      ['expiryYear', null],
    ])
    expect(readItemForm('card', null, typed({ expiryMonth: ' 09 ', expiryYear: '28' })).draft).toEqual([
      ['expiryMonth', 9],
      ['expiryYear', 28],
    ])
  })

  it.each(['0', '13', '19', '1.5', 'mai'])('C2 the month “%s” is a fault', (expiryMonth) => {
    expect([...readItemForm('card', null, typed({ expiryMonth })).faults]).toEqual([['expiryMonth', 'month']])
  })

  it('C2 an address with a comma is one site; tags are parted by commas', () => {
    const site = 'https://library.example/login?a=1,2'
    const { draft } = readItemForm('password', null, typed({ sites: `${site}\r\n library.example \n${site}`, tags: 'work, books,, work' }))
    expect(draft).toEqual([
      [`site:${site}`, true],
      ['site:library.example', true],
      ['tag:work', true],
      ['tag:books', true],
    ])
  })

  it('C2 what was not touched stays, also a tag with a comma and a key or number that is wrong already', () => {
    const before = stored({ totp: 'not a key!' }, { tags: ['one, two'], sites: ['a.example', 'b.example'] })
    const read = readItemForm('password', before, typed({ totp: 'not a key!', tags: 'one, two', sites: 'a.example\r\nb.example' }))
    expect(read).toEqual({ draft: [], faults: new Map(), cardNumberUnsure: false })
    expect(readItemForm('card', stored({ number: '1234 abc' }), typed({ number: '1234 abc' })).faults.size).toBe(0)
  })

  it.each(['12345678', 'JBSWY3DP!', 'A', 'otpauth://hotp/x?secret=JBSWY3DP', 'otpauth://totp/x?secret='])(
    'C2 “%s” is no key for codes',
    (totp) => {
      expect([...readItemForm('password', null, typed({ totp })).faults]).toEqual([['totp', 'totp']])
    },
  )

  it.each(['jbsw y3dp ehpk 3pxp', 'otpauth://totp/Bank:kari?secret=JBSWY3DPEHPK3PXP&digits=8'])('C2 “%s” is one', (totp) => {
    expect(readItemForm('password', null, typed({ totp })).draft).toEqual([['totp', totp]])
  })

  it.each(['1234 abc', '4111', '4111 1111 1111 1111 1111', '4111.1111.1111.1111'])('C2 “%s” is no card number', (number) => {
    const { faults, draft } = readItemForm('card', null, typed({ number }))
    expect([...faults]).toEqual([['number', 'card-number']])
    expect(draft).toEqual([])
  })

  it('C2 a card number with a wrong digit is doubted and not refused', () => {
    const doubted = readItemForm('card', null, typed({ number: '4111 1111 1111 1112' }))
    expect(doubted.cardNumberUnsure).toBe(true)
    expect(doubted.draft).toEqual([['number', '4111 1111 1111 1112']])
    for (const number of ['4111-1111-1111-1111', '3782 822463 10005', '6304000000000000'])
      expect(readItemForm('card', null, typed({ number }))).toMatchObject({ cardNumberUnsure: false, faults: new Map() })
  })
})
