import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { filesIn } from './read-tree.ts'

const root = join(import.meta.dirname, '..')
const readJson = (path: string): Record<string, unknown> => JSON.parse(readFileSync(join(root, path), 'utf8')) as Record<string, unknown>

interface Locked {
  readonly license?: string
  readonly link?: boolean
  readonly hasInstallScript?: boolean
}
const lock = readJson('package-lock.json')['packages'] as Record<string, Locked>
const locked = Object.entries(lock).filter(([path, { link }]) => path.includes('node_modules/') && link !== true)

it('docs/dependencies.md has a line for every direct dependency, and for no other package', () => {
  const manifests = ['package.json', ...filesIn(root, 'packages'), ...filesIn(root, 'apps')].filter((path) =>
    /(?:^|\/)package\.json$/.test(path),
  )
  const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']
  const used = manifests.flatMap((path) => fields.flatMap((field) => Object.keys((readJson(path)[field] as object | undefined) ?? {})))
  const foreign = used.filter((name) => !name.startsWith('@nokkel/') && name !== 'nokkel' && name !== 'nokkel-server')
  const rows = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| [@a-z]/.test(line))
  const named = rows.flatMap((row) => (row.split('|')[1] ?? '').split(',').map((name) => name.trim()))
  expect([...named].sort()).toEqual([...new Set(foreign)].sort())
})

it('no locked package has an install script', () => {
  expect(locked.length).toBeGreaterThan(100)
  expect(locked.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path)).toEqual([])
})

it('every locked package has a licence that may be combined with ours', () => {
  const accepted = new Set(['MIT', 'MIT-0', 'ISC', 'Apache-2.0', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'MPL-2.0', 'Unlicense', 'Zlib'])
  const parts = (license = 'none'): string[] => license.replaceAll(/[()]/g, '').split(/ (?:AND|OR) /)
  expect(
    locked
      .filter(([, { license }]) => !parts(license).every((part) => accepted.has(part)))
      .map(([path, { license }]) => `${path}: ${license}`),
  ).toEqual([])
})
