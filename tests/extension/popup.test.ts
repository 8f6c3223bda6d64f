import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/** The popup's rows and its search, in a real Chromium: each kind with the copy that one wants of it, Enter, and the item's site (E6, E5). */
const own = new Paired()
const copied = (page: Page): Promise<string> => page.evaluate(() => navigator.clipboard.readText())
const row = (popup: Page, title: string) => popup.getByRole('listitem').filter({ has: popup.getByText(title, { exact: true }) })
const buttons = async (popup: Page, title: string): Promise<readonly (string | null)[]> =>
  Promise.all((await row(popup, title).locator('button[aria-label]').all()).map((each) => each.getAttribute('aria-label')))

describe('the popup, in Chromium', () => {
  let popup: Page
  beforeAll(async () => {
    await own.start()
    await own.seed([
      { title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: own.origin() },
      { title: 'Elsewhere', username: 'ola', password: 'hemmelig nok 2', site: own.origin('other.example') },
      { title: 'Odd', username: 'odd', password: 'hemmelig nok 3', site: 'javascript:alert(1)' },
      { title: 'Visa', holder: 'Kari Nordmann', number: '4111111111111111', month: '10', year: '2028' },
    ])
    await own.cli.ok(['add', 'wifi', '--title', 'Hytta', '--field', 'ssid=Hytta 5G', '--field', 'password=-'], { input: 'furu og einer' })
    await own.cli.ok(['add', 'note', '--title', 'Notat', '--field', 'notes=-'], { input: 'bak steinen' })
    await own.join()
    await own.call('add', 'password', [
      ['title', 'Tomt'],
      ['username', 'kari'],
    ])
    await own.context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const page = await own.open('/plain')
    popup = await own.popupOver(page)
    await row(popup, 'Notat').waitFor()
  })
  afterAll(() => own.end())

  it('each kind has the copy that one wants of it, named for what it copies', async () => {
    const { t } = words
    expect(await buttons(popup, 'Visa')).toEqual([t('extension.copy-card-number')])
    expect(await buttons(popup, 'Hytta')).toEqual([t('extension.copy-password')])
    expect(await buttons(popup, 'Notat')).toEqual([t('extension.copy-note')])
    const site = new URL(own.origin('other.example')).host
    expect(await buttons(popup, 'Elsewhere')).toEqual([
      t('extension.copy-username'),
      t('extension.copy-password'),
      t('extension.open-site', { site }),
    ])
  })

  it.each([
    ['Visa', 'extension.copy-card-number', '4111111111111111'],
    ['Hytta', 'extension.copy-password', 'furu og einer'],
    ['Notat', 'extension.copy-note', 'bak steinen'],
    ['Shop', 'extension.copy-password', 'hemmelig nok 1'],
  ] as const)('%s: %s copies it', async (title, label, text) => {
    await popup.bringToFront()
    await row(popup, title)
      .getByRole('button', { name: words.t(label) })
      .click()
    await until(async () => (await copied(popup)) === text, 'copied')
    expect(await copied(popup)).toBe(text)
  })

  it('of what is empty nothing is copied, and it says so', async () => {
    await popup.bringToFront()
    await popup.evaluate(() => navigator.clipboard.writeText('before'))
    await row(popup, 'Tomt')
      .getByRole('button', { name: words.t('extension.copy-password') })
      .click()
    await popup.getByText(words.t('extension.copy-nothing')).waitFor()
    expect(await copied(popup)).toBe('before')
  })

  it('Enter in the search fills the first that belongs to the tab, found or not', async () => {
    const page = await own.open('/plain')
    const over = await own.popupOver(page)
    await over.getByRole('button', { name: words.t('extension.fill'), exact: true }).waitFor()
    await over.getByRole('searchbox').press('Enter')
    await until(async () => (await page.locator('#pass').inputValue()) === 'hemmelig nok 1', 'filled')
    await page.reload()
    // what was typed last counts, and not what stood there before
    await over.getByRole('searchbox').fill('shop')
    await over.getByRole('searchbox').press('Enter')
    await until(async () => (await page.locator('#pass').inputValue()) === 'hemmelig nok 1', 'filled')
    expect(await over.getByRole('listitem').count()).toBe(1)
    await over.close()
    await page.close()
  })

  it('Enter opens the site of the first that is found, or copies what has none; an address that is no site is none', async () => {
    await popup.bringToFront()
    const opened = own.context.waitForEvent('page')
    await popup.getByRole('searchbox').fill('elsewhere')
    await popup.getByRole('searchbox').press('Enter')
    const tab = await opened
    await tab.waitForURL(/other\.example/)
    await tab.close()
    await popup.bringToFront()
    await popup.getByRole('searchbox').fill('hytta')
    await popup.getByRole('searchbox').press('Enter')
    await until(async () => (await copied(popup)) === 'furu og einer', 'copied')
    await popup.getByRole('searchbox').fill('odd')
    await row(popup, 'Odd').waitFor()
    expect(await buttons(popup, 'Odd')).toEqual([words.t('extension.copy-username'), words.t('extension.copy-password')])
  })
})
