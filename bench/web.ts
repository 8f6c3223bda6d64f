/**
 * Figures of the web app in a real Chromium: script before sign-in, time until it can be used, import and first upload of 10,000 items,
 * unlock to the list beyond the key derivation, keystroke to the list that is filtered and drawn with `--items` of them (50,000), and the
 * longest time for which the page's own thread was busy meanwhile. One browser, one server, real storage.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { chromium, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core'
import { findOrInstallChromium } from '../tests/e2e/browser.ts'
import { figure, figureOf, note, numberOption, runs } from './parts/figures.ts'
import { bitwardenJson, loginItems } from './parts/items.ts'
import { inWorld, type World } from './parts/world.ts'

const root = join(import.meta.dirname, '..')
const password = 'riktig hest batteri stift'
const passcode = '482915'
const perFile = 10_000
/** Chromium calls a task long from 50 ms on */
const longTaskMs = 50

async function openApp(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  page.setDefaultTimeout(900_000)
  await page.addInitScript(() => {
    const long: number[] = []
    Object.assign(globalThis, { long })
    new PerformanceObserver((list) => long.push(...list.getEntries().map(({ duration }) => duration))).observe({
      type: 'longtask',
      buffered: true,
    })
  })
  await page.goto(url)
  return page
}

const longest = (page: Page): Promise<number> =>
  page.evaluate(() => {
    const { long } = globalThis as unknown as { long: number[] }
    return Math.max(0, ...long.splice(0))
  })

/**
 * All script files that a browser without a keychain fetches, compressed as the server would: until the form is filled in and only waits to be
 * sent, and then all that comes until the keychain is there to be used, the screens for it among them. Without the service worker, which
 * fetches the whole release once there is a keychain, to have it without a network.
 */
async function scriptFetched(context: BrowserContext, url: string): Promise<{ beforeSignIn: number; inAll: number }> {
  let bytes = 0
  const waiting: Promise<void>[] = []
  /** page and worker name some of the same files */
  const known = new Set<string>()
  // of the whole context: what the worker imports is no request of the page
  context.on('response', (response) => {
    if (!response.url().endsWith('.js') || known.has(response.url())) return
    known.add(response.url())
    waiting.push(response.body().then((body) => void (bytes += gzipSync(body).length)))
  })
  const page = await context.newPage()
  await page.goto(url)
  await page.getByRole('button', { name: 'Create account' }).click()
  await fillIn(page, 'ola@example.org')
  await page.waitForLoadState('networkidle')
  await page.waitForTimeout(1_000)
  await Promise.all(waiting)
  const beforeSignIn = bytes
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByText('Nothing here yet').waitFor()
  await page.waitForLoadState('networkidle')
  await Promise.all(waiting)
  await page.close()
  return { beforeSignIn, inAll: bytes }
}

async function fillIn(page: Page, email: string): Promise<void> {
  for (const [label, value] of [
    ['E-mail address', email],
    ['Account password', password],
    ['Passcode for this device', passcode],
    ['Passcode again', passcode],
  ] as const)
    await page.getByLabel(label, { exact: true }).fill(value)
}

async function timeToUse(context: BrowserContext, url: string): Promise<number> {
  const page = await context.newPage()
  const from = performance.now()
  await page.goto(url, { waitUntil: 'commit' })
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByLabel('E-mail address').waitFor()
  const ms = performance.now() - from
  await page.close()
  return ms
}

async function importItems(page: Page, file: number, from: number): Promise<{ importMs: number; sentMs: number }> {
  // a real file: what the driver puts into the page by itself would be counted as the page's own work
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-bench-'))
  const path = join(folder, `${String(file)}.json`)
  writeFileSync(path, bitwardenJson(loginItems(perFile, file + 1)))
  await page.evaluate(() => {
    location.hash = '/import'
  })
  const choosing = page.waitForEvent('filechooser')
  await page.getByRole('button', { name: 'Choose a file' }).click()
  await (await choosing).setFiles(path)
  await page.getByRole('button', { name: /^Import [\d,  .]+ items$/ }).waitFor()
  const began = performance.now()
  await page.getByRole('button', { name: /^Import [\d,  .]+ items$/ }).click()
  await page.getByText('Import finished').waitFor()
  const importMs = performance.now() - began
  await page.getByRole('button', { name: 'Done' }).click()
  await page.getByText(new RegExp(`^${(from + perFile).toLocaleString('en-GB')} items$`)).waitFor()
  await page.getByText(/changes? waits? to be sent/).waitFor({ state: 'detached' })
  rmSync(folder, { recursive: true })
  return { importMs, sentMs: performance.now() - began }
}

/** The page's own clock, from the event until the rows have changed; drawing them is for the next frame. */
function keystrokes(page: Page, words: readonly string[]): Promise<number[]> {
  return page.evaluate(async (texts) => {
    const input = document.querySelector<HTMLInputElement>('[role="search"] input')
    // the rows and their count: the button that clears the search comes and goes sooner
    const drawn = [document.querySelector('[role="search"] ~ [role="status"]'), document.querySelector('[role="listbox"]')]
    const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value')?.set
    if (input === null || set === undefined) throw new Error('no search')
    const times: number[] = []
    for (const text of texts) {
      const changed = new Promise<void>((done) => {
        const observer = new MutationObserver(() => {
          observer.disconnect()
          done()
        })
        for (const part of drawn) {
          if (part === null) throw new Error('no list')
          observer.observe(part, { childList: true, subtree: true, characterData: true, attributes: true })
        }
      })
      const from = performance.now()
      set.call(input, text)
      input.dispatchEvent(new Event('input', { bubbles: true }))
      // two words may find the same, and then there is nothing to wait for
      const other = await Promise.race([changed.then(() => true), new Promise<boolean>((same) => setTimeout(() => same(false), 1_000))])
      if (other) times.push(performance.now() - from)
      await new Promise((done) => setTimeout(done, 120))
    }
    return times
  }, words)
}

async function unlockTimes(page: Page, count: number): Promise<{ kdf: number[]; list: number[] }> {
  const times = { kdf: [] as number[], list: [] as number[] }
  const lock = page.getByRole('button', { name: 'Lock', exact: true }).first()
  const field = page.getByLabel('Passcode for this device', { exact: true })
  for (let run = 0; run <= count; run++) {
    await lock.click()
    await field.fill('0000000')
    let from = performance.now()
    await page.getByRole('button', { name: 'Unlock', exact: true }).click()
    await page.getByText('The passcode is wrong').waitFor()
    const kdf = performance.now() - from
    await field.fill(passcode)
    from = performance.now()
    await page.getByRole('button', { name: 'Unlock', exact: true }).click()
    await page.getByRole('option').first().waitFor()
    if (run === 0) continue
    times.kdf.push(kdf)
    times.list.push(performance.now() - from - kdf)
  }
  return times
}

async function measure(world: World): Promise<void> {
  const built = spawnSync(process.execPath, ['--disable-warning=ExperimentalWarning', join(root, 'apps/web/build.ts')], {
    encoding: 'utf8',
  })
  if (built.status !== 0) throw new Error(built.stderr)
  const server = await world.server()
  const browser = await chromium.launch({ executablePath: findOrInstallChromium(), args: ['--no-sandbox', '--disable-gpu'] })
  const newContext = (more: BrowserContextOptions = {}): Promise<BrowserContext> =>
    browser.newContext({ viewport: { width: 1_440, height: 900 }, locale: 'en-GB', ...more })
  try {
    const first = await newContext({ serviceWorkers: 'block' })
    const { beforeSignIn, inAll } = await scriptFetched(first, server.url)
    await first.close()
    figure('web-script-before-sign-in', 'kB gzip', beforeSignIn / 1_000, 1)
    figure('web-script-in-all', 'kB gzip', inAll / 1_000, 1)
    const uses: number[] = []
    for (let run = 0; run <= runs(); run++) {
      // a browser that has never been here
      const fresh = await newContext()
      const ms = await timeToUse(fresh, server.url)
      if (run > 0) uses.push(ms)
      await fresh.close()
    }
    figureOf('web-interactive', 'ms', uses)
    const page = await openApp(await newContext(), server.url)
    await page.getByRole('button', { name: 'Create account' }).click()
    await fillIn(page, 'kari@example.org')
    await page.getByRole('button', { name: 'Create account' }).click()
    await page.getByText('Nothing here yet').waitFor()
    await longest(page)
    const items = numberOption('items', 50_000)
    const { importMs, sentMs } = await importItems(page, 0, 0)
    figure('web-import-10k', 'ms', importMs, 1)
    figure('web-import-10k-sent', 'ms', sentMs, 1)
    figure('web-longest-task-import', 'ms', await longest(page), 1)
    const unlock = await unlockTimes(page, runs())
    figureOf('web-unlock-kdf', 'ms', unlock.kdf)
    figureOf('web-unlock-list-10k', 'ms', unlock.list)
    for (let file = 1; file * perFile < items; file++) {
      note(`items: ${file * perFile}`)
      await importItems(page, file, file * perFile)
    }
    await page.evaluate(() => {
      location.hash = '/items/all'
    })
    await page.getByRole('option').first().waitFor()
    await longest(page)
    const words = [
      'b',
      'ba',
      'ban',
      'bank',
      'bank k',
      'bank ka',
      'fjord',
      'fjordb',
      'fjo',
      'nord',
      'nordlys',
      'nordlys s',
      'skog',
      'sk',
      's',
      '',
    ]
    figureOf(`web-keystroke-${items / 1_000}k-first-word`, 'ms', (await keystrokes(page, words)).slice(0, 1))
    const times = await keystrokes(page, words)
    figureOf(`web-keystroke-${items / 1_000}k`, 'ms', times)
    figureOf(`web-keystroke-${items / 1_000}k-worst`, 'ms', times, 1)
    await page.evaluate(async () => {
      const list = document.querySelector('[role="listbox"]')
      for (let at = 0; list !== null && at < 60; at++) {
        list.scrollTop = (list.scrollHeight / 60) * at
        await new Promise((done) => requestAnimationFrame(done))
      }
    })
    figure('web-longest-task-50k', 'ms', await longest(page), 1)
    note(`tasks under ${longTaskMs} ms are not counted; 0 means that there was none`)
  } finally {
    await browser.close()
  }
}

await inWorld(measure)
