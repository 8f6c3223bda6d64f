import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered, passcode, until } from '../e2e/harness.ts'
import { seenMs } from './chromium.ts'
import { Firefox } from './firefox.ts'
import type { Verdict } from './site/passkeys.ts'

/** Passkeys in a real Firefox ESR: that both scripts are there in time, the window, the origin by the browser's word, and the browser's own turn. */
const own = new Firefox()
const ours = '4e6f6b6b-b183-4d52-9c1e-72696e672026'
const site = (host = 'kari.github.io'): string => own.origin(host)

const wish = (page: Page, more: object): Promise<void> =>
  page.evaluate((added) => void Object.assign((globalThis as unknown as { wish: object }).wish, added), more)
async function outcome(page: Page): Promise<Verdict | string> {
  const read = (): Promise<string> => page.$eval('#out', (element) => element.textContent ?? '')
  await until(async () => (await read()) !== '', 'an outcome')
  const text = await read()
  return text.startsWith('{') ? (JSON.parse(text) as Verdict) : text
}
/** The driver is not told where a page of the extension has got to: the page is asked. */
async function asking(): Promise<Page | undefined> {
  for (const page of await own.browser.pages()) {
    const address = await answered(() => page.evaluate(() => location.href).catch(() => ''), 2_000)
    if (address?.includes('/consent.html') === true) return page
  }
  return undefined
}
async function consent(): Promise<Page> {
  let found: Page | undefined
  await until(async () => {
    found = await asking()
    return found !== undefined && (await found.$('button')) !== null
  }, 'the question')
  return found as Page
}
/** As a person presses: after having seen it, and again if it came too soon. */
async function press(asked: Page, selector: string): Promise<void> {
  await until(async () => {
    await delay(seenMs)
    await Promise.race([asked.click(selector).catch(() => undefined), delay(2_000)])
    await delay(200)
    return (await asking()) === undefined
  }, 'the choice')
}
async function why(page: Page): Promise<readonly string[]> {
  const { value } = await own.call('findings', await own.tabOf(page))
  return (value as { readonly why: readonly { readonly about: string; readonly reason: string }[] }).why
    .filter(({ about }) => about === 'passkey')
    .map(({ reason }) => reason)
}

describe('passkeys, in Firefox', () => {
  beforeAll(async () => {
    await own.start((firefox) => [{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: firefox.origin() }])
    await own.join()
  })
  afterAll(() => own.end())

  it('E8 a passkey is created, on the other device as well, and used on the next visit', async () => {
    const page = await own.open('/passkey', site())
    await page.click('#create')
    await press(await consent(), '.main')
    expect(await outcome(page)).toEqual({ ok: true, name: 'kari', aaguid: ours, userVerified: false })
    await own.cli.ok(['sync'])
    expect((await own.cli.ok(['list', '--kind', 'passkey'])).items).toMatchObject([{ title: 'kari.github.io', username: 'kari' }])
    const other = await own.open('/passkey-strict', site())
    await other.click('#get')
    await press(await consent(), '.main')
    expect(await outcome(other)).toEqual({ ok: true, name: 'kari', userVerified: false })
    await page.close()
    await other.close()
  })

  it('E8 several accounts: one chooses; PK-6 verified by the passcode', async () => {
    const page = await own.open('/passkey', site('shop.example'))
    for (const name of ['kari', 'ola']) {
      await wish(page, { name })
      await page.click('#create')
      await press(await consent(), '.main')
      expect(await outcome(page)).toMatchObject({ ok: true, name })
    }
    await wish(page, { verification: 'required' })
    await page.click('#get')
    const asked = await consent()
    await asked.type('#passcode', passcode)
    await press(asked, 'li:last-child button')
    expect(await outcome(page)).toMatchObject({ ok: true, userVerified: true })
    await page.close()
  })

  it('PK-5 closed: one error', async () => {
    const page = await own.open('/passkey', site())
    await page.click('#get')
    await (await consent()).close()
    expect([await outcome(page), await why(page)]).toEqual(['NotAllowedError', ['declined']])
    expect(await page.evaluate('problem')).toBe('The operation was not allowed.')
    await page.close()
  })

  it('PK-1 the browser instead; PK-2 http on localhost is secure', async () => {
    const page = await own.open('/passkey', own.origin('localhost', 'http'))
    await page.click('#create')
    await press(await consent(), '.main')
    expect(await outcome(page)).toMatchObject({ ok: true, aaguid: ours })
    await wish(page, { name: 'elsewhere' })
    await page.click('#create')
    await press(await consent(), '.buttons .plain')
    // this browser has no authenticator, and says no in words of its own
    expect([await outcome(page), await why(page)]).toEqual(['NotAllowedError', ['chose-browser']])
    expect(await page.evaluate('problem')).not.toBe('The operation was not allowed.')
    await page.close()
  })

  it('PK-5 that there is one already is said after the yes', async () => {
    const page = await own.open('/passkey', site())
    await wish(page, { exclude: true })
    await page.click('#create')
    await press(await consent(), '.main')
    expect(await outcome(page)).toBe('InvalidStateError')
    await page.close()
  })

  it.each(['shop.example', 'github.io', 'io', 'ola.github.io'])('PK-2 never for %s', async (rpId) => {
    const page = await own.open('/passkey', site())
    await page.evaluate((id) => {
      Object.assign(globalThis, {
        change: (options: { publicKey: { rpId: string } }) => {
          options.publicKey.rpId = id
          return options
        },
      })
    }, rpId)
    await page.click('#get')
    expect(await outcome(page)).toBe('SecurityError')
    expect([await asking(), await why(page)]).toEqual([undefined, ['other-rp']])
    await page.close()
  })

  it('PK-2 nothing on plain HTTP, and nothing in a frame of another site, whatever its policy', async () => {
    const page = await own.open('/passkey', own.origin('kari.github.io', 'http'))
    await page.click('#get')
    expect(await outcome(page)).toBe('ReferenceError')
    await page.goto(`${site('partner.example')}/passkey-frame-allowed`)
    const frame = await (await page.waitForSelector('iframe'))?.contentFrame()
    await until(async () => (await frame?.$('#get')) !== null, 'the frame')
    await frame?.click('#get')
    await delay(1_000)
    expect(await asking()).toBeUndefined()
    await page.close()
  })

  it('PK-7 asked without a person: nobody is asked', async () => {
    own.site.serve(
      '/passkey-auto',
      `${await (await fetch(`http://127.0.0.1:${own.site.port}/passkey`)).text()}<script>document.getElementById('get').click()</script>`,
    )
    const page = await own.open('/passkey-auto', site())
    await until(async () => (await why(page)).includes('no-activation'), 'it was noted')
    expect(await asking()).toBeUndefined()
    await page.close()
  })

  it('PK-8 a sign-in that waits at a field goes on with the passkey that is chosen there', async () => {
    // its own half of the waiting fails at once where the certificate is nobody's
    const page = await own.open('/passkey-field', own.origin('localhost', 'http'))
    await page.click('#user')
    await own.press(page, 30)
    await press(await consent(), '.main')
    expect(await outcome(page)).toMatchObject({ ok: true, name: 'kari' })
    await page.close()
  })
})
