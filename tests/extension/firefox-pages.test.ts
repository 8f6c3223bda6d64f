import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { Firefox } from './firefox.ts'
import { filledCards } from './site/pages.ts'

/** The kinds of pages that there are, in a real Firefox ESR: how elements are reached and filled there is the browser's own. */
const own = new Firefox()

const value = (page: Page, name: string): Promise<string> => page.$eval(`[name=${name}]`, (element) => (element as HTMLInputElement).value)
/** the lowest row of the list, in its middle */
const lowestRow = 30

/** the one above it */
const secondRow = 82

describe('filling, in Firefox', () => {
  beforeAll(async () => {
    await own.start((firefox) => [
      { title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: firefox.origin() },
      { title: 'Bank A', username: 'kari', password: 'hemmelig nok 4', site: firefox.origin('bank.example') },
      { title: 'Bank B', username: 'firma', password: 'hemmelig nok 5', site: firefox.origin('bank.example') },
      { title: 'With code', username: 'kari', password: 'hemmelig nok 6', site: firefox.origin('code.example'), totp: 'JBSWY3DPEHPK3PXP' },
      { title: 'Visa', holder: 'Kari Nordmann', number: '4111111111111111', month: '10', year: '2028' },
    ])
    await own.join()
  })
  afterAll(() => own.end())

  it.each(['/spa', '/framework', '/shadow-open', '/shadow-beside', '/shadow-custom-beside', '/shadow-name', '/dialog'])(
    'E6 fills at the field: %s',
    async (path) => {
      const page = await own.open(path)
      const shadow = path.startsWith('/shadow')
      if (path === '/dialog') await page.click('#open')
      if (shadow) await page.evaluate('put()')
      else await page.click('#user')
      await own.press(page, lowestRow)
      const values = (): Promise<unknown> => (shadow ? page.evaluate('values()') : Promise.all([value(page, 'user'), value(page, 'pass')]))
      await until(async () => JSON.stringify(await values()) === '["kari","hemmelig nok 1"]', `${path} filled`)
      // what a framework did not hear of it puts back
      await delay(100)
      expect(await values()).toEqual(['kari', 'hemmelig nok 1'])
      await page.close()
    },
  )

  it('E6 two steps: the name first, then the password, which the site focuses itself', async () => {
    const page = await own.open('/step-one')
    await page.click('#user')
    await own.press(page, lowestRow)
    await until(async () => (await value(page, 'user')) === 'kari')
    await Promise.all([page.waitForNavigation(), page.click('button')])
    await own.press(page, lowestRow)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1')
    expect(page.url()).toContain('/step-two')
    await page.close()
  })

  it('E6 with several accounts the person chooses', async () => {
    const filled = async (row: number): Promise<readonly [string, string]> => {
      const page = await own.open('/plain', own.origin('bank.example'))
      await page.click('#user')
      await own.press(page, row)
      await until(async () => (await value(page, 'pass')) !== '', 'filled')
      const found = [await value(page, 'user'), await value(page, 'pass')] as const
      await page.close()
      return found
    }
    const first = await filled(lowestRow)
    // the one that was used last stands first the next time, and the other one below it
    const other = await filled(lowestRow)
    expect([first, other].toSorted()).toEqual([
      ['firma', 'hemmelig nok 5'],
      ['kari', 'hemmelig nok 4'],
    ])
    expect(await filled(secondRow)).toEqual(other)
  })

  it('E7 a strong password where a new one is asked for, twice, and by the rules of the site', async () => {
    const page = await own.open('/sign-up')
    await page.click('#pass')
    await own.press(page, lowestRow)
    await until(async () => (await value(page, 'pass')) !== '')
    expect(await value(page, 'pass')).toMatch(/^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}$/)
    expect([await value(page, 'user'), await value(page, 'again')]).toEqual(['', await value(page, 'pass')])
    await page.goto(`${own.origin()}/sign-up-rules`)
    await page.click('#pass')
    await own.press(page, secondRow)
    await until(async () => (await value(page, 'pass')) !== '')
    expect(await value(page, 'pass')).toMatch(/^\d{8}$/)
    await page.close()
  })

  it('E7 change of password: the old one is filled, the new one is suggested', async () => {
    const page = await own.open('/change-password')
    await page.click('#old')
    await own.press(page, lowestRow)
    await until(async () => (await value(page, 'old')) === 'hemmelig nok 1')
    expect(await value(page, 'pass')).toBe('')
    await page.click('#pass')
    await own.press(page, secondRow)
    await until(async () => (await value(page, 'again')) !== '')
    expect([await value(page, 'old'), await value(page, 'pass')]).toEqual(['hemmelig nok 1', await value(page, 'again')])
    await page.close()
  })

  it('E8 fills the verification code', async () => {
    const page = await own.open('/code', own.origin('code.example'))
    await page.click('#code')
    await own.press(page, lowestRow)
    await until(async () => /^\d{6}$/.test(await value(page, 'code')))
    expect(await value(page, 'code')).toHaveLength(6)
    await page.close()
  })

  it('E8 AUT-9 of a message that is pasted whole the code alone goes in, and only on the site that it names', async () => {
    const paste = async (host: string): Promise<Page> => {
      await own.popup.bringToFront()
      await own.popup.evaluate(`navigator.clipboard.writeText('123456 er koden din.\\n\\n@${host} #123456')`)
      const page = await own.open('/code')
      await page.click('#code')
      // the background has said by then what the field is for
      await delay(700)
      await page.keyboard.down('Control')
      await page.keyboard.press('v')
      await page.keyboard.up('Control')
      return page
    }
    const here = await paste('shop.example')
    await until(async () => (await value(here, 'code')) === '123456')
    await here.close()
    const elsewhere = await paste('bank.example')
    await until(async () => (await own.surface(elsewhere)) !== null, 'what is said at the field')
    expect(await value(elsewhere, 'code')).toBe('')
    await elsewhere.close()
  })

  it.each(filledCards)('E5 a card that was chosen, and the security code stays empty: %s', async (path, expected) => {
    const page = await own.open(path)
    await page.click('input')
    await own.press(page, lowestRow)
    const names = Object.keys(expected)
    await until(async () => (await value(page, names[0] ?? '')) !== '')
    await delay(100)
    const entries = await Promise.all(names.map(async (name) => [name, await value(page, name)] as const))
    expect(Object.fromEntries(entries)).toEqual(expected)
    await page.close()
  })

  it('E5 a card in the frame of a payment service: from the popup, after its origin was named', async () => {
    const page = await own.open('/card-hosted')
    const frame = await (await page.waitForSelector('iframe'))?.contentFrame()
    await until(async () => (await frame?.$('#number')) !== null)
    const fill = async (confirmed: string): Promise<unknown> =>
      (await own.call('fill', await own.idOf('Visa'), await own.tabOf(page), confirmed)).value
    expect(await fill('')).toEqual({ outcome: 'ask', origin: own.origin('pay.example') })
    expect(await fill(own.origin('pay.example'))).toMatchObject({ outcome: 'filled' })
    const read = (name: string): Promise<string> | undefined => frame?.$eval(`[name=${name}]`, (field) => (field as HTMLInputElement).value)
    expect([await read('number'), await read('code')]).toEqual(['4111111111111111', ''])
    await page.close()
  })

  it('E4 a site that asks not to is left alone, and a press in the popup fills it', async () => {
    const page = await own.open('/off')
    await page.click('#user')
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    expect((await own.call('fill', await own.idOf('Shop'), await own.tabOf(page), '')).value).toMatchObject({ outcome: 'filled' })
    expect(await value(page, 'pass')).toBe('hemmelig nok 1')
    await page.close()
  })

  it('E6 no menu on a search box', async () => {
    const page = await own.open('/search')
    await page.click('#q')
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    await page.close()
  })
})
