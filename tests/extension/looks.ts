/** How a screen of the extension looks to a person: what axe finds, what is cut off, and a picture of it where `NOKKEL_SCREENSHOTS` asks for one. */
import { mkdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Frame, Page } from 'playwright-core'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
/** `1` stands for docs/images. */
const wanted = process.env['NOKKEL_SCREENSHOTS']
const images = wanted?.startsWith('/') === true ? wanted : join(import.meta.dirname, '../../docs/images')
export const languages = ['nb', 'en'] as const
export const themes = ['light', 'dark'] as const

export async function violations(where: Page | Frame): Promise<unknown> {
  return where.evaluate(
    `${axe}; axe.run({ resultTypes: ['violations'] }).then(({ violations }) => violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html, failureSummary }) => html.slice(0, 120) + ' ' + failureSummary).join(' | ')))`,
  )
}
export async function picture(page: Page, name: string): Promise<void> {
  if (wanted === undefined) return
  mkdirSync(images, { recursive: true })
  await page.screenshot({ path: join(images, `extension-${name}.png`) })
}
/** No text is cut off at the side. */
export const overflow = (where: Page | Frame): Promise<unknown> =>
  where.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')
