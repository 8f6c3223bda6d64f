/**
 * A stage is a server's folder and the disks of its devices at one moment; a play goes on from copies of them, so that hundreds of tries begin
 * alike and cost little. The server is the real one; the disks are the memory implementation of the device store, whose promises about
 * commits the SQLite one is held to by the same contract and by kills of its own.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isNokkelError, Secret, systemClock, systemRandom, type Bytes } from '@nokkel/base'
import { openClient, type Client, type Platform } from '@nokkel/client'
import { MemoryDisk } from '@nokkel/store'
import { HttpServerApi, type WebSocketLike } from '@nokkel/sync'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { FaultLine } from './fault-line.ts'

export const email = 'kari@example.org'
export const password = 'riktig hest batteri stift'
export const passcode = '482915'
/** Devices remember an address; the server of each play has another port, and only the play knows it. */
const rememberedUrl = 'https://nokkel.example'
const longestPauseMs = 20

export class PlayedDevice {
  readonly name: string
  readonly faults = new FaultLine()
  readonly disk: MemoryDisk
  readonly #url: () => string
  #client: Client | null = null
  key: Bytes | null

  constructor(name: string, url: () => string, disk: MemoryDisk, key: Bytes | null) {
    this.name = name
    this.#url = url
    this.disk = disk
    this.key = key
  }

  get client(): Client {
    if (this.#client === null) throw new Error(`${this.name} does not run`)
    return this.#client
  }

  get details() {
    return { server: rememberedUrl, email, password, passcode, deviceName: this.name }
  }

  /** A new process, unlocked as by an agent where it has a key. The one before is left as it lies. */
  async start(): Promise<Client> {
    this.faults.revive()
    const client = openClient(this.faults.store(await this.disk.open()), this.#platform())
    this.#client = client
    if (this.key !== null && (await client.state()) === 'locked') await client.unlockWithKey(new Secret(this.key.slice()))
    return client
  }

  keepKey(): void {
    this.key = this.client.unlockKey().reveal().slice()
  }

  async titles(): Promise<string[]> {
    return (await this.client.items()).map(({ title }) => title).sort()
  }

  async state(): Promise<string> {
    return this.client.state()
  }

  #platform(): Platform {
    return {
      clock: systemClock,
      random: systemRandom,
      deviceClass: 'cli',
      connect: () =>
        new HttpServerApi({
          baseUrl: this.#url(),
          fetch: this.faults.fetch,
          openWebSocket: (url) => new WebSocket(url) as unknown as WebSocketLike,
          clientName: 'cli/0.1.0',
          clock: systemClock,
        }),
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
}

/** Asks, types the code on the other device, waits: as two people would. Whoever fails first ends the other's waiting. */
export async function joinBy(joining: PlayedDevice, approver: PlayedDevice): Promise<void> {
  const { requestId, code } = await joining.client.requestJoin()
  const abort = new AbortController()
  const signal = AbortSignal.any([abort.signal, joining.faults.ended, approver.faults.ended])
  const ended = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      abort.abort()
      throw error
    })
  const results = await Promise.allSettled([
    ended(joining.client.waitForJoin({ signal })),
    ended(approver.client.approve(requestId, code, { signal, timeoutMs: 4_000 })),
  ])
  const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
  const [reason = undefined] = reasons.filter((each) => !isNokkelError(each, 'cancelled'))
  if (reasons.length > 0) throw reason ?? reasons[0]
}

export interface Play<Name extends string> {
  readonly server: TestServer
  readonly devices: Readonly<Record<Name, PlayedDevice>>
  end(): Promise<void>
}

interface StoredDevice {
  readonly disk: MemoryDisk
  readonly key: Bytes | null
}

export class Stage<Name extends string> {
  readonly #folder: string
  readonly #devices: ReadonlyMap<Name, StoredDevice>

  private constructor(folder: string, devices: ReadonlyMap<Name, StoredDevice>) {
    this.#folder = folder
    this.#devices = devices
  }

  /** A first stage. Devices that `build` does not set up are empty. */
  static async build<Name extends string>(names: readonly Name[], build: (play: Play<Name>) => Promise<void>): Promise<Stage<Name>> {
    const empty = new Stage<Name>(
      mkdtempSync(join(tmpdir(), 'nokkel-stage-')),
      new Map(names.map((name) => [name, { disk: new MemoryDisk(), key: null }])),
    )
    const built = await empty.goOn(build)
    empty.strike()
    return built
  }

  /** The stage after something more has happened. */
  async goOn(build: (play: Play<Name>) => Promise<void>): Promise<Stage<Name>> {
    const play = await this.play()
    await build(play)
    const devices = new Map(
      [...this.#devices.keys()].map((name) => [name, { disk: play.devices[name].disk.copy(), key: play.devices[name].key }]),
    )
    await play.server.stop()
    const folder = mkdtempSync(join(tmpdir(), 'nokkel-stage-'))
    cpSync(play.server.folder, folder, { recursive: true })
    await play.end()
    return new Stage<Name>(folder, devices)
  }

  async play(): Promise<Play<Name>> {
    const folder = mkdtempSync(join(tmpdir(), 'nokkel-play-'))
    cpSync(this.#folder, folder, { recursive: true })
    const server = await startTestServer({ data: folder, logLevel: 'silent' })
    const devices = {} as Record<Name, PlayedDevice>
    for (const [name, { disk, key }] of this.#devices) {
      devices[name] = new PlayedDevice(name, () => server.url, disk.copy(), key)
      await devices[name].start()
    }
    return { server, devices, end: () => server.dispose() }
  }

  strike(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
