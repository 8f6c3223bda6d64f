/** The backup of a device in the web app (D1): its settings as a file, no item in it, and back again; the command line's file as well. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

const email = 'kopi@example.org'
const world = new World()
let server: Server
let browser: Browser
let web: WebPage
let pc: Device
beforeAll(async () => {
  buildWebApp()
  server = await world.server()
  browser = await startBrowser()
  web = await WebPage.open(browser, server.url, 'en', 'desktop')
  await web.createAccount(email)
  pc = world.device('PC')
})
afterAll(async () => {
  await browser?.close()
  await world.end()
})

const fetchFrom = (file: string) => web.page.locator('input[type=file]').setInputFiles(file)

it('D1 the file has settings and no item, and says so; what was changed since is as it was', async () => {
  await web.button('web.add').click()
  await web.page.getByRole('menuitem', { name: web.t('web.edit.new.note') }).click()
  await web.field('field.title').fill('Hemmelig notat')
  await web.button('web.save').click()
  await web.option('Hemmelig notat').waitFor()
  await web.go('/settings')
  const downloading = web.page.waitForEvent('download')
  await web.button('web.backup.save').click()
  const download = await downloading
  const text = readFileSync(await download.path(), 'utf8')
  await web.see('web.backup.saved')
  expect(text).not.toContain('Hemmelig')
  expect(Object.keys(JSON.parse(text) as object).sort()).toEqual(['deviceName', 'email', 'kind', 'server', 'settings', 'version'])
  const file = join(world.folder, 'device.json')
  writeFileSync(file, text.replace(/"autoLockMinutes": \d+/, '"autoLockMinutes": 30'))
  await fetchFrom(file)
  await web.prove()
  await web.see('web.backup.restored')
  await expect.poll(() => web.field('web.settings.auto-lock').inputValue(), { timeout: 30_000 }).toBe('30')
  await web.look('settings-restored')
})

it('D1 another file changes nothing, and is told as what it is; the command line’s own is taken', async () => {
  const other = join(world.folder, 'other.json')
  writeFileSync(other, '{"passwords":[]}')
  await fetchFrom(other)
  await web.seeText(web.words.errorText('format-unknown').message)
  const code = await pc.run(['sign-in', '--server', server.url, '--email', email, '--device-name', 'PC'])
  expect(code.code).toBe(0)
  await pc.ok(['settings', '--auto-lock', '7'])
  const file = join(world.folder, 'pc.json')
  await pc.ok(['backup', 'save', file])
  await fetchFrom(file)
  await web.prove()
  await expect.poll(() => web.field('web.settings.auto-lock').inputValue(), { timeout: 30_000 }).toBe('7')
  expect(web.complaints).toEqual([])
  expect(web.violations).toEqual([])
})
