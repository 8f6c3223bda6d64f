/** A real Chromium with the extension in it, paired with a real server by the command line; and what tests do in it again and again. */
import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import decodeQR from 'qr/decode.js'
import { chromium, type BrowserContext, type Frame, type Page, type Worker } from 'playwright-core'
import { createMessages } from '@nokkel/messages'
import { findOrInstallChromium } from '../e2e/browser.ts'
import { answered, passcode, password, until, World, type Device, type Server } from '../e2e/harness.ts'
import { pages } from './site/pages.ts'
import { startSite, type Site } from './site/server.ts'

const root = join(import.meta.dirname, '../..')
export const words = createMessages('en')
export const email = 'kari.extension@example.org'

/** Into a folder of its own: test files run side by side. Gives that folder. */
export function buildExtension(folder: string): string {
  const out = join(folder, 'extension')
  const program = join(root, 'apps/extension/build.ts')
  const ran = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', program, out], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`the extension was not built: ${ran.stdout}${ran.stderr}`)
  return out
}

/** Longer than the frame wants to have been seen before it takes a click (inline/seen.ts). */
export const seenMs = 700
export const confirmedMs = 2_000

export interface Spot {
  readonly x: number
  readonly y: number
}

/** Of what the popup is told, what tests read. */
export interface Snapshot {
  readonly state: string
  readonly settings: { readonly autoLockMinutes: number; readonly proofMinutes: number; readonly language: string }
  readonly autofill: {
    readonly neverSave: readonly string[]
    readonly allowOff: readonly string[]
    readonly fillCards: boolean
    readonly apart: boolean
  }
  readonly joinRequests: readonly { readonly requestId: string }[]
}

interface Chrome {
  readonly runtime: {
    sendMessage(message: unknown): Promise<unknown>
    connect(): {
      readonly onMessage: { addListener(told: (message: { readonly snapshot: Snapshot }) => void): void }
      disconnect(): void
    }
  }
  readonly tabs: { query(query: object): Promise<{ readonly id: number; readonly url: string }[]> }
}

interface Session {
  readonly chrome: { readonly storage: { readonly session: { set(items: object): Promise<void> } } }
}

export type Seed =
  | { readonly title: string; readonly username: string; readonly password: string; readonly site: string; readonly totp?: string }
  | { readonly title: string; readonly holder: string; readonly number: string; readonly month: string; readonly year: string }

/** As an export of another manager: one command instead of one for each item. */
export function seedFile(folder: string, seeds: readonly Seed[]): string {
  const items = seeds.map((seed) =>
    'number' in seed
      ? { type: 3, name: seed.title, card: { cardholderName: seed.holder, number: seed.number, expMonth: seed.month, expYear: seed.year } }
      : {
          type: 1,
          name: seed.title,
          login: { username: seed.username, password: seed.password, totp: seed.totp ?? null, uris: [{ uri: seed.site }] },
        },
  )
  const path = join(folder, 'seed.json')
  writeFileSync(path, JSON.stringify({ encrypted: false, folders: [], items }))
  return path
}

export interface Outcome {
  readonly type: 'result' | 'failure'
  readonly value: unknown
  readonly failure?: { readonly code: string }
}

export class Paired {
  readonly world = new World()
  #seeded = 0
  server!: Server
  cli!: Device
  context!: BrowserContext
  popup!: Page
  site!: Site

  /** `https://shop.example:PORT` */
  origin(host = 'shop.example', scheme = 'https'): string {
    return `${scheme}://${host}:${this.site.port}`
  }

  /**
   * `private`: the extension is allowed in private windows, as a person does it in the browser's settings. `earlier`: a server that has the account
   * already, and the address that it had then. `env`: settings of a server of one's own.
   */
  async start(
    options: {
      readonly private?: boolean
      readonly earlier?: { readonly server: Server; readonly host: string }
      readonly env?: Readonly<Record<string, string>>
    } = {},
  ): Promise<void> {
    const { earlier } = options
    const built = buildExtension(this.world.folder)
    this.site = await startSite(pages)
    this.server = earlier?.server ?? (await this.world.server({ env: options.env ?? {} }))
    this.cli = this.world.device('Maskinen')
    if (earlier === undefined) await this.cli.create(this.server, email)
    const moved = earlier === undefined ? '' : `,MAP ${earlier.host} ${new URL(this.server.url).host}`
    const path = join(built, 'chrome')
    this.context = await chromium.launchPersistentContext(join(this.world.folder, 'profile'), {
      executablePath: findOrInstallChromium(),
      headless: false,
      locale: 'en-GB',
      viewport: { width: 1000, height: 800 },
      ignoreHTTPSErrors: true,
      args: [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--ignore-certificate-errors',
        `--host-resolver-rules=MAP *.example 127.0.0.1,MAP *.github.io 127.0.0.1${moved}`,
        `--disable-extensions-except=${path}`,
        `--load-extension=${path}`,
      ],
      ignoreDefaultArgs: ['--disable-extensions'],
    })
    const { host } = new URL((await this.worker()).url())
    if (options.private === true) await this.#allowInPrivate(host)
    this.popup = await this.context.newPage()
    this.popup.setDefaultTimeout(30_000)
    await this.popup.goto(`chrome-extension://${host}/popup.html#tab`)
  }

  async worker(): Promise<Worker> {
    return this.context.serviceWorkers().at(-1) ?? (await this.context.waitForEvent('serviceworker'))
  }

  /** A press on a page of the browser's own, as its settings for extensions make it. `anew`: the browser loads the extension again after it. */
  async #inSettings(calls: readonly (readonly [name: string, ...args: readonly unknown[]])[], anew: boolean): Promise<void> {
    const settings = await this.context.newPage()
    await settings.goto('chrome://extensions')
    const again = anew ? this.context.waitForEvent('serviceworker') : undefined
    await settings.evaluate(async (each) => {
      const { developerPrivate } = (
        globalThis as unknown as { chrome: { developerPrivate: Readonly<Record<string, (...args: readonly unknown[]) => Promise<void>>> } }
      ).chrome
      // without it an extension of a folder is switched off when it is loaded anew
      await developerPrivate['updateProfileConfiguration']?.({ inDeveloperMode: true })
      for (const [name, ...args] of each) await developerPrivate[name]?.(...args)
    }, calls)
    await again
    await settings.close()
  }

  #allowInPrivate(extensionId: string): Promise<void> {
    return this.#inSettings([['updateExtensionConfiguration', { extensionId, incognitoAccess: true }]], true)
  }

  /** As an update does: what ran of the extension ends, in pages too, and it starts again from its files. */
  async reloadExtension(): Promise<void> {
    const { host } = new URL((await this.worker()).url())
    await this.#inSettings([['reload', host, { failQuietly: true }]], true)
    // the browser has closed the extension's own pages
    this.popup = await this.context.newPage()
    this.popup.setDefaultTimeout(30_000)
    await this.popup.goto(`chrome-extension://${host}/popup.html#tab`)
  }

  /** The person lets the extension to no site any more, or to one again. */
  async allowSites(site: string | null): Promise<void> {
    const { host } = new URL((await this.worker()).url())
    const withheld = ['updateExtensionConfiguration', { extensionId: host, hostAccess: 'ON_SPECIFIC_SITES' }] as const
    await this.#inSettings([site === null ? withheld : ['addHostPermission', host, site]], false)
  }

  /** Ends the background as the browser does when it has been idle. */
  async endWorker(): Promise<void> {
    const devtools = await this.context.newCDPSession(this.popup)
    const stopped = new Promise<void>((resolve) => {
      devtools.on('ServiceWorker.workerVersionUpdated', ({ versions }) => {
        if (versions.some(({ runningStatus }) => runningStatus === 'stopped')) resolve()
      })
    })
    await devtools.send('ServiceWorker.enable')
    await devtools.send('ServiceWorker.stopAllWorkers')
    await stopped
    await devtools.detach()
  }

  /** The last proof of who is there (C1) was so long ago. What the background knows of it is read anew in its next life. */
  async age(minutes: number): Promise<void> {
    await (
      await this.worker()
    ).evaluate(
      (provenMs) =>
        (globalThis as unknown as Session).chrome.storage.session.set({
          'person-proof': { provenMs, freshUntilMs: 0, isActWaiting: false },
        }),
      Date.now() - minutes * 60_000,
    )
    await this.endWorker()
  }

  async seed(seeds: readonly Seed[]): Promise<void> {
    this.#seeded = seeds.length
    await this.cli.ok(['import', seedFile(this.world.folder, seeds)])
  }

  /** Signs in on the extension's page; the command line types the code. */
  async join(): Promise<void> {
    await this.signIn()
    await this.approve()
  }

  /** Ends with the request on the screen. */
  async signIn(): Promise<void> {
    const { popup } = this
    await popup.getByLabel(words.t('extension.server')).fill(this.server.url)
    await popup.getByLabel(words.t('web.email')).fill(email)
    await popup.getByLabel(words.t('web.password'), { exact: true }).fill(password)
    await popup.getByLabel(words.t('web.passcode'), { exact: true }).fill(passcode)
    await popup.getByLabel(words.t('web.passcode-again'), { exact: true }).fill(passcode)
    await popup.getByRole('button', { name: words.t('web.welcome.sign-in'), exact: true }).click()
    await popup.getByRole('img', { name: words.t('web.join.qr') }).waitFor()
  }

  /** What stands in the picture on the page, read as a camera would. */
  async shownQr(): Promise<string> {
    const picture = this.popup.getByRole('img', { name: words.t('web.join.qr') })
    const path = (await picture.locator('path').getAttribute('d')) ?? ''
    const size = Number(((await picture.getAttribute('viewBox')) ?? '').split(' ')[2])
    const scale = 4
    const side = size * scale
    const data = new Uint8Array(side * side * 4).fill(255)
    for (const [, x, y] of path.matchAll(/M(\d+) (\d+)h1/g))
      for (let line = 0; line < scale; line++) {
        const from = ((Number(y) * scale + line) * side + Number(x) * scale) * 4
        data.fill(0, from, from + scale * 4)
      }
    return decodeQR({ width: side, height: side, data })
  }

  async approve(): Promise<void> {
    const { popup } = this
    const code = ((await popup.getByRole('img').first().getAttribute('aria-label')) ?? '').replaceAll(/\D/g, '')
    await this.cli.ok(['devices', 'approve', '--code', code])
    await popup.getByRole('searchbox').waitFor()
    await until(
      async () => ((await this.call('find', '', '')).value as { readonly total: number }).total >= this.#seeded,
      'everything is there',
    )
  }

  async end(): Promise<void> {
    await this.context?.close()
    this.site?.close()
    await this.world.end()
  }

  /** A call of the popup, sent by the popup's own page. */
  async call(name: string, ...args: readonly unknown[]): Promise<Outcome> {
    const message = { type: 'call', name, args }
    return (await this.popup.evaluate(
      (sent) => (globalThis as unknown as { chrome: Chrome }).chrome.runtime.sendMessage(sent),
      message,
    )) as Outcome
  }

  /** The popup's own first message of all: what the extension goes by. */
  snapshot(): Promise<Snapshot> {
    return this.popup.evaluate(
      () =>
        new Promise((resolve) => {
          const port = (globalThis as unknown as { chrome: Chrome }).chrome.runtime.connect()
          port.onMessage.addListener(({ snapshot }) => {
            resolve(snapshot)
            port.disconnect()
          })
        }),
    )
  }

  tabOf(page: Page): Promise<number> {
    return this.popup.evaluate(async (url) => {
      const { tabs } = (globalThis as unknown as { chrome: Chrome }).chrome
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
    const page = await this.context.newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(`${origin}${path}`)
    return page
  }

  /** The popup as the extension opens it in a tab where the browser opens none by itself: it stands for the page's tab. */
  async popupOver(page: Page): Promise<Page> {
    const popup = await this.context.newPage()
    popup.setDefaultTimeout(20_000)
    await popup.goto(`${this.popup.url()}=${await this.tabOf(page)}`)
    return popup
  }

  /** The extension's frame in a page, once it shows something. */
  async inline(page: Page): Promise<Frame> {
    let found: Frame | undefined
    await until(async () => {
      const frame = page.frames().find((each) => each.url().endsWith('/inline.html'))
      found = frame
      // one that is replaced while it is asked may never answer; then the next one is asked
      return frame !== undefined && ((await answered(() => frame.locator('button').count(), confirmedMs)) ?? 0) > 0
    }, 'the frame at the field')
    return found as Frame
  }

  /** The window that asks about a passkey, once it shows something. */
  async consent(): Promise<Page> {
    let found: Page | undefined
    await until(async () => {
      found = this.context.pages().find((page) => page.url().includes('/consent.html'))
      return found !== undefined && (await found.getByRole('button').count()) > 0
    }, 'the question')
    const asked = found as Page
    asked.setDefaultTimeout(20_000)
    return asked
  }

  hasInline(page: Page): boolean {
    return page.frames().some((frame) => frame.url().endsWith('/inline.html'))
  }

  /**
   * A click at a place as a hand makes it, whatever becomes of what is there. The browser never confirms an event whose frame is taken away
   * under it, and our frame is taken away as soon as something is wrong with it: whoever awaits the confirmation may wait for ever.
   */
  async clickAt(page: Page, { x, y }: Spot): Promise<void> {
    await answered(() => Promise.allSettled([page.mouse.move(x, y), page.mouse.down(), page.mouse.up()]), confirmedMs)
  }

  /** Where a row of the surface is. */
  async aim(page: Page, name: string | RegExp): Promise<Spot> {
    const box = await (await this.inline(page)).getByRole('button', { name }).first().boundingBox()
    if (box === null) throw new Error('the surface is not shown')
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 }
  }

  /** Chooses a row as a person does: after having seen it, and again if it came too soon, which on a busy machine nobody can know. */
  async choose(page: Page, name: string | RegExp): Promise<void> {
    const spot = await this.aim(page, name)
    await until(async () => {
      await page.waitForTimeout(seenMs)
      if (this.hasInline(page)) await this.clickAt(page, spot)
      await page.waitForTimeout(50)
      return !this.hasInline(page)
    }, 'the choice')
  }
}
