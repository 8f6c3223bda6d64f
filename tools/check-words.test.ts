import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  cataloguesAgree,
  noMergeLeftOver,
  noTestLeftOutInSilence,
  noWorkplaceWords,
  numbersAreTheirOwn,
  projectFiles,
} from './check-words.ts'
import { temporaryTree } from './temporary-tree.ts'

/** Put together here, so that this file does not say them. */
const said = (...parts: readonly string[]): string => parts.join('')

describe('words of the place where it was written', () => {
  const problemsOf = (text: string): readonly string[] => {
    const root = temporaryTree({ 'a.md': `first line\n${text}\n` })
    return noWorkplaceWords(root, projectFiles(root)).problems
  }

  it.each([
    said('see /', 'work/main'),
    said("'/", "farm/x'"),
    said('file:///', 'work/main'),
    said('https://registry.', 'npmjs.org/cborg'),
    said('registry', ' = https://example.org'),
    said('http://deb.', 'debian.org/debian'),
  ])('finds %s, with its line', (text) => {
    expect(problemsOf(text)).toHaveLength(1)
    expect(problemsOf(text)[0]).toMatch(/^a\.md:2 says /)
  })

  it.each(['https://example.org/work/', './work/a', 'work/a', 'homework/', '/worked/', 'the registry of npm'])('lets %s be', (text) => {
    expect(problemsOf(text)).toEqual([])
  })

  it('looks at tracked and new files, not at ignored and binary ones', () => {
    const path = said('/', 'work/')
    const root = temporaryTree({ '.gitignore': 'c.tmp\n', 'a.md': path, 'b.md': path, 'c.tmp': path, 'd.bin': `\0${path}` })
    execFileSync('git', ['init', '-q'], { cwd: root })
    execFileSync('git', ['add', 'a.md'], { cwd: root })
    expect(noWorkplaceWords(root, projectFiles(root)).problems.map((problem) => problem.split(':')[0])).toEqual(['a.md', 'b.md'])
  })
})

describe('what a merge may leave behind', () => {
  it.each([said('<<<<', '<<< HEAD'), said('====', '==='), said('>>>>', '>>> abc (why)')])('finds %s, with its line', (line) => {
    const root = temporaryTree({ 'a.md': `one\n${line}\ntwo\n` })
    expect(noMergeLeftOver(root, ['a.md']).problems).toEqual([`a.md:2 says ${line}`])
  })
  it.each(['=========', 'a ======= b', '    >>>>>>>', '<<<<'])('lets %s be', (line) => {
    const root = temporaryTree({ 'a.md': `${line}\n` })
    expect(noMergeLeftOver(root, ['a.md']).problems).toEqual([])
  })

  it('finds a rule and a decision with the number of another', () => {
    const files = {
      'docs/SPEC.md': '**EXT-1** one, see **EXT-2**\n\n**EXT-2** two\n\n**EXT-1** three\n',
      'docs/adr/0001-a.md': '# 1\n',
      'docs/adr/0001-b.md': '# 1\n',
      'docs/adr/0002-c.md': '# 2\n',
    }
    expect(numbersAreTheirOwn(temporaryTree(files), Object.keys(files)).problems).toEqual([
      'rule EXT-1 stands at docs/SPEC.md:1 and docs/SPEC.md:5',
      'decision 0001 stands at docs/adr/0001-a.md and docs/adr/0001-b.md',
    ])
  })
})

describe('tests that are left out', () => {
  const problemsOf = (source: string): readonly string[] => {
    const root = temporaryTree({ 'a.test.ts': source })
    return noTestLeftOutInSilence(root, ['a.test.ts']).problems
  }

  it.each([
    `it.skip('a', () => {})`,
    `describe.skip('a', () => {})`,
    `test.todo('a')`,
    `it.skipIf(slow)('a', () => {})`,
    `it.concurrent.skip('a', () => {})`,
    `xit('a', () => {})`,
    `it('a', (ctx) => ctx.skip())`,
    `//\nit.skip('a', () => {})`,
    `const a = 1 // a reason on the wrong line\n\nit.skip('a', () => {})`,
  ])('wants a reason for %s', (source) => {
    expect(problemsOf(source)).toHaveLength(1)
  })

  it.each([
    `// the platform has no camera\nit.skip('a', () => {})`,
    `/* no camera */\ndescribe.skip('a', () => {})`,
    `// no camera\nit.skipIf(noCamera())('a', f)\nit.skipIf(noCamera())('b', f)`,
    `it('skips what is known', () => {})`,
    `const text = "it.skip('a')"`,
    `list.skip(1)`,
  ])('is content with %s', (source) => {
    expect(problemsOf(source)).toEqual([])
  })

  it.each([said('// a reason\nit.', `only('a', f)`), said('// a reason\nf', `it('a', f)`)])(
    'never lets the others be left out: %s',
    (source) => {
      expect(problemsOf(source)).toHaveLength(1)
    },
  )
})

describe('the catalogues', () => {
  const problemsOf = async (source: string): Promise<readonly string[]> =>
    (await cataloguesAgree(temporaryTree({ 'packages/messages/src/index.ts': source, 'package.json': { type: 'module' } }))).problems

  it.each([
    ['a missing key', `export const nb = { a: 'x' }; export const en = { a: 'x', b: 'y' }`, 'b is missing in nb'],
    ['a missing inner key', `export const nb = { a: { c: 'x' } }; export const en = { a: { b: 'x', c: 'y' } }`, 'a.b is missing in nb'],
    [
      'other parameters in a text',
      `export const nb = { a: '{count}' }; export const en = { a: '{n}' }`,
      'a takes {count} in nb and {n} in en',
    ],
    [
      'other parameters of a function',
      `export const nb = { a: (p) => p }; export const en = { a: () => '' }`,
      'a takes 1 parameters in nb and 0 parameters in en',
    ],
    ['an empty text', `export const nb = { a: ' ' }; export const en = { a: '' }`, 'a is empty in nb'],
    ['no catalogue', `export const nb = {}`, 'packages/messages/src/index.ts does not export the catalogues nb and en'],
  ])('finds %s', async (_what, source, problem) => {
    expect(await problemsOf(source)).toContain(problem)
  })

  it('is content when they agree', async () => {
    expect(await problemsOf(`export const nb = { a: 'Hei {name}' }; export const en = { a: 'Hello {name}' }`)).toEqual([])
  })

  it('fails clearly when there is no catalogue file', async () => {
    expect((await cataloguesAgree(temporaryTree({}))).problems).toEqual(['packages/messages/src/index.ts does not exist'])
  })
})

it('fails as a command, too', () => {
  const tool = join(import.meta.dirname, 'check-words.ts')
  const { status, stdout } = spawnSync(process.execPath, [tool, temporaryTree({})], { encoding: 'utf8' })
  expect(status).toBe(1)
  expect(stdout).toContain('it saw nothing')
})
