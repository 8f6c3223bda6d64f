import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { password, passcode, World, type Device, type Server, until } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** Off everywhere, on again, reset and erasing in a real Chromium, with the command line as the other device (D3, D4, H2). */
describe.each(['nb', 'en'] satisfies Language[])('endings in the web app in %s', (language) => {
  const world = new World()
  const email = `ende.${language}@example.org`
  let browser: Browser
  let server: Server
  let web: WebPage
  let cli: Device

  const titlesOfCli = async (): Promise<string[]> =>
    ((await cli.ok(['list'])).items as unknown as { title: string }[]).map(({ title }) => title).sort()
  async function ask(way: 'web.end.everywhere' | 'web.end.reset' | 'web.end.erase' | 'web.end.delete-account'): Promise<void> {
    await web.go('/settings')
    await web.button(way).click()
  }
  async function confirm(way: Parameters<typeof ask>[0]): Promise<void> {
    await web.page.getByLabel(web.t('web.end.confirm', { email }), { exact: true }).fill(email)
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t(way), exact: true })
      .click()
  }
  async function signInAgain(): Promise<void> {
    await web.field('web.password').fill(password)
    await web.field('web.passcode').fill(passcode)
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.welcome.sign-in'), exact: true })
      .click()
  }

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, language, 'desktop')
    await web.createAccount(email)
    cli = world.device('Maskinen')
    await cli.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', 'Maskinen'])
    const joining = cli.start(['join', '--wait'])
    const { code } = JSON.parse(await joining.line()) as { code: string }
    await web.go('/devices')
    await web.button('web.devices.approve').click()
    await web.field('web.devices.code').fill(code)
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.devices.approve'), exact: true })
      .click()
    expect((await joining.done).code).toBe(0)
    await cli.addPassword('Bank', 'hemmelig')
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it('H2 saves all that the server holds as a file, and asks twice before the account goes', async () => {
    await web.go('/settings')
    const download = web.page.waitForEvent('download')
    await web.button('web.end.export').click()
    await web.prove()
    const file = await (await download).path()
    expect(JSON.parse((await import('node:fs')).readFileSync(file, 'utf8'))).toMatchObject({ account: { email }, devices: [{}, {}] })
    await ask('web.end.delete-account')
    await web.page.getByLabel(web.t('web.end.confirm', { email }), { exact: true }).fill('somebody@example.org')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.end.delete-account'), exact: true })
      .click()
    await web.see('web.end.differs')
    expect(await cli.ok(['account', 'export'])).toMatchObject({ account: { deletionDueMs: null } })
    await confirm('web.end.delete-account')
    await web.prove()
    await until(async () => (await web.page.getByRole('dialog').count()) === 0, 'both questions are answered')
    expect(await cli.ok(['account', 'export'])).toMatchObject({ account: { deletionDueMs: expect.any(Number) } })
    await cli.ok(['account', 'keep'])
  })

  it('D4 another device resets the keychain: it says who and when, keeps its copy, and joins anew as the person decides', async () => {
    await cli.ok(['reset', '--from-device', '--confirm', email])
    await web.seeText('Maskinen')
    await web.go('/items/all')
    await web.option('Bank').waitFor()
    await web.button('web.banner.join-again').click()
    await signInAgain()
    await web.see('web.join.waiting')
    const { requests } = (await cli.ok(['devices'])) as unknown as { requests: { requestId: string }[] }
    const label = (await web.page.getByRole('img', { name: web.t('web.join.code') }).getAttribute('aria-label')) ?? ''
    await cli.ok(['devices', 'approve', requests[0]?.requestId ?? '', '--code', label.replaceAll(/\D/g, '')])
    await web.option('Bank').waitFor()
    await cli.ok(['sync'])
    expect(await titlesOfCli()).toEqual(['Bank'])
  })

  it('D4 resets the keychain itself', async () => {
    await ask('web.end.reset')
    await web.field('web.password').fill(password)
    await confirm('web.end.reset')
    await web.page.getByRole('dialog').waitFor({ state: 'detached' })
    await web.go('/items/all')
    await web.option('Bank').waitFor()
    expect((await cli.run(['sync'])).json.error?.code ?? 'ended').toMatch(/ended/)
    expect(await cli.ok(['status'])).toMatchObject({ state: 'reset', items: 1 })
  })

  it('D3 turns off on all devices, says what that means, and turns on again with its copy', async () => {
    await ask('web.end.everywhere')
    await confirm('web.end.everywhere')
    // C1 LOC-13 an open window alone is not enough for it
    await web.see('web.proof.title')
    await web.page
      .getByRole('dialog', { name: web.t('web.proof.title') })
      .getByRole('button', { name: web.t('web.cancel') })
      .click()
    await web.page.getByRole('dialog', { name: web.t('web.proof.title') }).waitFor({ state: 'detached' })
    expect(await web.page.getByText(web.t('web.banner.off')).count()).toBe(0)
    await confirm('web.end.everywhere')
    await web.prove()
    await web.see('web.banner.off')
    await web.button('web.banner.join-again').click()
    await signInAgain()
    await web.page.getByRole('dialog').waitFor({ state: 'detached' })
    await web.go('/items/all')
    await web.option('Bank').waitFor()
    await web.button('web.add').waitFor()
    expect(await web.page.getByText(web.t('web.banner.off')).count()).toBe(0)
  })

  it('D4 erases this device once the keychain is off on it', async () => {
    // the last device where it is on: off here is off everywhere, which is said before anything is pressed
    await web.go('/settings')
    await web.button('web.settings.off').click()
    await web.see('web.settings.off-last')
    expect(await web.button('web.settings.off-keep').count()).toBe(0)
    await web.look('off-last-device')
    await confirm('web.end.everywhere')
    await web.prove()
    await web.see('web.banner.off')
    await ask('web.end.erase')
    // something holds the store for longer than the worker's own looks at it are apart: what it does by itself must wait
    await web.page.evaluate(
      (name) =>
        new Promise<void>((held) => {
          const opening = indexedDB.open(name)
          opening.addEventListener('success', () => {
            setTimeout(() => opening.result.close(), 5_000)
            held()
          })
        }),
      'nokkelring',
    )
    await confirm('web.end.erase')
    await web.prove()
    await web.see('web.welcome.title')
    expect(await web.page.getByText('Bank').count()).toBe(0)
  })

  it('without a complaint of the browser', () => {
    expect(web.violations).toEqual([])
    expect(web.complaints.filter((text) => !/net::ERR_|WebSocket connection|status of 40[13]/.test(text))).toEqual([])
  })
})
