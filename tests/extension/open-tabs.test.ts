import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Paired, words } from './chromium.ts'

/** Tabs that were open already when the extension came anew: it works there without the page being loaded again, and what was there of it is gone. */
const own = new Paired()

const surfaces = (page: Page): Promise<number> => page.locator('[popover=manual]').count()

/** As a person who goes back and forth; until the extension has come into the page. */
async function menuAt(page: Page): Promise<void> {
  await page.bringToFront()
  await until(async () => {
    await page.locator('#pass').click()
    await page.locator('#user').click()
    await page.waitForTimeout(400)
    return own.hasInline(page)
  }, 'the menu')
}

interface Scripting {
  executeScript(what: object): Promise<readonly { readonly result: unknown }[]>
}
/** Where the content scripts of this version run. `files`: these, or else whether ours is there. */
async function inFrames(page: Page, what: { readonly files?: readonly string[] } = {}): Promise<readonly unknown[]> {
  const sent = { target: { tabId: await own.tabOf(page), allFrames: true }, ...what }
  return (await own.worker()).evaluate(async (injection) => {
    const { scripting } = (globalThis as unknown as { chrome: { scripting: Scripting } }).chrome
    const func = (): boolean => 'nokkelLook' in globalThis
    return (await scripting.executeScript('files' in injection ? injection : { ...injection, func })).map(({ result }) => result)
  }, sent)
}
async function reached(page: Page, frames: number): Promise<void> {
  await until(async () => {
    const found = await inFrames(page)
    return found.length === frames && found.every((each) => each === true)
  }, 'the new version is in the page')
}

describe('tabs that were open before the extension, in Chromium', () => {
  beforeAll(async () => {
    await own.start()
    await own.seed([{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: own.origin() }])
    await own.join()
  })
  afterAll(() => own.end())

  it('E1 EXT-12 after an update the menu that stood there is gone, one of the new version opens, and fills', async () => {
    const page = await own.open('/plain')
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('console', (message) => {
      // the site has no picture of its own
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) faults.push(message.text())
    })
    await page.locator('#user').click()
    await own.inline(page)
    await own.reloadExtension()
    await page.bringToFront()
    await until(async () => (await surfaces(page)) === 0, 'the dead menu is gone')
    // nobody has gone to the field since, so nothing opens by itself
    await page.waitForTimeout(500)
    expect(await surfaces(page)).toBe(0)
    await menuAt(page)
    expect(await surfaces(page)).toBe(1)
    // a new life of the extension is a locked one
    expect(await (await own.inline(page)).locator('main').innerText()).toContain(words.t('extension.inline.locked'))
    await own.call('unlock', passcode)
    await page.locator('#pass').click()
    await page.locator('#user').click()
    await own.choose(page, /Shop/)
    await until(async () => (await page.locator('#pass').inputValue()) === 'hemmelig nok 1', 'filled')
    // the orphan heard all of this too
    expect(await surfaces(page)).toBe(0)
    expect(faults).toEqual([])
    await page.close()
  })

  it('EXT-12 a question about saving that stood there is gone; a sign-in that began before is asked about once, by the new version', async () => {
    const page = await own.open('/plain', own.origin('first.example'))
    await page.locator('[name=user]').fill('ola')
    await page.locator('[name=pass]').fill('nytt passord 1')
    await page.keyboard.press('Escape')
    await page.locator('button').click()
    await page.waitForURL(/welcome/)
    await own.aim(page, words.t('extension.save.save'))
    await own.reloadExtension()
    await own.call('unlock', passcode)
    await page.bringToFront()
    await until(async () => (await surfaces(page)) === 0, 'the dead question is gone')
    await page.goto(`${own.origin('first.example')}/spa`)
    await page.locator('#user').fill('ola')
    await own.reloadExtension()
    await own.call('unlock', passcode)
    await reached(page, 1)
    await page.bringToFront()
    await page.locator('#pass').fill('nytt passord 2')
    await page.keyboard.press('Escape')
    await page.locator('#go').click()
    await own.aim(page, words.t('extension.save.save'))
    expect(await surfaces(page)).toBe(1)
    await page.close()
  })

  it('EXT-12 its frames are reached, and a script that comes twice is there once', async () => {
    const page = await own.open('/frame-same')
    await own.reloadExtension()
    await own.call('unlock', passcode)
    await reached(page, 2)
    await inFrames(page, { files: ['content.js'] })
    await page.bringToFront()
    await page.frameLocator('iframe').locator('#user').click()
    await own.inline(page)
    expect(page.frames().filter((frame) => frame.url().endsWith('/inline.html'))).toHaveLength(1)
    await page.close()
  })

  it('EXT-12 goes to no site that the person has not let it to; there at once when it is let', async () => {
    const shop = await own.open('/plain')
    const bank = await own.open('/plain', own.origin('bank.example'))
    await own.allowSites(null)
    await own.reloadExtension()
    const opens = async (page: Page): Promise<boolean> => {
      await page.bringToFront()
      await page.locator('#pass').click()
      await page.locator('#user').click()
      await page.waitForTimeout(1_000)
      return own.hasInline(page)
    }
    expect([await opens(shop), await opens(bank)]).toEqual([false, false])
    await own.allowSites('https://shop.example/*')
    await menuAt(shop)
    expect(await opens(bank)).toBe(false)
  })
})
