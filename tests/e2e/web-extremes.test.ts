import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { until, World } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** Windows, words and lists at their limits: nothing is wider than the narrowest telephone, and the keyboard alone reaches and leaves everything. */
const unbroken = `A${'bcdefghij'.repeat(22)}Z`
const german = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverwaltungsvorschrift'
const emoji = '👩‍👩‍👧‍👦🏳️‍🌈👍🏽'
const rightToLeft = 'חשבון הבנק שלי'
const rows: readonly (readonly [title: string, site: string, username: string])[] = [
  [unbroken, `https://${'a'.repeat(60)}.${'b'.repeat(60)}.example/${'c'.repeat(120)}`, `${'kari'.repeat(30)}@${'d'.repeat(60)}.example`],
  [german, 'https://verwaltung.example', 'Freiherr von und zu Hohenlohe-Waldenburg-Schillingsfürst'],
  [emoji, 'https://emoji.example', '🙂'],
  [rightToLeft, 'https://bank.example', 'كاتب الحساب'],
  ['銀行の口座', 'https://cjk.example', '山田太郎'],
  // enough for several windows of the list
  ...Array.from({ length: 295 }, (_, n) => [`Rad ${String(n).padStart(3, '0')}`, `https://r${n}.example`, `ola${n}`] as const),
]
const pages = [
  '/devices',
  '/settings',
  '/security',
  '/recovery',
  '/activity',
  '/import',
  '/help',
  '/items/all',
  '/items/code',
  '/items/deleted',
]
const narrow = { width: 360, height: 640 }
const wide = { width: 1920, height: 1080 }

const world = new World()
let browser: Browser
let web: WebPage
let page: Page

/** What stands out of the window to the right or left, or makes it scroll sideways. */
function outside(): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = []
    for (const box of document.querySelectorAll('html, main, [role="dialog"]'))
      if (box.scrollWidth > box.clientWidth) found.push(`${box.tagName} scrolls sideways: ${box.scrollWidth} > ${box.clientWidth}`)
    for (const each of document.querySelectorAll('h1, h2, button, a, input, select, textarea, [role="option"], dd, p')) {
      const { left, right, width } = each.getBoundingClientRect()
      if (width > 0 && (left < -1 || right > innerWidth + 1)) found.push(`${each.outerHTML.slice(0, 80)} ${left} … ${right}`)
    }
    return found
  })
}

const moving = (): Promise<number> =>
  page.evaluate(() => document.getAnimations().filter(({ effect }) => Number(effect?.getComputedTiming().duration) > 1).length)
const focused = (): Promise<string> => page.evaluate(() => document.activeElement?.textContent ?? '')

describe('the web app at its limits', () => {
  beforeAll(async () => {
    buildWebApp()
    const server = await world.server()
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, 'nb', 'phone')
    page = web.page
    await page.setViewportSize(narrow)
    // a dialog that is still appearing is paler than it will be
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await web.createAccount('ole.nordmann.fra.den.lange.gata.i.den.lille.byen@epost.eksempel.example.org', 'W'.repeat(64))
    await web.go('/import')
    const choosing = page.waitForEvent('filechooser')
    await web.button('web.import.choose').click()
    const csv = ['name,url,username,password', ...rows.map((row) => [...row, 'passord-som-er-langt'].join(','))].join('\n')
    await (await choosing).setFiles({ name: 'rows.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) })
    await web.button('web.import.go', { count: rows.length }).click()
    await web.see('web.import.finished')
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it.each([narrow, wide])('C3 nothing stands out of a window of $width × $height, whatever the strings', async (size) => {
    await page.setViewportSize(size)
    for (const hash of pages) {
      await web.go(hash)
      await page.locator('main h1, main [role="search"]').filter({ visible: true }).first().waitFor()
      await page.waitForTimeout(200)
      expect(await outside(), hash).toEqual([])
      await web.lookAsIs(`${hash.replaceAll('/', '-').slice(1)}-${size.width}`)
    }
    for (const [at, title] of [unbroken, german, emoji, rightToLeft].entries()) {
      await web.go('/items/all')
      await web.field('web.search').fill(title.slice(0, 40))
      await web.option(title).click()
      await page.getByRole('heading', { name: title }).waitFor()
      expect(await outside(), title).toEqual([])
      await web.lookAsIs(`item-${at}-${size.width}`)
      await web.button('web.item.edit').click()
      await web.button('web.save').waitFor()
      expect(await outside(), `${title}, edited`).toEqual([])
      await web.lookAsIs(`edit-${at}-${size.width}`)
      await web.button('web.cancel').click()
    }
    await web.go('/items/all')
    await web.field('web.search').fill('')
  })

  it('C3 a list of hundreds is walked with the keyboard, to its end and back, and rows come as they are reached', async () => {
    await page.setViewportSize({ width: 1440, height: 900 })
    await web.go('/items/password')
    await web.see('web.list.count', { count: rows.length })
    await page.getByRole('listbox').focus()
    await page.keyboard.press('End')
    const active = async (): Promise<string> => {
      const id = (await page.getByRole('listbox').getAttribute('aria-activedescendant')) ?? ''
      return id === '' ? '' : page.locator(`[id="${id}"]`).innerText()
    }
    await until(async () => (await active()).includes(emoji), 'the last row is there')
    expect(await page.getByRole('option').count()).toBeLessThan(60)
    await page.keyboard.press('PageUp')
    await page.keyboard.press('PageUp')
    await until(async () => (await active()).includes('Rad'), 'rows in the middle are there')
    await page.keyboard.press('Home')
    await until(async () => (await active()).includes(unbroken), 'the first again')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: unbroken }).waitFor()
  })

  it('C3 each dialog is opened and left with the keyboard, and leaves the focus where it was', async () => {
    for (const [key, title] of [
      ['web.item.edit', 'web.edit.title'],
      ['web.item.delete', 'web.item.delete-ask'],
    ] as const) {
      await web.button(key).focus()
      await page.keyboard.press('Enter')
      await page.getByRole('dialog', { name: web.t(title, { title: unbroken, name: unbroken }) }).waitFor()
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      await until(async () => (await focused()) === web.t(key), 'the focus is where it was')
    }
    await web.button('web.add').focus()
    await page.keyboard.press('Enter')
    await page.getByRole('menu').waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await until(async () => (await focused()) === web.t('web.add'), 'the focus is where it was')
    expect(await focused()).toBe(web.t('web.add'))
  })

  it('C3 high contrast, forced colours and reduced motion: readable, and nothing moves', async () => {
    for (const [name, media] of [
      ['more-light', { contrast: 'more', colorScheme: 'light' }],
      ['more-dark', { contrast: 'more', colorScheme: 'dark' }],
      ['forced-light', { forcedColors: 'active', colorScheme: 'light' }],
      ['forced-dark', { forcedColors: 'active', colorScheme: 'dark' }],
    ] as const) {
      await page.emulateMedia({ contrast: null, forcedColors: null, reducedMotion: 'reduce', ...media })
      for (const hash of ['/items/all', '/settings', '/devices']) {
        await web.go(hash)
        await page.locator('main h1').filter({ visible: true }).first().waitFor()
        await page.waitForTimeout(200)
        await web.lookAsIs(`${name}${hash.replaceAll('/', '-')}`)
      }
      await web.go('/items/all')
      await web.button('web.add').click()
      await page.getByRole('menu').waitFor()
      expect(await moving()).toBe(0)
      await web.lookAsIs(`${name}-menu`)
      await page.keyboard.press('Escape')
    }
  })

  it('is clean', () => {
    expect(web.violations).toEqual([])
    expect(web.complaints).toEqual([])
  })
})
