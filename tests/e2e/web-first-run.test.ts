import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { MessageKey } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { passcode, password, World } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** What README says of a first run: from the printed address to the first stored password, nothing but these presses and these fields. */
const world = new World()
let browser: Browser

beforeAll(async () => {
  buildWebApp()
  browser = await startBrowser()
})
afterAll(async () => {
  await browser?.close()
  await world.end()
})

it('A4 five presses and five fields lead from the address to the first stored password', async () => {
  const server = await world.server()
  const web = await WebPage.open(browser, server.url, 'en', 'phone')
  let presses = 0
  let fields = 0
  const press = async (key: MessageKey): Promise<void> => {
    presses++
    await web.button(key).click()
  }
  const type = async (key: MessageKey, text: string): Promise<void> => {
    fields++
    await web.field(key).fill(text)
  }
  await press('web.welcome.create')
  await type('web.email', 'new@example.org')
  await type('web.password', password)
  await type('web.passcode', passcode)
  await type('web.passcode-again', passcode)
  await press('web.welcome.create')
  await press('web.edit.new.password')
  await type('field.title', 'Library')
  await press('web.edit.generate')
  await press('web.save')
  // stored, and open beside the list or over it
  await web.page.getByRole('heading', { name: 'Library' }).waitFor()
  expect({ presses, fields }).toEqual({ presses: 5, fields: 5 })
  expect(web.complaints).toEqual([])
})
