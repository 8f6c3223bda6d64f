/**
 * The parts of the attack tests: the real server over HTTP, and real clients, each behind an evil proxy of its own. What a test needs
 * beyond the product's doors (a device's keys, its log position) is read from the device's own store with its own key, as a second
 * process of that device would. Nothing here stands in for the product.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  isNokkelError,
  newId,
  Secret,
  systemClock,
  systemRandom,
  toHex,
  type Bytes,
  type Clock,
  type DeviceId,
  type ItemId,
} from '@nokkel/base'
import { openClient, type Client, type Platform } from '@nokkel/client'
import { openRandomMany, sealRandomMany } from '@nokkel/crypto'
import type { ItemDraft } from '@nokkel/keychain'
import { createDeviceKeys, type DeviceClass, type DeviceKeys } from '@nokkel/protocol'
import { MemoryDisk, SealedStore, type DeviceStore } from '@nokkel/store'
import { openSqliteStore } from '@nokkel/store/sqlite'
import { HttpServerApi, LocalKeychain, type Fetch, type WebSocketLike } from '@nokkel/sync'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { EvilProxy } from './evil-proxy.ts'

export const password = 'riktig hest batteri stift'
export const passcode = '482915'
/** Waiting costs nothing here, but a loop that waits must still let others work. */
const longestPauseMs = 20

/** The machine's clock, off by as much as a test wants. */
export class ShiftedClock implements Clock {
  offsetMs: number

  constructor(offsetMs = 0) {
    this.offsetMs = offsetMs
  }

  nowMs(): number {
    return systemClock.nowMs() + this.offsetMs
  }
}

export const dayMs = 86_400_000

export interface DeviceParts {
  readonly clock?: ShiftedClock
  /** a SQLite file instead of memory */
  readonly sqlite?: boolean
  readonly deviceClass?: DeviceClass
  readonly fetch?: Fetch
  readonly openWebSocket?: (url: string) => WebSocketLike
}

export class World {
  readonly server: TestServer
  readonly folder = mkdtempSync(join(tmpdir(), 'nokkel-attacks-'))
  readonly proxies: EvilProxy[] = []
  readonly #devices: TestDevice[] = []

  private constructor(server: TestServer) {
    this.server = server
  }

  static async start(
    settings: Parameters<typeof startTestServer>[0] = {},
    parts: Parameters<typeof startTestServer>[1] = {},
  ): Promise<World> {
    return new World(await startTestServer(settings, parts))
  }

  async device(name: string, parts: DeviceParts = {}): Promise<TestDevice> {
    const proxy = await EvilProxy.start(this.server.url)
    this.proxies.push(proxy)
    const device = new TestDevice(name, proxy, parts, parts.sqlite === true ? join(this.folder, `${name}.sqlite`) : null)
    this.#devices.push(device)
    return device
  }

  /** A person with a first device. */
  async founder(name: string, email: string, parts: DeviceParts = {}): Promise<TestDevice> {
    const device = await this.device(name, parts)
    await device.create(email)
    return device
  }

  /** One more device of the same person, let in by `sponsor`; both are up to date afterwards. */
  async joined(name: string, sponsor: TestDevice, parts: DeviceParts = {}): Promise<TestDevice> {
    const device = await this.device(name, parts)
    await device.signIn(sponsor.email)
    await device.joinBy(sponsor)
    await sponsor.client.sync()
    return device
  }

  /** Another machine with a copy of this one's disk: same keys, same session, a proxy of its own (attacks A15, A40). */
  async copyOf(device: TestDevice, parts: DeviceParts = {}): Promise<TestDevice> {
    const proxy = await EvilProxy.start(device.proxy.upstream)
    this.proxies.push(proxy)
    const copy = device.copyTo(proxy, parts)
    this.#devices.push(copy)
    return copy
  }

  /**
   * For tests that begin alike: the beginning is made once, and each test goes on with copies of the server's folder and of the devices'
   * disks. The world itself stands still from the first call on.
   */
  async branch(devices: readonly TestDevice[], parts: Parameters<typeof startTestServer>[1] = {}): Promise<Branch> {
    for (const device of devices) await device.stop()
    await this.server.stop()
    const folder = mkdtempSync(join(tmpdir(), 'nokkel-branch-'))
    cpSync(this.server.folder, folder, { recursive: true })
    const server = await startTestServer({ data: folder }, parts)
    const copies: TestDevice[] = []
    for (const device of devices) {
      const copy = await this.copyOf(device, { clock: new ShiftedClock(device.clock.offsetMs) })
      copy.proxy.upstream = server.url
      await copy.restart()
      copies.push(copy)
    }
    return {
      server,
      devices: copies,
      end: async () => {
        for (const copy of copies) await copy.stop()
        await server.dispose()
      },
    }
  }

  async end(): Promise<void> {
    for (const device of this.#devices) await device.stop()
    for (const proxy of this.proxies) await proxy.stop()
    await this.server.dispose()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

export interface Branch {
  readonly server: TestServer
  readonly devices: readonly TestDevice[]
  end(): Promise<void>
}

export class TestDevice {
  readonly name: string
  readonly proxy: EvilProxy
  readonly clock: ShiftedClock
  readonly file: string | null
  disk: MemoryDisk
  email = ''
  readonly #parts: DeviceParts
  #client: Client | null = null
  #key: Bytes | null = null

  constructor(name: string, proxy: EvilProxy, parts: DeviceParts, file: string | null, disk = new MemoryDisk(), key: Bytes | null = null) {
    this.name = name
    this.proxy = proxy
    this.clock = parts.clock ?? new ShiftedClock()
    this.file = file
    this.disk = disk
    this.#parts = parts
    this.#key = key
  }

  copyTo(proxy: EvilProxy, parts: DeviceParts): TestDevice {
    const copy = new TestDevice(this.name, proxy, parts, null, this.disk.copy(), this.#key)
    copy.email = this.email
    return copy
  }

  get client(): Client {
    if (this.#client === null) throw new Error(`${this.name} is not running`)
    return this.#client
  }

  store(): Promise<DeviceStore> {
    return this.file === null ? this.disk.open() : openSqliteStore(this.file)
  }

  async open(): Promise<Client> {
    this.#client ??= openClient(await this.store(), this.platform())
    return this.#client
  }

  async create(email: string, region?: string): Promise<void> {
    this.email = email
    const details = { server: this.proxy.url, email, password, passcode, deviceName: this.name }
    await (await this.open()).createAccount({ ...details, ...(region === undefined ? {} : { region }) })
    this.#key = this.client.unlockKey().reveal().slice()
  }

  async signIn(email: string, secret = password): Promise<void> {
    this.email = email
    await (await this.open()).signIn({ server: this.proxy.url, email, password: secret, passcode, deviceName: this.name })
    this.#key = this.client.unlockKey().reveal().slice()
  }

  /** Request, code typed on `sponsor`, three messages, first synchronisation. */
  async joinBy(sponsor: TestDevice): Promise<void> {
    const ticket = await this.client.requestJoin()
    const abort = new AbortController()
    const waiting = this.client.waitForJoin({ signal: abort.signal })
    // the other side's failure must not go unheard while we wait for ours
    const approving = sponsor.client.approve(ticket.requestId, ticket.code).catch((error: unknown) => {
      abort.abort()
      throw error
    })
    const [approved, joined] = await Promise.allSettled([approving, waiting])
    if (joined.status === 'rejected' && !isNokkelError(joined.reason, 'cancelled')) throw joined.reason
    if (approved.status === 'rejected') throw approved.reason
    if (joined.status === 'rejected') throw joined.reason
  }

  /** A new process of this device, unlocked as by an agent. */
  async restart(): Promise<Client> {
    await this.stop()
    const client = await this.open()
    await client.unlockWithKey(new Secret((this.#key as Bytes).slice()))
    return client
  }

  async stop(): Promise<void> {
    await this.#client?.close()
    this.#client = null
  }

  platform(): Platform {
    return {
      clock: this.clock,
      random: systemRandom,
      deviceClass: this.#parts.deviceClass ?? 'cli',
      // always by way of its own proxy, also for the copy of a folder that remembers another
      connect: () => this.connect(),
      pause: (ms, signal) =>
        new Promise((resolve) => {
          const timer = setTimeout(resolve, Math.min(ms, longestPauseMs))
          signal?.addEventListener('abort', () => {
            clearTimeout(timer)
            resolve()
          })
        }),
    }
  }

  connect(baseUrl = this.proxy.url): HttpServerApi {
    return new HttpServerApi({
      baseUrl,
      fetch: this.#parts.fetch ?? (globalThis.fetch as unknown as Fetch),
      openWebSocket: this.#parts.openWebSocket ?? ((url) => new WebSocket(url) as unknown as WebSocketLike),
      clientName: 'cli/0.1.0',
      clock: this.clock,
      timeoutMs: 20_000,
    })
  }

  /** What another process of this device would see. */
  async look(): Promise<LocalKeychain> {
    return LocalKeychain.open(this.unseal(await this.store()), this.clock, systemRandom)
  }

  /** `store` under this device's local key. */
  unseal(store: DeviceStore): SealedStore {
    const key = (this.#key as Bytes).slice()
    return new SealedStore(store, {
      sealMany: (messages) => sealRandomMany(systemRandom, key, messages),
      openMany: (messages) => openRandomMany(key, messages),
    })
  }

  async keys(): Promise<DeviceKeys> {
    return (await this.look()).requireTrusted().identity.keys
  }

  async id(): Promise<DeviceId> {
    return (await this.client.status()).deviceId as DeviceId
  }

  async titles(): Promise<string[]> {
    return (await this.client.items()).map(({ title }) => title).sort()
  }

  /** Codes of the alarms that the person has not acknowledged yet. */
  async alarms(): Promise<string[]> {
    return (await this.client.status()).notices.filter(({ kind }) => kind === 'alarm').map(({ params }) => String(params.code))
  }
}

export function note(title: string, text = ''): ItemDraft {
  return {
    kind: 'note',
    fields: new Map(
      text === ''
        ? [['title', title]]
        : [
            ['title', title],
            ['notes', text],
          ],
    ),
  }
}

export function strangerKeys(): DeviceKeys {
  return createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'cli')
}

/** The code of the refusal, or `accepted`. What is no error of ours is a defect and passes through. */
export async function codeOf(action: () => unknown): Promise<string> {
  try {
    await action()
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
  return 'accepted'
}

/** What a device holds, without its notices and its clock: what no lie may change. */
export async function holdings(device: TestDevice): Promise<Record<string, unknown>> {
  const keychain = await device.look()
  const ids = [...keychain.index.keys()].sort()
  const items = await Promise.all(ids.map(async (id) => [id, (await keychain.readItem(id))?.item] as const))
  const { log, circle, identity } = keychain
  const keys = [[...keychain.accountKeys.keys()], [...keychain.vaultKeys.keys()]]
  return {
    seq: log?.seq,
    hash: log?.hash,
    circle: circle?.seq,
    head: circle?.head,
    mode: identity?.mode,
    root: toHex(keychain.root.root()),
    keys,
    items,
  }
}

export function asItemId(id: string): ItemId {
  return id as ItemId
}
