import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { passcode, until } from '../e2e/harness.ts'
import { Firefox } from './firefox.ts'

/** Firefox itself runs content scripts in tabs that are open, and ends those of an earlier version: what that leaves to us (EXT-12). */
const own = new Firefox()

const surfaces = (page: Page): Promise<unknown> => page.evaluate(`document.querySelectorAll('[popover=manual]').length`)
const value = (page: Page, name: string): Promise<string> => page.$eval(`[name=${name}]`, (element) => (element as HTMLInputElement).value)

describe('tabs that were open before the extension, in Firefox', () => {
  beforeAll(async () => {
    await own.start((firefox) => [{ title: 'Shop', username: 'kari', password: 'hemmelig nok 1', site: firefox.origin() }])
    await own.join()
  })
  afterAll(() => own.end())

  it('EXT-12 after an update the menu that stood there is gone, one of the new version opens, and fills', async () => {
    const page = await own.open('/plain')
    await page.click('#user')
    await until(async () => (await surfaces(page)) === 1, 'the menu')
    // where nothing has the focus, nothing opens by itself
    await page.evaluate(`document.activeElement.blur()`)
    await page.click('#user')
    await until(async () => (await surfaces(page)) === 1, 'the menu again')
    await own.update()
    await page.bringToFront()
    await own.call('unlock', passcode)
    await until(async () => {
      await page.click('#pass')
      await page.click('#user')
      await delay(400)
      return (await surfaces(page)) === 1
    }, 'one menu')
    await own.press(page, 30)
    await until(async () => (await value(page, 'pass')) === 'hemmelig nok 1', 'filled')
    expect(await surfaces(page)).toBe(0)
    await page.close()
  })

  it('EXT-12 a question about saving that stood there is gone', async () => {
    const page = await own.open('/plain', own.origin('first.example'))
    await page.type('[name=user]', 'ola')
    await page.type('[name=pass]', 'nytt passord 1')
    await page.keyboard.press('Escape')
    await Promise.all([page.waitForNavigation(), page.click('button')])
    await until(async () => (await surfaces(page)) === 1, 'the question')
    await own.update()
    await page.bringToFront()
    await until(async () => (await surfaces(page)) === 0, 'the dead question is gone')
    expect(await surfaces(page)).toBe(0)
    await page.close()
  })
})
