#!/usr/bin/env node
/**
 * Launcher: runs on any Node from 20 on and hands over to the Node that this project pins, because the server needs `node:sqlite`,
 * type stripping and the X25519/Ed25519 of Node 24. Plain JavaScript, no imports of ours. Signals and exit status pass through.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))
const main = join(here, '..', 'src', 'main.ts')
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

/** The nearest node_modules that holds the pinned Node: the workspace's own, or that of a project that depends on us. */
function findPinnedNode() {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`
  const file = process.platform === 'win32' ? 'node.exe' : 'node'
  for (let folder = here; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name, 'bin', file)
    if (existsSync(candidate)) return candidate
    if (dirname(folder) === folder) return undefined
  }
}

if (major > 24 || (major === 24 && minor >= 7)) {
  await import('../src/main.ts')
} else {
  const node = findPinnedNode()
  if (node === undefined) {
    process.stderr.write(`nokkel-server needs Node 24.7 or newer; this is ${process.versions.node}. Run npm install, or a newer Node.\n`)
    process.exit(1)
  }
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  child.on('error', (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exit(1)
  })
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}
