import { describe, expect, it } from 'vitest'
import { parseFeed } from '@nokkel/autofill'
import type { ItemId } from '@nokkel/base'
import type { ItemSummary } from '@nokkel/client'
import { Matches } from './matches.ts'

const login = (title: string, ...sites: readonly string[]): ItemSummary => ({
  id: title as ItemId,
  kind: 'password',
  title,
  username: 'kari',
  sites,
  createdMs: 0,
  modifiedMs: 0,
  deletedMs: null,
  favorite: false,
  hasTotp: false,
  pending: false,
})

/** A keychain that is no more than its list, and counts how often it is asked for. */
function keychain(...items: readonly ItemSummary[]) {
  const list = [...items]
  const used = new Map<ItemId, number>()
  let asked = 0
  const matches = new Matches({
    items: async () => {
      asked++
      return [...list]
    },
    usedItems: async () => used,
  })
  return { list, used, matches, asked: () => asked }
}
const titles = (items: readonly ItemSummary[]): string[] => items.map(({ title }) => title)

describe('which items belong to a site', () => {
  it('E6 the exact host goes before the rest of its site; another site has none', async () => {
    const { matches } = keychain(
      login('whole', 'https://example.no'),
      login('shop', 'https://shop.example.no'),
      login('other', 'https://example.com'),
    )
    expect(titles(await matches.forPage('https://shop.example.no/in'))).toEqual(['shop', 'whole'])
    expect(await matches.forPage('https://elsewhere.no/')).toEqual([])
    expect(await matches.forPage('about:blank')).toEqual([])
  })

  it('EXT-11 of accounts that fit alike the one that was used last goes first', async () => {
    const { matches, used } = keychain(
      login('first', 'https://example.no'),
      login('second', 'https://example.no'),
      login('whole', 'https://www.example.no'),
    )
    expect(titles(await matches.forPage('https://example.no/'))).toEqual(['first', 'second', 'whole'])
    used.set('second' as ItemId, 2_000).set('whole' as ItemId, 3_000)
    expect(titles(await matches.forPage('https://example.no/'))).toEqual(['second', 'first', 'whole'])
  })

  it('E6 what was saved over HTTPS is of the site, and not for its pages over HTTP', async () => {
    const { matches } = keychain(login('safe', 'https://example.no'), login('plain', 'http://example.no'))
    expect(titles(await matches.ofSite('http://example.no/'))).toEqual(['safe', 'plain'])
    expect(titles(await matches.forPage('http://example.no/'))).toEqual(['plain'])
  })

  it('several addresses of one site count once, and of two sites for both', async () => {
    const { matches } = keychain(login('a', 'https://example.no', 'https://www.example.no/login', 'https://example.org'))
    expect(titles(await matches.forPage('https://example.no/'))).toEqual(['a'])
    expect(titles(await matches.forPage('https://example.org/'))).toEqual(['a'])
  })

  it('the list is read once for each change, and then says what holds', async () => {
    const { list, matches, asked } = keychain(login('a', 'https://example.no'))
    await matches.forPage('https://example.no/')
    await matches.forPage('https://example.com/')
    expect(asked()).toBe(1)
    list.push(login('b', 'https://example.com'))
    list[0] = login('a', 'https://moved.no')
    matches.changed()
    expect(titles(await matches.forPage('https://example.com/'))).toEqual(['b'])
    expect(await matches.forPage('https://example.no/')).toEqual([])
    expect(titles(await matches.forPage('https://moved.no/'))).toEqual(['a'])
    expect(asked()).toBe(2)
  })

  it('what is found by its words stands among the tab’s own where it belongs there', async () => {
    const { matches } = keychain(login('shop a', 'https://example.no'), login('shop b', 'https://example.com'))
    const { matches: here, others } = await matches.find('shop', 'https://example.com/')
    expect([titles(here), titles(others)]).toEqual([['shop b'], ['shop a']])
  })

  it('C1 after a lock nothing of it is left', async () => {
    const { list, matches } = keychain(login('a', 'https://example.no'))
    await matches.forPage('https://example.no/')
    list.length = 0
    matches.forget()
    expect(await matches.forPage('https://example.no/')).toEqual([])
    expect(await matches.find('', 'https://example.no/')).toEqual({ matches: [], others: [], total: 0 })
  })

  it('AUT-7 by the server’s word alone: apart, never among what is known of a site, and not where the site has its own', async () => {
    const items = [login('bank', 'https://bank.no'), login('own', 'https://own.no')]
    const feed = parseFeed({ sharedCredentials: '[{"shared":["bank.no","evil.no","own.no"]}]' })
    const matches = new Matches({ items: async () => items, usedItems: async () => new Map() }, () => Promise.resolve(feed))
    expect(titles(await matches.bySaying('https://www.evil.no/'))).toEqual(['bank', 'own'])
    expect(titles(await matches.bySaying('https://own.no/'))).toEqual([])
    expect(titles(await matches.bySaying('http://evil.no/'))).toEqual([])
    expect(titles(await matches.ofSite('https://evil.no/'))).toEqual([])
    expect(titles(await matches.forPage('https://evil.no/'))).toEqual([])
    expect(titles(await matches.ofTab('https://evil.no/'))).toEqual(['bank', 'own'])
  })
})
