import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startFeedSource, type FeedSource } from 'nokkel-server/feed-source/testing'
import type { Page } from 'playwright-core'
import { until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/**
 * A list of sites on its whole way: a source, a real server that fetches it, the extension in a real Chromium that takes it from there and believes
 * none of it (AUT-7). The sites are under a suffix that is private, so that each is a site of its own.
 */
const own = new Paired()
let source: FeedSource
const shared = JSON.stringify([
  { shared: ['bank.github.io', 'mobil.github.io', 'own.github.io'] },
  { shared: ['bank.github.io', 'github.io'] },
])
const rules = JSON.stringify({
  'strict.github.io': { 'password-rules': 'minlength: 14; maxlength: 14; required: digit; allowed: lower' },
  'weak.github.io': { 'password-rules': 'minlength: 4; maxlength: 4; allowed: digit' },
})

const valueOf = (page: Page, name: string): Promise<string> => page.locator(`[name=${name}]`).first().inputValue()
const at = (site: string, path = '/plain'): Promise<Page> => own.open(path, own.origin(`${site}.github.io`))

describe('sites that are one by the server’s word, in Chromium', () => {
  beforeAll(async () => {
    source = await startFeedSource({ 'shared-credentials.json': shared, 'password-rules.json': rules })
    await own.start({ env: { NOKKEL_SITE_DATA_URL: source.url } })
    await own.seed([
      { title: 'Banken', username: 'kari', password: 'for the bank', site: own.origin('bank.github.io') },
      { title: 'Eget', username: 'own', password: 'for own', site: own.origin('own.github.io') },
    ])
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

  it('AUT-7 at the field: both sites are named, nothing is filled before the click, and then what was chosen', async () => {
    const page = await at('mobil')
    await page.locator('[name=user]').click()
    const frame = await own.inline(page)
    expect(await frame.locator('.note').textContent()).toBe(words.t('extension.inline.said-site', { site: 'mobil.github.io' }))
    expect(await frame.getByRole('button', { name: /Banken/ }).textContent()).toContain('bank.github.io')
    expect(await valueOf(page, 'pass')).toBe('')
    await own.choose(page, /Banken/)
    await until(async () => (await valueOf(page, 'pass')) === 'for the bank', 'it is filled')
    await page.close()
  })

  it('AUT-7 in the popup: a question first, which names the page’s site', async () => {
    const page = await at('mobil')
    const [id, tab] = [await own.idOf('Banken'), await own.tabOf(page)]
    const origin = own.origin('mobil.github.io')
    expect((await own.call('fill', id, tab, '')).value).toEqual({ outcome: 'ask', origin, bySaying: true })
    expect((await own.call('fill', id, tab, own.origin('bank.github.io'))).value).toMatchObject({ outcome: 'ask' })
    expect(await valueOf(page, 'pass')).toBe('')
    const popup = await own.popupOver(page)
    await popup
      .getByRole('listitem')
      .filter({ hasText: 'Banken' })
      .getByRole('button', { name: words.t('extension.fill'), exact: true })
      .click()
    await popup.getByText(words.t('extension.fill-said-site', { origin })).waitFor()
    await popup.getByRole('button', { name: words.t('extension.fill-anyway') }).click()
    await until(async () => (await valueOf(page, 'pass')) === 'for the bank', 'it is filled')
    await popup.close()
    await page.close()
  })

  it('AUT-7 a site with something of its own is offered that alone', async () => {
    const page = await at('own')
    await page.locator('[name=user]').click()
    const frame = await own.inline(page)
    expect(await frame.getByRole('button').allTextContents()).toEqual([expect.stringContaining('Eget')])
    expect(await frame.locator('.note').count()).toBe(0)
    await page.close()
  })

  it('AUT-7 a lie about everybody’s name makes no stranger’s site one with the bank; nor is one so on plain HTTP', async () => {
    const page = await at('stranger')
    await page.locator('[name=user]').click()
    const plain = await own.open('/plain', own.origin('mobil.github.io', 'http')).catch(() => null)
    await page.waitForTimeout(1_500)
    expect(own.hasInline(page)).toBe(false)
    expect((await own.call('fill', await own.idOf('Banken'), await own.tabOf(page), own.origin('stranger.github.io'))).value).toMatchObject(
      {
        outcome: 'other-site',
      },
    )
    await plain?.close()
    await page.close()
  })

  it('AUT-7 its rules shape a strong password, and are none where they would leave one that can be guessed', async () => {
    const suggested = async (site: string): Promise<string> => {
      const page = await at(site, '/sign-up')
      await page.locator('[type=password]').first().click()
      await own.choose(page, new RegExp(words.t('extension.inline.suggestion')))
      await until(async () => (await page.locator('[type=password]').first().inputValue()) !== '', 'it is filled')
      const value = await page.locator('[type=password]').first().inputValue()
      await page.close()
      return value
    }
    expect(await suggested('strict')).toMatch(/^[a-z0-9]{14}$/)
    expect(await suggested('weak')).toMatch(/^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}$/)
  })

  it('AUT-7 works without the server, in a background that was started anew', async () => {
    await own.server.stop()
    await own.endWorker()
    const page = await at('mobil')
    await page.locator('[name=user]').click()
    expect(await (await own.inline(page)).getByRole('button', { name: /Banken/ }).textContent()).toContain('bank.github.io')
    await page.close()
    expect(source.asked.every((line) => !line.includes('bank'))).toBe(true)
  })
})
