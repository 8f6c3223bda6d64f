import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import decodeQR from 'qr/decode.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { totpCode } from '@nokkel/keychain'
import type { Language } from '@nokkel/messages'
import { startFeedSource, type FeedSource } from 'nokkel-server/feed-source/testing'
import { startBrowser } from './browser.ts'
import { until, World, type Device, type Server } from './harness.ts'
import { buildWebApp, WebPage } from './web-page.ts'

/** Codes that run, a network to join by picture, and what is wrong with passwords; filled by the command line as the other device. */
const key = 'JBSWY3DPEHPK3PXP'
const rows = [
  ['Posten', 'https://www.posten.no/in', 'kari', 'passord123'],
  ['Finn', 'https://finn.no', 'kari', 'Felles-passord-7-her'],
  ['Ruter', 'https://ruter.example', 'kari', 'Felles-passord-7-her'],
  ['Vipps', 'https://www.vipps.example/login', 'Kari', 'wimxeq-zedwy6-Rukhef'],
  ['vipps.example', 'vipps.example', 'kari', 'pivgas-7xedDo-kirbuz'],
]

describe.each(['nb', 'en'] satisfies Language[])('categories of the web app, in %s', (language) => {
  const world = new World()
  const email = `kari.${language}@example.org`
  let browser: Browser
  let server: Server
  let source: FeedSource
  let web: WebPage
  let cli: Device

  beforeAll(async () => {
    buildWebApp()
    const addresses = { 'posten.no': 'https://min.posten.no/passord', 'finn.no': 'https://evil.no/finn.no' }
    source = await startFeedSource({ 'change-password-URLs.json': JSON.stringify(addresses) })
    server = await world.server({ env: { NOKKEL_SITE_DATA_URL: source.url } })
    browser = await startBrowser()
    cli = world.device('Maskinen')
    await cli.create(server, email)
    await cli.ok(['add', 'wifi', '--title', 'Hytta', '--field', 'ssid=Hytta; 5G', '--field', 'password=-'], { input: 'furu:og,einer' })
    const file = join(world.folder, 'rows.csv')
    writeFileSync(file, `name,url,username,password\n${rows.map((row) => row.join()).join('\n')}\n`)
    await cli.ok(['import', file])
    await cli.ok(['edit', 'Posten', '--field', 'totp=-'], { input: key })
    web = await WebPage.open(browser, server.url, language, 'desktop')
    await web.joinBy(cli, email)
  })
  afterAll(async () => {
    await browser?.close()
    await world.end()
    await source?.close()
  })

  it('C2 shows the code that holds now, in the list and in the item', async () => {
    await web.go('/items/code')
    await web.option('Posten').waitFor()
    await web.seeText(web.words.t('web.list.count', { count: 1 }))
    expect(await web.page.getByRole('option').count()).toBe(1)
    const shown = async (): Promise<boolean> => {
      const text = (await web.option('Posten').innerText()).replaceAll(/\s/g, '')
      // asked for before and after, since a code may change in between
      const codes = await Promise.all([-30_000, 0].map(async (ms) => (await totpCode(key, Date.now() + ms)).code))
      return codes.some((code) => text.includes(code))
    }
    await until(shown, 'the code is shown')
    await web.option('Posten').click()
    await web.page.getByRole('heading', { name: 'Posten' }).waitFor()
    await web.look('code-item')
  })

  it('C2 shows a picture by which another telephone joins the network', async () => {
    await web.go('/items/wifi')
    await web.option('Hytta').click()
    await web.button('web.wifi.show').click()
    const picture = web.page.getByRole('img', { name: web.t('web.wifi.code') })
    const size = Number((await picture.getAttribute('viewBox'))?.split(' ')[2])
    const squares = [...((await picture.locator('path').getAttribute('d')) ?? '').matchAll(/M(\d+) (\d+)h1/g)]
    const scale = 4
    const side = size * scale
    const data = new Uint8Array(side * side * 4).fill(255)
    for (const [, x, y] of squares)
      for (let dy = 0; dy < scale; dy++)
        for (let dx = 0; dx < scale; dx++) {
          const at = ((Number(y) * scale + dy) * side + Number(x) * scale + dx) * 4
          data.fill(0, at, at + 3)
        }
    expect(decodeQR({ width: side, height: side, data })).toBe('WIFI:T:WPA;S:Hytta\\; 5G;P:furu\\:og\\,einer;;')
    // C1: it is in the picture alone
    expect(await web.page.content()).not.toContain('furu')
    await web.button('web.wifi.hide').click()
    expect(await picture.count()).toBe(0)
  })

  it('AUT-8 leads to where a password is changed: as the server’s list says for the very site, else to the site’s own address', async () => {
    await web.go('/security')
    const link = (site: string) => web.page.getByRole('link', { name: web.t('web.security.change', { site }) })
    await link('min.posten.no').waitFor()
    expect(await link('min.posten.no').getAttribute('href')).toBe('https://min.posten.no/passord')
    expect(await link('min.posten.no').getAttribute('rel')).toBe('noopener noreferrer')
    // what the list says of it is of somebody else
    expect(await link('finn.no').getAttribute('href')).toBe('https://finn.no/.well-known/change-password')
    // no site of the web
    expect(await web.page.getByRole('link', { name: /ruter/ }).count()).toBe(0)
    await web.look('security-change')
  })

  it('B2 names weak, reused and doubled passwords, and makes two logins one without losing anything', async () => {
    await web.go('/security')
    for (const name of ['weak', 'reused', 'duplicates'] as const) await web.see(`web.security.${name}`, { count: 1 })
    const group = web.page
      .getByRole('listitem')
      .filter({ hasText: 'vipps.example' })
      .filter({ has: web.page.getByRole('button', { name: web.t('web.security.merge') }) })
    await group.getByRole('button', { name: web.t('web.security.merge') }).click()
    await web.page
      .getByRole('dialog')
      .getByRole('button', { name: web.t('web.security.merge') })
      .click()
    await web.see('web.security.merged')
    await web.page.getByText(web.t('web.security.duplicates', { count: 1 })).waitFor({ state: 'detached' })
    await cli.ok(['sync'])
    const { items } = await cli.ok(['list', 'vipps'])
    expect(items).toHaveLength(1)
    const history = (await cli.run(['history', String(items[0]?.id), '--reveal'], { json: false })).stdout
    const present = (await cli.run(['show', String(items[0]?.id), '--field', 'password'], { json: false })).stdout.trim()
    const both = ['wimxeq-zedwy6-Rukhef', 'pivgas-7xedDo-kirbuz']
    expect(both).toContain(present)
    expect(history).toContain(both.find((each) => each !== present))
    expect((await cli.ok(['list', '--deleted'])).items).toHaveLength(1)
  })

  it('is clean', () => {
    expect(web.complaints).toEqual([])
    expect(web.violations).toEqual([])
  })
})
