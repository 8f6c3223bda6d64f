import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { until, World, type Device, type Server } from './harness.ts'
import { startRealms } from './realms.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/**
 * What the web app says of where it stands: paused by its region or its version (A2, A3), a proof that has grown old (C1), and recovery services
 * that are suddenly others (ESC-4). In one language: the words are held to both elsewhere.
 */
describe('where the web app stands', () => {
  const world = new World()
  const email = 'stand@example.org'
  const config = join(world.folder, 'config.json')
  const data = join(world.folder, 'server-data')
  let browser: Browser
  let server: Server
  let web: WebPage
  let pc: Device
  let provenMs = 0

  /** As an editor does it: another file in its place. */
  async function offer(settings: object, taken: (offered: { regions: string[] | null; minimumClient: { web: string } }) => boolean) {
    writeFileSync(`${config}.new`, JSON.stringify(settings))
    renameSync(`${config}.new`, config)
    await until(
      async () => taken((await (await fetch(`${server.url}/v1/server`)).json()) as Parameters<typeof taken>[0]),
      'the server has read it',
    )
  }
  async function open(title: string): Promise<void> {
    await web.go('/items/all')
    await web.option(title).click()
  }
  const banner = (text: string) => web.page.getByText(text).filter({ visible: true }).first()

  beforeAll(async () => {
    buildWebApp()
    writeFileSync(config, '{"regions":["NO"]}')
    server = await world.server({ data, env: { NOKKEL_CONFIG: config } })
    pc = world.device('PC')
    await pc.ok(['account', 'create', '--server', server.url, '--email', email, '--device-name', 'PC', '--region', 'NO'])
    await pc.addPassword('Bank', 'hemmelig 1')
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, 'nb', 'desktop')
    await web.joinBy(pc, email)
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it('C1 the time after which a proof is asked for again is set, after a proof; for that long nothing is asked', async () => {
    await web.go('/settings')
    await web.page.getByLabel(web.t('web.settings.proof')).selectOption('1')
    await web.prove()
    await until(async () => (await web.page.getByLabel(web.t('web.settings.proof')).inputValue()) === '1', 'it is set')
    // not before: the passcode is stretched first, and that takes as long as it takes
    provenMs = Date.now()
    await open('Bank')
    await web.page.getByRole('button', { name: web.t('web.item.show-field', { field: web.t('field.password').toLowerCase() }) }).click()
    await web.seeText('hemmelig 1')
    expect(await web.page.getByRole('dialog').count()).toBe(0)
  })

  it('A2 a region that is not offered any more: it says so, what is here is used and changed, and goes out when it is offered again', async () => {
    await offer({ regions: ['SE'] }, ({ regions }) => regions?.[0] === 'SE')
    await web.go('/items/all')
    await web.button('web.add').click()
    await web.page.getByRole('menuitem', { name: web.t('web.edit.new.note') }).click()
    await web.field('field.title').fill('Mens det er pause')
    await web.button('web.save').click()
    await web.option('Mens det er pause').waitFor()
    const paused = web.words.errorText('region-unavailable', { region: 'NO' }).message
    await banner(paused).waitFor()
    await web.see('web.banner.pending', { count: 1 })
    await web.look('paused')
    await offer({ regions: ['SE', 'NO'] }, ({ regions }) => regions?.length === 2)
    await web.go('/settings')
    await web.button('web.settings.sync-now').click()
    await banner(paused).waitFor({ state: 'detached' })
    await pc.ok(['sync'])
    expect(((await pc.ok(['list'])).items as unknown as { title: string }[]).map(({ title }) => title)).toContain('Mens det er pause')
  })

  it('A3 a version that is too old: it says so and keeps everything; allowed again, it goes on', async () => {
    await offer({ regions: ['NO'], minimumClient: { web: '9.0.0' } }, ({ minimumClient }) => minimumClient.web === '9.0.0')
    await web.button('web.settings.sync-now').click()
    const old = web.words.errorText('client-too-old', { minimum: '9.0.0' }).message
    await banner(old).waitFor()
    await web.go('/items/all')
    await web.option('Bank').waitFor()
    await web.look('too-old')
    await offer({ regions: ['NO'] }, ({ minimumClient }) => minimumClient.web !== '9.0.0')
    await web.go('/settings')
    await web.button('web.settings.sync-now').click()
    await banner(old).waitFor({ state: 'detached' })
    expect(await web.page.getByText(web.t('web.banner.sign-in-again')).count()).toBe(0)
  })

  it('C1 after that time a secret is asked for anew; without a proof it stays hidden', async () => {
    await until(() => Promise.resolve(Date.now() - provenMs > 61_000), 'a minute has passed', 70_000)
    await open('Bank')
    const show = web.page.getByRole('button', { name: web.t('web.item.show-field', { field: web.t('field.password').toLowerCase() }) })
    await show.click()
    await web.see('web.proof.text')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.cancel') })
      .click()
    expect(await web.page.getByText('hemmelig 1').count()).toBe(0)
    await show.click()
    await web.prove()
    await web.seeText('hemmelig 1')
  })

  it('C1 what a person does first after the machine slept finds the keychain locked, and does not put the lock off', async () => {
    const worker = web.page.workers().at(-1)
    if (worker === undefined) throw new Error('no worker')
    // both at once, before the worker's own next look at the clock; what else it says waits until the answer is here
    const answer = await worker.evaluate(`new Promise((resolve) => {
      const now = Date.now
      Date.now = () => now() + 8 * 3_600_000
      const post = self.postMessage.bind(self)
      self.postMessage = (said) => {
        if (said.id === -2) resolve(said)
        else setTimeout(() => post(said), 500)
      }
      for (const [id, name, args] of [[-1, 'touch', []], [-2, 'find', ['all', '']]])
        self.dispatchEvent(new MessageEvent('message', { data: { id, name, args } }))
    })`)
    expect(answer).toMatchObject({ type: 'failure', failure: { code: 'locked' } })
    await web.button('web.locked.unlock').waitFor()
    await web.unlock()
  })

  it('ESC-4 other recovery services than before are named, and nothing is laid down with them before the person accepts', async () => {
    await server.stop()
    const { list, realms } = await startRealms(world, data, { count: 1, threshold: 1, needed: 1 })
    const port = Number(new URL(server.url).port)
    server = await world.server({ data, port, env: { NOKKEL_CONFIG: config, NOKKEL_REALMS: list } })
    // the proof before was for looking; this act wants its own
    await web.button('web.nav.lock').click()
    await web.unlock()
    await web.go('/recovery')
    await banner(web.words.errorText('realms-changed').message).waitFor()
    await web.seeText(new URL(realms[0]?.url ?? '').host)
    await web.look('services-changed')
    await web.button('web.services.accept').click()
    await web.see('web.services.accept-text')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.services.accept') })
      .click()
    await web.prove()
    await web.see('web.services.about', { count: 1 })
    expect(await web.button('web.services.accept').count()).toBe(0)
  })

  it('is clean', () => {
    expect(web.complaints.filter((text) => !/status of [45]\d\d|net::ERR|WebSocket/.test(text))).toEqual([])
    expect(web.violations).toEqual([])
  })
})
