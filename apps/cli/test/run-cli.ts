/** The command line as a person or a script starts it: real processes, an environment of their own, a folder that ends with the test. */
import { spawn, spawnSync, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { accessSync, constants, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const root = join(import.meta.dirname, '..', '..', '..')
export const launcher = join(root, 'apps', 'cli', 'bin', 'nokkel.js')
export const serverLauncher = join(root, 'apps', 'server', 'bin', 'nokkel-server.js')

export interface Ran {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

export interface Place {
  readonly folder: string
  readonly home: string
  readonly env: NodeJS.ProcessEnv
  end(): void
}

export function makePlace(): Place {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'nokkel-cli-')))
  const home = join(folder, 'home')
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    TMPDIR: folder,
    LANG: 'en_US.UTF-8',
    // compiled code is shared between tests: making it anew for each would only test V8
    XDG_CACHE_HOME: join(root, 'node_modules', '.cache'),
    NOKKEL_HOME: home,
  }
  return { folder, home, env, end: () => rmSync(folder, { recursive: true, force: true }) }
}

export function start(args: readonly string[], options: SpawnOptions & { readonly node?: string; readonly script?: string }): ChildProcess {
  const { node = process.execPath, script = launcher, ...rest } = options
  return spawn(node, [script, ...args], { stdio: 'pipe', ...rest })
}

export async function finish(child: ChildProcess, input?: string | Uint8Array): Promise<Ran> {
  let stdout = ''
  let stderr = ''
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  child.stdin?.on('error', () => {})
  child.stdin?.end(input)
  return new Promise((done) => child.once('close', (code, signal) => done({ code, signal, stdout, stderr })))
}

export function run(
  args: readonly string[],
  place: Place,
  options: { readonly node?: string; readonly script?: string; readonly input?: string; readonly env?: NodeJS.ProcessEnv } = {},
): Promise<Ran> {
  const { input, env, ...rest } = options
  return finish(start(args, { ...rest, env: { ...place.env, ...env } }), input)
}

/** A Node on the search path that is too old for the program and new enough for its launcher, as many people have one. */
export function findOlderNode(): string | undefined {
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'node'))
  return candidates.find((candidate) => {
    try {
      accessSync(candidate, constants.X_OK)
    } catch {
      return false
    }
    const [major = 0, minor = 0] = spawnSync(candidate, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout.split('.').map(Number)
    return major >= 20 && (major < 24 || (major === 24 && minor < 7))
  })
}

/** Waits for something that another process does; gives up in the end, since a test must not hang. */
export async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return
    await sleep(50)
  }
  throw new Error(`never happened: ${what}`)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

export function makeFolder(path: string): string {
  mkdirSync(path, { recursive: true })
  return path
}
