/**
 * Figures `extension-*`, in a real Chromium: what the content script costs a page without forms (time of its script, and layouts while it runs),
 * and how long the popup takes with a keychain of 10,000 items, from the navigation to the first frame after its rows and its field for searching are
 * there (first-contentful-paint would be what it shows while it waits). The background runs, as it does while the live channel stands; no other page of
 * the extension is open, because all share one process.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { CDPSession } from 'playwright-core'
import { Paired } from '../tests/extension/chromium.ts'
import { figure, figureOf, note, noteLoad, runs } from './parts/figures.ts'
import { bitwardenJson, loginItems } from './parts/items.ts'

const items = 10_000
const paragraphs = Array.from(
  { length: 2_000 },
  (_, at) => `<div><p>Line ${at} of a page <a href="#${at}">without forms</a>.</p></div>`,
).join('')

interface TraceEvent {
  readonly name: string
  readonly dur?: number
  readonly ts: number
  readonly args?: { readonly data?: { readonly url?: string } }
}

/** All that runs in a page: the content script, and the two for passkeys. */
const scripts: readonly string[] = ['content.js', 'passkeys.js', 'page-world.js']

/** Milliseconds of the scripts' own runs, and layouts that began inside of them. */
async function contentCost(devtools: CDPSession, load: () => Promise<unknown>): Promise<{ readonly ms: number; readonly layouts: number }> {
  const events: TraceEvent[] = []
  const collect = ({ value }: { readonly value: readonly object[] }): void => void events.push(...(value as readonly TraceEvent[]))
  devtools.on('Tracing.dataCollected', collect)
  await devtools.send('Tracing.start', { transferMode: 'ReportEvents', categories: 'devtools.timeline' })
  await load()
  const ended = new Promise((resolve) => devtools.once('Tracing.tracingComplete', resolve))
  await devtools.send('Tracing.end')
  await ended
  devtools.off('Tracing.dataCollected', collect)
  const own = events.filter(({ name, args }) => name === 'EvaluateScript' && scripts.includes(args?.data?.url?.split('/').at(-1) ?? ''))
  const layouts = events.filter(({ name, ts }) => name === 'Layout' && own.some((run) => ts >= run.ts && ts <= run.ts + (run.dur ?? 0)))
  return { ms: own.reduce((sum, { dur = 0 }) => sum + dur, 0) / 1_000, layouts: layouts.length }
}

noteLoad()
const own = new Paired()
try {
  await own.start()
  const built = scripts.map((name) => gzipSync(readFileSync(join(own.world.folder, 'extension/chrome', name)), { level: 9 }).length)
  figure('extension-content-gzip', 'kB', built.reduce((sum, bytes) => sum + bytes, 0) / 1_000, 1)
  own.site.serve('/text', `<!doctype html><title>Text</title>${paragraphs}`)

  const file = join(own.world.folder, 'many.json')
  writeFileSync(file, bitwardenJson(loginItems(items)))
  await own.cli.ok(['import', file])
  await own.join()
  const total = async (): Promise<number> => ((await own.call('find', '', '')).value as { readonly total: number }).total
  while ((await total()) < items) await own.popup.waitForTimeout(200)

  const page = await own.open('/text')
  const devtools = await own.context.newCDPSession(page)
  const costs: number[] = []
  let layouts = 0
  for (let run = 0; run <= runs(); run++) {
    const cost = await contentCost(devtools, async () => {
      await page.reload({ waitUntil: 'load' })
      await page.waitForTimeout(300)
    })
    if (run === 0) continue
    costs.push(cost.ms)
    layouts += cost.layouts
  }
  if (costs.every((ms) => ms === 0)) throw new Error('the content script was not seen')
  figureOf('extension-page-without-forms', 'ms', costs)
  figure('extension-page-without-forms-layouts', 'layouts', layouts, costs.length)

  const opened: number[] = []
  const address = own.popup.url()
  await own.popup.goto('about:blank')
  for (let run = 0; run <= runs(); run++) {
    const popup = await own.context.newPage()
    await popup.addInitScript(() => {
      const look = (): void => {
        const usable = document.querySelector('li') !== null && document.activeElement?.matches('input[type=search]') === true
        if (!usable) requestAnimationFrame(look)
        else Object.assign(globalThis, { rowsMs: performance.now() })
      }
      requestAnimationFrame(look)
    })
    await popup.goto(address)
    // the page's policy allows no text as code, so a wait for a function is out
    await popup.getByRole('listitem').first().waitFor()
    await popup.waitForTimeout(100)
    if (run > 0) opened.push(Number(await popup.evaluate('globalThis.rowsMs')))
    await popup.close()
  }
  note(`keychain of ${items} items`)
  figureOf('extension-popup-open-10k', 'ms', opened)
} finally {
  await own.end()
}
