/**
 * Where a figure is taken: a temporary folder, a server of its own on a free port, processes that are timed from outside. Everything
 * that is started here ends here, also when the run is interrupted.
 */
import { spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { note, noteLoad } from './figures.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const cliProgram = join(root, 'apps', 'cli', 'bin', 'nokkel.js')
const serverProgram = join(root, 'apps', 'server', 'bin', 'nokkel-server.js')
/** node:sqlite says at every start that it is experimental. */
const quiet = '--disable-warning=ExperimentalWarning'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly input?: string
}

export interface Ended {
  readonly ms: number
  readonly stdout: string
}

export interface RunningServer {
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** A child of ours that speaks JSON lines. */
export interface Helper {
  readonly pid: number
  /** the next line that it prints */
  line(): Promise<Readonly<Record<string, unknown>>>
  say(message: unknown): void
  /** waits for its end; throws unless it is a good one */
  finished(): Promise<void>
  stop(): Promise<void>
}

export class World {
  readonly folder: string
  readonly #children = new Set<ChildProcess>()
  #homes = 0

  constructor(folder: string) {
    this.folder = folder
  }

  /** A new folder for a device or a database. */
  place(name = 'home'): string {
    const place = join(this.folder, `${name}-${++this.#homes}`)
    mkdirSync(place, { mode: 0o700 })
    return place
  }

  /** What a program finds around it: nothing of the person who measures. */
  environment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
    const runtime = join(this.folder, 'run')
    mkdirSync(runtime, { recursive: true, mode: 0o700 })
    const own = { HOME: this.folder, XDG_CACHE_HOME: join(this.folder, 'cache'), XDG_RUNTIME_DIR: runtime, TMPDIR: this.folder }
    return { PATH: process.env['PATH'] ?? '', LANG: 'en_US.UTF-8', ...own, ...more }
  }

  #spawn(file: string, args: readonly string[], env: Readonly<Record<string, string>>, stdio: StdioOptions): ChildProcess {
    const child = spawn(file, args, { env, stdio })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    return child
  }

  /** The product's server as an operator starts it, without limits of pace, on a port that the system picks. */
  async server(data = this.place('server'), settings: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
    const env = this.environment({ NOKKEL_RATE_LIMITS: 'off', ...settings })
    const log = openSync(join(this.folder, 'server.log'), 'a')
    const child = this.#spawn(process.execPath, [quiet, serverProgram, 'serve', '--port', '0', '--data', data], env, [
      'ignore',
      'pipe',
      log,
    ])
    return { url: await firstMatch(child, /https?:\/\/\S+/), pid: child.pid as number, stop: () => ended(child, 'SIGTERM') }
  }

  /** A program of this folder, which prints JSON lines and takes them. */
  helper(program: string, args: readonly string[] = [], more: Readonly<Record<string, string>> = {}): Helper {
    // as the launcher of the command line does it: sources are compiled once, not at every start
    const env = this.environment({ NODE_COMPILE_CACHE: join(this.folder, 'compiled'), ...more })
    const child = this.#spawn(process.execPath, [quiet, program, ...args], env, ['pipe', 'pipe', 'inherit'])
    const lines: string[] = []
    let rest = ''
    let wake = (): void => {}
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
      wake()
    })
    const closed = new Promise<number | null>((resolve) => child.once('close', resolve))
    void closed.then(() => wake())
    return {
      pid: child.pid as number,
      async line() {
        while (lines.length === 0) {
          if (child.exitCode !== null || child.signalCode !== null) throw new Error(`${program} ended without an answer`)
          await new Promise<void>((resolve) => (wake = resolve))
        }
        return JSON.parse(lines.shift() as string) as Readonly<Record<string, unknown>>
      },
      say: (message) => child.stdin?.write(`${JSON.stringify(message)}\n`),
      async finished() {
        const status = await closed
        if (status !== 0) throw new Error(`${program} ended with ${status}`)
      },
      stop: () => ended(child, 'SIGTERM'),
    }
  }

  /** Runs a helper to its end and gives its one line. A fresh process each time: nothing is warm that would not be for a person. */
  async ask(
    program: string,
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<Readonly<Record<string, unknown>>> {
    const helper = this.helper(program, args, more)
    const [line] = await Promise.all([helper.line(), helper.finished()])
    return line
  }

  /** Wall time of a whole process, from before it is started until it has ended. */
  async timed(command: Command): Promise<Ended> {
    const { file, args, env, input } = command
    const from = process.hrtime.bigint()
    const child = this.#spawn(file, args, this.environment(env), ['pipe', 'pipe', 'pipe'])
    let at = from
    child.once('exit', () => (at = process.hrtime.bigint()))
    const output = { stdout: '', stderr: '' }
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input ?? '')
    const status = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('close', resolve)
    })
    if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}: ${output.stdout}${output.stderr}`)
    return { ms: Number(at - from) / 1e6, stdout: output.stdout }
  }

  /**
   * Peak memory in MB and processor time in ms (user and system) of `count` whole processes; empty where GNU time is not installed.
   * On a machine that others use too, processor time is the steadier figure.
   */
  async costs(command: Command, count: number): Promise<{ readonly peakMb: number[]; readonly cpuMs: number[] }> {
    const costs = { peakMb: [] as number[], cpuMs: [] as number[] }
    if (!hasGnuTime()) return costs
    const file = join(this.folder, 'cost')
    for (let run = 0; run < count; run++) {
      await this.timed({ ...command, file: gnuTime, args: ['-f', '%M %U %S', '-o', file, command.file, ...command.args] })
      const [peak = 0, user = 0, system = 0] = readFileSync(file, 'utf8').trim().split(' ').map(Number)
      costs.peakMb.push(peak / 1_024)
      costs.cpuMs.push((user + system) * 1_000)
    }
    return costs
  }

  end(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

const gnuTime = '/usr/bin/time'
let gnuTimeFound: boolean | undefined

function hasGnuTime(): boolean {
  if (gnuTimeFound === undefined) {
    gnuTimeFound = existsSync(gnuTime) && spawnSync(gnuTime, ['-f', '%M %U %S', 'true']).status === 0
    if (!gnuTimeFound) note(`${gnuTime} is not there: no memory and processor time of whole processes`)
  }
  return gnuTimeFound
}

function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
      const found = pattern.exec(text)?.[0]
      if (found !== undefined) resolve(found)
    })
    child.once('close', (status) => reject(new Error(`ended with ${status}: ${text}`)))
  })
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('close', () => resolve())
    child.kill(signal)
  })
}

/** Memory of a running process in MB: `VmRSS` now, `VmHWM` at its highest. */
export function memoryOf(pid: number | 'self', field: 'VmRSS' | 'VmHWM'): number {
  const found = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  if (found === undefined) throw new Error(`no ${field}`)
  return Number(found) / 1_024
}

/** Processor time of this process, all its threads, in ms. */
export function cpuMsSince(before: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

/** Runs a benchmark; whatever happens, what it started is ended and removed. */
export async function inWorld(work: (world: World) => Promise<void>): Promise<void> {
  const world = new World(mkdtempSync(join(tmpdir(), 'nokkel-bench-')))
  const stop = (signal: NodeJS.Signals): void => {
    world.end()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  noteLoad()
  try {
    await work(world)
  } finally {
    world.end()
    noteLoad()
  }
}
