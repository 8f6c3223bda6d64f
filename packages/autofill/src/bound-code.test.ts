/** AUT-9: codes in messages that name their site, by the examples of the draft and by what senders of messages do. */
import { describe, expect, it } from 'vitest'
import { boundCodeOf, fitOfBoundCode, starterFeed, type BoundCode } from './index.ts'

const code = (host: string, embedded: string | null = null): BoundCode => ({ code: '747723', host, embedded })

describe('E8 a code in a message', () => {
  it.each<[string, BoundCode]>([
    ['747723 is your ExampleCo authentication code.\n\n@example.com #747723', code('example.com')],
    ['747723 er koden din.\r\n@example.com #747723\r\n', code('example.com')],
    ['@example.com #747723 %ecommerce.example', code('example.com', 'ecommerce.example')],
    ['@example.com #747723 @ecommerce.example', code('example.com', 'ecommerce.example')],
    ['@example.com #747723 %ecommerce.example $future', code('example.com', 'ecommerce.example')],
    ['@example.com #747723 $future', code('example.com')],
    ['@Example.COM #747723', code('example.com')],
  ])('is read: %j', (message, expected) => {
    expect(boundCodeOf(message)).toEqual(expected)
  })

  it.each([
    'Your code is 747723',
    'something @example.com #747723',
    '#747723 %ecommerce.example @example.com',
    '@example.com code #747723',
    '@example.com  #747723',
    '@example.com #747723\nDo not give it to anybody.',
    '@ #747723',
    '@example.com #',
    '',
  ])('is in none of these: %j', (message) => {
    expect(boundCodeOf(message)).toBeUndefined()
  })

  it('is looked for in messages, and not in whole documents', () => {
    expect(boundCodeOf(`${'x'.repeat(1_900)}\n@example.com #747723`)).toBeDefined()
    expect(boundCodeOf(`${'x'.repeat(2_000)}\n@example.com #747723`)).toBeUndefined()
  })

  it.each<[string, string, string]>([
    ['example.no', 'https://example.no/sign-in', 'exact'],
    ['example.no', 'https://login.example.no/', 'same-site'],
    ['login.example.no', 'https://example.no/', 'same-site'],
    ['example.no', 'https://example.com/', 'other'],
    ['example.no', 'https://example.no:8443/', 'exact'],
    ['keys.home', 'https://keys.home:8443/', 'exact'],
    // a look-alike, and the neighbour at one host of many
    ['example.no', 'https://example.no.evil.example/', 'other'],
    ['kari.github.io', 'https://ola.github.io/', 'other'],
    // the code is for a page that nobody on the way can read
    ['example.no', 'http://example.no/', 'other'],
    ['xn--80ak6aa92e.com', 'https://apple.com/', 'other'],
    ['example.no/path', 'https://example.com/', 'other'],
    ['evil.example/@example.no', 'https://example.no/', 'other'],
    ['exa mple', 'https://example.no/', 'other'],
  ])('for %s on %s: %s', (host, page, expected) => {
    expect(fitOfBoundCode(code(host), page, [])).toBe(expected)
  })

  it('goes into a frame only where the message names both the frame and the page around it', () => {
    const shop = 'https://shop.no'
    const bank = 'https://bank.no'
    const fits = (host: string, embedded: string | null, page: string, around: readonly string[]): string =>
      fitOfBoundCode(code(host, embedded), page, around)
    expect(fits('shop.no', 'bank.no', `${bank}/code`, [shop])).toBe('exact')
    expect(fits('shop.no', 'bank.no', 'https://3ds.bank.no/', [shop])).toBe('same-site')
    expect(fits('shop.no', 'bank.no', `${bank}/code`, [bank, shop])).toBe('exact')
    expect(fits('shop.no', 'bank.no', `${bank}/code`, [shop, shop])).toBe('exact')
    expect(fits('shop.no', 'bank.no', `${bank}/code`, ['https://www.shop.no', shop])).toBe('same-site')
    // for the shop's own page
    expect(fits('shop.no', null, `${bank}/code`, [shop])).toBe('other')
    // for the bank's own page, framed by somebody
    expect(fits('bank.no', null, `${bank}/code`, ['https://evil.no'])).toBe('other')
    expect(fits('shop.no', 'bank.no', `${bank}/code`, ['https://evil.no'])).toBe('other')
    expect(fits('shop.no', 'bank.no', `${bank}/code`, ['https://evil.no', shop])).toBe('other')
    expect(fits('shop.no', 'bank.no', `${bank}/code`, ['null', shop])).toBe('other')
    // for a frame, and asked for by the page itself
    expect(fits('shop.no', 'bank.no', `${shop}/`, [])).toBe('other')
  })

  it('counts sites that are known to be one as one, after a question', () => {
    const [group] = starterFeed.equivalents
    const [from, to] = [[...(group?.saved ?? [])][0] ?? '', [...(group?.usable ?? [])].at(-1) ?? '']
    expect(from).not.toBe(to)
    expect(fitOfBoundCode(code(from), `https://${to}/`, [])).toBe('other')
    expect(fitOfBoundCode(code(from), `https://${to}/`, [], starterFeed)).toBe('same-site')
  })
})
