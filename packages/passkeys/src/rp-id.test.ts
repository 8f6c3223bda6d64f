import { describe, expect, it } from 'vitest'
import { rpIdFault } from './rp-id.ts'

describe('PK-2 for which site an origin may ask', () => {
  it.each([
    ['shop.no', 'https://shop.no'],
    ['shop.no', 'https://login.shop.no'],
    ['login.shop.no', 'https://login.shop.no'],
    ['shop.no', 'https://a.b.login.shop.no:8443'],
    ['kari.github.io', 'https://kari.github.io'],
    ['kari.github.io', 'https://app.kari.github.io'],
    ['shop.co.uk', 'https://www.shop.co.uk'],
    ['xn--rksmrgs-5wao1o.no', 'https://www.xn--rksmrgs-5wao1o.no'],
    ['localhost', 'http://localhost:3000'],
    ['localhost', 'https://localhost'],
    ['app.localhost', 'http://app.localhost:3000'],
    ['intranet', 'https://intranet'],
    ['shop.example', 'https://shop.example:4443'],
  ])('%s for %s', (rpId, origin) => expect(rpIdFault(rpId, origin)).toBeUndefined())

  it.each([
    ['another site', 'bank.no', 'https://shop.no'],
    ['a name that only ends alike', 'shop.no', 'https://workshop.no'],
    ['a child of the host', 'login.shop.no', 'https://shop.no'],
    ['a sibling', 'login.shop.no', 'https://www.shop.no'],
    ['a public suffix', 'no', 'https://shop.no'],
    ['a public suffix of two labels', 'co.uk', 'https://www.shop.co.uk'],
    ['a private public suffix', 'github.io', 'https://kari.github.io'],
    ['the parent of a public suffix', 'uk', 'https://www.shop.co.uk'],
    ['the parent of a private public suffix', 'io', 'https://kari.github.io'],
    ['another customer of one host', 'ola.github.io', 'https://kari.github.io'],
    ['a parent whose suffix nobody knows', 'intern', 'https://shop.intern'],
    ['localhost for a name below it', 'localhost', 'http://app.localhost'],
    ['nothing', '', 'https://shop.no'],
    ['upper case', 'Shop.no', 'https://shop.no'],
    ['a dot at the end', 'shop.no.', 'https://shop.no'],
    ['a port', 'shop.no:443', 'https://shop.no'],
    ['an address', 'https://shop.no', 'https://shop.no'],
    ['a path', 'shop.no/', 'https://shop.no'],
    ['a user', 'kari@shop.no', 'https://shop.no'],
    ['a name that is not in punycode', 'rødgrød.no', 'https://xn--rdgrd-vuad.no'],
    ['a name of 254 characters', `${'a.'.repeat(125)}no.no`, 'https://shop.no'],
  ])('never %s', (_, rpId, origin) => expect(rpIdFault(rpId, origin)).toBe('other-rp'))

  it.each([
    ['http://shop.no', 'shop.no'],
    ['http://127.0.0.1', '127.0.0.1'],
    ['http://localhost.shop.no', 'localhost.shop.no'],
    ['file://', ''],
    ['null', ''],
    ['chrome-extension://abcdefgh', 'abcdefgh'],
    ['https://shop.no/path', 'shop.no'],
    ['', ''],
  ])('not from %s', (origin, rpId) => expect(rpIdFault(rpId, origin)).toBe('insecure-origin'))

  it.each([
    ['https://127.0.0.1', '127.0.0.1'],
    ['https://192.168.1.4:8443', '192.168.1.4'],
    ['https://[::1]', '[::1]'],
  ])('not from an address of numbers: %s', (origin, rpId) => expect(rpIdFault(rpId, origin)).toBe('ip-address'))
})
