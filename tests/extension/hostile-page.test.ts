import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answered, until } from '../e2e/harness.ts'
import { Paired, seenMs, words } from './chromium.ts'
import { attackIn, fieldTricks, hiddenSignIn, messageStorm, surfaceTricks, syntheticEvents } from './site/tricks.ts'

/** Pages that want a person to click without knowing, or that talk to the extension (A31, A32, A34). Each must end with nothing filled or saved. */
const own = new Paired()

async function trick(page: Page, code: string): Promise<void> {
  const script = `(() => { const host = document.querySelector('[popover=manual]:not([data-cover])'); if (host !== null) { ${code} } })()`
  // the driver itself would wait for ever
  const done = await answered(() => page.evaluate(script).then(() => true), 20_000)
  if (done !== true) throw new Error('the page did not run the trick')
}

/** The surface stands for so long, or is gone before. */
async function seenFor(page: Page, ms: number): Promise<void> {
  for (let left = ms; left > 0 && own.hasInline(page); left -= 50) await page.waitForTimeout(50)
}
const values = async (page: Page): Promise<string[]> => [
  await page.locator('[name=user]').inputValue(),
  await page.locator('[name=pass]').inputValue(),
]

async function itemCount(): Promise<number> {
  return ((await own.call('find', '', '')).value as { readonly total: number }).total
}

/** As the frame at a field is called inside, whatever it is embedded by. */
const inlineAddress = (): string => own.popup.url().replace(/popup\.html.*/, 'inline.html')

describe('hostile pages, in Chromium', () => {
  beforeAll(async () => {
    await own.start()
    await own.seed([{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: own.origin() }])
    await own.join()
  })
  afterAll(() => own.end())

  it('A31 the control: the same click at the same place fills when nothing is hidden', async () => {
    const page = await own.open('/plain')
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await values(page)).join() === 'kari,hemmelig nok 1')
    expect(await values(page)).toEqual(['kari', 'hemmelig nok 1'])
    await page.close()
  })

  it.each(Object.entries(surfaceTricks))(
    'A31 the list at the field: %s, at the click and long before it: nothing is filled',
    async (_, code) => {
      for (const early of [true, false]) {
        const page = await own.open('/plain')
        await page.locator('#user').click()
        const spot = await own.aim(page, /Shop/)
        if (early) await trick(page, code)
        await seenFor(page, seenMs)
        if (!early) await trick(page, code)
        await own.clickAt(page, spot)
        await page.waitForTimeout(250)
        expect(await values(page)).toEqual(['', ''])
        await page.close()
      }
    },
  )

  it('A31 a click before a person can have read the list does nothing', async () => {
    const page = await own.open('/plain')
    await page.locator('#user').click()
    await own.clickAt(page, await own.aim(page, /Shop/))
    await page.waitForTimeout(200)
    expect(await values(page)).toEqual(['', ''])
    await page.close()
  })

  it('A31 after a refusal the popup says why', async () => {
    const page = await own.open('/plain')
    await page.locator('#user').click()
    await own.inline(page)
    await trick(page, surfaceTricks['faded surface'] ?? '')
    await until(async () => {
      const { value } = await own.call('findings', await own.tabOf(page))
      return (value as { readonly why: readonly { readonly reason: string }[] }).why[0]?.reason.startsWith('surface-') === true
    }, 'the reason')
    expect(own.hasInline(page)).toBe(false)
    await page.close()
  })

  it.each(Object.entries(surfaceTricks).slice(0, 12))('A31 the question whether to save: %s: nothing is saved', async (_, code) => {
    const before = await itemCount()
    const page = await own.open('/plain', own.origin('lure.example'))
    await page.locator('[name=user]').fill('mallory')
    await page.locator('[name=pass]').fill('ikke mitt passord')
    await page.keyboard.press('Escape')
    await page.locator('button').click()
    await page.waitForURL(/welcome/)
    const spot = await own.aim(page, words.t('extension.save.save'))
    await seenFor(page, seenMs)
    await trick(page, code)
    await own.clickAt(page, spot)
    await page.waitForTimeout(250)
    expect(await itemCount()).toBe(before)
    await page.close()
  })

  it.each(Object.entries(fieldTricks))(
    'A32 fields that nobody can see: %s: nothing, neither at the field nor from the popup',
    async (_, css) => {
      own.site.serve('/hidden', hiddenSignIn(css))
      const page = await own.open('/hidden')
      await page.evaluate(`document.getElementById('user').focus()`)
      await page.waitForTimeout(300)
      expect(own.hasInline(page)).toBe(false)
      const { value } = await own.call('fill', await own.idOf('Shop'), await own.tabOf(page), '')
      expect((value as { readonly outcome: string }).outcome).toMatch(/^(?:hidden|no)-field$/)
      expect(await values(page)).toEqual(['', ''])
      await page.close()
    },
  )

  it('A34 events that a script makes open nothing, choose nothing and save nothing', async () => {
    const before = await itemCount()
    const page = await own.open('/plain')
    await page.evaluate(syntheticEvents)
    await page.waitForTimeout(500)
    expect(own.hasInline(page)).toBe(false)
    expect(await values(page)).toEqual(['', ''])
    expect(await itemCount()).toBe(before)
    await page.close()
  })

  it('A34 no page of the extension can be looked for by its address', async () => {
    const page = await own.open('/nothing')
    for (const name of ['inline.html', 'popup.html', 'consent.html', 'offscreen.html', 'content.js', 'icon-48.png']) {
      const address = inlineAddress().replace('inline.html', name)
      expect(await page.evaluate(`fetch(${JSON.stringify(address)}).then(() => 'there', () => 'nothing')`)).toBe('nothing')
      await page.evaluate(
        `new Promise((resolve) => { const frame = document.createElement('iframe'); frame.src = ${JSON.stringify(address)}; frame.onload = resolve; document.body.append(frame) })`,
      )
    }
    expect(page.frames().some((frame) => frame.url().startsWith('chrome-extension:'))).toBe(false)
    await page.close()
  })

  it('A34 10,000 messages of a page, to itself and to our frame that it embeds, change nothing and show nothing', async () => {
    const before = await own.call('find', '', '')
    const page = await own.open('/nothing')
    // no page learns this address from the browser: it is handed to it here
    const address = await (
      await own.worker()
    ).evaluate(() =>
      (globalThis as unknown as { chrome: { runtime: { getURL(path: string): string } } }).chrome.runtime.getURL('/inline.html'),
    )
    await page.evaluate(
      `new Promise((resolve) => { const frame = document.createElement('iframe'); frame.id = 'embedded'; frame.src = ${JSON.stringify(address)}; frame.onload = resolve; document.body.append(frame) })`,
    )
    await page.evaluate(messageStorm)
    await page.waitForTimeout(500)
    const inner = page.frames().find((frame) => frame.url() === inlineAddress())
    expect(inner).toBeDefined()
    expect(await inner?.locator('button, li').count()).toBe(0)
    expect(await own.call('find', '', '')).toEqual(before)
    await page.close()
  })

  it('A34 a page whose own process is hostile can say what it likes in the name of the content script: no call is answered, nothing changes', async () => {
    const page = await own.open('/plain')
    const before = await own.call('find', '', '')
    const settings = JSON.stringify((await own.call('findings', await own.tabOf(page))).value)
    const answers = await own.popup.evaluate(attackIn(await own.tabOf(page)))
    expect(answers).toEqual([])
    expect(await own.call('find', '', '')).toEqual(before)
    expect(JSON.stringify((await own.call('findings', await own.tabOf(page))).value)).toBe(settings)
    expect(await values(page)).toEqual(['', ''])
    await page.close()
  })
})
