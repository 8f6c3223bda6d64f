/** What was decided about filling, in the web app's settings (E1, E2, E4; SYN-32): as another device decided it, and changed here for that device. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { until, World, type Device } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

const email = 'utfylling@example.org'
const world = new World()
let browser: Browser
let web: WebPage
let pc: Device
beforeAll(async () => {
  buildWebApp()
  const server = await world.server()
  browser = await startBrowser()
  pc = world.device('PC')
  await pc.create(server, email)
  web = await WebPage.open(browser, server.url, 'nb', 'desktop')
  await web.joinBy(pc, email)
})
afterAll(async () => {
  await browser?.close()
  await world.end()
})

const decided = async (): Promise<unknown> => {
  await pc.ok(['sync'])
  return pc.ok(['autofill', 'show'])
}

it('SYN-32 sites and switches arrive while the settings are open, and what is changed here holds on the other device', async () => {
  await web.go('/settings')
  await web.see('autofill.no-sites')
  await pc.ok(['autofill', 'never', 'nettbank.no'])
  await pc.ok(['autofill', 'allow', 'https://www.jobben.no/'])
  await web.seeText('nettbank.no')
  await web.seeText('jobben.no')
  await web.look('settings-autofill')
  await web.button('autofill.remove-site', { site: 'nettbank.no' }).click()
  await web.page.getByText('nettbank.no').waitFor({ state: 'detached' })
  const fillCards = web.page.getByRole('switch', { name: web.t('autofill.fillCards'), exact: true })
  expect(await fillCards.isChecked()).toBe(true)
  await web.page.getByText(web.t('autofill.fillCards'), { exact: true }).click()
  await until(async () => ((await decided()) as { readonly fillCards: boolean }).fillCards === false, 'the switch on the other device')
  expect(await decided()).toMatchObject({ neverSave: [], allowOff: ['jobben.no'], fillCards: false, fillPasswords: true })
  expect(web.complaints).toEqual([])
  expect(web.violations).toEqual([])
})
