/** Several servers as operators start them, on one PostgreSQL and one NATS, behind a load balancer; and people whose devices use them. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@nokkel/client'
import { openNodeClient } from '@nokkel/client/node'
import { NatsInstance } from 'nokkel-server/nats/testing'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { startProcess, type ServerProcess } from 'nokkel-server/process/testing'
import { FaultProxy } from 'nokkel-server/fault-proxy/testing'

const password = 'riktig hest batteri stift'
const passcode = '482915'

const portOf = ({ url }: ServerProcess): number => Number(new URL(url).port)

export class Fleet {
  readonly folder: string
  readonly postgres: PostgresInstance
  readonly nats: NatsInstance
  /** between the servers and their database */
  readonly toDatabase: FaultProxy
  /** between devices and servers */
  readonly balancer: FaultProxy
  readonly servers: ServerProcess[] = []
  readonly #database: string
  #folders = 0

  private constructor(
    folder: string,
    postgres: PostgresInstance,
    nats: NatsInstance,
    toDatabase: FaultProxy,
    balancer: FaultProxy,
    database: string,
  ) {
    this.folder = folder
    this.postgres = postgres
    this.nats = nats
    this.toDatabase = toDatabase
    this.balancer = balancer
    this.#database = database
  }

  /** `room`: an empty folder in which the database lies, when it is not to lie beside its write-ahead log. */
  static async start(servers: number, room?: string): Promise<Fleet> {
    const [postgres, nats] = await Promise.all([PostgresInstance.start(), NatsInstance.start()])
    const folder = mkdtempSync(join(tmpdir(), 'nokkel-scale-'))
    const toDatabase = await FaultProxy.start(postgres.port)
    const fleet = new Fleet(folder, postgres, nats, toDatabase, await FaultProxy.start(), await postgres.createDatabase(room))
    // the first makes the key and the tables
    await fleet.startServer(0)
    await Promise.all(Array.from({ length: servers - 1 }, (_, i) => fleet.startServer(i + 1)))
    return fleet
  }

  /** Asks the database itself, past the proxy. */
  async query(text: string): Promise<void> {
    await this.postgres.query(text, this.#database)
  }

  get url(): string {
    return `http://127.0.0.1:${this.balancer.port}`
  }

  get settings(): Record<string, string> {
    return {
      NOKKEL_DATABASE: this.postgres.url(this.#database, false, this.toDatabase.port),
      NOKKEL_DATABASE_PASSWORD_FILE: this.postgres.passwordFile,
      NOKKEL_NATS: this.nats.url,
    }
  }

  /** All share the key that the first one made, as an operator would copy it. */
  dataOf(index: number): string {
    const data = join(this.folder, `server-${index}`)
    mkdirSync(data, { recursive: true, mode: 0o700 })
    if (index > 0) cpSync(join(this.folder, 'server-0', 'server.key'), join(data, 'server.key'))
    return data
  }

  async startServer(index: number): Promise<void> {
    this.servers[index] = await startProcess(this.dataOf(index), this.settings)
    this.balance()
  }

  /** Also other ports than those of `servers`. */
  balance(...more: readonly number[]): void {
    // also while some are still coming up
    this.balancer.upstreams = [...this.servers.flatMap((server) => [portOf(server)]), ...more]
  }

  async killServer(index: number, signal: NodeJS.Signals): Promise<void> {
    const server = this.servers[index] as ServerProcess
    server.child.kill(signal)
    await server.exited
  }

  async #openDevice(): Promise<Client> {
    return await openNodeClient({ home: join(this.folder, `device-${++this.#folders}`), clientVersion: '0.1.0' })
  }

  /** A person with so many devices, each in a folder of its own, all trusted and up to date. */
  async person(name: string, devices: number, server = this.url): Promise<Client[]> {
    try {
      return await this.#letIn(name, devices, server)
    } catch (error) {
      throw new Error(this.servers.map(({ stderr }) => stderr()).join('\n'), { cause: error })
    }
  }

  async #letIn(name: string, devices: number, server: string): Promise<Client[]> {
    const details = { server, email: `${name}@example.org`, password, passcode }
    const first = await this.#openDevice()
    await first.createAccount({ ...details, deviceName: 'first' })
    const all = [first]
    while (all.length < devices) {
      const device = await this.#openDevice()
      await device.signIn({ ...details, deviceName: `device ${all.length}` })
      const ticket = await device.requestJoin()
      const joined = device.waitForJoin()
      await first.approve(ticket.requestId, ticket.code)
      await joined
      all.push(device)
    }
    return all
  }

  async dispose(): Promise<void> {
    for (const server of this.servers) {
      server.child.kill('SIGKILL')
      await server.exited
    }
    await this.balancer.close()
    await this.toDatabase.close()
    await this.postgres.dispose()
    await this.nats.kill()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
