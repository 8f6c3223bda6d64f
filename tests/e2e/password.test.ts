/** A new password for the account (SIG-9), on the command line and in the web app. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { passcode, password, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

const email = 'passord@example.org'
const second = 'helt annet passord 7'
const third = 'enda et tredje passord 9'
const world = new World()
let server: Server
let browser: Browser
let pc: Device
let web: WebPage
beforeAll(async () => {
  buildWebApp()
  server = await world.server()
  browser = await startBrowser()
  pc = world.device('PC')
  await pc.create(server, email)
  web = await WebPage.open(browser, server.url, 'nb', 'phone')
  await web.joinBy(pc, email)
})
afterAll(async () => {
  await browser?.close()
  await world.end()
})

const signInAgain = (secret: string) =>
  pc.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'PC'], { env: { NOKKEL_PASSWORD: secret } })

it('set in the browser: the command line has to sign in again, and its items are where they were', async () => {
  await pc.addPassword('Bank', 'hemmelig 1')
  await web.go('/settings')
  await web.button('web.settings.password').click()
  await web.field('web.settings.password-old').fill('feil gammelt passord')
  await web.field('web.settings.password-new').fill(second)
  await web.field('web.settings.password-again').fill(`${second}!`)
  await web.button('web.save').click()
  await web.see('web.settings.password-differs')
  await web.field('web.settings.password-again').fill(second)
  await web.button('web.save').click()
  await web.seeText(web.words.errorText('sign-in-failed').message)
  await web.look('new-password')
  await web.field('web.settings.password-old').fill(password)
  await web.button('web.save').click()
  await web.see('web.settings.password-changed')
  const refused = await pc.run(['sync'])
  expect(refused.json.error?.code).toBe('session-invalid')
  await signInAgain(second)
  await pc.ok(['sync'])
  expect((await pc.ok(['list'])).items).toHaveLength(1)
  expect(web.complaints).toEqual([])
  expect(web.violations).toEqual([])
})

it('set on the command line: the browser asks for it, in place', async () => {
  const wrong = await pc.run(['account', 'password'], { env: { NOKKEL_PASSWORD: password, NOKKEL_NEW_PASSWORD: third } })
  expect(wrong.json.error?.code).toBe('sign-in-failed')
  expect(await pc.ok(['account', 'password'], { env: { NOKKEL_PASSWORD: second, NOKKEL_NEW_PASSWORD: third } })).toEqual({ changed: true })
  await pc.ok(['sync'])
  await web.button('web.welcome.sign-in').click()
  await web.field('web.password').fill(third)
  await web.field('web.passcode').fill(passcode)
  await web.look('sign-in-again')
  await web.page
    .getByRole('dialog')
    .getByRole('button', { name: web.t('web.welcome.sign-in'), exact: true })
    .click()
  await web.seeText(web.words.label('notice', 'password-changed'))
  expect(web.violations).toEqual([])
})
