/**
 * A real Firefox ESR with the extension in it, driven over WebDriver BiDi. Where the system has none, the package `firefox-esr` is installed
 * (Debian and its kin, as root or with sudo); without it the tests fail and say so.
 */
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import puppeteer, { type Browser, type Page } from 'puppeteer-core'
import { answered, passcode, password, until, World, type Device, type Server } from '../e2e/harness.ts'
import { buildExtension, confirmedMs, seedFile, seenMs, type Outcome, type Seed, type Spot } from './chromium.ts'
import { pages } from './site/pages.ts'
import { startSite, type Site } from './site/server.ts'

const places = ['/usr/bin/firefox-esr', '/usr/bin/firefox']
const findFirefox = (): string | undefined =>
  [process.env['NOKKEL_FIREFOX'] ?? '', ...places].find((path) => path !== '' && existsSync(path))

function findOrInstallFirefox(): string {
  if (findFirefox() === undefined) {
    const asRoot = process.getuid?.() === 0 ? [] : ['sudo', '-n']
    for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'firefox-esr']]) {
      const [file = '', ...rest] = [...asRoot, 'apt-get', ...args]
      spawnSync(file, rest, { stdio: 'ignore', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    }
  }
  const path = findFirefox()
  if (path === undefined) throw new Error('Firefox is needed for this test: install firefox-esr, or name it in NOKKEL_FIREFOX')
  return path
}

/** Firefox gives each installation an address of its own; the tests choose it to find the pages. */
const uuid = '6f0c2f6e-2b1a-4d7e-9f43-0d1c5b3a7e21'
const names = ['shop', 'bank', 'first', 'failed', 'partner', 'lure', 'code', 'pay'].map((name) => `${name}.example`)
/** Each a site of its own: the suffix is a private one. */
const said = ['bank', 'mobil', 'own', 'stranger', 'strict', 'weak'].map((name) => `${name}.github.io`)
const hosts = [...names, ...said, 'kari.github.io', 'login.kari.github.io']

/** What of the protocol the driver has no name for, sent as it is. */
interface Line {
  readonly connection: { send(method: string, params: object): Promise<{ readonly result: unknown }> }
}

interface WebExtension {
  readonly runtime: { sendMessage(message: unknown): Promise<unknown> }
  readonly tabs: { query(query: object): Promise<{ readonly id: number; readonly url: string }[]> }
}

export class Firefox {
  readonly world = new World()
  #seeded = 0
  #install: object = {}
  server!: Server
  cli!: Device
  browser!: Browser
  popup!: Page
  site!: Site

  origin(host = 'shop.example', scheme = 'https'): string {
    return `${scheme}://${host}:${this.site.port}`
  }

  /** `private`: the extension is allowed in private windows, as a person does it in the browser's settings. `env`: settings of the server. */
  async start(
    seedsOf: (firefox: Firefox) => readonly Seed[],
    options: { readonly private?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
  ): Promise<void> {
    const built = buildExtension(this.world.folder)
    this.site = await startSite(pages)
    const seeds = seedsOf(this)
    this.#seeded = seeds.length
    this.server = await this.world.server({ env: options.env ?? {} })
    this.cli = this.world.device('Maskinen')
    await this.cli.create(this.server, 'kari.firefox@example.org')
    await this.cli.ok(['import', seedFile(this.world.folder, seeds)])
    this.browser = await puppeteer.launch({
      browser: 'firefox',
      executablePath: findOrInstallFirefox(),
      headless: true,
      acceptInsecureCerts: true,
      defaultViewport: { width: 1000, height: 800 },
      // pages of extensions count as the browser's own, and are driven only with this
      args: ['--remote-allow-system-access'],
      extraPrefsFirefox: {
        'extensions.webextensions.uuids': JSON.stringify({ 'nokkelring@nokkel.example': uuid }),
        'network.dns.localDomains': hosts.join(','),
      },
    })
    this.#install = {
      extensionData: { type: 'path', path: join(built, 'firefox') },
      'moz:allowPrivateBrowsing': options.private === true,
    }
    await this.update()
  }

  /** Installs the extension, or takes its files anew where it is: what ran of it ends, and its keychain is a locked one. */
  async update(): Promise<void> {
    await this.#send('webExtension.install', this.#install)
    this.popup = await this.browser.newPage()
    // the driver hears nothing of the end of this navigation
    await this.popup.goto(`moz-extension://${uuid}/popup.html#tab`, { timeout: 1_000 }).catch(() => undefined)
    await until(async () => (await this.popup.$('input')) !== null, 'the first screen')
  }

  async #send(method: string, params: object): Promise<unknown> {
    const { connection } = this.browser as unknown as Line
    return (await connection.send(method, params)).result
  }

  /** Opened by the browser itself, so that it is there whether the extension is allowed in it or not. */
  async privateWindow(path: string, origin = this.origin()): Promise<Page> {
    const { contexts } = (await this.#send('browsingContext.getTree', { 'moz:scope': 'chrome' })) as {
      readonly contexts: readonly { readonly context: string }[]
    }
    const before = await this.browser.pages()
    await this.#send('script.evaluate', {
      target: { context: contexts[0]?.context },
      expression: 'void OpenBrowserWindow({ private: true })',
      awaitPromise: false,
    })
    let found: Page | undefined
    await until(async () => {
      found = (await this.browser.pages()).find((page) => !before.includes(page))
      return found?.url() === 'about:privatebrowsing'
    }, 'the private window')
    const page = found as Page
    await page.goto(`${origin}${path}`)
    return page
  }

  async join(): Promise<void> {
    const details = { server: this.server.url, email: 'kari.firefox@example.org', password, passcode, deviceName: 'Firefox' }
    const signedIn = await this.call('signIn', details)
    if (signedIn.type === 'failure') throw new Error(`not signed in: ${signedIn.failure?.code}`)
    let code = ''
    await until(async () => {
      code = await this.popup.$eval('[role=img]', (element) => element.getAttribute('aria-label') ?? '').catch(() => '')
      return code !== ''
    }, 'the code')
    await this.cli.ok(['devices', 'approve', '--code', code.replaceAll(/\D/g, '')])
    await until(
      async () => ((await this.call('find', '', '')).value as { readonly total?: number } | undefined)?.total === this.#seeded,
      'the keychain',
    )
  }

  async end(): Promise<void> {
    await this.browser?.close()
    this.site?.close()
    await this.world.end()
  }

  async call(name: string, ...args: readonly unknown[]): Promise<Outcome> {
    return (await this.popup.evaluate(
      (message) => (globalThis as unknown as { browser: WebExtension }).browser.runtime.sendMessage(message),
      { type: 'call', name, args },
    )) as Outcome
  }

  tabOf(page: Page): Promise<number> {
    return this.popup.evaluate(async (url) => {
      const { tabs } = (globalThis as unknown as { browser: WebExtension }).browser
      return (await tabs.query({})).findLast((tab) => tab.url === url)?.id ?? -1
    }, page.url())
  }

  async idOf(title: string): Promise<string> {
    const { value } = await this.call('find', title, '')
    const found = (value as { readonly others: readonly { readonly id: string; readonly title: string }[] }).others.find(
      (item) => item.title === title,
    )
    if (found === undefined) throw new Error(`no item ${title}`)
    return found.id
  }

  async open(path: string, origin = this.origin()): Promise<Page> {
    const page = await this.browser.newPage()
    await page.goto(`${origin}${path}`)
    return page
  }

  /** Where our surface stands in the page; null: there is none. */
  surface(page: Page): Promise<{ readonly x: number; readonly y: number; readonly width: number; readonly height: number } | null> {
    return page.evaluate(() => {
      const box = document.querySelector('[popover=manual]')?.getBoundingClientRect()
      return box === undefined ? null : { x: box.x, y: box.y, width: box.width, height: box.height }
    })
  }

  /** As a hand makes it: nobody waits for a confirmation that may never come (see chromium.ts). */
  async clickAt(page: Page, { x, y }: Spot): Promise<void> {
    await answered(() => page.mouse.click(x, y), confirmedMs)
  }

  /**
   * Clicks as a person does, in the middle of the surface's width and so far above its end, after having seen it; again if it came too soon.
   */
  async press(page: Page, aboveEnd: number): Promise<void> {
    await until(async () => (await this.surface(page)) !== null, 'the surface')
    await until(async () => {
      await delay(seenMs)
      const box = await this.surface(page)
      if (box !== null) await this.clickAt(page, { x: box.x + box.width / 2, y: box.y + box.height - aboveEnd })
      await delay(100)
      return (await this.surface(page)) === null
    }, 'the choice')
  }
}
