/** Runs the real tools/run.mjs in a small repository whose installed tools are stubs that do what the test wants. */
import { spawn, spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { temporaryTree } from './temporary-tree.ts'

interface Test {
  readonly status: 'passed' | 'failed' | 'skipped' | 'todo'
  readonly title: string
}
interface Project {
  readonly tests: readonly Test[]
  readonly exit?: number
  /** The file failed as a whole. */
  readonly broken?: boolean
  /** vitest ends before it writes its report. */
  readonly silent?: boolean
  /** What the failed file does when it runs once more; the same again without it. */
  readonly again?: Project
}

const pinned = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
const passed = (count: number): Project => ({ tests: Array.from({ length: count }, (_, i) => ({ status: 'passed', title: `t${i}` })) })

const vitestStub = `
const { readFileSync, writeFileSync } = require('node:fs')
const name = process.argv[process.argv.indexOf('--project') + 1]
let project = JSON.parse(readFileSync('projects.json', 'utf8'))[name]
if (process.argv.some((arg) => arg.endsWith('a.test.ts'))) project = project.again ?? project
const file = process.argv.find((arg) => arg.startsWith('--outputFile.json=')).split('=')[1]
const assertionResults = project.tests.map((test) => ({ ...test, ancestorTitles: ['', 'a suite'] }))
if (!project.silent) writeFileSync(file, JSON.stringify({ testResults: [{ name: process.cwd() + '/a.test.ts', status: project.broken ? 'failed' : 'passed', assertionResults }] }))
process.exitCode = project.exit ?? 0
`
const stub = (name: string): string =>
  `require('node:fs').appendFileSync('ran.txt', '${name}\\n'); process.exitCode = Number(process.env['EXIT_${name}'] ?? 0)`

/** A repository with an installation that matches its lockfile. */
function repository(
  projects: Readonly<Record<'unit' | 'system', Project>> = { unit: passed(2), system: passed(1) },
  more: Readonly<Record<string, string | object>> = {},
): string {
  const tools: Record<string, string> = { typescript: 'tsc', oxlint: 'oxlint', prettier: 'prettier', vitest: 'vitest', knip: 'knip' }
  const packages = Object.keys(tools).map((name) => [`node_modules/${name}`, { version: '1.0.0', integrity: 'x' }] as const)
  const root = temporaryTree({
    'package.json': { name: 'a', workspaces: ['packages/*', 'apps/*'], dependencies: { vitest: '1.0.0' } },
    'package-lock.json': {
      lockfileVersion: 3,
      packages: { '': { dependencies: { vitest: '1.0.0' } }, 'apps/server': {}, ...Object.fromEntries(packages) },
    },
    'node_modules/.package-lock.json': { packages: Object.fromEntries(packages) },
    'projects.json': projects,
    'apps/server/package.json': { name: 'server' },
    'apps/server/bin/nokkel-server.js': `console.log('server', process.argv.slice(2).join(' ')); process.exitCode = 3`,
    'tools/check-layers.ts': stub('layers'),
    'tools/check-words.ts': stub('words'),
    ...Object.fromEntries(
      Object.entries(tools).flatMap(([name, bin]) => [
        [`node_modules/${name}/package.json`, { name, bin: { [bin]: 'cli.cjs' } }],
        [`node_modules/${name}/cli.cjs`, name === 'vitest' ? vitestStub : stub(name)],
      ]),
    ),
    ...more,
  })
  copyFileSync(join(import.meta.dirname, 'run.mjs'), join(root, 'tools/run.mjs'))
  const bin = join(root, 'node_modules', pinned, 'bin')
  mkdirSync(bin, { recursive: true })
  symlinkSync(process.execPath, join(bin, 'node'))
  return root
}

function runIn(
  root: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): { status: number | null; lines: string[]; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(root, 'tools/run.mjs'), ...args], {
    cwd: root,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { status, lines: stdout.trimEnd().split('\n'), stderr }
}

describe('run.mjs test', () => {
  it('passes when all does, runs every step and ends with the sums of all projects', () => {
    const root = repository()
    const { status, lines } = runIn(root, ['test'])
    expect(lines.at(-1)).toBe('3 passed, 0 failed')
    expect(status).toBe(0)
    expect(readFileSync(join(root, 'ran.txt'), 'utf8').trim().split('\n')).toEqual([
      'typescript',
      'typescript',
      'oxlint',
      'prettier',
      'layers',
      'words',
      'knip',
    ])
  })

  it.each(['typescript', 'oxlint', 'prettier', 'layers', 'words', 'knip'])('fails when %s does, and still runs the rest', (name) => {
    const root = repository()
    const { status, lines } = runIn(root, ['test'], { [`EXIT_${name}`]: '2' })
    expect(status).toBe(1)
    expect(lines.filter((line) => line.startsWith('FAILED')).length).toBeGreaterThan(0)
    expect(lines.at(-1)).toBe('3 passed, 0 failed')
  })

  it.each<[string, Project, string]>([
    ['a failed test', { tests: [{ status: 'failed', title: 'a' }], exit: 1 }, '2 passed, 1 failed'],
    ['a failed test that vitest does not exit with', { tests: [{ status: 'failed', title: 'a' }] }, '2 passed, 1 failed'],
    ['a file that cannot be loaded', { tests: [], broken: true, exit: 1 }, '2 passed, 1 failed'],
    ['a run that fails with no failed test', { ...passed(1), exit: 1 }, '3 passed, 1 failed'],
    ['a run that ends without a report', { tests: [], silent: true, exit: 1 }, '2 passed, 1 failed'],
  ])('fails for %s', (_what, system, last) => {
    const { status, lines } = runIn(repository({ unit: passed(2), system }), ['test'])
    expect([status, lines.at(-1)]).toEqual([1, last])
  })

  it('runs failed system files once more, and names what passes then as unsteady', () => {
    const failed: Project = { tests: [{ status: 'failed', title: 'a' }, ...passed(1).tests], exit: 1 }
    const { status, lines } = runIn(repository({ unit: passed(2), system: { ...failed, again: passed(2) } }), ['test'])
    expect([status, lines.at(-1)]).toEqual([0, '4 passed, 0 failed'])
    expect(lines.find((line) => line.startsWith('UNSTEADY'))).toContain('a.test.ts')
    // what checks one thing at a time has no such excuse
    const unit = runIn(repository({ unit: { ...failed, again: passed(2) }, system: passed(1) }), ['test'])
    expect([unit.status, unit.lines.at(-1)]).toEqual([1, '2 passed, 1 failed'])
  })

  it('fails when no test ran', () => {
    const { status, lines } = runIn(repository({ unit: passed(0), system: passed(0) }), ['test'])
    expect([status, lines.at(-1)]).toEqual([1, '0 passed, 0 failed'])
  })

  it('counts and names what was skipped', () => {
    const unit: Project = { tests: [...passed(1).tests, { status: 'skipped', title: 'b' }, { status: 'todo', title: 'c' }] }
    const { status, lines } = runIn(repository({ unit, system: passed(1) }), ['test'])
    expect([status, lines.at(-1)]).toEqual([0, '2 passed, 0 failed, 2 skipped'])
    expect(lines).toContain('  a.test.ts: a suite (2 tests)')
  })

  it('says which suites it leaves out for want of the published vectors', () => {
    const reader = { 'tests/interop/a.test.ts': `const folder = '../../../shared/vectors'` }
    const { lines } = runIn(repository(undefined, reader), ['test'])
    expect(lines[0]).toMatch(/^Left out: the published vectors suites, because \.\.\/shared\/vectors is not there/)
    expect(lines[1]).toBe('  tests/interop/a.test.ts')
  })
})

describe('run.mjs verify', () => {
  it('runs the checks and the unit tests alone', () => {
    const { status, lines } = runIn(repository(), ['verify'])
    expect([status, lines.at(-1)]).toEqual([0, '2 passed, 0 failed'])
    expect(lines.join('\n')).not.toContain('system tests')
  })
})

describe('run.mjs start', () => {
  it('starts the server with its arguments and takes over its exit status', () => {
    const { status, lines } = runIn(repository(), ['start', '--port', '0'])
    expect([status, lines]).toEqual([3, ['server serve --port 0']])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('passes %s on once and waits for the server to end', async (signal) => {
    const server = `let n = 0; const timer = setInterval(() => {}, 1000)
      process.on('${signal}', () => { n++; setTimeout(() => { console.log('stops', n); clearInterval(timer) }, 200) }); console.log('ready')`
    const root = repository(undefined, { 'apps/server/bin/nokkel-server.js': server })
    const child = spawn(process.execPath, [join(root, 'tools/run.mjs'), 'start'], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
    let output = ''
    for await (const chunk of child.stdout.setEncoding('utf8')) {
      output += String(chunk)
      if (!String(chunk).includes('ready')) continue
      child.kill(signal)
      child.kill(signal)
    }
    if (child.exitCode === null) await once(child, 'exit')
    expect([output, child.exitCode]).toEqual(['ready\nstops 1\n', 0])
  })

  it('builds the web app first when there is one', () => {
    const web = { name: 'web', scripts: { build: `node -e "console.log('built', process.execPath)"` } }
    const { lines, stderr } = runIn(repository(undefined, { 'apps/web/package.json': web }), ['start'])
    expect(
      lines.filter((line) => /^(?:built|server)/.test(line)).map((line) => line.split(' ')[0]),
      stderr,
    ).toEqual(['built', 'server'])
  })
})

describe('run.mjs bench', () => {
  const benches = { 'bench/one.ts': `console.log('one', process.argv.slice(2).join(' '))`, 'bench/two.ts': `process.exitCode = 4` }

  it('lists the benchmarks, runs those that are named and fails with them', () => {
    const root = repository(undefined, benches)
    expect(runIn(root, ['bench']).lines).toEqual(['Benchmarks: one, two'])
    expect(runIn(root, ['bench', 'one', '--json', 'x'])).toMatchObject({ status: 0, lines: ['one --json x'] })
    expect(runIn(root, ['bench', 'one', 'two']).status).toBe(4)
  })

  it('refuses an unknown name', () => {
    expect(runIn(repository(undefined, benches), ['bench', '../one'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('one, two') as string,
    })
  })
})

describe('the installation', () => {
  /** An npm that writes down how it was called, and does nothing else. */
  const npm = `require('node:fs').appendFileSync('npm.txt', process.argv.slice(2).join(' ') + '\\n'); process.exitCode = Number(process.env.EXIT_npm ?? 0)`
  const withNpm = (root: string): Record<string, string> => {
    mkdirSync(join(root, 'fake'))
    writeFileSync(join(root, 'fake/npm-cli.js'), npm)
    return { npm_execpath: join(root, 'fake/npm-cli.js') }
  }
  const calls = (root: string): string => (existsSync(join(root, 'npm.txt')) ? readFileSync(join(root, 'npm.txt'), 'utf8') : '')

  it('is left alone when it is what the lockfile says, and remembered', () => {
    const root = repository()
    expect(runIn(root, ['bench'], withNpm(root)).status).toBe(0)
    expect(calls(root)).toBe('')
    expect(existsSync(join(root, 'node_modules/.nokkel-installed'))).toBe(true)
  })

  it.each([
    ['a dependency has another version', (root: string) => edit(root, 'package-lock.json', (text) => text.replace('"1.0.0"', '"1.0.1"'))],
    [
      'a manifest asks for more',
      (root: string) => edit(root, 'apps/server/package.json', () => '{"name":"server","dependencies":{"hono":"4.0.0"}}'),
    ],
    ['a package was deleted', (root: string) => rmSync(join(root, 'node_modules'), { recursive: true })],
  ])('is made again, without install scripts, when %s', (_what, change) => {
    const root = repository()
    const env = withNpm(root)
    runIn(root, ['bench'], env)
    const kept = join(root, 'node_modules', pinned)
    change(root)
    mkdirSync(dirname(kept), { recursive: true })
    runIn(root, ['bench'], env)
    expect(calls(root)).toMatch(/^ci --ignore-scripts /)
  })

  it('is not made again for a change that is none of its business', () => {
    const root = repository()
    const env = withNpm(root)
    edit(root, 'apps/server/package.json', () => '{"name":"server","exports":{"./testing":"./src/testing.ts"}}')
    expect(runIn(root, ['bench'], env).status).toBe(0)
    expect(calls(root)).toBe('')
  })

  it('uses npm install where there is no lockfile, and says what to do when npm fails', () => {
    const root = repository()
    rmSync(join(root, 'package-lock.json'))
    const { status, stderr } = runIn(root, ['bench'], { ...withNpm(root), EXIT_npm: '1' })
    expect(calls(root)).toMatch(/^install /)
    expect([status, stderr]).toEqual([1, expect.stringContaining('could not be installed')])
    expect(existsSync(join(root, 'node_modules/.nokkel-installed'))).toBe(false)
  })
})

function edit(root: string, path: string, change: (text: string) => string): void {
  writeFileSync(join(root, path), change(readFileSync(join(root, path), 'utf8')))
}

it('explains itself when it is asked for nothing', () => {
  expect(runIn(repository(), [])).toMatchObject({ status: 2, stderr: expect.stringContaining('start|bench|verify|test') as string })
})
