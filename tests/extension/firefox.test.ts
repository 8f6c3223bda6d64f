import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { Firefox } from './firefox.ts'

/** The same extension in a real Firefox ESR: what is not the engine's but the browser's. */
const own = new Firefox()

const value = (page: Page, name: string): Promise<string> => page.$eval(`[name=${name}]`, (element) => (element as HTMLInputElement).value)
async function whyOf(page: Page): Promise<string[]> {
  const { value: found } = await own.call('findings', await own.tabOf(page))
  return (found as { readonly why: readonly { readonly about: string; readonly reason: string }[] }).why.map(
    ({ about, reason }) => `${about}: ${reason}`,
  )
}
async function fillFromPopup(page: Page, title: string, confirmed = ''): Promise<unknown> {
  return (await own.call('fill', await own.idOf(title), await own.tabOf(page), confirmed)).value
}
async function matches(origin: string): Promise<readonly { readonly username: string }[]> {
  return ((await own.call('find', '', origin)).value as { readonly matches: readonly { readonly username: string }[] }).matches
}
async function signIn(page: Page, username: string, password: string): Promise<void> {
  await page.type('[name=user]', username)
  await page.type('[name=pass]', password)
  await page.keyboard.press('Escape')
  await Promise.all([page.waitForNavigation(), page.click('button')])
}

describe('the extension in Firefox', () => {
  beforeAll(async () => {
    await own.start((firefox) => [
      { title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: firefox.origin() },
      { title: 'Visa', holder: 'Kari Nordmann', number: '4111111111111111', month: '10', year: '2028' },
    ])
    await own.join()
  })
  afterAll(() => own.end())

  it('A5 joined by approval, and everything is there', async () => {
    expect(await matches(own.origin())).toMatchObject([{ username: 'kari' }])
  })

  it('EXT-13 an item is opened, edited and asked about in the popup: its secret is not in the page, and what was typed arrives', async () => {
    const { popup } = own
    const press = (selector: string): Promise<void> => popup.$eval(selector, (element) => (element as HTMLElement).click())
    const shows = (selector: string): Promise<void> => until(async () => (await popup.$(selector)) !== null, selector)
    await popup.bringToFront()
    await until(async () => (await popup.$('[data-item]')) !== null, 'the rows')
    await popup.$$eval('[data-item]', (rows) => (rows.find((row) => row.textContent?.includes('Shop')) as HTMLElement).click())
    await shows('dl')
    expect(await popup.content()).not.toContain('hemmelig nok 1')
    await popup.$$eval('main button', (all) => (all.at(-1) as HTMLElement).click())
    await shows('form [name=username]')
    await popup.$eval('[name=username]', (element) => void ((element as HTMLInputElement).value = 'kari i Firefox'))
    await popup.keyboard.press('Escape')
    await shows('dialog[open]')
    await popup.keyboard.press('Escape')
    await until(async () => (await popup.$('dialog[open]')) === null, 'the question is gone')
    expect(await popup.$eval('[name=username]', (element) => (element as HTMLInputElement).value)).toBe('kari i Firefox')
    await press('form [type=submit]')
    await shows('dl')
    await until(async () => {
      await own.cli.ok(['sync'])
      return JSON.stringify(await own.cli.ok(['list'])).includes('kari i Firefox')
    }, 'it is on the other device')
    const back = [['username', 'kari']]
    await own.call('edit', await own.idOf('Shop'), back)
    expect(await matches(own.origin())).toMatchObject([{ username: 'kari' }])
    await popup.keyboard.press('Escape')
    await shows('[data-item]')
  })

  it('E6 offers the account at the field and fills it when it is chosen', async () => {
    const page = await own.open('/plain')
    await page.click('#user')
    await own.press(page, 30)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1')
    expect(await value(page, 'user')).toBe('kari')
    await page.close()
  })

  it('E6 fields in a closed shadow root', async () => {
    const page = await own.open('/shadow-closed')
    await page.evaluate('put()')
    await own.press(page, 30)
    await until(async () => JSON.stringify(await page.evaluate('values()')) === '["kari","hemmelig nok 1"]')
    expect(await page.evaluate('values()')).toEqual(['kari', 'hemmelig nok 1'])
    await page.close()
  })

  it('E5 a card is chosen, and its security code stays empty', async () => {
    const page = await own.open('/card')
    await page.click('#number')
    await own.press(page, 30)
    await until(async () => (await value(page, 'number')) === '4111111111111111')
    expect([await value(page, 'expiry'), await value(page, 'code')]).toEqual(['10/28', ''])
    await page.close()
  })

  it('E6 a frame of another site: no menu, and from the popup only after its origin was named', async () => {
    const page = await own.open('/frame-cross', own.origin('partner.example'))
    const handle = await page.waitForSelector('iframe')
    const frame = await handle?.contentFrame()
    await until(async () => (await frame?.$('#user')) !== null)
    await frame?.click('#user')
    await delay(500)
    expect(await frame?.$('[popover]')).toBeNull()
    expect(await fillFromPopup(page, 'Shop')).toEqual({ outcome: 'ask', origin: own.origin() })
    expect(await fillFromPopup(page, 'Shop', own.origin())).toMatchObject({ outcome: 'filled' })
    expect(await frame?.$eval('[name=pass]', (element) => (element as HTMLInputElement).value)).toBe('hemmelig nok 1')
    await page.close()
  })

  it('E6 another site, and plain HTTP: nothing, and the reason', async () => {
    const page = await own.open('/plain', own.origin('bank.example'))
    expect(await whyOf(page)).toEqual(['fill: no-match'])
    await page.goto(`${own.origin('shop.example', 'http')}/plain`)
    await page.click('#user')
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    expect(await whyOf(page)).toEqual(['fill: insecure-page'])
    expect(await fillFromPopup(page, 'Shop')).toMatchObject({ outcome: 'insecure-page' })
    await page.close()
  })

  it('E2 offers to save after success, saves, and then has nothing to ask', async () => {
    const page = await own.open('/plain', own.origin('first.example'))
    await signIn(page, 'ola', 'nytt passord 1')
    await until(async () => (await own.surface(page)) !== null, 'the question')
    // above "never for this site"
    await own.press(page, 82)
    await until(async () => (await matches(own.origin('first.example'))).length === 1, 'saved')
    expect(await matches(own.origin('first.example'))).toMatchObject([{ username: 'ola' }])
    await page.goto(`${own.origin('first.example')}/plain`)
    await signIn(page, 'ola', 'nytt passord 1')
    await until(async () => (await whyOf(page)).includes('save: nothing-changed'))
    await page.close()
  })

  it('AUT-4 a sign-in that failed is not saved', async () => {
    const page = await own.open('/plain', own.origin('failed.example'))
    await signIn(page, 'ola', 'wrong')
    await until(async () => (await whyOf(page)).includes('save: not-succeeded'))
    expect(await matches(own.origin('failed.example'))).toEqual([])
    await page.close()
  })

  it('E3 in a private window, where nobody has allowed it, it is not there at all', async () => {
    const page = await own.privateWindow('/plain')
    await page.click('#user')
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    // not even the tab is known to it, so there is nothing that it could fill or find
    const tab = await own.tabOf(page)
    expect(tab).toBe(-1)
    expect((await own.call('fill', await own.idOf('Shop'), tab, '')).value).not.toMatchObject({ outcome: 'filled' })
    expect([await value(page, 'user'), await value(page, 'pass')]).toEqual(['', ''])
    await page.close()
  })

  it('C2 what was copied is gone from the clipboard after a minute', async () => {
    const copied = 'hemmelig nok 1'
    const clipboard = (): Promise<unknown> => own.popup.evaluate('navigator.clipboard.readText()')
    await own.popup.bringToFront()
    await own.popup.evaluate(`navigator.clipboard.writeText(${JSON.stringify(copied)})`)
    await own.call('copied', createHash('sha256').update(copied).digest('base64url'))
    expect(await clipboard()).toBe(copied)
    await until(async () => (await clipboard()) === '', 'emptied', 100_000)
    expect(await clipboard()).toBe('')
  }, 120_000)
})
