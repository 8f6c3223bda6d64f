/**
 * A PostgreSQL of the test's own: a new cluster in a temporary folder, on a free port of loopback, with a password, run by a user who is
 * not root. Killed, restarted, copied to a standby and promoted by tests; never the machine's own.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { chmodSync, chownSync, cpSync, existsSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { ensureProgram } from './debian.ts'
import { freePort } from './free-port.ts'

const user = 'nokkel'
const password = 'for-tests-alone'
const versions = '/usr/lib/postgresql'
const readyWithinMs = 60_000

function findBinaries(): string | undefined {
  const named = process.env['NOKKEL_POSTGRES_BIN']
  if (named !== undefined) return named
  if (!existsSync(versions)) return undefined
  const newest = readdirSync(versions).sort((a, b) => Number(b) - Number(a))[0]
  const folder = join(versions, newest ?? '', 'bin')
  return existsSync(join(folder, 'postgres')) ? folder : undefined
}

/** initdb and postgres refuse to run as root; the package brings a user for them. */
function servant(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {}
  const id = (flag: string): number => Number(spawnSync('id', [flag, 'postgres'], { encoding: 'utf8' }).stdout)
  return { uid: id('-u'), gid: id('-g') }
}

/** Where files lie in memory, and how much room there must be left for somebody else. */
const memory = '/dev/shm'
const roomBytes = 2 ** 31

/** Tests ask what PostgreSQL does, and not how long a disk takes for it: half of the time of theirs is synchronising. */
function quickFolder(): string {
  try {
    const { bavail, bsize } = statfsSync(memory)
    return bavail * bsize >= roomBytes ? memory : tmpdir()
  } catch {
    return tmpdir()
  }
}

export interface PostgresOptions {
  /** also where memory would be quicker: what is measured is measured on a disk */
  readonly onDisk?: boolean
  /** lines of postgresql.conf beside those that make it private */
  readonly settings?: Readonly<Record<string, string>>
  /** copied from this one by streaming replication, and following it */
  readonly standbyOf?: PostgresInstance
  /** from a base backup and what was archived since (`backUp`), as far as that goes */
  readonly restoredFrom?: { readonly base: string; readonly archive: string }
}

export class PostgresInstance {
  readonly folder: string
  readonly port: number
  /** holds the password, as `NOKKEL_DATABASE_PASSWORD_FILE` names it */
  readonly passwordFile: string
  readonly #binaries: string
  readonly #as: { uid?: number; gid?: number }
  #process: ChildProcess | undefined
  #databases = 0

  private constructor(folder: string, port: number, binaries: string) {
    this.folder = folder
    this.port = port
    this.passwordFile = join(folder, 'password')
    this.#binaries = binaries
    this.#as = servant()
  }

  static async start(options: PostgresOptions = {}): Promise<PostgresInstance> {
    const binaries = ensureProgram('postgresql', findBinaries)
    const instance = new PostgresInstance(
      mkdtempSync(join(options.onDisk === true ? tmpdir() : quickFolder(), 'nokkel-postgres-')),
      await freePort(),
      binaries,
    )
    instance.#prepare(options)
    await instance.resume()
    return instance
  }

  /** of its first process, parent of all others */
  get pid(): number {
    return this.#process?.pid ?? 0
  }

  get #data(): string {
    return join(this.folder, 'data')
  }

  #prepare({ settings = {}, standbyOf, restoredFrom }: PostgresOptions): void {
    writeFileSync(this.passwordFile, `${password}\n`)
    chmodSync(this.folder, 0o755)
    this.#own(this.folder)
    if (restoredFrom !== undefined) {
      cpSync(restoredFrom.base, this.#data, { recursive: true })
      writeFileSync(join(this.#data, 'recovery.signal'), '')
      for (const path of [
        this.#data,
        ...readdirSync(this.#data, { recursive: true, encoding: 'utf8' }).map((name) => join(this.#data, name)),
      ])
        this.#own(path)
      chmodSync(this.#data, 0o700)
    } else if (standbyOf === undefined)
      this.#run('initdb', [
        '-D',
        this.#data,
        '-U',
        user,
        '-A',
        'scram-sha-256',
        `--pwfile=${this.passwordFile}`,
        '-E',
        'UTF8',
        '--locale=C',
        '-N',
      ])
    else this.#run('pg_basebackup', ['-D', this.#data, '-R', '-X', 'stream', '-c', 'fast', '-d', standbyOf.url('postgres', true)])
    const lines = {
      listen_addresses: "'127.0.0.1'",
      port: String(this.port),
      unix_socket_directories: "''",
      shared_buffers: '64MB',
      max_connections: '60',
      log_min_messages: 'fatal',
      ...(restoredFrom !== undefined && { archive_mode: 'off', restore_command: `'cp ${restoredFrom.archive}/%f %p'` }),
      ...settings,
    }
    writeFileSync(
      join(this.#data, 'postgresql.auto.conf'),
      `${Object.entries(lines)
        .map(([name, value]) => `${name} = ${value}`)
        .join('\n')}\n`,
      { flag: 'a' },
    )
    if (standbyOf === undefined && restoredFrom === undefined)
      writeFileSync(
        join(this.#data, 'pg_hba.conf'),
        'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n',
      )
  }

  /** Given to the user who runs it. */
  #own(path: string): void {
    if (this.#as.uid !== undefined) chownSync(path, this.#as.uid, this.#as.gid ?? 0)
  }

  /** A base backup of it into an empty folder, made while it runs. */
  backUp(folder: string): void {
    this.#own(folder)
    this.#run('pg_basebackup', ['-D', folder, '-X', 'none', '-c', 'fast', '-d', this.url('postgres', true)])
  }

  #run(program: string, args: readonly string[]): void {
    const { status, stderr } = spawnSync(join(this.#binaries, program), args, { ...this.#as, cwd: this.folder, encoding: 'utf8' })
    if (status !== 0) throw new Error(`${program}: ${stderr}`)
  }

  /** A program of PostgreSQL itself (pg_dump …) with the password around it. Returns what it printed. */
  tool(program: string, args: readonly string[], input?: Buffer): Buffer {
    const env = { ...process.env, PGPASSWORD: password }
    const { status, stdout, stderr } = spawnSync(join(this.#binaries, program), args, { env, input, maxBuffer: 1 << 30 })
    if (status !== 0) throw new Error(`${program}: ${stderr.toString('utf8')}`)
    return stdout
  }

  /** Starts it again after `kill` or `stop`. */
  async resume(): Promise<void> {
    const child = spawn(join(this.#binaries, 'postgres'), ['-D', this.#data], {
      ...this.#as,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr?.on('data', (data: Buffer) => (said = `${said}${data.toString('utf8')}`.slice(-2_000)))
    this.#process = child
    // whatever way the test ends, its database ends with it
    const end = (): void => void child.kill('SIGQUIT')
    process.once('exit', end)
    child.once('exit', () => process.off('exit', end))
    const lateMs = Date.now() + readyWithinMs
    while (!(await this.#answers())) {
      if (child.exitCode !== null || Date.now() > lateMs) throw new Error(`postgres did not start: ${said}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  async #answers(): Promise<boolean> {
    try {
      await this.query('select 1')
      return true
    } catch {
      return false
    }
  }

  /** As a power cut ends it: no shutdown, no checkpoint. All its processes go, the children because the first is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGQUIT')
  }

  /** Ends connections and stops in order. */
  async stop(): Promise<void> {
    await this.#end('SIGINT')
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null) return
    const exited = new Promise((resolve) => child.once('exit', resolve))
    child.kill(signal)
    await exited
    this.#process = undefined
  }

  /** A standby becomes the primary. */
  promote(): void {
    this.#run('pg_ctl', ['-D', this.#data, 'promote', '-w'])
  }

  /** `withPassword` only for PostgreSQL's own programs. */
  url(database: string, withPassword = false, port = this.port): string {
    return `postgres://${user}${withPassword ? `:${password}` : ''}@127.0.0.1:${port}/${database}`
  }

  async query(text: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({ connectionString: this.url(database, true), connectionTimeoutMillis: 5_000 })
    client.on('error', () => undefined)
    try {
      await client.connect()
      // several statements in one text have as many results: the last one's
      const results = [await client.query(text)].flat()
      return (results.at(-1)?.rows ?? []) as Record<string, unknown>[]
    } finally {
      await client.end().catch(() => undefined)
    }
  }

  /** The name of a new, empty one; with a folder, its files lie there. */
  async createDatabase(folder?: string): Promise<string> {
    const name = `test_${++this.#databases}`
    if (folder !== undefined) {
      this.#own(folder)
      await this.query(`create tablespace ${name} location '${folder}'`)
    }
    await this.query(`create database ${name}${folder === undefined ? '' : ` tablespace ${name}`}`)
    return name
  }

  async dispose(): Promise<void> {
    await this.#end('SIGQUIT')
    rmSync(this.folder, { recursive: true, force: true })
  }
}
