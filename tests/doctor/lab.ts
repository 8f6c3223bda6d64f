/**
 * The fault laboratory: real devices of one person at a real server, over a road that can be broken. The beginning is made once; each fault
 * gets a ward of its own, with copies of the server's folder and of the devices' disks. Nothing here stands in for the product.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Client } from '@nokkel/client'
import {
  clientObservations,
  examine,
  statusObservation,
  type CauseCode,
  type Examination,
  type ObservationParts,
  type Symptom,
} from '@nokkel/doctor'
import type { Fetch, WebSocketLike } from '@nokkel/sync'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { EvilProxy } from '../attacks/evil-proxy.ts'
import { ShiftedClock, TestDevice } from '../attacks/world.ts'

export type Settings = NonNullable<Parameters<typeof startTestServer>[0]>
export const email = 'kari@example.org'
const region = 'NO'

/** What lies between one device and its proxy. */
export class Road {
  /** where requests go instead; null: to the proxy */
  detour: string | null = null
  liveDetour: string | null = null
  version = '0.1.0'
  #home = ''

  attach(url: string): void {
    this.#home = url
  }
  readonly fetch: Fetch = (url, init) =>
    (globalThis.fetch as unknown as Fetch)(this.detour === null ? url : url.replace(this.#home, this.detour), {
      ...init,
      headers: { ...init.headers, 'nokkel-client': `cli/${this.version}` },
    })
  readonly openWebSocket = (url: string): WebSocketLike => {
    const to = this.liveDetour ?? this.detour
    const home = this.#home.replace(/^http/, 'ws')
    return new WebSocket(to === null ? url : url.replace(home, to.replace(/^http/, 'ws'))) as unknown as WebSocketLike
  }
}

export interface Patient {
  readonly device: TestDevice
  readonly road: Road
}

/** One fault's own copy of everything. */
export class Ward {
  readonly folder: string
  readonly clock: ShiftedClock
  readonly extra: (() => Promise<void> | void)[] = []
  server!: TestServer
  anna!: Patient
  berit!: Patient
  #settings: Settings = {}
  readonly #patients: Patient[] = []

  constructor(folder: string, clock: ShiftedClock) {
    this.folder = folder
    this.clock = clock
  }

  async startServer(settings: Settings = {}): Promise<void> {
    this.#settings = { ...this.#settings, ...settings }
    this.server = await startTestServer({ data: this.folder, ...this.#settings }, { clock: this.clock })
    for (const { device } of this.#patients) device.proxy.upstream = this.server.url
  }
  /** The operator changes something and starts again; null: all as it was in the beginning. `meanwhile`: what happens to the machine. */
  async restartServer(settings: Settings | null, meanwhile: () => void = () => undefined): Promise<void> {
    await this.server.stop()
    meanwhile()
    if (settings === null) this.#settings = {}
    await this.startServer(settings ?? {})
  }

  async copyOf(device: TestDevice): Promise<Patient> {
    return this.#admit((proxy, road) => device.copyTo(proxy, { clock: new ShiftedClock(this.clock.offsetMs), ...road }))
  }
  async newDevice(name: string): Promise<Patient> {
    return this.#admit((proxy, road) => new TestDevice(name, proxy, { clock: new ShiftedClock(this.clock.offsetMs), ...road }, null))
  }
  async #admit(make: (proxy: EvilProxy, road: Pick<Road, 'fetch' | 'openWebSocket'>) => TestDevice): Promise<Patient> {
    const proxy = await EvilProxy.start(this.server.url)
    const road = new Road()
    road.attach(proxy.url)
    const patient = { device: make(proxy, { fetch: road.fetch, openWebSocket: road.openWebSocket }), road }
    this.#patients.push(patient)
    return patient
  }
  /** A further trusted device of the same person. */
  async joined(name: string): Promise<Patient> {
    const patient = await this.newDevice(name)
    await patient.device.signIn(email)
    await patient.device.joinBy(this.anna.device)
    await this.anna.device.client.sync()
    return patient
  }

  async end(): Promise<void> {
    for (const each of this.extra) await each()
    for (const { device } of this.#patients) {
      await device.stop()
      await device.proxy.stop()
    }
    await this.server.dispose()
  }
}

export class Lab {
  readonly #folder: string
  readonly #anna: TestDevice
  readonly #berit: TestDevice

  private constructor(folder: string, anna: TestDevice, berit: TestDevice) {
    this.#folder = folder
    this.#anna = anna
    this.#berit = berit
  }

  /** Anna and Berit: two trusted devices, up to date, with a few items. */
  static async open(): Promise<Lab> {
    const ward = new Ward(mkdtempSync(join(tmpdir(), 'nokkel-lab-')), new ShiftedClock())
    await ward.startServer()
    ward.anna = await ward.newDevice('Annas maskin')
    await ward.anna.device.create(email, region)
    for (const title of ['Bank', 'Post', 'Trikk']) await ward.anna.device.client.addItem(login(title))
    ward.berit = await ward.newDevice('Berits telefon')
    await ward.berit.device.signIn(email)
    await ward.berit.device.joinBy(ward.anna.device)
    await ward.anna.device.client.sync()
    await ward.berit.device.client.sync()
    for (const { device } of [ward.anna, ward.berit]) {
      await device.stop()
      await device.proxy.stop()
    }
    await ward.server.stop()
    return new Lab(ward.folder, ward.anna.device, ward.berit.device)
  }

  /** `offsetMs`: of the server's clock, from the beginning of the case on. */
  async ward(settings: Settings = {}): Promise<Ward> {
    const folder = mkdtempSync(join(tmpdir(), 'nokkel-ward-'))
    cpSync(this.#folder, folder, { recursive: true })
    cpSync(`${this.#folder}.realm`, `${folder}.realm`, { recursive: true })
    const ward = new Ward(folder, new ShiftedClock())
    await ward.startServer(settings)
    ward.anna = await ward.copyOf(this.#anna)
    ward.berit = await ward.copyOf(this.#berit)
    for (const { device } of [ward.anna, ward.berit]) await device.restart()
    return ward
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true })
    rmSync(`${this.#folder}.realm`, { recursive: true, force: true })
  }
}

export function login(title: string, username = 'kari'): Parameters<Client['addItem']>[0] {
  const site = `https://${title.toLowerCase()}.example`
  return {
    kind: 'password',
    fields: new Map<string, string | boolean>([
      ['title', title],
      [`site:${site}`, true],
      ['username', username],
      ['password', `hemmelig ${title}`],
    ]),
  }
}

export interface LookOptions {
  readonly symptom?: Symptom | null
  readonly version?: string
  readonly parts?: Partial<ObservationParts>
}

/** The doctor, as the command line asks it. */
export function look(observer: ObservationParts['observer'], options: LookOptions = {}): Promise<Examination> {
  const { symptom = null, version = '0.1.0', parts = {} } = options
  return examine({
    surface: parts.browser === undefined ? 'cli' : 'extension',
    version,
    symptom,
    observe: clientObservations({
      observer,
      ...parts,
    }),
    nowMs: Date.now,
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(resolve, ms)
        signal.addEventListener('abort', () => {
          clearTimeout(timer)
          resolve()
        })
      }),
  })
}

export const lookAt = (patient: Patient, options: LookOptions = {}): Promise<Examination> =>
  look(patient.device.client.observe, {
    version: patient.road.version,
    ...options,
    parts: {
      // a copy of a disk remembers the address of the device that it was copied from
      async status(_, signal) {
        const response = await fetch(`${patient.road.detour ?? patient.device.proxy.url}/status/summary.json`, { signal })
        return statusObservation(response.ok ? await response.json() : null)
      },
      ...options.parts,
    },
  })

export const codesOf = ({ findings }: Examination): CauseCode[] => findings.map(({ code }) => code)
