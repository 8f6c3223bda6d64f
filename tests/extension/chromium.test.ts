import { spawnSync } from 'node:child_process'
import { createServer, type Server as SiteServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMessages } from '@nokkel/messages'
import { findOrInstallChromium } from '../e2e/browser.ts'
import { passcode, password, until, World, type Device, type Server } from '../e2e/harness.ts'

/** The extension in a real Chromium, with a real server and the command line as the other device. */
const root = join(import.meta.dirname, '../..')
const words = createMessages('en')
const signIn =
  '<!doctype html><title>Sign in</title><form><label>User <input name="user" autocomplete="username"></label><label>Password <input name="pass" type="password"></label></form>'
const covered = `${signIn}<div style="position:fixed;inset:0;background:#fff"></div>`
const transparent = `<!doctype html><body style="opacity:0.01">${signIn}`

describe('the extension in Chromium', () => {
  const world = new World()
  const email = 'kari.extension@example.org'
  let server: Server
  let cli: Device
  let context: BrowserContext
  let popup: Page
  let site: SiteServer
  let siteUrl = ''

  beforeAll(async () => {
    const built = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'apps/extension/build.ts')], {
      encoding: 'utf8',
    })
    if (built.status !== 0) throw new Error(`the extension was not built: ${built.stdout}${built.stderr}`)
    site = createServer((request, response) => {
      response.setHeader('content-type', 'text/html')
      response.end(request.url === '/covered' ? covered : request.url === '/transparent' ? transparent : signIn)
    })
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve))
    siteUrl = `http://127.0.0.1:${(site.address() as AddressInfo).port}`
    server = await world.server()
    cli = world.device('Maskinen')
    await cli.create(server, email)
    await cli.addPassword('Our site', 'hemmelig nok 1', ['--username', 'kari', '--site', siteUrl])
    await cli.addPassword('Elsewhere', 'hemmelig nok 2', ['--username', 'ola', '--site', 'https://elsewhere.example'])
    const path = join(root, 'apps/extension/dist/chrome')
    context = await chromium.launchPersistentContext(join(world.folder, 'profile'), {
      executablePath: findOrInstallChromium(),
      headless: false,
      locale: 'en-GB',
      args: ['--headless=new', '--no-sandbox', '--disable-gpu', `--disable-extensions-except=${path}`, `--load-extension=${path}`],
      ignoreDefaultArgs: ['--disable-extensions'],
    })
    const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent('serviceworker'))
    popup = await context.newPage()
    popup.setDefaultTimeout(30_000)
    await popup.goto(`chrome-extension://${new URL(worker.url()).host}/popup.html#tab`)
  })
  afterAll(async () => {
    await context?.close()
    site?.close()
    await world.end()
  })

  const call = (name: string, ...args: readonly unknown[]): Promise<unknown> =>
    popup.evaluate(
      (message) =>
        (globalThis as unknown as { chrome: { runtime: { sendMessage(message: unknown): Promise<unknown> } } }).chrome.runtime.sendMessage(
          message,
        ),
      { type: 'call', name, args },
    )
  const tabOf = (url: string): Promise<number> =>
    popup.evaluate(async (wanted) => {
      const { tabs } = (globalThis as unknown as { chrome: { tabs: { query(query: object): Promise<{ id: number; url: string }[]> } } })
        .chrome
      return (await tabs.query({})).find((tab) => tab.url === wanted)?.id ?? -1
    }, url)
  async function fillOn(path: string, title: string): Promise<{ readonly outcome: unknown; readonly user: string; readonly pass: string }> {
    const page = await context.newPage()
    await page.goto(`${siteUrl}${path}`)
    const found = (await call('find', title, '')) as { value: { others: { id: string }[] } }
    const outcome = await call('fill', found.value.others[0]?.id, await tabOf(`${siteUrl}${path}`))
    const [user, pass] = [await page.locator('[name=user]').inputValue(), await page.locator('[name=pass]').inputValue()]
    await page.close()
    return { outcome, user, pass }
  }

  it('A5 signs in, shows a code, and joins when another device types it; A7 everything is there', async () => {
    await popup.getByLabel(words.t('extension.server')).fill(server.url)
    await popup.getByLabel(words.t('web.email')).fill(email)
    await popup.getByLabel(words.t('web.password'), { exact: true }).fill(password)
    await popup.getByLabel(words.t('web.passcode'), { exact: true }).fill(passcode)
    await popup.getByLabel(words.t('web.passcode-again'), { exact: true }).fill(passcode)
    await popup.getByRole('button', { name: words.t('web.welcome.sign-in'), exact: true }).click()
    const code = ((await popup.getByRole('img').getAttribute('aria-label')) ?? '').replaceAll(/\D/g, '')
    expect(code).toMatch(/^\d{6}$/)
    await cli.ok(['devices', 'approve', '--code', code])
    await popup.getByText('Our site').waitFor()
    await popup.getByText('Elsewhere').waitFor()
  })

  it('B1 what another device writes appears without anything being pressed', async () => {
    await cli.addPassword('Added later', 'hemmelig nok 3')
    await popup.getByText('Added later').waitFor()
    expect(await popup.getByText('Added later').count()).toBe(1)
  })

  it('E6 lists what belongs to the site of the tab, and nothing else', async () => {
    const found = (await call('find', '', `${siteUrl}/`)) as { value: { matches: { title: string }[] } }
    expect(found.value.matches.map(({ title }) => title)).toEqual(['Our site'])
    const wrong = (await call('find', '', 'https://elsewhere.example.evil.test/')) as { value: { matches: unknown[] } }
    expect(wrong.value.matches).toEqual([])
    const insecure = (await call('find', '', 'http://elsewhere.example/')) as { value: { matches: unknown[] } }
    expect(insecure.value.matches).toEqual([])
  })

  it('E6 fills the visible sign-in of the item of this site, when it is asked for', async () => {
    expect(await fillOn('/', 'Our')).toEqual({ outcome: { type: 'result', value: 'filled' }, user: 'kari', pass: 'hemmelig nok 1' })
  })

  it.each(['/covered', '/transparent'])('A31 fills nothing into fields that cannot be seen: %s', async (path) => {
    expect(await fillOn(path, 'Our')).toEqual({ outcome: { type: 'result', value: 'no-field' }, user: '', pass: '' })
  })

  it('E6 does not fill the item of another site', async () => {
    expect(await fillOn('/', 'Elsewhere')).toEqual({ outcome: { type: 'result', value: 'other-site' }, user: '', pass: '' })
  })

  it('C1 locks, refuses while locked, and opens with the passcode', async () => {
    await popup.getByRole('button', { name: words.t('web.nav.lock') }).click()
    await popup.getByText(words.t('web.locked.title')).waitFor()
    expect(await call('find', '', '')).toMatchObject({ type: 'failure', failure: { code: 'locked' } })
    await popup.getByLabel(words.t('web.passcode'), { exact: true }).fill(passcode)
    await popup.getByRole('button', { name: words.t('web.locked.unlock') }).click()
    await popup.getByText('Our site').waitFor()
    await until(async () => ((await call('generate')) as { value: string }).value.length === 20, 'a password is made')
  })
})
