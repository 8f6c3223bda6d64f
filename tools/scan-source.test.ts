import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { importsOf, scanSource } from './scan-source.ts'

const specifiers = (source: string): (string | undefined)[] => {
  const scanned = scanSource(source)
  expect(scanned.problems).toEqual([])
  return importsOf(scanned).map(({ specifier }) => specifier)
}

describe('what a module imports', () => {
  it.each([
    [`import a from 'a'`, ['a']],
    [`import 'side-effect'`, ['side-effect']],
    [`import type { A } from "a"; import { type B } from './b.ts'`, ['a', './b.ts']],
    [`import {\n  a,\n  b,\n} from\n  'a'`, ['a']],
    [`import a, * as b from'a'`, ['a']],
    [`export * from 'a'\nexport { b } from 'b'\nexport type * from 'c'`, ['a', 'b', 'c']],
    [`const a = await import('a')`, ['a']],
    [`const a = await import('a', { with: { type: 'json' } })`, ['a']],
    [`type A = import('a').A`, ['a']],
    [`const a = require('a'), b = require.resolve("b"), c = import.meta.resolve('c')`, ['a', 'b', 'c']],
    [`const all = [...import('a')]`, ['a']],
    ['import a from /* \'no\' */ "a" // from "b"', ['a']],
  ])('finds the imports of %j', (source, expected) => {
    expect(specifiers(source)).toEqual(expected)
  })

  it.each([
    [`import(name)`],
    [`import('a' + name)`],
    ['import(`./${name}.ts`)'],
    [`const a = c ? import(name) : null`],
    [`const a = c ? await import(name) : null`],
  ])('reports an import that it cannot read: %s', (source) => {
    expect(specifiers(source)).toEqual([undefined])
  })

  it.each([
    [`// import a from 'a'`],
    [`/* import a from 'a'\n import('b') */`],
    [`const text = "import a from 'a'"`],
    [`const text = 'it\\'s import("a")'`],
    ["const text = `import a from 'a' ${1} import('b')`"],
    ["const text = `a ${`b ${'c'}`} import('d')`"],
    [`const re = /import a from 'a'/`],
    [`const re = /[/'"]import('a')/`],
    [`const a = Array.from('a')`],
    [`const a = archive.import(file)`],
    [`class A { async import(file: string): Promise<void> { } }`],
    [`const a = { import(file) { return file } }`],
    [`const a = import.meta.url`],
    [`const importable = important('a')`],
    [`if (from < 'a') {}`],
  ])('finds none in %j', (source) => {
    expect(specifiers(source)).toEqual([])
  })

  it.each([
    ["const a = `${b}` + `it's`\nimport c from 'c'"],
    ["const a = `${{ b: `}` }.b}`\nimport c from 'c'"],
    [`const a = b / c / d // it's\nimport c from 'c'`],
    [`const a = (b) / 2 + '/'\nimport c from 'c'`],
    [`const a = i++ / 2 // '\nimport c from 'c'`],
    [`const a = b.return / 2; const q = '/'\nimport c from 'c'`],
    [`const a = x.replace(/'/g, "\\"").replace(/\`/, '')\nimport c from 'c'`],
    [`return /'/.test(a)\nimport c from 'c'`],
    [`const a = <p>it's here</p>\nimport c from 'c'`],
    [`#!/usr/bin/env node it's\nimport c from 'c'`],
  ])('is not led astray by %j', (source) => {
    expect(specifiers(source)).toEqual(['c'])
  })

  it('says so when it cannot read a file to its end', () => {
    expect(scanSource('const a = `b').problems).toHaveLength(1)
    expect(scanSource('/* a').problems).toHaveLength(1)
  })

  it('counts lines from one', () => {
    expect(importsOf(scanSource(`\n\nimport a from 'a'`))[0]?.line).toBe(3)
  })

  it('reads these tools themselves', () => {
    const here = dirname(fileURLToPath(import.meta.url))
    for (const name of readdirSync(here).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))) {
      const source = readFileSync(join(here, name), 'utf8')
      // the plain form at the start of a line is the whole of our style, so a line count is an independent second opinion
      const plain = source.split('\n').filter((line) => /^(?:import|export) .*from '[^']+'$/.test(line)).length
      expect(specifiers(source).length, name).toBeGreaterThanOrEqual(plain)
    }
  })
})
