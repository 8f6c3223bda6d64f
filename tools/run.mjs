#!/usr/bin/env node
/**
 * The one entry behind `npm start`, `npm test`, `npm run verify` and `npm run bench`. Runs on any Node from 20 on, without
 * dependencies: it sees to it that the locked packages are installed, finds the pinned Node among them and runs the wanted
 * steps on that one. It must not hold a check of its own; the checks are the tools it starts.
 */
import { spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { constants, tmpdir } from 'node:os'
import { basename, delimiter, dirname, join, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(realpathSync(fileURLToPath(import.meta.url))))
const modules = join(root, 'node_modules')
const stampFile = join(modules, '.nokkel-installed')
/** The oldest Node that can do without the pinned one: type stripping, node:sqlite, Argon2 in node:crypto. */
const oldestNode = [24, 7]
const dependencyFields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']

const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'))

/** A refusal with a sentence for the person at the terminal; anything else thrown here is a defect. */
class Refusal extends Error {}

// ---- installed packages ------------------------------------------------------------------------------------------------

/** Folders with a package.json, from the root: '' and every workspace. */
function workspaceFolders() {
  const folders = ['']
  for (const pattern of readJson(join(root, 'package.json')).workspaces ?? []) {
    const parent = pattern.replace(/\/\*$/, '')
    if (parent === pattern) folders.push(pattern)
    else if (existsSync(join(root, parent))) for (const name of readdirSync(join(root, parent)).sort()) folders.push(`${parent}/${name}`)
  }
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json')))
}

/** What a manifest says about dependencies; the rest of it may change without a new installation. */
function dependencyPart(manifest) {
  return dependencyFields.map((field) => Object.entries(manifest?.[field] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function wantedStamp() {
  const hash = createHash('sha256').update(`${process.platform}-${process.arch}\n`)
  const lock = join(root, 'package-lock.json')
  if (existsSync(lock)) hash.update(readFileSync(lock))
  for (const folder of workspaceFolders())
    hash.update(`\n${folder} ${JSON.stringify(dependencyPart(readJson(join(root, folder, 'package.json'))))}`)
  return hash.digest('hex')
}

/**
 * True when an installation made by hand (`npm install`) is what the lockfile asks for, by npm's own record of it. Optional
 * packages of other platforms may be absent, the pinned Node of this platform may not.
 */
function matchesLock() {
  const record = join(modules, '.package-lock.json')
  if (!existsSync(record) || !existsSync(join(root, 'package-lock.json'))) return false
  const lock = readJson(join(root, 'package-lock.json')).packages ?? {}
  const installed = readJson(record).packages ?? {}
  for (const folder of workspaceFolders()) {
    if (JSON.stringify(dependencyPart(lock[folder])) !== JSON.stringify(dependencyPart(readJson(join(root, folder, 'package.json')))))
      return false
  }
  return Object.entries(lock).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true
    const found = installed[path]
    if (found === undefined) return wanted.optional === true && basename(path) !== pinnedNodePackage()
    return found.version === wanted.version && found.integrity === wanted.integrity && existsSync(join(root, path))
  })
}

function npmCommand() {
  const running = process.env.npm_execpath
  if (running !== undefined && /^npm(-cli)?\.c?js$/.test(basename(running)))
    return { file: process.execPath, args: [running], shell: false }
  return { file: 'npm', args: [], shell: process.platform === 'win32' }
}

function ensureInstalled() {
  const wanted = wantedStamp()
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8').trim() === wanted) return
  if (!matchesLock()) {
    const locked = existsSync(join(root, 'package-lock.json'))
    const npm = npmCommand()
    // nothing that we depend on needs an install script (docs/dependencies.md), so none may run
    const args = [...npm.args, locked ? 'ci' : 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-progress', '--loglevel=warn']
    console.log(`Installing the packages (npm ${locked ? 'ci' : 'install'}) …`)
    const { status, error } = spawnSync(npm.file, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], shell: npm.shell })
    if (error) throw new Refusal(`npm could not be started (${error.message}). Install Node with npm and try again.`)
    if (status !== 0) {
      throw new Refusal('The packages could not be installed; npm says why above. If package-lock.json does not match, run "npm install".')
    }
  }
  writeFileSync(stampFile, `${wantedStamp()}\n`)
}

// ---- the pinned Node ---------------------------------------------------------------------------------------------------

function pinnedNodePackage() {
  return `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
}

function findNode() {
  const pinned = join(modules, pinnedNodePackage(), 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  // it is asked for its version because a binary for another C library is there and does not start
  if (existsSync(pinned) && spawnSync(pinned, ['--version'], { stdio: 'ignore' }).status === 0) return pinned
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])) return process.execPath
  throw new Refusal(
    `There is no pinned Node for ${process.platform}-${process.arch} in node_modules, and this Node is ${process.versions.node}. ` +
      `Run "npm ci" without --omit=optional, or start with Node ${oldestNode.join('.')} or newer.`,
  )
}

function environment(node) {
  const env = { ...process.env }
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  env[key] = [dirname(node), join(modules, '.bin'), env[key]].filter(Boolean).join(delimiter)
  // with CI=true some tools colour what no terminal will show
  if (!process.stdout.isTTY && env.FORCE_COLOR === undefined) env.NO_COLOR ??= '1'
  return env
}

// ---- running ----------------------------------------------------------------------------------------------------------

let child
let stopping = false

/** One stop reaches the child once, however often npm, a terminal or a supervisor repeats it. */
function forward(signal) {
  if (stopping) return
  stopping = true
  setTimeout(() => (stopping = false), 1000).unref()
  // a terminal has already sent its Ctrl-C to the child, which is in the same process group
  if (signal === 'SIGINT' && process.stdin.isTTY) return
  child?.kill(signal)
}

/** Runs a command to its end and gives its exit status, 128 + n for signal n as shells do. */
function run(file, args, options) {
  return new Promise((done) => {
    child = spawn(file, args, { cwd: root, ...options })
    child.once('error', (error) => {
      console.error(`${file} could not be started: ${error.message}`)
      done(127)
    })
    child.once('exit', (code, signal) => done(code ?? 128 + (constants.signals[signal] ?? 0)))
  })
}

/** The script behind a package's command, so that it runs on the pinned Node whatever its first line says. */
function commandOf(name, command = name) {
  const folder = join(modules, name)
  const { bin } = readJson(join(folder, 'package.json'))
  return join(folder, typeof bin === 'string' ? bin : bin[command])
}

/** Quiet about what is not news: node:sqlite prints that it is experimental at every start. */
const quiet = '--disable-warning=ExperimentalWarning'

const checks = {
  types: () => [commandOf('typescript', 'tsc'), '-p', '.'],
  'the core runs anywhere': () => [commandOf('typescript', 'tsc'), '-p', 'tsconfig.core.json'],
  lint: () => [commandOf('oxlint'), '--deny-warnings'],
  format: () => [commandOf('prettier'), '--check', '--log-level=warn', '.'],
  layers: () => [join(root, 'tools', 'check-layers.ts')],
  words: () => [join(root, 'tools', 'check-words.ts')],
}
const deadCode = { 'dead code': () => [commandOf('knip'), '--no-progress', '--no-config-hints'] }

/** Runs the named checks and the vitest projects, all of them whatever fails, and ends with sums that a machine can read. */
async function verify(node, steps, projects) {
  const env = environment(node)
  const stdio = ['ignore', 'inherit', 'inherit']
  const results = []
  const started = Date.now()
  const timed = async (name, work) => {
    console.log(`\n── ${name} ──`)
    const from = Date.now()
    const status = await work()
    if (status > 128) throw new Refusal(`Stopped during "${name}".`)
    results.push({ name, status, ms: Date.now() - from })
  }
  for (const [name, args] of Object.entries(steps)) await timed(name, () => run(node, [quiet, ...args()], { env, stdio }))

  const sums = { passed: 0, failed: 0, skipped: 0, leftOut: new Map(), unsteady: [] }
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-test-'))
  try {
    for (const project of projects) {
      await timed(`${project} tests`, async () => {
        const vitest = async (label, files = []) => {
          const report = join(folder, `${label}.json`)
          const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
          const status = await run(node, [commandOf('vitest'), 'run', '--project', project, ...reporters, ...files], { env, stdio })
          return { status, results: existsSync(report) ? readJson(report).testResults : [] }
        }
        const first = await vitest(project)
        const failed = first.results.filter(hasFailed).map((file) => file.name)
        if (project !== 'system' || failed.length === 0 || failed.length > onceMoreAtMost || first.status > 128)
          return addResults(sums, first)
        console.log(`\n── once more: ${failed.map(shownName).join(', ')} ──`)
        const second = await vitest(`${project}-once-more`, [...failed, '--no-file-parallelism'])
        if (second.status > 128) return second.status
        sums.unsteady.push(...second.results.filter((file) => !hasFailed(file)).map((file) => shownName(file.name)))
        const others = first.results.filter((file) => !failed.includes(file.name))
        return addResults(sums, { status: second.status, results: [...others, ...second.results] })
      })
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }

  console.log('\n── summary ──')
  for (const { name, status, ms } of results) console.log(`${status === 0 ? 'ok    ' : 'FAILED'}  ${name} (${(ms / 1000).toFixed(1)} s)`)
  console.log(`${((Date.now() - started) / 1000).toFixed(1)} s in all`)
  printLeftOut(sums.leftOut)
  for (const name of sums.unsteady)
    console.log(`UNSTEADY  ${name}: failed, and passed when it ran once more. That is a defect, here or in the test.`)
  const ran = sums.passed + sums.failed
  if (ran === 0) console.log('No test ran, which counts as a failure.')
  console.log(`${sums.passed} passed, ${sums.failed} failed${sums.skipped > 0 ? `, ${sums.skipped} skipped` : ''}`)
  return ran > 0 && sums.failed === 0 && results.every(({ status }) => status === 0) ? 0 : 1
}

/**
 * Real browsers, databases and servers share a machine with whatever else runs there: a few failed files of the system tests run once more,
 * one at a time. What passes then is named as unsteady and does not fail the run; more files than this are no coincidence.
 */
const onceMoreAtMost = 3

const hasFailed = ({ status, assertionResults }) => status === 'failed' || assertionResults.some((test) => test.status === 'failed')
const shownName = (file) => relative(root, file).split(sep).join('/')

/**
 * Adds the results of one vitest run to the sums. A file that could not be loaded has no test to its name and counts as one failure, and
 * so does a run that failed without naming a test (a crash, an unhandled rejection).
 */
function addResults(sums, { status, results }) {
  let failed = 0
  for (const { name, status: fileStatus, assertionResults } of results) {
    const failedHere = assertionResults.filter((test) => test.status === 'failed').length
    failed += failedHere === 0 && fileStatus === 'failed' ? 1 : failedHere
    for (const test of assertionResults) {
      if (test.status === 'passed') sums.passed++
      else if (test.status !== 'failed') {
        sums.skipped++
        const suite = `${shownName(name)}: ${test.ancestorTitles.find(Boolean) ?? test.title}`
        sums.leftOut.set(suite, (sums.leftOut.get(suite) ?? 0) + 1)
      }
    }
  }
  if (failed === 0 && status !== 0) failed = 1
  sums.failed += failed
  return status === 0 && failed > 0 ? 1 : status
}

// ---- suites that need what is not in the repository -----------------------------------------------------------------------

/** Suites that read something outside the repository leave themselves out without it; here is what it is, and why. */
const outside = [
  {
    suites: 'published vectors',
    path: join('..', 'shared', 'vectors'),
    mark: 'shared/vectors',
    why: 'the vectors that others published are not copied into this repository',
  },
]

function testFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' || entry.name === 'dist' ? [] : testFiles(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}

function announceLeftOut() {
  for (const { suites, path, mark, why } of outside) {
    if (existsSync(resolve(root, path))) continue
    const readers = ['packages', 'apps', 'tests']
      .flatMap((folder) => testFiles(join(root, folder)))
      .filter((file) => readFileSync(file, 'utf8').includes(mark))
    console.log(`Left out: the ${suites} suites, because ${path} is not there (${why}).`)
    for (const file of readers) console.log(`  ${relative(root, file)}`)
  }
}

function printLeftOut(leftOut) {
  if (leftOut.size === 0) return
  console.log('Left out (the reason stands in the file, above the suite):')
  for (const [suite, count] of [...leftOut].sort()) console.log(`  ${suite} (${count} ${count === 1 ? 'test' : 'tests'})`)
}

// ---- subcommands ------------------------------------------------------------------------------------------------------

async function start(node, args) {
  // who starts it like this wants to see it work, status page included, and the one address rather than every request of the prober
  const env = { NOKKEL_STATUS_PROBE: 'on', NOKKEL_LOG_LEVEL: 'warn', ...environment(node) }
  const web = join(root, 'apps', 'web', 'package.json')
  if (existsSync(web) && readJson(web).scripts?.build !== undefined) {
    const npm = npmCommand()
    const status = await run(npm.file, [...npm.args, 'run', 'build', '--workspace=apps/web'], {
      env,
      shell: npm.shell,
      stdio: ['ignore', 'inherit', 'inherit'],
    })
    if (status !== 0) return status
  }
  return run(node, [quiet, join(root, 'apps', 'server', 'bin', 'nokkel-server.js'), 'serve', ...args], { env, stdio: 'inherit' })
}

async function bench(node, args) {
  const folder = join(root, 'bench')
  const known = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
        .map((name) => name.slice(0, -3))
        .sort()
    : []
  // names first; from the first option on, everything is for the benchmarks
  const options = args.findIndex((arg) => arg.startsWith('-'))
  const names = options < 0 ? args : args.slice(0, options)
  if (names.length === 0) {
    console.log(known.length === 0 ? 'There are no benchmarks yet.' : `Benchmarks: ${known.join(', ')}`)
    return 0
  }
  const unknown = names.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Refusal(`There is no benchmark named ${unknown.join(', ')}. There are: ${known.join(', ') || 'none'}.`)
  let worst = 0
  for (const name of names) {
    const status = await run(node, [quiet, join(folder, `${name}.ts`), ...(options < 0 ? [] : args.slice(options))], {
      env: environment(node),
      stdio: 'inherit',
    })
    if (status > 128) return status
    worst ||= status
  }
  return worst
}

const commands = {
  start,
  bench,
  verify: (node) => verify(node, checks, ['unit']),
  test: (node) => {
    announceLeftOut()
    return verify(node, { ...checks, ...deadCode }, ['unit', 'system'])
  },
}

const [name, ...args] = process.argv.slice(2)
const command = Object.hasOwn(commands, name ?? '') ? commands[name] : undefined
if (command === undefined) {
  console.error(`usage: node tools/run.mjs ${Object.keys(commands).join('|')} [argument …]`)
  process.exit(2)
}
process.on('SIGINT', () => forward('SIGINT'))
process.on('SIGTERM', () => forward('SIGTERM'))
try {
  ensureInstalled()
  process.exitCode = await command(findNode(), args)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  console.error(error.message)
  process.exitCode = 1
}
