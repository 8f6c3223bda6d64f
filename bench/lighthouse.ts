/**
 * Figures `lighthouse-*`: accessibility and best practices of the web app by Lighthouse, 0 to 100: pages that need no keychain as they load, and
 * the screens of a keychain as they stand. Lighthouse is no dependency of the project (it brings some hundred packages): it is taken from where
 * `require` finds it or along NODE_PATH, and left out with a word otherwise. Every audit that is not passed is named.
 */
import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import puppeteer, { type Page } from 'puppeteer-core'
import { findOrInstallChromium } from '../tests/e2e/browser.ts'
import { figure, note } from './parts/figures.ts'
import { inWorld, type World } from './parts/world.ts'

interface Report {
  readonly lhr: {
    readonly categories: Readonly<Record<string, { readonly id: string; readonly score: number | null }>>
    readonly audits: Readonly<Record<string, { readonly id: string; readonly score: number | null; readonly scoreDisplayMode: string }>>
  }
}
interface Lighthouse {
  default(url: string, flags: undefined, config: unknown, page: Page): Promise<Report>
  snapshot(page: Page, options: { readonly config: unknown }): Promise<Report>
}

async function findLighthouse(): Promise<Lighthouse | undefined> {
  try {
    return (await import(pathToFileURL(createRequire(import.meta.url).resolve('lighthouse')).href)) as Lighthouse
  } catch {
    note('left out: lighthouse cannot be resolved (NODE_PATH may say where it is)')
    return undefined
  }
}

const config = {
  extends: 'lighthouse:default',
  settings: { onlyCategories: ['accessibility', 'best-practices'], formFactor: 'mobile', screenEmulation: { disabled: true } },
}
const atHome = ['items/all', 'items/password', 'devices', 'settings', 'recovery', 'activity', 'import', 'security', 'help']

function tell(what: string, { lhr }: Report): void {
  for (const { id, score } of Object.values(lhr.categories)) figure(`lighthouse-${what}-${id}`, 'of 100', (score ?? 0) * 100, 1)
  for (const { id, score, scoreDisplayMode } of Object.values(lhr.audits))
    if (score !== null && score < 1 && scoreDisplayMode !== 'informative') note(`${what}: ${id}`)
}

async function walk({ default: navigate, snapshot }: Lighthouse, page: Page, url: string): Promise<void> {
  for (const path of ['', 'status', 'about'])
    tell(path === '' ? 'welcome' : path, await navigate(`${url}/${path}`, undefined, config, page))
  await page.setViewport({ width: 390, height: 844 })
  await page.goto(`${url}/`)
  const button = (name: string): string => `::-p-aria([name="${name}"][role="button"])`
  const fill = async (values: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, value] of Object.entries(values)) await page.locator(`::-p-aria([name="${name}"][role="textbox"])`).fill(value)
  }
  const look = async (what: string): Promise<void> => tell(what, await snapshot(page, { config }))
  await page.locator(button('Create account')).click()
  await fill({
    'E-mail address': 'kari@example.org',
    'Account password': 'riktig hest batteri stift',
    'Passcode for this device': '482915',
    'Passcode again': '482915',
  })
  await page.locator(button('Create account')).click()
  await page.locator('::-p-text(Nothing here yet)').setTimeout(120_000).wait()
  await look('empty')
  await page.locator(button('New password')).click()
  await fill({ Title: 'Bank', 'User name': 'kari', Password: 'hemmelig-ord-1234' })
  await look('edit')
  await page.locator(button('Save')).click()
  await page.locator('h1::-p-text(Bank)').wait()
  await look('item')
  for (const place of atHome) {
    await page.evaluate((to) => {
      location.hash = to
    }, `/${place}`)
    await page.locator('main h1').setVisibility(null).wait()
    await page.waitForNetworkIdle()
    await look(place.replace('/', '-'))
  }
  await page.locator(button('Lock')).click()
  await page.locator('::-p-text(The keychain is locked)').wait()
  await look('locked')
}

async function measure(world: World, lighthouse: Lighthouse): Promise<void> {
  const build = join(import.meta.dirname, '../apps/web/build.ts')
  const built = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', build], { encoding: 'utf8' })
  if (built.status !== 0) throw new Error(built.stderr)
  const server = await world.server()
  const browser = await puppeteer.launch({
    executablePath: findOrInstallChromium(),
    args: ['--no-sandbox', '--disable-gpu', '--lang=en-GB'],
  })
  try {
    await walk(lighthouse, await browser.newPage(), server.url)
  } finally {
    await browser.close()
  }
}

const lighthouse = await findLighthouse()
if (lighthouse !== undefined) await inWorld((world) => measure(world, lighthouse))
