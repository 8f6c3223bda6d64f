/** Help with the keychain in a real Chromium, at both sizes and in both languages: pick what you see, one answer, one button, a report (G, E9). */
import { readFileSync } from 'node:fs'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '@nokkel/messages'
import { createDoctorWords, type DoctorWords } from '@nokkel/messages/doctor'
import { startBrowser } from './browser.ts'
import { World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

describe.each(['nb', 'en'] satisfies Language[])('help in the web app in %s', (language) => {
  const world = new World()
  const email = `hjelp.${language}@example.org`
  let browser: Browser
  let server: Server
  let web: WebPage
  let said: DoctorWords
  let tablet: Device

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, language, 'desktop')
    said = createDoctorWords(web.words)
    await web.createAccount(email)
    tablet = world.device('Nytt nettbrett')
    await tablet.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Nytt nettbrett'])
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  const heading = (code: string): Locator => web.page.getByRole('heading', { name: said.title({ code }) })
  const press = (name: string): Promise<void> =>
    web.page.getByRole('button', { name, exact: true }).filter({ visible: true }).first().click()
  async function ask(symptom: string): Promise<void> {
    await web.go('/settings')
    await web.button('web.settings.help').click()
    await web.page.getByRole('heading', { name: said.t('doctor.ask') }).waitFor()
    await press(said.symptom(symptom))
  }

  it('lists what a person may see, and finds nothing on a healthy device', async () => {
    await web.go('/help')
    await web.page.getByRole('heading', { name: said.t('doctor.ask') }).waitFor()
    await press(said.t('doctor.anything'))
    await web.page.getByRole('heading', { name: said.t('doctor.healthy-all') }).waitFor()
    await ask('see-password')
    await web.seeText(said.step('see-item', 'web'))
    expect(await web.page.locator('[data-severity=problem]').count()).toBe(0)
  })

  it('a device waits for approval: one button leads to where it is done', async () => {
    await tablet.ok(['join'])
    await ask('new-device')
    await heading('request-waiting').waitFor()
    await press(said.action('show-devices'))
    await web.page
      .getByRole('heading', { name: web.t('web.devices.title') })
      .first()
      .waitFor()
    expect(new URL(web.page.url()).hash).toBe('#/devices')
  })

  it('the server is gone: says so, what still works, and after it is back that all is well', async () => {
    await server.stop()
    await ask('not-syncing')
    await heading('server-unreachable').waitFor()
    await web.look('help-offline')
    await server.start()
    const healthy = web.page.getByRole('heading', { name: said.t('doctor.healthy-all') })
    // while the app is still on its way back it says so, which is right: one looks again
    for (let looks = 0; looks < 5 && !(await healthy.isVisible()); looks++) {
      await press(said.action('look-again'))
      await healthy.waitFor({ timeout: 15_000 }).catch(() => undefined)
    }
    await healthy.waitFor()
    expect(await heading('server-unreachable').count()).toBe(0)
  })

  it('DOC-5 the report is read before it is saved, and holds nothing personal', async () => {
    await press(said.t('doctor.report'))
    await web.seeText(said.t('doctor.report-about'))
    const preview = await web.page.getByRole('dialog').locator('pre').textContent()
    const download = web.page.waitForEvent('download')
    await press(said.t('doctor.report-save'))
    const file = readFileSync(await (await download).path(), 'utf8')
    expect(file).toBe(preview)
    expect(file).not.toMatch(/example\.org|127\.0\.0\.1|nettbrett/)
  })

  it('is there for a keychain that is locked, too', async () => {
    await press(web.t('web.nav.lock'))
    await web.see('web.locked.title')
    await web.page.getByRole('link', { name: web.t('web.settings.help') }).click()
    await press(said.symptom('see-password'))
    await heading('locked').waitFor()
    await web.look('help-locked')
    await press(said.action('unlock'))
    await web.unlock()
    await web.see('web.list.empty.all')
    expect(await heading('locked').count()).toBe(0)
  })

  it('B2 logins that are there twice: its button leads to where they are made one', async () => {
    await web.go('/import')
    const choosing = web.page.waitForEvent('filechooser')
    await web.button('web.import.choose').click()
    const buffer = Buffer.from(
      'name,url,username,password\nVipps,https://vipps.example,kari,en-gang-7-her\nVipps igjen,https://vipps.example,kari,to-ganger-8-her\n',
    )
    await (await choosing).setFiles({ name: 'twice.csv', mimeType: 'text/csv', buffer })
    await web.button('web.import.go', { count: 2 }).click()
    await web.see('web.import.finished')
    await ask('items-missing')
    await heading('duplicates').waitFor()
    await press(said.action('show-duplicates'))
    await web.button('web.security.merge').waitFor()
    expect(new URL(web.page.url()).hash).toBe('#/security')
  })

  it('without a complaint of the browser or an accessibility violation', () => {
    expect(web.complaints.filter((text) => !/net::ERR_|WebSocket connection|status of 40[13]/.test(text))).toEqual([])
    expect(web.violations).toEqual([])
  })
})
