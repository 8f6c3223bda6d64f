#!/usr/bin/env node
/**
 * Launcher of the command `nokkel`. Plain JavaScript for any Node from 20 on: it answers `--version` itself, and runs the program
 * in this process where Node is new enough (type stripping, node:sqlite, Argon2), else on the Node that this project pins. It must
 * not import anything of ours before that is decided, and nothing that costs time.
 */
import { existsSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const script = fileURLToPath(import.meta.url)
const args = process.argv.slice(2)
const oldestNode = [24, 7]

if (args.length === 1 && (args[0] === '--version' || args[0] === '-V')) {
  const { version } = JSON.parse(readFileSync(join(dirname(script), '..', 'package.json'), 'utf8'))
  process.stdout.write(`${version}\n`)
} else if (isNewEnough()) await runHere()
else await runOnPinnedNode()

function isNewEnough() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

async function runHere() {
  module.enableCompileCache(cacheFolder())
  // node:sqlite announces at every start that it is experimental, which is no news to the person at the terminal
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`)
  })
  const { main } = await import('../src/main.ts')
  await main(args)
}

/** Compiled code that the next start runs: it must be writable by this user only, so never a shared temporary folder. */
function cacheFolder() {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env
  if (process.platform === 'win32') return join(LOCALAPPDATA || join(homedir(), 'AppData', 'Local'), 'Nokkel', 'Cache', 'compiled')
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'Nokkel', 'compiled')
  return join(XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME) ? XDG_CACHE_HOME : join(homedir(), '.cache'), 'nokkel', 'compiled')
}

/** The nearest node_modules that holds it: the workspace's own, or that of a project that depends on us. */
function findPinnedNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = dirname(script); ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name, 'bin', file)
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}

async function runOnPinnedNode() {
  const node = findPinnedNode()
  if (node === undefined) {
    process.stderr.write(
      `nokkel needs Node ${oldestNode.join('.')} or newer; this is ${process.versions.node}. Run "npm install", or install a newer Node.\n` +
        `nokkel krever Node ${oldestNode.join('.')} eller nyere; dette er ${process.versions.node}.\n`,
    )
    process.exitCode = 1
    return
  }
  const { spawn } = await import('node:child_process')
  // The fourth stream carries nothing: it closes when this process dies, however it dies, and the child goes with it (see main.ts).
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', script, ...args], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
    env: { ...process.env, NOKKEL_LAUNCHER: String(process.pid) },
  })
  const signals = process.platform === 'win32' ? ['SIGINT', 'SIGTERM'] : ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']
  for (const signal of signals) process.on(signal, () => child.kill(signal))
  child.once('error', (error) => {
    process.stderr.write(`${node}: ${error.message}\n`)
    process.exit(1)
  })
  child.once('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    for (const name of signals) process.removeAllListeners(name)
    process.kill(process.pid, signal)
  })
}
