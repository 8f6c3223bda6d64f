import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { seenMs } from './chromium.ts'
import { Firefox } from './firefox.ts'
import { attackIn, fieldTricks, hiddenSignIn, messageStorm, surfaceTricks, syntheticEvents } from './site/tricks.ts'

/**
 * The pages of `hostile-page.test.ts` in a real Firefox ESR, where no frame is told whether it can be seen, and our own checks carry it all (A31, A32, A34).
 */
const own = new Firefox()

/** the lowest row of the list, in its middle */
const lowestRow = 30
/** "save", above "never for this site" */
const saveButton = 82

const values = (page: Page): Promise<string[]> =>
  Promise.all(['user', 'pass'].map((name) => page.$eval(`[name=${name}]`, (element) => (element as HTMLInputElement).value)))

async function spotOf(page: Page, aboveEnd: number): Promise<{ readonly x: number; readonly y: number }> {
  await until(async () => (await own.surface(page)) !== null, 'the surface')
  const box = await own.surface(page)
  if (box === null) throw new Error('the surface is gone')
  return { x: box.x + box.width / 2, y: box.y + box.height - aboveEnd }
}
const trick = (page: Page, code: string): Promise<unknown> =>
  page.evaluate(`(() => { const host = document.querySelector('[popover=manual]'); if (host !== null) { ${code} } })()`)
async function seenFor(page: Page, ms: number): Promise<void> {
  for (let left = ms; left > 0 && (await own.surface(page)) !== null; left -= 50) await delay(50)
}
async function itemCount(): Promise<number> {
  return ((await own.call('find', '', '')).value as { readonly total: number }).total
}
const frameAddress = (): string => own.popup.url().replace(/popup\.html.*/, 'inline.html')
const embed = (page: Page, address: string): Promise<unknown> =>
  page.evaluate(
    `new Promise((resolve) => { const frame = document.createElement('iframe'); frame.id = 'embedded'; frame.src = ${JSON.stringify(address)}; frame.onload = resolve; document.body.append(frame); setTimeout(resolve, 3000) })`,
  )

describe('hostile pages, in Firefox', () => {
  beforeAll(async () => {
    await own.start((firefox) => [{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: firefox.origin() }])
    await own.join()
  })
  afterAll(() => own.end())

  it('A31 the control: the same click at the same place fills when nothing is hidden', async () => {
    const page = await own.open('/plain')
    await page.click('#user')
    await own.press(page, lowestRow)
    await until(async () => (await values(page)).join() === 'kari,hemmelig nok 1', 'filled')
    expect(await values(page)).toEqual(['kari', 'hemmelig nok 1'])
    await page.close()
  })

  it.each(Object.entries(surfaceTricks))(
    'A31 the list at the field: %s, at the click and long before it: nothing is filled',
    async (_, code) => {
      for (const early of [true, false]) {
        const page = await own.open('/plain')
        await page.click('#user')
        const spot = await spotOf(page, lowestRow)
        if (early) await trick(page, code)
        await seenFor(page, seenMs)
        if (!early) await trick(page, code)
        await own.clickAt(page, spot)
        await delay(250)
        expect(await values(page)).toEqual(['', ''])
        await page.close()
      }
    },
  )

  it('A31 a click before a person can have read the list does nothing', async () => {
    const page = await own.open('/plain')
    await page.click('#user')
    await own.clickAt(page, await spotOf(page, lowestRow))
    await delay(200)
    expect(await values(page)).toEqual(['', ''])
    await page.close()
  })

  it.each(Object.entries(surfaceTricks))('A31 the question whether to save: %s: nothing is saved', async (_, code) => {
    const before = await itemCount()
    const page = await own.open('/plain', own.origin('lure.example'))
    await page.type('[name=user]', 'mallory')
    await page.type('[name=pass]', 'ikke mitt passord')
    await page.keyboard.press('Escape')
    await Promise.all([page.waitForNavigation(), page.click('button')])
    const spot = await spotOf(page, saveButton)
    await seenFor(page, seenMs)
    await trick(page, code)
    await own.clickAt(page, spot)
    await delay(250)
    expect(await itemCount()).toBe(before)
    await page.close()
  })

  it.each(Object.entries(fieldTricks))(
    'A32 fields that nobody can see: %s: nothing, neither at the field nor from the popup',
    async (_, css) => {
      own.site.serve('/hidden', hiddenSignIn(css))
      const page = await own.open('/hidden')
      await page.evaluate(`document.getElementById('user').focus()`)
      await delay(300)
      expect(await own.surface(page)).toBeNull()
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
    await delay(500)
    expect(await own.surface(page)).toBeNull()
    expect(await values(page)).toEqual(['', ''])
    expect(await itemCount()).toBe(before)
    await page.close()
  })

  it('A34 a page that has learned the extension’s address can embed and read nothing of it but the frame that stays empty', async () => {
    const page = await own.open('/nothing')
    for (const name of ['popup.html', 'consent.html', 'content.js', 'icon-48.png', 'manifest.json']) {
      const address = frameAddress().replace('inline.html', name)
      expect(await page.evaluate(`fetch(${JSON.stringify(address)}).then(() => 'there', () => 'nothing')`)).toBe('nothing')
    }
    await embed(page, frameAddress().replace('inline.html', 'popup.html'))
    expect(page.frames().some((frame) => frame.url().includes('popup.html'))).toBe(false)
    await page.close()
  })

  it('A34 10,000 messages of a page, to itself and to our frame that it embeds, change nothing and show nothing', async () => {
    const before = await own.call('find', '', '')
    const page = await own.open('/nothing')
    await embed(page, frameAddress())
    await page.evaluate(messageStorm)
    await delay(500)
    const inner = page.frames().find((frame) => frame.url() === frameAddress())
    expect(inner).toBeDefined()
    expect(await inner?.$$('button, li')).toEqual([])
    expect(await own.call('find', '', '')).toEqual(before)
    await page.close()
  })

  it('A34 a page whose own process is hostile can say what it likes in the name of the content script: no call is answered, nothing changes', async () => {
    const page = await own.open('/plain')
    const before = await own.call('find', '', '')
    const tabId = await own.tabOf(page)
    const settings = JSON.stringify((await own.call('findings', tabId)).value)
    expect(await own.popup.evaluate(attackIn(tabId))).toEqual([])
    expect(await own.call('find', '', '')).toEqual(before)
    expect(JSON.stringify((await own.call('findings', tabId)).value)).toBe(settings)
    expect(await values(page)).toEqual(['', ''])
    await page.close()
  })
})
