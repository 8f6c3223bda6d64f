import { setTimeout as delay } from 'node:timers/promises'
import { startFeedSource, type FeedSource } from 'nokkel-server/feed-source/testing'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Firefox } from './firefox.ts'

/** A list of sites on its whole way to a real Firefox ESR, which takes it from the server and believes none of it (AUT-7; `said-sites.test.ts` in Chromium). */
const own = new Firefox()
let source: FeedSource
const shared = JSON.stringify([
  { shared: ['bank.github.io', 'mobil.github.io', 'own.github.io'] },
  { shared: ['bank.github.io', 'github.io'] },
])
const rules = JSON.stringify({
  'strict.github.io': { 'password-rules': 'minlength: 14; maxlength: 14; required: digit; allowed: lower' },
  'weak.github.io': { 'password-rules': 'minlength: 4; maxlength: 4; allowed: digit' },
})
/** the only row of the list, in its middle */
const onlyRow = 30

const valueOf = (page: Page, name: string): Promise<string> => page.$eval(`[name=${name}]`, (field) => (field as HTMLInputElement).value)
const at = (site: string, path = '/plain'): Promise<Page> => own.open(path, own.origin(`${site}.github.io`))

describe('sites that are one by the server’s word, in Firefox', () => {
  beforeAll(async () => {
    source = await startFeedSource({ 'shared-credentials.json': shared, 'password-rules.json': rules })
    await own.start(
      (firefox) => [
        { title: 'Banken', username: 'kari', password: 'for the bank', site: firefox.origin('bank.github.io') },
        { title: 'Eget', username: 'own', password: 'for own', site: firefox.origin('own.github.io') },
      ],
      { env: { NOKKEL_SITE_DATA_URL: source.url } },
    )
    await own.join()
    await until(async () => {
      const { value } = await own.call('find', '', `${own.origin('mobil.github.io')}/plain`)
      return (value as { readonly matches: readonly unknown[] }).matches.length > 0
    }, 'the list is in the browser')
  })
  afterAll(async () => {
    await own.end()
    await source?.close()
  })

  it('AUT-7 at the field: nothing is filled before the click, and then what was chosen', async () => {
    const page = await at('mobil')
    await page.click('[name=user]')
    await until(async () => (await own.surface(page)) !== null, 'the list')
    // taller than the one row: the site is named above it
    expect((await own.surface(page))?.height).toBeGreaterThan(110)
    expect(await valueOf(page, 'pass')).toBe('')
    await own.press(page, onlyRow)
    await until(async () => (await valueOf(page, 'pass')) === 'for the bank', 'it is filled')
    await page.close()
  })

  it('AUT-7 from the popup: a question first, which names the page’s site', async () => {
    const page = await at('mobil')
    const [id, tab] = [await own.idOf('Banken'), await own.tabOf(page)]
    const origin = own.origin('mobil.github.io')
    expect((await own.call('fill', id, tab, '')).value).toEqual({ outcome: 'ask', origin, bySaying: true })
    expect((await own.call('fill', id, tab, own.origin('bank.github.io'))).value).toMatchObject({ outcome: 'ask' })
    expect(await valueOf(page, 'pass')).toBe('')
    expect((await own.call('fill', id, tab, origin)).value).toMatchObject({ outcome: 'filled' })
    expect(await valueOf(page, 'pass')).toBe('for the bank')
    await page.close()
  })

  it('AUT-7 a site with something of its own gets that alone', async () => {
    const page = await at('own')
    await page.click('[name=user]')
    await until(async () => (await own.surface(page)) !== null, 'the list')
    expect((await own.surface(page))?.height).toBeLessThan(90)
    await own.press(page, onlyRow)
    await until(async () => (await valueOf(page, 'pass')) === 'for own', 'it is filled')
    await page.close()
  })

  it('AUT-7 a lie about everybody’s name makes no stranger’s site one with the bank; nor is one so on plain HTTP', async () => {
    const page = await at('stranger')
    const plain = await own.open('/plain', own.origin('mobil.github.io', 'http'))
    for (const each of [page, plain]) {
      await each.bringToFront()
      await each.click('[name=user]')
      await delay(1_000)
      expect(await own.surface(each)).toBeNull()
    }
    const filled = await own.call('fill', await own.idOf('Banken'), await own.tabOf(page), own.origin('stranger.github.io'))
    expect(filled.value).toMatchObject({ outcome: 'other-site' })
    await plain.close()
    await page.close()
  })

  it('AUT-7 its rules shape a strong password, and are none where they would leave one that can be guessed', async () => {
    const suggested = async (site: string): Promise<string> => {
      const page = await at(site, '/sign-up')
      await page.click('#pass')
      await own.press(page, onlyRow)
      await until(async () => (await valueOf(page, 'pass')) !== '', 'it is filled')
      const value = await valueOf(page, 'pass')
      await page.close()
      return value
    }
    expect(await suggested('strict')).toMatch(/^[a-z0-9]{14}$/)
    expect(await suggested('weak')).toMatch(/^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}$/)
  })

  it('AUT-7 works without the server, in an extension that was started anew; nobody was asked about a site', async () => {
    await own.server.stop()
    await own.update()
    await own.call('unlock', passcode)
    const page = await at('mobil')
    await page.click('[name=user]')
    await own.press(page, onlyRow)
    await until(async () => (await valueOf(page, 'pass')) === 'for the bank', 'it is filled')
    await page.close()
    expect(source.asked.every((line) => !line.includes('bank'))).toBe(true)
  })
})
