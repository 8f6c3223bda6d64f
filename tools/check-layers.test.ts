import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { checkLayers, report, type Finding } from './check-layers.ts'
import { layers, type LayerTable } from './layers.ts'
import { temporaryTree } from './temporary-tree.ts'

const root = join(import.meta.dirname, '..')

const table: LayerTable = {
  parts: [
    { path: 'packages/base', layer: 0, mayImport: [] },
    { path: 'packages/crypto', layer: 1, mayImport: ['@nokkel/base'] },
    { path: 'packages/protocol', layer: 2, mayImport: ['@nokkel/base', '@nokkel/crypto'] },
    { path: 'packages/protocol/src/wire', layer: 2, mayImport: ['@nokkel/base', '@nokkel/crypto/verify'], closed: true },
    { path: 'packages/autofill', layer: 3, mayImport: ['@nokkel/base'] },
    { path: 'apps/server', layer: 6, mayImport: ['@nokkel/base', '@nokkel/protocol/wire'], testsMayImport: 'any' },
    { path: 'apps/extension', layer: 6, mayImport: ['@nokkel/autofill', '@nokkel/base'] },
    { path: 'apps/extension/src/content', layer: 6, mayImport: ['@nokkel/autofill'], closed: true },
  ],
  nodeOnly: ['packages/crypto/src/backend-node*.ts'],
  browserOnly: [],
  keyless: [
    'apps/server/',
    'packages/base/src/',
    'packages/protocol/src/wire/',
    'packages/crypto/src/verify.ts',
    'packages/crypto/src/backend-node.ts',
    'packages/crypto/src/backend-noble.ts',
  ],
  server: 'apps/server',
  page: 'apps/extension/src/content',
}

const manifest = (name: string, exports: object, dependencies: readonly string[] = [], more: object = {}): object => ({
  name,
  exports,
  dependencies: Object.fromEntries(dependencies.map((each) => [each, '0.1.0'])),
  ...more,
})

const sound: Readonly<Record<string, string | object>> = {
  'packages/base/package.json': manifest('@nokkel/base', { '.': './src/index.ts', './testing': './src/testing.ts' }),
  'packages/base/src/index.ts': `export const one = 1`,
  'packages/base/src/testing.ts': `import { one } from './index.ts'\nimport 'node:fs'\nexport const double = one`,
  'packages/crypto/package.json': manifest('@nokkel/crypto', { '.': './src/index.ts', './verify': './src/verify.ts' }, ['@nokkel/base'], {
    imports: { '#backend': { node: './src/backend-node.ts', default: './src/backend-noble.ts' } },
  }),
  'packages/crypto/src/index.ts': `export * from './sign.ts'`,
  'packages/crypto/src/sign.ts': `import { one } from '@nokkel/base'\nimport '#backend'`,
  'packages/crypto/src/verify.ts': `import '#backend'`,
  'packages/crypto/src/backend-node.ts': `import { sign } from 'node:crypto'`,
  'packages/crypto/src/backend-noble.ts': `import { sign } from '@noble/curves/ed25519.js'`,
  'packages/protocol/package.json': manifest('@nokkel/protocol', { '.': './src/index.ts', './wire': './src/wire/index.ts' }, [
    '@nokkel/base',
    '@nokkel/crypto',
  ]),
  'packages/protocol/src/index.ts': `import '@nokkel/crypto'\nexport * from './wire/index.ts'`,
  'packages/protocol/src/index.test.ts': `import '@nokkel/base/testing'\nimport { readFileSync } from 'node:fs'\nimport './index.ts'`,
  'packages/protocol/src/wire/index.ts': `import '@nokkel/crypto/verify'\nimport * as v from 'valibot'`,
  'packages/autofill/package.json': manifest('@nokkel/autofill', { '.': './src/index.ts' }, ['@nokkel/base']),
  'packages/autofill/src/index.ts': `import type { one } from '@nokkel/base'`,
  'apps/server/package.json': manifest('nokkel-server', {}, ['@nokkel/base', '@nokkel/protocol']),
  'apps/server/src/main.ts': `import '@nokkel/protocol/wire'\nimport { createServer } from 'node:http'`,
  'apps/server/src/main.test.ts': `import '@nokkel/protocol'\nimport '@nokkel/base/testing'`,
  'apps/extension/package.json': manifest('nokkel-extension', {}, ['@nokkel/autofill', '@nokkel/base']),
  'apps/extension/src/background.ts': `import '@nokkel/base'`,
  'apps/extension/src/content/index.ts': `import { one } from '@nokkel/autofill'\nimport './form.ts'`,
  'apps/extension/src/content/form.ts': `export {}`,
}

/** Problems by sentence, of the sound tree with some files changed (or taken away). */
function problemsWith(
  changes: Readonly<Record<string, string | object | undefined>>,
  used: LayerTable = table,
): Record<string, readonly string[]> {
  const files = Object.fromEntries(
    Object.entries({ ...sound, ...changes }).filter((entry): entry is [string, string | object] => entry[1] !== undefined),
  )
  return problemsOf(checkLayers(temporaryTree(files), used))
}

function problemsOf(findings: readonly Finding[]): Record<string, readonly string[]> {
  return Object.fromEntries(findings.filter(({ problems }) => problems.length > 0).map(({ sentence, problems }) => [sentence, problems]))
}

describe('the layer check', () => {
  it('has nothing to say about a sound tree', () => {
    expect(problemsWith({})).toEqual({})
  })

  it.each([
    ['an import up the table', { 'packages/base/src/index.ts': `import '@nokkel/crypto'` }, 'every import goes down the table'],
    [
      'a type import up the table',
      { 'packages/base/src/index.ts': `import type { A } from '@nokkel/crypto'` },
      'every import goes down the table',
    ],
    ['a re-export up the table', { 'packages/base/src/index.ts': `export * from '@nokkel/crypto'` }, 'every import goes down the table'],
    [
      'a dynamic import up the table',
      { 'packages/base/src/index.ts': `void import('@nokkel/crypto')` },
      'every import goes down the table',
    ],
    ['a computed import', { 'packages/base/src/index.ts': `void import(name)` }, 'every import goes down the table'],
    ['a specifier with escapes', { 'packages/base/src/index.ts': `import '@nokkel\\x2fcrypto'` }, 'every import goes down the table'],
    ['a package that does not exist', { 'packages/base/src/index.ts': `import '@nokkel/keys'` }, 'every import goes down the table'],
    ['keys in the wire door', { 'packages/protocol/src/wire/index.ts': `import '@nokkel/crypto'` }, 'every import goes down the table'],
    ['a way out of the wire door', { 'packages/protocol/src/wire/index.ts': `import '../index.ts'` }, 'every import goes down the table'],
    ['a server that opens the wrong door', { 'apps/server/src/main.ts': `import '@nokkel/protocol'` }, 'the server never sees a key'],
    ['a key behind the right door', { 'packages/crypto/src/verify.ts': `import './sign.ts'` }, 'the server never sees a key'],
    ['a key behind a condition', { 'packages/crypto/src/backend-noble.ts': `import './sign.ts'` }, 'the server never sees a key'],
    [
      'a page that sees another package',
      { 'apps/extension/src/content/index.ts': `import '@nokkel/base'` },
      'a web page never sees the keychain',
    ],
    [
      'a page script that reaches the background',
      { 'apps/extension/src/content/index.ts': `import '../background.ts'` },
      'every import goes down the table',
    ],
    ['node in the core', { 'packages/base/src/index.ts': `import 'node:fs'` }, 'the core runs anywhere'],
    ['node in the core without its prefix', { 'packages/base/src/index.ts': `import 'fs/promises'` }, 'the core runs anywhere'],
    ['a node-only file from a file for all', { 'packages/crypto/src/sign.ts': `import './backend-node.ts'` }, 'the core runs anywhere'],
    [
      'an import past the doors',
      { 'packages/protocol/src/index.ts': `import '@nokkel/crypto/src/sign.ts'` },
      'packages are entered by their doors',
    ],
    [
      'a relative import out of the package',
      { 'packages/protocol/src/index.ts': `import '../../crypto/src/sign.ts'` },
      'packages are entered by their doors',
    ],
    ['an unknown inner import', { 'packages/base/src/index.ts': `import '#backend'` }, 'packages are entered by their doors'],
    ['a door to nowhere', { 'packages/crypto/src/verify.ts': undefined }, 'packages are entered by their doors'],
    [
      'a door to looks that are not there',
      { 'packages/base/package.json': manifest('@nokkel/base', { '.': './src/index.ts', './looks.css': './src/looks.css' }) },
      'packages are entered by their doors',
    ],
    [
      'a door for everything',
      { 'packages/base/package.json': manifest('@nokkel/base', { './*': './src/*.ts' }) },
      'packages are entered by their doors',
    ],
    ['a double in a product', { 'packages/protocol/src/index.ts': `import '@nokkel/base/testing'` }, 'doubles stay in tests'],
    [
      'a dependency that the table does not allow',
      { 'packages/base/package.json': manifest('@nokkel/base', { '.': './src/index.ts' }, ['@nokkel/crypto']) },
      'every package has its place in the table',
    ],
    [
      'a package outside the table',
      { 'packages/new/package.json': manifest('@nokkel/new', {}) },
      'every package has its place in the table',
    ],
    ['a file that cannot be read to its end', { 'packages/base/src/index.ts': 'const a = `' }, 'every package has its place in the table'],
  ])('finds %s', (_what, changes, sentence) => {
    expect(Object.keys(problemsWith(changes))).toContain(sentence)
  })

  it('lets a door lead to looks, which are no module', () => {
    const doors = { '.': './src/index.ts', './testing': './src/testing.ts', './looks.css': './src/looks.css' }
    expect(problemsWith({ 'packages/base/package.json': manifest('@nokkel/base', doors), 'packages/base/src/looks.css': 'b {}' })).toEqual(
      {},
    )
  })

  it('finds a cycle between packages even where the table would allow it', () => {
    const both = table.parts.map((part) => ({ ...part, mayImport: 'any' as const }))
    const problems = problemsWith({ 'packages/base/src/index.ts': `import '@nokkel/crypto'` }, { ...table, parts: both })
    expect(problems['no package needs itself']).toEqual(['packages/base → packages/crypto → packages/base'])
  })

  it('fails a rule that saw no module', () => {
    const files = Object.keys(sound).filter((path) => path.endsWith('.ts'))
    const problems = problemsWith(Object.fromEntries(files.map((path) => [path, undefined])))
    expect(Object.values(problems).filter(([first]) => first === 'it saw no module, so it proves nothing')).toHaveLength(8)
  })

  it('fails the page rule when its folder is empty, and lets it wait only while it is planned and absent', () => {
    const gone = { 'apps/extension/src/content/index.ts': undefined, 'apps/extension/src/content/form.ts': undefined }
    expect(Object.keys(problemsWith(gone))).toContain('a web page never sees the keychain')
    const planned: LayerTable = {
      ...table,
      parts: table.parts.map((part) => (part.path === table.page ? { ...part, planned: true } : part)),
    }
    expect(problemsWith(gone, planned)).toEqual({})
    expect(Object.keys(problemsWith({}, planned))).toEqual(['every package has its place in the table'])
  })

  it('prints each rule as a sentence and says whether all hold', () => {
    const lines: string[] = []
    expect(report([{ sentence: 'a', modules: 2, problems: [] }], (line) => lines.push(line))).toBe(true)
    expect(report([{ sentence: 'b', modules: 2, problems: ['c'] }], (line) => lines.push(line))).toBe(false)
    expect(lines).toEqual(['✓ a (2 modules)', '✗ b: 1 problem', '    c'])
  })

  it('fails as a command, too', () => {
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'tools/check-layers.ts'), temporaryTree({})], { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stdout).toContain('✗ the server never sees a key')
  })
})

describe('our table', () => {
  const layerOf = (door: string): number | undefined => layers.parts.find(({ path }) => path === `packages/${door.split('/')[1]}`)?.layer

  it('names packages of the same layer or below, in an order that has no cycle', () => {
    const order = layers.parts.map(({ path }) => path)
    for (const { path, layer, mayImport } of layers.parts) {
      for (const door of mayImport === 'any' ? [] : mayImport) {
        expect(layerOf(door), `${path} -> ${door}`).toBeLessThanOrEqual(layer)
        if (path.startsWith('packages/'))
          expect(order.indexOf(`packages/${door.split('/')[1]}`), `${path} -> ${door}`).toBeLessThan(order.indexOf(path))
      }
    }
  })

  it('lets the server import the format of site data, base, messages, protocol/wire and escrow/realm, and a page script autofill, and nothing else of ours', () => {
    const doors = (path: string): unknown => layers.parts.find((part) => part.path === path)?.mayImport
    expect(doors(layers.server)).toEqual([
      '@nokkel/autofill/site-data',
      '@nokkel/base',
      '@nokkel/messages',
      '@nokkel/protocol/wire',
      '@nokkel/escrow/realm',
    ])
    expect(doors(layers.page)).toEqual(['@nokkel/autofill', '@nokkel/autofill/dom'])
  })
})

describe('tsconfig.core.json', () => {
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.core.json'), 'utf8').replaceAll(/^\s*\/\/.*$/gm, '')) as {
    include: string[]
    exclude: string[]
  }

  it('covers every package of the core and leaves out what the table says, tests and what only tests use', () => {
    const core = layers.parts.filter(({ path, layer, planned }) => layer <= 4 && planned !== true && /^packages\/[^/]+$/.test(path))
    expect(config.include).toEqual(
      ['core-globals.d.ts', ...core.map(({ path }) => `${path}/src`)].sort((a, b) => config.include.indexOf(a) - config.include.indexOf(b)),
    )
    const oneSided = [...layers.nodeOnly, ...layers.browserOnly].filter((path) => core.some((part) => path.startsWith(`${part.path}/`)))
    expect([...config.exclude].sort()).toEqual(
      ['**/*.test.ts', 'packages/*/src/testing/**', ...oneSided, 'packages/store/src/contract.ts'].sort(),
    )
  })

  it('knows no global of one platform', () => {
    // compiled with the real sources, because the types of a dependency could bring a name in
    const names = ['Buffer', 'process', 'console', 'document', 'window', 'fetch', 'localStorage', 'performance']
    const folder = temporaryTree({
      ...Object.fromEntries(names.map((name) => [`probe/${name}.ts`, `export const probe: unknown = ${name}\n`])),
      'tsconfig.json': {
        extends: join(root, 'tsconfig.core.json'),
        include: [...config.include.map((path) => join(root, path)), 'probe'],
        exclude: config.exclude.map((path) => join(root, path)),
      },
    })
    const { status, stdout } = spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', folder], {
      encoding: 'utf8',
    })
    expect(status).not.toBe(0)
    const unknown = [...stdout.matchAll(/probe\/(?<file>\w+)\.ts\(\d+,\d+\): error TS\d+: Cannot find name '(?<name>\w+)'/g)].map(
      (match) => match.groups,
    )
    expect(unknown.map((found) => found?.['name'])).toEqual(unknown.map((found) => found?.['file']))
    expect(unknown.map((found) => found?.['name']).sort()).toEqual([...names].sort())
  })
})
