import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import { passcode, until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** What these tests look at and break in the worker of a tab. */
interface WorkerScope {
  WebSocket: new (url: string) => { close(): void }
  opened?: { close(): void }[]
  readonly crypto: object
}

/** Two tabs of one browser are one device: what one does to the keychain here, the other shows at once, without being loaded anew. */
describe('two tabs of the web app', () => {
  const world = new World()
  const email = 'to.faner@example.org'
  const secret = 'wimxeq-zedwy6-Rukhef'
  let browser: Browser
  let server: Server
  let first: WebPage
  let second: WebPage
  let pc: Device

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    browser = await startBrowser()
    pc = world.device('PC')
    await pc.create(server, email)
    await pc.addPassword('Banken', secret)
    first = await WebPage.open(browser, server.url, 'nb', 'desktop')
    second = await first.another()
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  /** Opens the item in the second tab, its password shown. */
  async function reveal(): Promise<void> {
    await second.go('/items/all')
    await second.option('Banken').click()
    await second.button('web.item.show-field', { field: second.t('field.password').toLowerCase() }).click()
    await second.seeText(secret)
  }
  /** In the second tab, in the worker that holds its connection. */
  async function inWorker<T>(work: (scope: WorkerScope) => T): Promise<T> {
    const worker = second.page.workers()[0]
    if (worker === undefined) throw new Error('the page has no worker')
    return worker.evaluate(`(${work})(globalThis)`)
  }
  const connections = (): Promise<number> => inWorker((scope) => scope.opened?.length ?? 0)
  async function addNote(title: string): Promise<void> {
    await first.button('web.add').click()
    await first.page.getByRole('menuitem', { name: first.t('web.edit.new.note') }).click()
    await first.field('field.title').fill(title)
    await first.button('web.save').click()
    await first.option(title).waitFor()
  }
  const left = async (): Promise<boolean> => /Banken|wimxeq/.test(await second.page.content())

  it('A4 C1 LOC-3 a tab that stood at the welcome shows the lock once the other is in', async () => {
    await second.see('web.welcome.title')
    await first.joinBy(pc, email)
    await second.see('web.locked.title')
    await second.unlock()
    await reveal()
    expect(await second.button('web.item.edit').count()).toBe(1)
  })

  it('A4 B1 what is changed in one is in the other at once, which keeps its connection and goes on hearing of other devices', async () => {
    await second.page.reload()
    await second.see('web.locked.title')
    await inWorker((scope) => {
      const opened: { close(): void }[] = []
      scope.opened = opened
      scope.WebSocket = class extends scope.WebSocket {
        constructor(url: string) {
          super(url)
          opened.push(this)
        }
      }
    })
    await second.unlock()
    await until(async () => (await connections()) > 0, 'the second tab is live')
    await pc.addPassword('Fra en annen', secret)
    await second.option('Fra en annen').waitFor()
    const before = await connections()
    await first.go('/items/all')
    for (const title of ['Notat 1', 'Notat 2', 'Notat 3']) {
      await addNote(title)
      await second.option(title).waitFor()
    }
    await pc.addPassword('Og en til', secret)
    await second.option('Og en til').waitFor()
    expect(await connections()).toBe(before)
  })

  it('A4 B1 whose watching has ended is live again once the other changes something', async () => {
    const before = await connections()
    // a fault of the program, in the wait before a new connection, is the one thing that ends it for this tab alone
    await inWorker((scope) => {
      Object.defineProperty(scope.crypto, 'getRandomValues', { configurable: true, value: null })
      for (const each of scope.opened ?? []) each.close()
    })
    await second.seeText(second.words.errorText('internal', {}).message)
    await inWorker((scope) => Reflect.deleteProperty(scope.crypto, 'getRandomValues'))
    expect(await connections()).toBe(before)
    await addNote('Notat 4')
    await second.option('Notat 4').waitFor()
    await until(async () => (await connections()) > before, 'the second tab is live')
    await pc.addPassword('Etterpå', secret)
    await second.option('Etterpå').waitFor()
  })

  it('D2 LOC-3 turned off in one, with its copy deleted: the other shows nothing of it any more', async () => {
    await first.go('/settings')
    await first.page.getByRole('button', { name: first.t('web.settings.off'), exact: true }).click()
    await first.button('web.settings.off-delete').click()
    await first.prove()
    await first.see('web.banner.off-empty')
    await second.see('web.banner.off-empty')
    await second.page.getByText('Banken').first().waitFor({ state: 'detached' })
    expect(await left()).toBe(false)
    expect(await second.button('web.add').count()).toBe(0)
  })

  it('D4 LOC-3 erased in one, while the other has a secret in sight: the other begins anew, and can be used', async () => {
    await first.button('web.banner.join-again').click()
    const dialog = first.page.getByRole('dialog')
    await dialog.getByLabel(first.t('web.password'), { exact: true }).fill('riktig hest batteri stift')
    await dialog.getByLabel(first.t('web.passcode'), { exact: true }).fill(passcode)
    await dialog.getByRole('button', { name: first.t('web.welcome.sign-in'), exact: true }).click()
    await first.see('web.join.waiting')
    const label = (await first.page.getByRole('img', { name: first.t('web.join.code') }).getAttribute('aria-label')) ?? ''
    const { requests } = (await pc.ok(['devices'])) as unknown as { requests: { requestId: string }[] }
    await pc.ok(['devices', 'approve', requests[0]?.requestId ?? '', '--code', label.replaceAll(/\D/g, '')])
    // where it stood before
    await first.page.getByRole('heading', { name: first.t('web.settings.title'), level: 1 }).waitFor()
    await second.option('Banken').waitFor()
    // the same tab, another member
    await pc.addPassword('Til den nye', secret)
    await second.option('Til den nye').waitFor()
    await reveal()
    await first.go('/settings')
    await first.page.getByRole('button', { name: first.t('web.settings.off'), exact: true }).click()
    await first.button('web.settings.off-keep').click()
    await second.see('web.banner.off')
    await second.seeText('Banken')
    // in the middle of something that asks
    await second.button('web.banner.join-again').click()
    await first.page.getByRole('button', { name: first.t('web.end.erase'), exact: true }).click()
    await first.page.getByLabel(first.t('web.end.confirm', { email }), { exact: true }).fill(email)
    await first.page
      .getByRole('dialog')
      .getByRole('button', { name: first.t('web.end.erase'), exact: true })
      .click()
    await first.prove()
    await first.see('web.welcome.title')
    await second.see('web.welcome.title')
    expect(await left()).toBe(false)
    expect(await second.page.getByRole('dialog').count()).toBe(0)
    expect(new URL(second.page.url()).hash).not.toMatch(/items/)
    await second.joinBy(pc, email)
    await second.option('Banken').waitFor()
  })

  it('without a complaint of the browser', () => {
    for (const tab of [first, second]) expect(tab.complaints.filter((text) => !/net::ERR_|WebSocket|status of 40\d/.test(text))).toEqual([])
  })
})
