import { join } from 'node:path'
import { build, type Rolldown } from 'vite'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startBrowser } from './browser.ts'
import type { CaseResult } from './pages/vitest-in-page.ts'

/** The device store of browsers, in a real one: the same contract that the stores in memory and in SQLite pass. */
describe('the IndexedDB store in Chromium', () => {
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    const pages = join(import.meta.dirname, 'pages')
    const built = (await build({
      configFile: false,
      logLevel: 'error',
      resolve: { alias: { vitest: join(pages, 'vitest-in-page.ts') } },
      build: {
        write: false,
        minify: false,
        target: 'es2024',
        rolldownOptions: { input: join(pages, 'indexeddb-contract.ts'), output: { format: 'es' } },
      },
    })) as Rolldown.RolldownOutput
    const script = built.output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('\n')
    browser = await startBrowser()
    page = await browser.newPage()
    await page.route('http://localhost/**', (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: script })
        : route.fulfill({ contentType: 'text/html', body: '<!doctype html><script type="module" src="/contract.js"></script>' }),
    )
    await page.goto('http://localhost/')
  })
  afterAll(() => browser?.close())

  it('passes the whole contract of the device store', async () => {
    const results = await page.evaluate(() => (globalThis as unknown as { contractResults: Promise<CaseResult[]> }).contractResults)
    expect(results.filter(({ error }) => error !== null)).toEqual([])
    expect(results.length).toBeGreaterThan(18)
  })
})
