import { createDoctorWords } from '@nokkel/messages/doctor'
import type { Browser, Locator } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DeviceState } from '@nokkel/client'
import type { MessageKey } from '@nokkel/messages'
import { pages, type Page } from '../../apps/web/src/app/pages.ts'
import { startBrowser } from './browser.ts'
import { addFromElsewhere, bitwardenExport } from './full-account.ts'
import { passcode, password, until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/**
 * One walk through every screen of the web app, with one account that has something of everything: `look` sees each at both sizes, in both themes
 * and both languages. What else a screen can say is looked at where it is tested. In the order in which a person comes by; each part goes on
 * where the one before ended.
 */

/** Where each page of the open keychain is seen when it has most to show. A new page does not compile, and then fails, without a visit. */
const screenOf: Readonly<Record<Page, string>> = {
  items: 'item',
  devices: 'devices-request',
  settings: 'settings',
  activity: 'activity',
  import: 'import-finished',
  recovery: 'recovery',
  security: 'security',
  help: 'help-answer',
}
/** The same of where a device can stand. */
const screenOfState: Readonly<Record<DeviceState, string>> = {
  empty: 'welcome',
  'signed-in': 'waiting',
  trusted: 'item',
  locked: 'locked',
  removed: 'removed',
  reset: 'reset',
  off: 'off',
}

describe('every screen of the web app', () => {
  const world = new World()
  const email = 'kari.nordmann@example.org'
  let browser: Browser
  let server: Server
  let web: WebPage
  let mac: Device
  let tablet: Device
  /** by what the app itself says of where it is */
  const visited = new Map<string, string[]>()

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    browser = await startBrowser()
    mac = world.device('Karis Mac')
    tablet = world.device('Nettbrettet')
    await mac.create(server, email)
    web = await WebPage.open(browser, server.url, ['nb', 'en'], 'desktop')
    // a dialog that is still appearing can be pressed at the wrong place
    await web.page.emulateMedia({ reducedMotion: 'reduce' })
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  async function look(screen: string): Promise<void> {
    await web.look(screen)
    const page =
      (await web.page.locator('[data-page]').count()) === 0 ? 'gate' : await web.page.locator('[data-page]').getAttribute('data-page')
    visited.set(screen, [...(visited.get(screen) ?? []), page ?? ''])
  }
  /** What `look` found wrong since it was last asked: layout, accessibility, the language. */
  const faults = (): unknown[] => web.violations.splice(0)
  async function go(page: Page, title: MessageKey): Promise<void> {
    await web.go(`/${page}`)
    await web.page.getByRole('heading', { name: web.t(title), level: 1 }).waitFor()
  }
  const dialog = (): Locator => web.page.getByRole('dialog').filter({ visible: true }).last()
  const inDialog = (key: MessageKey): Locator => dialog().getByRole('button', { name: web.t(key), exact: true })
  async function closed(): Promise<void> {
    await until(async () => (await web.page.getByRole('dialog').count()) === 0, 'the dialog is gone')
  }
  /** Opens a dialog, looks at it, and leaves it as it was. */
  async function peek(screen: string, open: () => Promise<void>): Promise<void> {
    await open()
    await dialog().waitFor()
    await look(screen)
    await web.page.keyboard.press('Escape')
    await closed()
  }
  async function choose(title: string): Promise<void> {
    await web.option(title).first().click()
    await web.page.getByRole('heading', { name: title }).first().waitFor()
  }
  /** The request of this window, as the other device is shown it, is approved there. */
  async function letIn(): Promise<void> {
    await web.see('web.join.waiting')
    const label = (await web.page.getByRole('img', { name: web.t('web.join.code') }).getAttribute('aria-label')) ?? ''
    const { requests } = (await mac.ok(['devices'])) as unknown as { requests: { requestId: string }[] }
    await mac.ok(['devices', 'approve', requests[0]?.requestId ?? '', '--code', label.replaceAll(/\D/g, '')])
    await web.field('web.search').waitFor()
  }
  async function signInAgain(): Promise<void> {
    await dialog().getByLabel(web.t('web.password'), { exact: true }).fill(password)
    await dialog().getByLabel(web.t('web.passcode'), { exact: true }).fill(passcode)
    await inDialog('web.welcome.sign-in').click()
  }

  it('A4 before there is a keychain: welcome, creating, signing in, help', async () => {
    await web.see('web.welcome.title')
    await look('welcome')
    await web.button('web.welcome.create').click()
    await look('create')
    await web.field('web.email').fill(email)
    await web.field('web.password').fill(password)
    await web.field('web.passcode').fill('482915')
    await web.field('web.passcode-again').fill('482916')
    await web.button('web.welcome.create').click()
    await web.see('web.passcode-differs')
    await look('create-differs')
    await web.button('web.back').click()
    await web.button('web.welcome.sign-in').click()
    await look('sign-in')
    await web.button('web.back').click()
    await web.page.getByRole('link', { name: web.t('web.settings.help') }).click()
    await web.page.getByRole('heading', { name: createDoctorWords(web.words).t('doctor.ask') }).waitFor()
    await look('help-before')
    await web.go('/')
    expect(faults()).toEqual([])
  })

  it('A5 waiting to be let in, the other ways in, and the request withdrawn', async () => {
    await web.signIn(email)
    await web.page.getByRole('img', { name: web.t('web.join.qr') }).waitFor()
    await look('waiting')
    await web.button('web.ways.title').click()
    await web.button('web.recovery.use').waitFor()
    await look('other-ways')
    await web.button('web.ways.passcode-of-one').click()
    await web.button('web.number.lost').waitFor()
    await look('second-factor')
    await web.button('web.number.lost').click()
    await web.see('web.number.lost-text')
    await look('number-lost')
    await web.button('web.back').click()
    await web.button('web.back').click()
    await web.button('web.recovery.use').click()
    await web.field('web.recovery.key').fill('AAAA-BBBB')
    await web.button('web.recovery.use-go').click()
    await web.page.getByRole('alert').filter({ hasText: /\S/ }).waitFor()
    await look('recovery-key-use')
    await web.button('web.back').click()
    await web.button('web.back').click()
    await web.button('web.join.cancel').click()
    await web.button('web.join.ask').waitFor()
    await look('not-asked')
    await web.button('web.join.ask').click()
    await letIn()
    expect(faults()).toEqual([])
  })

  it('an empty keychain, its menus, and an import from its beginning to its report', async () => {
    await web.see('web.list.empty.all')
    await look('empty')
    await web.go('/items/card')
    await web.see('web.list.empty.kind')
    await look('empty-kind')
    await web.go('/items/deleted')
    await web.see('web.list.empty.deleted')
    await look('empty-deleted')
    await go('security', 'web.category.security')
    await web.see('web.security.fine')
    await look('security-fine')
    await web.go('/items/all')
    await web.button('web.add').click()
    await web.page.getByRole('menuitem', { name: web.t('web.import') }).waitFor()
    await look('add-menu')
    await web.page.getByRole('menuitem', { name: web.t('web.import') }).click()
    await web.button('web.import.choose').waitFor()
    await look('import')
    const choosing = web.page.waitForEvent('filechooser')
    await web.button('web.import.choose').click()
    await (await choosing).setFiles(bitwardenExport())
    const imports = web.page.getByRole('button', { name: /^(Importer|Import) \d/ })
    await imports.waitFor()
    await look('import-preview')
    await imports.click()
    await web.see('web.import.finished')
    await look('import-finished')
    await web.button('web.done').click()
    expect(faults()).toEqual([])
  })

  it('B1 C1 C2 items of every kind: shown, searched, added, changed, deleted', async () => {
    await mac.ok(['sync'])
    await addFromElsewhere(mac)
    await web.option('Hytta').first().waitFor()
    await look('list')
    await choose('Nettbanken')
    await web.see('web.item.hidden')
    await web.see('web.item.history-count', { count: 1 })
    const field = web.t('field.password').toLowerCase()
    await peek('proof', async () => {
      await go('settings', 'web.settings.title')
      await web.page.getByLabel(web.t('web.settings.auto-lock')).selectOption('30')
    })
    await web.go('/items/all')
    await choose('Nettbanken')
    await web.button('web.item.show-field', { field }).click()
    await web.page.getByText('Rukhef-wimxeq-9zedwy').waitFor()
    await web.page.getByText(web.t('web.item.history-count', { count: 1 })).click()
    await look('item')
    await peek('edit', async () => {
      await web.button('web.item.edit').click()
      await inDialog('web.save').waitFor()
    })
    await peek('delete', () => web.button('web.item.delete').click())
    await web.field('web.search').fill('eksisterer ikke')
    await web.see('web.list.nothing-found')
    await look('nothing-found')
    await web.field('web.search').fill('kari')
    await look('search')
    await web.field('web.search').fill('')
    for (const kind of ['card', 'wifi', 'note', 'password'] as const)
      await peek(`add-${kind}`, async () => {
        await web.button('web.add').click()
        await web.page.getByRole('menuitem', { name: web.t(`web.edit.new.${kind}`) }).click()
        await inDialog('web.save').waitFor()
      })
    for (const [kind, title] of [
      ['card', 'Bankkort'],
      ['passkey', 'Legetimen'],
      ['note', 'Alarmen på hytta'],
    ] as const) {
      await web.go(`/items/${kind}`)
      await choose(title)
      await look(kind)
    }
    await web.go('/items/wifi')
    await choose('Hytta')
    await web.button('web.wifi.show').click()
    await web.page.getByRole('img', { name: web.t('web.wifi.code') }).waitFor()
    await look('wifi')
    await web.go('/items/code')
    await web
      .option('Nettbanken')
      .filter({ hasText: /\d{3} \d{3}/ })
      .waitFor()
    await look('codes')
    await web.go('/items/deleted')
    await choose('Gammel konto')
    await web.button('web.item.restore').waitFor()
    await look('deleted')
    await peek('purge', () => web.button('web.item.purge').click())
    expect(faults()).toEqual([])
  })

  it('B2 passwords that need attention, and two items made one', async () => {
    await go('security', 'web.category.security')
    await web.button('web.security.merge').waitFor()
    await look('security')
    await peek('merge', () => web.button('web.security.merge').click())
    expect(faults()).toEqual([])
  })

  it('A5 B3 devices: one asks, is approved, renamed, removed; and what browsers may do', async () => {
    await web.go('/items/all')
    await tablet.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', tablet.name])
    const joining = tablet.start(['join', '--wait'])
    const { code } = JSON.parse(await joining.line()) as { code: string }
    await web.see('web.banner.requests', { count: 1 })
    const news = web.page.getByText(web.t('notice.new-sign-in', { place: '' }).split(',')[0] ?? '')
    await news.waitFor()
    await look('request-banner')
    await web.button('web.banner.see').click()
    await web.seeText(tablet.name)
    await look('devices-request')
    await web.button('web.devices.approve').click()
    await web.field('web.devices.code').fill(code === '111111' ? '222222' : '111111')
    await inDialog('web.devices.approve').click()
    await web.seeText(web.words.errorText('code-wrong', { attemptsLeft: 4 }).message)
    await look('approve')
    await web.field('web.devices.code').fill(code)
    await inDialog('web.devices.approve').click()
    expect((await joining.done).code).toBe(0)
    await web.see('web.devices.no-more')
    // F9: it is trusted now, and what was said of it before is over
    await news.waitFor({ state: 'detached' })
    await look('devices')
    await peek('rename', () => web.button('web.devices.rename').click())
    await peek('policy', async () => {
      await web.page.getByLabel(web.t('policy.class.extension')).selectOption('no-membership')
    })
    await web.page
      .getByRole('listitem')
      .filter({ hasText: tablet.name })
      .getByRole('button', { name: web.t('web.devices.remove') })
      .click()
    await dialog().waitFor()
    await look('remove')
    await web.button('web.devices.remove-keep').click()
    await closed()
    await web.page.getByText(web.t('web.devices.ended')).click()
    await web.page.getByRole('listitem').filter({ hasText: tablet.name }).waitFor()
    await look('devices-former')
    expect(faults()).toEqual([])
  })

  it('F1 F10 ways back, and a recovery key that is shown once', async () => {
    await go('recovery', 'web.recovery.title')
    await web.see('web.number.none')
    await web.see('web.services')
    await look('recovery')
    await peek('two-factor-number-first', () => web.button('web.two-factor.turn-off').click())
    await peek('number-choose', () => web.button('web.number.choose').click())
    await web.button('web.device-code.show').click()
    await web.prove()
    await web.page
      .getByRole('status')
      .filter({ hasText: /\d{3} \d{3}/ })
      .waitFor()
    await look('device-code')
    await web.button('web.recovery.create').click()
    await web.prove()
    await web.page.getByRole('img', { name: web.t('web.recovery.qr') }).waitFor()
    await web.field('web.recovery.last-group').fill('AAAA')
    await web.button('web.done').click()
    await web.see('web.recovery.last-group-differs')
    await look('recovery-key')
    const groups = web.page.getByRole('list', { name: web.t('web.recovery.key') }).getByRole('listitem')
    await web.field('web.recovery.last-group').fill(await groups.last().innerText())
    await web.button('web.done').click()
    await web.see('web.recovery.key-is')
    await peek('recovery-key-check', () => web.button('web.recovery.check').click())
    await peek('recovery-key-revoke', () => web.button('web.recovery.revoke').click())
    expect(faults()).toEqual([])
  })

  it('settings and what they lead to', async () => {
    await go('settings', 'web.settings.title')
    await look('settings')
    const way = (key: MessageKey): Promise<void> => web.page.getByRole('button', { name: web.t(key), exact: true }).click()
    for (const [screen, key] of [
      ['passcode-change', 'web.settings.passcode'],
      ['password-change', 'web.settings.password'],
      ['turn-off', 'web.settings.off'],
      ['off-everywhere', 'web.end.everywhere'],
      ['reset-ask', 'web.end.reset'],
      ['delete-account', 'web.end.delete-account'],
    ] as const)
      await peek(screen, () => way(key))
    await go('activity', 'web.activity.title')
    await web.see('web.activity.checked')
    await look('activity')
    expect(faults()).toEqual([])
  })

  it('G help: what one may see, what was found, the report', async () => {
    await go('devices', 'web.devices.title')
    const another = world.device('Jobbmaskinen')
    await another.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', another.name])
    await another.ok(['join'])
    await web.button('web.devices.approve').waitFor()
    await web.button('web.banner.seen').click()
    await web.page.getByRole('button', { name: web.t('web.banner.seen'), exact: true }).waitFor({ state: 'detached' })
    await web.go('/help')
    const said = createDoctorWords(web.words)
    await web.page.getByRole('heading', { name: said.t('doctor.ask') }).waitFor()
    await look('help')
    await web.page.getByRole('button', { name: said.symptom('see-password') }).click()
    await web.seeText(said.step('see-item', 'web'))
    await look('help-how')
    await web.page.getByRole('button', { name: said.t('doctor.other-symptom') }).click()
    await web.page.getByRole('button', { name: said.symptom('new-device') }).click()
    await web.page.getByRole('heading', { name: said.title({ code: 'request-waiting' }) }).waitFor()
    await look('help-answer')
    await peek('help-report', () => web.page.getByRole('button', { name: said.t('doctor.report') }).click())
    await go('devices', 'web.devices.title')
    await web.button('web.devices.decline').click()
    await web.see('web.devices.no-more')
    expect(faults()).toEqual([])
  })

  it('A6 without the server', async () => {
    await web.go('/items/all')
    await server.kill()
    await web.see('web.banner.offline')
    await web.button('web.add').click()
    await web.page.getByRole('menuitem', { name: web.t('web.edit.new.note') }).click()
    await dialog().getByLabel(web.t('field.title'), { exact: true }).fill('Skrevet på toget')
    await inDialog('web.save').click()
    await web.see('web.banner.pending', { count: 1 })
    await web.page.getByRole('heading', { name: 'Skrevet på toget' }).waitFor()
    await look('offline')
    await go('recovery', 'web.recovery.title')
    await web.see('web.number.offline')
    await look('recovery-offline')
    await go('activity', 'web.activity.title')
    await web.page.locator('main').getByRole('listitem').first().waitFor()
    await look('activity-offline')
    await server.start()
    await web.page.getByText(web.t('web.banner.offline')).first().waitFor({ state: 'detached' })
    await mac.ok(['sync'])
    expect(faults()).toEqual([])
  })

  it('C1 locked', async () => {
    await web.button('web.nav.lock').click()
    await web.see('web.locked.title')
    await web.unlock('135799')
    await web.seeText(web.words.errorText('passcode-wrong').message)
    await look('locked')
    await web.unlock()
    await web.page.locator('[data-page]').waitFor()
    await web.go('/items/all')
    await web.field('web.search').waitFor()
    expect(faults()).toEqual([])
  })

  it('B3 D2 D3 D4 removed, reset from elsewhere, turned off, and erased', async () => {
    const devices = async (): Promise<readonly { readonly id: string; readonly class: string; readonly status: string }[]> =>
      (await mac.ok(['devices'])).devices as { id: string; class: string; status: string }[]
    const own = (await devices()).find((each) => each.class === 'web' && each.status === 'active')
    await mac.ok(['devices', 'remove', own?.id ?? ''])
    await web.see('web.banner.removed-keep')
    await look('removed')
    await web.button('web.banner.join-again').click()
    await dialog().waitFor()
    await look('sign-in-again')
    await signInAgain()
    await letIn()
    await mac.ok(['sync'])
    await mac.ok(['reset', '--from-device', '--confirm', email])
    await web.button('web.banner.join-again').waitFor()
    await look('reset')
    await peek('reset-join', () => web.button('web.banner.join-again').click())
    await web.button('web.banner.join-again').click()
    await signInAgain()
    await letIn()
    await go('settings', 'web.settings.title')
    await web.page.getByRole('button', { name: web.t('web.settings.off'), exact: true }).click()
    await web.button('web.settings.off-keep').click()
    await web.see('web.banner.off')
    await look('settings-off')
    await web.go('/items/all')
    await choose('Bankkort')
    await look('off')
    await go('settings', 'web.settings.title')
    await web.page.getByRole('button', { name: web.t('web.end.erase'), exact: true }).click()
    await dialog().waitFor()
    await look('erase')
    await dialog().getByLabel(web.t('web.end.confirm', { email }), { exact: true }).fill(email)
    await inDialog('web.end.erase').click()
    await web.prove()
    await web.see('web.welcome.title')
    expect(faults()).toEqual([])
  })

  it('H2 what cannot be opened, and what broke, say so', async () => {
    // a store of a later release: this one must not touch it
    await web.page.goto(`${server.url}/about`)
    await web.page.evaluate(
      (name) =>
        new Promise<void>((done, failed) => {
          const opening = indexedDB.open(name, 1_000)
          opening.addEventListener('success', () => done(opening.result.close()))
          opening.addEventListener('error', () => failed(opening.error ?? new Error('not opened')))
        }),
      'nokkelring',
    )
    await web.page.goto(server.url)
    await web.button('web.reload').waitFor()
    await look('not-opened')
    // and a file of the app that is not there: with no service worker that has it
    const whole = web
    web = await WebPage.open(browser, server.url, ['nb', 'en'], 'phone', { serviceWorkers: 'block' })
    await web.page.route(/\/help-[^/]*\.js/, (route) => route.abort())
    await web.page.getByRole('link', { name: web.t('web.settings.help') }).click()
    await web.see('web.broken')
    await look('broken')
    // nor the worker's own: nothing is locked, and nothing is to be unlocked
    await web.page.route(/\/entry-[^/]*\.js/, (route) => route.abort())
    await web.page.goto(`${server.url}/about`)
    await web.page.goto(server.url)
    await web.see('web.not-loaded')
    await look('not-loaded')
    await web.page.unroute(/\/entry-[^/]*\.js/)
    await web.button('web.reload').click()
    await web.see('web.welcome.title')
    expect(faults()).toEqual([])
    await web.close()
    web = whole
  })

  it('visited every page of the router, and every state that a device can be in', () => {
    for (const page of pages) expect([page, visited.get(screenOf[page])]).toEqual([page, [page]])
    for (const [state, screen] of Object.entries(screenOfState)) expect([state, visited.has(screen)]).toEqual([state, true])
  })

  it('without a complaint of the browser', () => {
    // the server was stopped, and refused what it should
    expect(web.complaints.filter((text) => !/net::ERR_|WebSocket connection|status of 40\d/.test(text))).toEqual([])
  })
})
