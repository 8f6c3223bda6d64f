import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildExtension } from './chromium.ts'

/** What is built, looked at as whoever audits it would. */
const root = join(import.meta.dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'nokkel-built-'))
const dist = (browser: string, file = ''): string => join(folder, 'extension', browser, file)
interface Manifest {
  readonly permissions: readonly string[]
  readonly content_security_policy: { readonly extension_pages: string }
  readonly web_accessible_resources: readonly { readonly resources: readonly string[]; readonly use_dynamic_url?: boolean }[]
  readonly externally_connectable?: unknown
}
const manifest = (browser: string): Manifest => JSON.parse(readFileSync(dist(browser, 'manifest.json'), 'utf8')) as Manifest
const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => statSync(join(folder, name)).isFile())

describe('the extension as it is built', () => {
  beforeAll(() => void buildExtension(folder))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('AUT-6 what runs in pages weighs at most 30 kB after gzip', () => {
    const weights = ['content.js', 'passkeys.js', 'page-world.js'].map(
      (name) => gzipSync(readFileSync(dist('chrome', name)), { level: 9 }).length,
    )
    const bytes = weights.reduce((sum, each) => sum + each, 0)
    expect(bytes).toBeGreaterThan(5_000)
    expect(bytes).toBeLessThanOrEqual(30_000)
  })

  it('every permission is explained in the guide, and none is there that the guide does not name', () => {
    const guide = readFileSync(join(root, 'docs/guide/extension.md'), 'utf8')
    const rows = guide.split('\n').filter((line) => line.startsWith('| `'))
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([a-zA-Z.]+)`/g)].map((found) => found[1]))
    const all = named.filter((name) => name !== 'http' && name !== 'https').sort()
    expect([...manifest('chrome').permissions].sort()).toEqual(all)
    expect([...manifest('firefox').permissions].sort()).toEqual(all.filter((name) => name !== 'offscreen'))
  })

  it('A34 one page may be embedded, nobody may connect, no code comes from elsewhere', () => {
    for (const browser of ['chrome', 'firefox']) {
      const { web_accessible_resources: open, externally_connectable: connectable, content_security_policy: policy } = manifest(browser)
      expect(open.flatMap(({ resources }) => resources)).toEqual(['inline.html'])
      // Firefox has an address of its own in each browser
      expect(open.map((each) => each.use_dynamic_url ?? false)).toEqual([browser === 'chrome'])
      expect(connectable).toBeUndefined()
      expect(policy.extension_pages).toContain("script-src 'self' 'wasm-unsafe-eval';")
      for (const file of filesOf(dist(browser)).filter((name) => name.endsWith('.html')))
        expect(readFileSync(dist(browser, file), 'utf8')).not.toMatch(/(?:src|href)="(?!\.?\/)/)
    }
  })

  it('the same sources give the same bytes', () => {
    const bytes = (): readonly string[] =>
      filesOf(dist('chrome'))
        .sort()
        .map((name) => `${name} ${readFileSync(dist('chrome', name)).toString('base64')}`)
    const before = bytes()
    buildExtension(folder)
    expect(bytes()).toEqual(before)
  })
})
