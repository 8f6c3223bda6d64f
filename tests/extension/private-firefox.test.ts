import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { Firefox } from './firefox.ts'

/** Private windows of a real Firefox ESR in which a person has allowed the extension (E3). Where nobody has: firefox.test.ts. */
const own = new Firefox()

const value = (page: Page, name: string): Promise<string> => page.$eval(`[name=${name}]`, (element) => (element as HTMLInputElement).value)
const total = async (): Promise<number> => ((await own.call('find', '', '')).value as { readonly total: number }).total
async function findings(page: Page): Promise<{ readonly causes: readonly string[]; readonly why: readonly string[] }> {
  const found = (await own.call('findings', await own.tabOf(page))).value as {
    readonly causes: readonly { readonly code: string }[]
    readonly why: readonly { readonly about: string; readonly reason: string }[]
  }
  return { causes: found.causes.map(({ code }) => code), why: found.why.map(({ about, reason }) => `${about}: ${reason}`) }
}
const windows = (): Promise<number> =>
  own.popup.evaluate(async () => {
    const { browser } = globalThis as unknown as { readonly browser: { readonly windows: { getAll(): Promise<readonly unknown[]> } } }
    return (await browser.windows.getAll()).length
  })
/** All that the extension keeps beside the keychain, as text. */
const kept = (): Promise<string> =>
  own.popup.evaluate(async () => {
    const { browser } = globalThis as unknown as {
      readonly browser: { readonly storage: Readonly<Record<'session' | 'local', { get(): Promise<object> }>> }
    }
    return JSON.stringify([await browser.storage.session.get(), await browser.storage.local.get(), { ...localStorage }])
  })

describe('private windows, in Firefox', () => {
  beforeAll(async () => {
    await own.start((firefox) => [{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: firefox.origin() }], {
      private: true,
    })
    await own.join()
  })
  afterAll(() => own.end())

  it('E3 nothing is offered at the field, the popup says why, and fills when it is asked to', async () => {
    const page = await own.privateWindow('/plain')
    await page.click('#user')
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    expect(await findings(page)).toEqual({ causes: ['private-window'], why: ['fill: private-window', 'save: private-window'] })
    expect([await value(page, 'user'), await value(page, 'pass')]).toEqual(['', ''])
    expect((await own.call('fill', await own.idOf('Shop'), await own.tabOf(page), '')).value).toMatchObject({ outcome: 'filled' })
    expect([await value(page, 'user'), await value(page, 'pass')]).toEqual(['kari', 'hemmelig nok 1'])
    await page.close()
  })

  it('E3 nothing is saved, nothing is asked, and nothing is left of it', async () => {
    const before = await total()
    const page = await own.privateWindow('/plain', own.origin('first.example'))
    await page.type('[name=user]', 'hemmelig.person')
    await page.type('[name=pass]', 'et annet passord')
    await page.keyboard.press('Escape')
    await Promise.all([page.waitForNavigation(), page.click('button')])
    await until(async () => (await findings(page)).why.includes('save: private-window'))
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    await page.close()
    const ordinary = await own.open('/welcome', own.origin('first.example'))
    await delay(500)
    expect(await own.surface(ordinary)).toBeNull()
    await ordinary.close()
    expect(await total()).toBe(before)
    expect((await own.call('find', '', own.origin('first.example'))).value).toMatchObject({ matches: [] })
    await own.cli.ok(['sync'])
    expect(await own.cli.ok(['autofill', 'show'])).toMatchObject({ neverSave: [], allowOff: [] })
    const words = await kept()
    for (const word of ['hemmelig.person', 'et annet passord', 'first.example']) expect(words).not.toContain(word)
  })

  it('E3 no strong password is suggested by itself', async () => {
    const page = await own.privateWindow('/sign-up')
    await page.click('#pass')
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    await page.close()
  })

  it('E3 no passkey is made: the browser answers, and nobody is asked', async () => {
    const before = await windows()
    const page = await own.privateWindow('/passkey', own.origin('kari.github.io'))
    const during = await windows()
    await page.click('#create')
    await until(async () => (await findings(page)).why.includes('passkey: private-window'), 'the reason')
    await until(async () => (await page.$eval('#out', (element) => element.textContent ?? '')) !== '', 'the outcome')
    // this browser has no authenticator, and says no in words of its own
    expect(await page.$eval('#out', (element) => element.textContent)).toBe('NotAllowedError')
    expect([during, await windows()]).toEqual([before + 1, before + 1])
    await own.cli.ok(['sync'])
    expect((await own.cli.ok(['list', '--kind', 'passkey'])).items).toEqual([])
    await page.close()
  })
})
