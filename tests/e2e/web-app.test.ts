import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Language } from '@nokkel/messages'
import { startBrowser } from './browser.ts'
import { until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** The web app in a real Chromium against a real server, with the command line as the other device. In both languages. */
const samples = {
  nb: {
    bank: 'Nettbanken',
    card: 'Bankkort',
    wifi: 'Hytta',
    note: 'Alarmen på hytta',
    added: 'Legekontoret',
    offline: 'Skrevet på toget',
    imported: 'Biblioteket',
  },
  en: {
    bank: 'My bank',
    card: 'Bank card',
    wifi: 'Cabin',
    note: 'Cabin alarm',
    added: 'Dentist',
    offline: 'Written on the train',
    imported: 'Library',
  },
} as const
const sites = [
  'Altinn',
  'Digipost',
  'Finn',
  'Helsenorge',
  'Komplett',
  'NAV',
  'NRK',
  'Posten',
  'Ruter',
  'Skatteetaten',
  'Vinmonopolet',
  'Vipps',
  'Vy',
  'Yr',
]

describe.each(['nb', 'en'] satisfies Language[])('the web app in %s', (language) => {
  const world = new World()
  const email = `kari.${language}@example.org`
  const { bank, card, wifi, note, added, offline, imported } = samples[language]
  let browser: Browser
  let server: Server
  let web: WebPage
  let cli: Device

  beforeAll(async () => {
    buildWebApp()
    server = await world.server()
    browser = await startBrowser()
    web = await WebPage.open(browser, server.url, language, 'desktop')
    cli = world.device('Maskinen')
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
  })

  it('A4 creates an account, and the first item is stored', async () => {
    await web.see('web.welcome.title')
    await web.button('web.welcome.create').click()
    await web.button('web.back').click()
    await web.createAccount(email)
    await web.button('web.edit.new.password').click()
    await web.field('field.title').fill(bank)
    await web.field('field.username').fill('kari')
    await web.field('web.edit.sites').fill('https://bank.example')
    await web.button('web.edit.generate').click()
    await until(async () => /^[\w-]{20}$/.test(await web.field('field.password').inputValue()), 'a password was made')
    await web.button('web.save').click()
    await web.option(bank).waitFor()
    await web.page.getByRole('heading', { name: bank }).waitFor()
    expect(await web.page.getByRole('option').count()).toBe(1)
  })

  it('A5 approves a new device by the code that it shows, and says when the code is wrong', async () => {
    await cli.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', cli.name])
    const joining = cli.start(['join', '--wait'])
    const { code } = JSON.parse(await joining.line()) as { code: string }
    // appears by itself, wherever one is
    await web.see('web.banner.requests', { count: 1 })
    await web.button('web.banner.see').click()
    await web.seeText(cli.name)
    await web.button('web.devices.approve').click()
    await web.field('web.devices.code').fill(code === '111111' ? '222222' : '111111')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.devices.approve') })
      .click()
    await web.seeText(web.words.errorText('code-wrong', { attemptsLeft: 4 }).message)
    await web.field('web.devices.code').fill(`${code.slice(0, 3)} ${code.slice(3)}`)
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.devices.approve') })
      .click()
    expect((await joining.done).code).toBe(0)
    await web.see('web.devices.no-more')
    expect(await cli.contents()).toEqual([expect.objectContaining({ title: bank, username: 'kari', sites: ['https://bank.example'] })])
  })

  it('B1 what another device writes appears without anything being pressed', async () => {
    await web.go('/items/all')
    await cli.addPassword(added, 'fra kommandolinjen', ['--username', 'kari.n'])
    await web.option(added).waitFor()
    const file = join(world.folder, 'sites.csv')
    const rows = sites.map((site, i) => `${site},https://${site.toLowerCase()}.example,kari${i}@example.org,Passord-nr-${i}-her`)
    writeFileSync(file, `name,url,username,password\n${rows.join('\n')}\n`)
    await cli.ok(['import', file])
    await cli.ok(
      [
        'add',
        'card',
        '--title',
        card,
        '--field',
        'number=-',
        '--field',
        'cardholder=Kari Nordmann',
        '--field',
        'expiryMonth=9',
        '--field',
        'expiryYear=2029',
      ],
      { input: '4111111111111111' },
    )
    await cli.ok(['add', 'wifi', '--title', wifi, '--field', 'ssid=Hytta 5G', '--field', 'password=-'], { input: 'furu og einer' })
    await cli.ok(['add', 'note', '--title', note, '--field', 'notes=-'], { input: 'Hemmelig tekst' })
    await cli.ok(['edit', bank, '--field', 'totp=-'], { input: 'JBSWY3DPEHPK3PXP' })
    await web.option(note).waitFor()
    expect(await web.option(added).count()).toBe(1)
  })

  it('C1 C2 shows, reveals, copies, edits and remembers earlier values', async () => {
    await web.option(bank).click()
    await web.see('web.item.hidden')
    const shown = web.page.getByRole('definition').filter({
      has: web.page.getByRole('button', {
        name: web.t('web.item.copy-field', { field: web.t('field.password').toLowerCase() }),
        exact: true,
      }),
    })
    expect(await shown.innerText()).toContain('••••')
    await web.button('web.item.show-field', { field: web.t('field.password').toLowerCase() }).click()
    await until(async () => /[\w]{6}-[\w]{6}-[\w]{6}/.test(await shown.innerText()), 'the password is shown')
    const secret = /[\w]{6}-[\w]{6}-[\w]{6}/.exec(await shown.innerText())?.[0] ?? ''
    await web.button('web.item.copy-field', { field: web.t('field.password').toLowerCase() }).click()
    await web.see('web.copied', { seconds: 60 })
    expect(await web.page.evaluate(() => navigator.clipboard.readText())).toBe(secret)
    expect((await cli.run(['show', bank, '--field', 'password'], { json: false })).stdout.trim()).toBe(secret)
    await web.button('web.item.edit').click()
    await web.field('field.password').fill('et nytt passord 42')
    // C1: what is typed or shown is in no attribute of the document
    expect(await web.page.content()).not.toContain('et nytt passord 42')
    await web.button('web.save').click()
    await web.see('web.item.history-count', { count: 1 })
    const onCli = async (): Promise<string> => {
      await cli.ok(['sync'])
      return (await cli.run(['show', bank, '--field', 'password'], { json: false })).stdout.trim()
    }
    await until(async () => (await onCli()) === 'et nytt passord 42', 'the edit arrived')
    await web.seeText(web.t('web.item.history-count', { count: 1 }))
    await web.page.getByText(web.t('web.item.history-count', { count: 1 })).click()
    await web.button('web.item.history-use').click()
    await until(async () => (await onCli()) === secret, 'the earlier value is back')
  })

  it('C1 finds as one types, by categories too, and with the keyboard alone', async () => {
    await web.page.keyboard.press('/')
    await web.page.keyboard.type('digi post')
    await until(async () => (await web.page.getByRole('option').count()) === 1, 'one is left')
    await web.page.keyboard.press('Tab')
    await web.page.keyboard.press('Tab')
    await web.page.keyboard.press('ArrowDown')
    await web.page.keyboard.press('Enter')
    await web.page.getByRole('heading', { name: 'Digipost' }).waitFor()
    await web.field('web.search').fill('finnes ikke i det hele tatt')
    await web.see('web.list.nothing-found')
    await web.button('web.search.clear').click()
    await web.go('/items/card')
    await until(async () => (await web.page.getByRole('option').count()) === 1, 'the card alone')
    await web.option(card).click()
    await web.seeText('09/2029')
    await web.go('/items/wifi')
    await web.option(wifi).waitFor()
    expect(await web.page.getByRole('option').count()).toBe(1)
  })

  it('B5 deleted items can be brought back', async () => {
    await web.go('/items/note')
    await web.option(note).click()
    await web.button('web.item.delete').click()
    await web.see('web.item.delete-text')
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.item.delete') })
      .click()
    await web.see('web.list.empty.kind')
    await web.go('/items/deleted')
    await web.option(note).click()
    await web.button('web.item.restore').click()
    await web.see('web.list.empty.deleted')
    await web.go('/items/note')
    await web.option(note).waitFor()
    expect(await web.page.getByRole('option').count()).toBe(1)
  })

  it('A6 says that it is offline and how many changes wait, and catches up by itself', async () => {
    await web.go('/items/all')
    await server.kill()
    await web.seeText(web.t('web.banner.offline'))
    await web.button('web.add').click()
    await web.page.getByRole('menuitem', { name: web.t('web.edit.new.note') }).click()
    await web.field('field.title').fill(offline)
    await web.button('web.save').click()
    await web.see('web.banner.pending', { count: 1 })
    await server.start()
    await web.page.getByText(web.t('web.banner.offline')).first().waitFor({ state: 'detached' })
    await until(async () => {
      await cli.ok(['sync'])
      return (await cli.ok(['list', offline])).items.length === 1
    }, 'the change arrived')
    expect((await cli.ok(['status'])).pendingChanges).toBe(0)
  })

  it('imports a file after a preview', async () => {
    await web.go('/import')
    const file = join(world.folder, 'more.csv')
    writeFileSync(
      file,
      `name,url,username,password\n${imported},https://library.example,kari,les-mer-bøker-22\nAltinn,https://altinn.example,kari0@example.org,Passord-nr-0-her\n`,
    )
    const choosing = web.page.waitForEvent('filechooser')
    await web.button('web.import.choose').click()
    await (await choosing).setFiles(file)
    await web.see('web.import.go', { count: 1 })
    await web.button('web.import.go', { count: 1 }).click()
    await web.see('web.import.finished')
    await web.button('web.done').click()
    await web.option(imported).waitFor()
    expect(await web.option('Altinn').count()).toBe(1)
  })

  it('C1 locks, refuses a wrong passcode with words, and unlocks', async () => {
    await web.go('/settings')
    await web.see('web.settings.auto-lock')
    await web.go('/activity')
    await web.see('web.activity.checked')
    await web.button('web.nav.lock').click()
    await web.see('web.locked.title')
    await web.unlock('135799')
    await web.seeText(web.words.errorText('passcode-wrong').message)
    await web.unlock()
    await web.go('/items/all')
    await web.option(bank).waitFor()
    expect(await web.page.getByText(web.t('web.locked.title')).count()).toBe(0)
  })

  it('A5 A7 is let in as a new device by another, and can be removed (B3)', async () => {
    const phone = await WebPage.open(browser, server.url, language, 'phone')
    const code = await phone.signIn(email)
    expect(code).toMatch(/^\d{6}$/)
    const { requests } = (await cli.ok(['devices'])) as unknown as { requests: { requestId: string }[] }
    await cli.ok(['devices', 'approve', requests[0]?.requestId ?? '', '--code', code])
    await phone.option(bank).waitFor()
    // the first device hears of it
    await web.go('/devices')
    await until(
      async () => (await web.page.getByRole('button', { name: web.t('web.devices.remove') }).count()) === 2,
      'both others are listed',
    )
    await web.page
      .getByRole('listitem')
      .filter({ has: web.page.locator('strong', { hasText: 'Chrome' }) })
      .getByRole('button', { name: web.t('web.devices.remove') })
      .click()
    await web.button('web.devices.remove-keep').click()
    await phone.seeText(web.t('web.banner.removed-keep'))
    expect(phone.complaints).toEqual([])
    await phone.close()
  })

  it('D2 is turned off here, keeping a copy that can be looked at and no longer changed', async () => {
    await web.go('/settings')
    await web.page.getByRole('button', { name: web.t('web.settings.off') }).click()
    await web.button('web.settings.off-keep').click()
    await web.see('web.banner.off')
    await web.go('/items/all')
    await web.option(bank).waitFor()
    expect(await web.button('web.add').count()).toBe(0)
  })

  it('keeps its promises: nothing stored in the open, no complaint of the browser', async () => {
    expect(await web.page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie])).toEqual([0, 0, ''])
    expect(web.page.url()).not.toMatch(/[?&=]/)
    expect(web.complaints.filter((text) => !/net::ERR_|WebSocket connection/.test(text))).toEqual([])
  })

  it('is served with a strict policy, and its files only as they should be', async () => {
    const page = await fetch(`${server.url}/`)
    const policy = page.headers.get('content-security-policy') ?? ''
    for (const part of [
      "default-src 'none'",
      "script-src 'self' 'wasm-unsafe-eval'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ])
      expect(policy).toContain(part)
    expect(policy).not.toMatch(/unsafe-inline|'unsafe-eval'|https?:|\*/)
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(page.headers.get('cross-origin-embedder-policy')).toBe('require-corp')
    const html = await page.text()
    expect(html).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/)
    const script = /src="(\/assets\/[^"]+)"/.exec(html)?.[1] ?? ''
    const asset = await fetch(server.url + script)
    expect(asset.headers.get('cache-control')).toContain('immutable')
    expect(asset.headers.get('content-type')).toContain('text/javascript')
    expect((await fetch(`${server.url}/about`)).headers.get('content-type')).toContain('text/html')
    for (const path of ['/assets/../../package.json', '/.stamp', '/assets/', '/assets/none.js'])
      expect((await fetch(server.url + path)).status).toBe(404)
    expect((await fetch(`${server.url}/`, { method: 'POST' })).status).toBe(405)
  })
})
