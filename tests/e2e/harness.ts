/**
 * Real processes for end-to-end tests: the server and the command line exactly as a person starts them, each device in a folder of
 * its own. Everything lives in one temporary folder and ends with the test.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
export const serverProgram = join(root, 'apps/server/bin/nokkel-server.js')
const cliProgram = join(root, 'apps/cli/bin/nokkel.js')
/** Code compiled once for all tests: each world has a home of its own, and compiling anew for each would only test V8. */
const compiledCode = join(root, 'node_modules/.cache/nokkel/compiled')

export const password = 'riktig hest batteri stift'
export const passcode = '482915'

/** Parsed output: shapes differ by command, and each test says what it expects of them. */
export interface Json {
  readonly [name: string]: unknown
  readonly items: Json[]
  readonly item: Json
  readonly error?: {
    readonly code: string
    readonly message: string
    readonly hint: string
    readonly params: Readonly<Record<string, unknown>>
  }
}

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  /** stdout as JSON; undefined when it is none */
  readonly json: Json
}

export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'nokkel-e2e-'))
  readonly #children = new Set<ChildProcess>()
  readonly #devices: Device[] = []

  async server(
    options: { readonly env?: Readonly<Record<string, string>>; readonly data?: string; readonly port?: number } = {},
  ): Promise<Server> {
    const server = new Server(this, options.data ?? join(this.folder, 'server'), options.env ?? {}, options.port ?? 0)
    await server.start()
    return server
  }

  device(name: string, env: Readonly<Record<string, string>> = {}): Device {
    const device = new Device(this, name, join(this.folder, 'devices', name), env)
    this.#devices.push(device)
    return device
  }

  spawn(program: string, args: readonly string[], env: Readonly<Record<string, string | undefined>>): ChildProcess {
    const child = spawn(process.execPath, [program, ...args], {
      env: {
        PATH: process.env.PATH,
        HOME: this.folder,
        XDG_RUNTIME_DIR: '',
        TMPDIR: this.folder,
        LANG: 'en_US.UTF-8',
        NODE_COMPILE_CACHE: compiledCode,
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    this.#children.add(child)
    child.once('close', () => this.#children.delete(child))
    return child
  }

  async end(): Promise<void> {
    // an agent ends with `lock`, and a home that has none names none; what is left ends here
    for (const device of this.#devices) if (existsSync(join(device.home, 'agent.socket'))) await device.run(['lock']).catch(() => undefined)
    for (const child of this.#children) child.kill('SIGKILL')
    // a helper may write until it sees that its folder is gone
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 })
  }
}

export class Server {
  readonly #world: World
  readonly data: string
  readonly #env: Readonly<Record<string, string>>
  #port: number
  #child: ChildProcess | null = null
  log = ''
  url = ''

  constructor(world: World, data: string, env: Readonly<Record<string, string>>, port: number) {
    this.#world = world
    this.data = data
    this.#env = env
    this.#port = port
  }

  async start(): Promise<void> {
    const child = this.#world.spawn(serverProgram, ['serve', '--port', String(this.#port), '--data', this.data], {
      NOKKEL_RATE_LIMITS: 'off',
      NOKKEL_LOG_LEVEL: 'warn',
      ...this.#env,
    })
    this.#child = child
    child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()))
    const address = await new Promise<string>((resolve, reject) => {
      let text = ''
      child.stdout?.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        const found = /https?:\/\/\S+/.exec(text)
        if (found !== null) resolve(found[0])
      })
      child.once('close', (code) => reject(new Error(`the server ended with ${code}: ${this.log}`)))
    })
    this.url = address.replace(/\/$/, '')
    this.#port = Number(new URL(this.url).port)
    await until(async () => (await fetch(`${this.url}/healthz`)).ok)
  }

  /** SIGTERM and its exit status. */
  stop(): Promise<number | null> {
    return this.#end('SIGTERM')
  }
  async kill(): Promise<void> {
    await this.#end('SIGKILL')
  }
  #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    const child = this.#child
    this.#child = null
    if (child === null || child.exitCode !== null) return Promise.resolve(child?.exitCode ?? null)
    return new Promise((resolve) => {
      child.once('close', (code) => resolve(code))
      child.kill(signal)
    })
  }
}

export interface Running {
  readonly child: ChildProcess
  readonly done: Promise<Ran>
  /** resolves with the first complete line of stdout that `accept` takes */
  line(accept?: (line: string) => boolean): Promise<string>
  readonly lines: readonly string[]
}

export class Device {
  readonly #world: World
  readonly name: string
  readonly home: string
  readonly #env: Readonly<Record<string, string>>

  constructor(world: World, name: string, home: string, env: Readonly<Record<string, string>>) {
    this.#world = world
    this.name = name
    this.home = home
    this.#env = env
  }

  start(
    args: readonly string[],
    options: {
      readonly env?: Readonly<Record<string, string>>
      readonly input?: string
      readonly json?: boolean
      /** standard input stays open, for a test that types later */
      readonly holdInput?: boolean
    } = {},
  ): Running {
    const child = this.#world.spawn(cliProgram, options.json === false ? args : [...args, '--json'], {
      NOKKEL_HOME: this.home,
      NOKKEL_PASSWORD: password,
      NOKKEL_PASSCODE: passcode,
      NOKKEL_DEBUG: '1',
      ...this.#env,
      ...options.env,
    })
    child.stdin?.on('error', () => undefined)
    if (options.holdInput !== true) child.stdin?.end(options.input ?? '')
    let stdout = ''
    let stderr = ''
    const lines: string[] = []
    const waiting = new Set<() => void>()
    child.stdout?.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      lines.splice(0, lines.length, ...stdout.split('\n').slice(0, -1))
      for (const wake of waiting) wake()
    })
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const done = new Promise<Ran>((resolve) => {
      child.once('close', (code) => {
        let json = {} as Json
        try {
          json = JSON.parse(stdout) as Json
        } catch {
          // not every command prints JSON
        }
        for (const wake of waiting) wake()
        resolve({ code, stdout, stderr, json })
      })
    })
    return {
      child,
      done,
      lines,
      line: (accept = () => true) =>
        new Promise((resolve, reject) => {
          const look = () => {
            const found = lines.find(accept)
            if (found !== undefined) resolve(found)
            else if (child.exitCode !== null || child.signalCode !== null) reject(new Error(`ended without that line: ${stdout}${stderr}`))
            else return
            waiting.delete(look)
          }
          waiting.add(look)
          look()
        }),
    }
  }

  run(args: readonly string[], options: Parameters<Device['start']>[1] = {}): Promise<Ran> {
    return this.start(args, options).done
  }

  /** Like `run`, but anything other than exit status 0 is an error with all that was printed. */
  async ok(args: readonly string[], options: Parameters<Device['start']>[1] = {}): Promise<Ran['json']> {
    const ran = await this.run(args, options)
    if (ran.code !== 0) throw new Error(`${this.name}: nokkel ${args.join(' ')} ended with ${ran.code}\n${ran.stdout}\n${ran.stderr}`)
    return ran.json
  }

  async create(server: Server, email: string): Promise<void> {
    await this.ok(['account', 'create', '--server', server.url, '--email', email, '--device-name', this.name])
  }

  /** Signs in, asks, and is approved by `approver`. */
  async joinBy(approver: Device, server: Server, email: string): Promise<void> {
    await this.ok(['sign-in', '--server', server.url, '--email', email, '--device-name', this.name])
    const joining = this.start(['join', '--wait'])
    const ticket = JSON.parse(await joining.line()) as { requestId: string; code: string }
    await approver.ok(['devices', 'approve', ticket.requestId, '--code', ticket.code])
    const ran = await joining.done
    if (ran.code !== 0) throw new Error(`${this.name} did not get in: ${ran.stdout}${ran.stderr}`)
  }

  async addPassword(title: string, secret: string, more: readonly string[] = []): Promise<string> {
    const added = await this.ok(['add', 'password', '--title', title, '--field', 'password=-', ...more], { input: secret })
    return String(added.id)
  }

  /** Everything that a person would see, for comparing devices. */
  async contents(): Promise<unknown> {
    const { items } = await this.ok(['list'])
    return (items as unknown as { id: string; kind: string; title: string; username: string; sites: string[] }[]).map(
      ({ id, kind, title, username, sites }) => ({ id, kind, title, username, sites }),
    )
  }
}

/**
 * Waits for a condition of another process; gives up after half a minute, since nothing here may hang. That holds for the question itself too:
 * one that is never answered is a no, and fails by its name instead of by the runner's limit.
 */
export async function until(condition: () => Promise<boolean>, what = 'condition', patienceMs = 30_000): Promise<void> {
  const end = Date.now() + patienceMs
  for (;;) {
    if ((await answered(condition, patienceMs)) === true) return
    if (Date.now() > end) throw new Error(`never happened: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** undefined: no answer in time, or that it failed. */
export async function answered<T>(question: () => Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms)
  })
  const asked = question().catch(() => undefined)
  return Promise.race([asked, late]).finally(() => clearTimeout(timer))
}
