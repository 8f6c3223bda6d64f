/**
 * A browser window on the web app, for end-to-end tests: finds things by the words that a person reads, notes whatever the page complains
 * about, checks accessibility, and takes pictures: for docs/images when NOKKEL_SCREENSHOTS is 1, of every screen into the folder that it names.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, CDPSession, Locator, Page } from 'playwright-core'
import { createMessages, type Language, type MessageKey, type Messages } from '@nokkel/messages'
import { passcode, password, type Device } from './harness.ts'

const root = join(import.meta.dirname, '../..')
const images = join(root, 'docs/images')
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } } as const
const themes = ['light', 'dark'] as const
/** What docs/images keeps: each screen that a document shows, once, over both sizes, languages and themes. */
const pictured: ReadonlySet<string> = new Set([
  'welcome-phone-nb-light',
  'item-desktop-en-light',
  'item-phone-nb-dark',
  'devices-request-phone-nb-light',
  'waiting-phone-en-dark',
  'ways-back-two-factor-phone-en-light',
  'ways-back-security-code-desktop-nb-dark',
  'help-answer-phone-nb-light',
  'offline-phone-en-light',
])
const wanted = process.env.NOKKEL_SCREENSHOTS
const everything = wanted === undefined || wanted === '1' ? null : wanted

/** What the server serves is what the sources say. */
export function buildWebApp(): void {
  const ran = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'apps/web/build.ts')], { encoding: 'utf8' })
  if (ran.status !== 0) throw new Error(`the web app was not built: ${ran.stdout}${ran.stderr}`)
}

export interface Violation {
  readonly screen: string
  readonly rule: string
  readonly nodes: readonly string[]
}

export class WebPage {
  readonly page: Page
  readonly words: Messages
  readonly language: Language
  /** console errors and warnings, uncaught errors, requests to anywhere else */
  readonly complaints: string[] = []
  readonly violations: Violation[] = []
  readonly #devtools: CDPSession

  private constructor(page: Page, language: Language, origin: string, devtools: CDPSession) {
    this.page = page
    this.language = language
    this.words = createMessages(language)
    this.#devtools = devtools
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) this.complaints.push(`request to ${request.url()}`)
    })
  }

  static async open(browser: Browser, url: string, language: Language, size: keyof typeof sizes): Promise<WebPage> {
    const context = await browser.newContext({
      viewport: sizes[size],
      locale: language === 'nb' ? 'nb-NO' : 'en-GB',
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const opened = new WebPage(page, language, url, await context.newCDPSession(page))
    await page.goto(url)
    return opened
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  t(key: MessageKey, params: Readonly<Record<string, string | number>> = {}): string {
    const [group = '', ...rest] = key.split('.')
    return this.words.labelWith(group, rest.join('.'), params)
  }
  button(key: MessageKey, params: Readonly<Record<string, string | number>> = {}): Locator {
    return this.page
      .getByRole('button', { name: this.t(key, params), exact: true })
      .filter({ visible: true })
      .first()
  }
  field(key: MessageKey): Locator {
    return this.page.getByLabel(this.t(key), { exact: true })
  }
  async see(key: MessageKey, params: Readonly<Record<string, string | number>> = {}): Promise<void> {
    await this.page.getByText(this.t(key, params)).filter({ visible: true }).first().waitFor()
  }
  async seeText(text: string): Promise<void> {
    await this.page.getByText(text).filter({ visible: true }).first().waitFor()
  }
  option(title: string): Locator {
    return this.page.getByRole('option', { name: title })
  }
  async go(hash: string): Promise<void> {
    await this.page.evaluate((to) => {
      location.hash = to
    }, hash)
  }

  async createAccount(email: string, deviceName?: string): Promise<void> {
    await this.button('web.welcome.create').click()
    await this.#credentials(email)
    if (deviceName !== undefined) await this.field('web.device-name').fill(deviceName)
    await this.button('web.welcome.create').click()
    await this.see('web.list.empty.all')
  }
  /** Until the code is shown; returns it. */
  async signIn(email: string): Promise<string> {
    await this.button('web.welcome.sign-in').click()
    await this.#credentials(email)
    await this.button('web.welcome.sign-in').click()
    await this.see('web.join.waiting')
    const label = (await this.page.getByRole('img', { name: this.t('web.join.code') }).getAttribute('aria-label')) ?? ''
    return label.replaceAll(/\D/g, '')
  }
  /** Signs in, and is let in by `approver`. */
  async joinBy(approver: Device, email: string): Promise<void> {
    const code = await this.signIn(email)
    const { requests } = (await approver.ok(['devices'])) as unknown as { requests: { requestId: string }[] }
    await approver.ok(['devices', 'approve', requests[0]?.requestId ?? '', '--code', code])
    await this.field('web.search').waitFor()
  }
  async #credentials(email: string): Promise<void> {
    await this.field('web.email').fill(email)
    await this.field('web.password').fill(password)
    await this.field('web.passcode').fill(passcode)
    await this.field('web.passcode-again').fill(passcode)
  }
  async unlock(code = passcode): Promise<void> {
    await this.field('web.passcode').fill(code)
    await this.button('web.locked.unlock').click()
  }

  /** Answers the question who one is (C1). */
  async prove(code = passcode): Promise<void> {
    const dialog = this.page.getByRole('dialog', { name: this.t('web.proof.title') })
    await dialog.getByLabel(this.t('web.passcode'), { exact: true }).fill(code)
    await dialog.getByRole('button', { name: this.t('web.proof.go') }).click()
  }

  /** Accessibility of what is in sight, in both sizes and themes, and its pictures where they are wanted. */
  async look(screen: string): Promise<void> {
    const before = this.page.viewportSize() ?? sizes.desktop
    const pictures = process.env.NOKKEL_SCREENSHOTS !== undefined
    for (const [size, viewport] of Object.entries(sizes)) {
      await this.page.setViewportSize(viewport)
      // each size and each theme once, all four when pictures are taken
      for (const theme of pictures ? themes : [size === 'phone' ? 'dark' : 'light']) {
        await this.page.emulateMedia({ colorScheme: theme as (typeof themes)[number], reducedMotion: 'reduce' })
        // two frames: the styles of the new theme are in every part of the page
        await this.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))))
        await this.page.waitForTimeout(150)
        await this.#checkAccessibility(`${screen} ${size} ${theme}`)
        await this.#picture(`${screen}-${size}-${this.language}-${theme}`)
      }
    }
    await this.page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
    await this.page.setViewportSize(before)
  }

  async #picture(name: string): Promise<void> {
    if (wanted === undefined || (everything === null && !pictured.has(name))) return
    mkdirSync(everything ?? images, { recursive: true })
    await this.page.screenshot({ path: join(everything ?? images, `${name}.png`) })
  }

  /** The same of what is in sight just as it is. */
  async lookAsIs(screen: string): Promise<void> {
    await this.#checkAccessibility(screen)
    await this.#picture(`${screen}-${this.language}`)
  }

  /** Through the debugger, which the page's policy does not concern: nothing of the policy is lifted for the test. */
  async #checkAccessibility(screen: string): Promise<void> {
    const run = `${axeSource}; axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => ({ rule: id, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 160) + ' ' + failureSummary) })))`
    const { result, exceptionDetails } = await this.#devtools.send('Runtime.evaluate', {
      expression: run,
      awaitPromise: true,
      returnByValue: true,
    })
    if (exceptionDetails !== undefined)
      throw new Error(`axe did not run on ${screen}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`)
    for (const { rule, nodes } of result.value as { rule: string; nodes: string[] }[]) this.violations.push({ screen, rule, nodes })
  }
}
