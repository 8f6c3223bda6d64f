/**
 * A browser window on the web app, for end-to-end tests: finds things by the words that a person reads, notes whatever the page complains about,
 * looks at layout and accessibility, and takes pictures: for docs/images when NOKKEL_SCREENSHOTS is 1, of every screen into the folder that it
 * names.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, CDPSession, Locator, Page } from 'playwright-core'
import { createMessages, type Language, type MessageKey, type Messages } from '@nokkel/messages'
import { passcode, password, type Device } from './harness.ts'
import { faultsOfLayout, settled } from './web-layout.ts'

const root = join(import.meta.dirname, '../..')
const images = join(root, 'docs/images')
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1440, height: 900 } } as const
const themes = ['light', 'dark'] as const
/** Which view axe sees in the first language and in the second. */
const axeTurns = ['phone dark', 'desktop light'] as const
/** What docs/images keeps: each screen that a document shows, once, over both sizes, languages and themes. */
const pictured: ReadonlySet<string> = new Set([
  'welcome-phone-nb-light',
  'item-desktop-en-light',
  'item-phone-nb-dark',
  'devices-request-phone-nb-light',
  'waiting-phone-en-dark',
  'recovery-phone-en-light',
  'help-answer-phone-nb-light',
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
  /** axe's name of it, or `layout` */
  readonly rule: string
  readonly nodes: readonly string[]
}

export class WebPage {
  readonly page: Page
  /** The languages that `look` looks in; the first is the one that is spoken in between. */
  readonly languages: readonly [Language, ...Language[]]
  #language: Language
  #words: Messages
  /** console errors and warnings, uncaught errors, requests to anywhere else */
  readonly complaints: string[] = []
  readonly violations: Violation[] = []
  /** what `look` has looked at */
  readonly screens = new Set<string>()
  readonly #devtools: CDPSession

  private constructor(page: Page, languages: WebPage['languages'], origin: string, devtools: CDPSession) {
    this.page = page
    this.languages = languages
    this.#language = languages[0]
    this.#words = createMessages(languages[0])
    this.#devtools = devtools
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') this.complaints.push(`console: ${message.text()}`)
    })
    page.on('pageerror', (error) => this.complaints.push(`error: ${error.message}`))
    page.on('request', (request) => {
      if (!request.url().startsWith(origin)) this.complaints.push(`request to ${request.url()}`)
    })
  }

  static async open(
    browser: Browser,
    url: string,
    languages: Language | WebPage['languages'],
    size: keyof typeof sizes,
    more: BrowserContextOptions = {},
  ): Promise<WebPage> {
    const [language, ...others] = typeof languages === 'string' ? [languages] : languages
    const context = await browser.newContext({
      ...more,
      viewport: sizes[size],
      locale: language === 'nb' ? 'nb-NO' : 'en-GB',
      colorScheme: 'light',
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    return WebPage.#tab(context, url, [language, ...others])
  }

  /** One more tab of the same browser. */
  another(): Promise<WebPage> {
    return WebPage.#tab(this.page.context(), new URL(this.page.url()).origin, this.languages)
  }

  static async #tab(context: BrowserContext, url: string, languages: WebPage['languages']): Promise<WebPage> {
    const page = await context.newPage()
    page.setDefaultTimeout(30_000)
    const opened = new WebPage(page, languages, url, await context.newCDPSession(page))
    await page.goto(url)
    return opened
  }

  close(): Promise<void> {
    return this.page.context().close()
  }

  get words(): Messages {
    return this.#words
  }
  get language(): Language {
    return this.#language
  }
  /** As when a person changes the language of the browser while the app is open: nothing else of the screen changes. */
  async speak(language: Language): Promise<void> {
    if (this.#language === language) return
    this.#language = language
    this.#words = createMessages(language)
    await this.page.evaluate(
      (languages) => {
        Object.defineProperty(navigator, 'languages', { configurable: true, get: () => languages })
        dispatchEvent(new Event('languagechange'))
      },
      language === 'nb' ? ['nb-NO', 'nb'] : ['en-GB', 'en'],
    )
    await this.page.waitForFunction((expected) => document.documentElement.lang === expected, language)
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

  /**
   * What is in sight in both sizes, themes and all languages of this page: its layout each time, its pictures where they are wanted. Its
   * accessibility once in each language, so that each size and each theme has its turn: what axe finds hangs on these one at a time, and it takes
   * longer than all the rest.
   */
  async look(screen: string): Promise<void> {
    const before = this.page.viewportSize() ?? sizes.desktop
    // news at the edge of the window was told in the language of then, and goes by itself
    await this.page.waitForFunction(() => document.querySelector('[role="status"][aria-live] > p') === null)
    // nothing is pointed at
    await this.page.mouse.move(0, 0)
    for (const [turn, language] of this.languages.entries()) {
      await this.speak(language)
      const turns: readonly string[] = this.languages.length === 1 ? axeTurns : axeTurns.slice(turn, turn + 1)
      for (const [size, viewport] of Object.entries(sizes)) {
        await this.page.setViewportSize(viewport)
        for (const theme of themes) {
          await this.page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
          await settled(this.page)
          const view = `${screen} ${size} ${language} ${theme}`
          const faults = await faultsOfLayout(this.page, language)
          if (faults.length > 0) this.violations.push({ screen: view, rule: 'layout', nodes: faults })
          if (turns.includes(`${size} ${theme}`)) await this.#checkAccessibility(view)
          await this.#picture(`${screen}-${size}-${language}-${theme}`)
        }
      }
    }
    this.screens.add(screen)
    await this.speak(this.languages[0])
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
