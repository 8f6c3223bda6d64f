/** A small stage for tests that tell one story: a server, devices by name, and the few things that every story needs. */
import { isNokkelError, type AccountId, type ItemId } from '@nokkel/base'
import { ManualClock, SeededRandom } from '@nokkel/base/testing'
import type { Item, ItemDraft } from '@nokkel/keychain'
import type { ServerApi } from '@nokkel/sync'
import type { Link } from './connection.ts'
import { SwitchLink } from './scripted-link.ts'
import { SimDevice } from './sim-device.ts'
import { SimulatedServer } from './simulated-server.ts'

export class Scene {
  readonly random: SeededRandom
  readonly server: SimulatedServer
  readonly serverClock = new ManualClock()
  account = '' as AccountId

  constructor(options: { readonly seed?: number; readonly pageBatches?: number } = {}) {
    this.random = new SeededRandom(options.seed ?? 1)
    this.server = new SimulatedServer({
      clock: this.serverClock,
      random: this.random,
      ...(options.pageBatches === undefined ? {} : { pageBatches: options.pageBatches }),
    })
  }

  device(name: string, options: { readonly link?: Link; readonly skewMs?: number } = {}): SimDevice {
    const clock = new ManualClock(this.serverClock.nowMs() + (options.skewMs ?? 0))
    return new SimDevice({ name, server: this.server, random: this.random, clock, link: options.link ?? new SwitchLink() })
  }

  part(...devices: readonly SimDevice[]): void {
    for (const { link } of devices) if (link instanceof SwitchLink) link.parted = true
  }
  mend(...devices: readonly SimDevice[]): void {
    for (const { link } of devices) if (link instanceof SwitchLink) link.parted = false
  }

  async found(name: string, options: Parameters<Scene['device']>[1] = {}): Promise<SimDevice> {
    const first = this.device(name, options)
    this.account = await first.found()
    await first.client.sync()
    return first
  }

  /** Another trusted device that has everything, and that `sponsor` has heard of. */
  async join(name: string, sponsor: SimDevice, options: Parameters<Scene['device']>[1] = {}): Promise<SimDevice> {
    const joined = this.device(name, options)
    await joined.signIn(this.account)
    await joined.joinDirectly(sponsor)
    await joined.client.sync()
    await sponsor.client.sync()
    return joined
  }

  passTime(ms: number, ...devices: readonly SimDevice[]): void {
    this.serverClock.advance(ms)
    for (const { clock } of devices) clock.advance(ms)
  }
}

export function password(fields: Readonly<Record<string, string>>): ItemDraft {
  return { kind: 'password', fields: new Map(Object.entries(fields)) }
}

export function note(title: string): ItemDraft {
  return { kind: 'note', fields: new Map([['title', title]]) }
}

export function set(of: SimDevice, id: ItemId, field: string, value: string): Promise<void> {
  return of.client.editItem(id, { set: new Map([[field, value]]) })
}

export async function titles(of: SimDevice): Promise<string[]> {
  return (await of.client.items()).map(({ title }) => title).sort()
}

/** Everything that can still be read of a field: what stands in it, and what its history has. */
export function valuesOf(item: Item | undefined, field: string): unknown[] {
  const present = item?.fields.get(field)?.value
  return [
    ...(present === undefined ? [] : [present]),
    ...(item?.history ?? []).filter((entry) => entry.field === field).map(({ value }) => value),
  ]
}

export async function alarmsOf(of: SimDevice): Promise<unknown[]> {
  return (await of.client.status()).notices.filter(({ kind }) => kind === 'alarm').map(({ params }) => params.code)
}

/** The code that `action` is refused with, or `accepted`. */
export async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
  return 'accepted'
}

/** The same device with another way to the server: its process is started anew, because a client keeps its connection. */
export async function reconnect(of: SimDevice, disguise: (api: ServerApi) => ServerApi = (api) => api): Promise<void> {
  of.disguise = disguise
  of.stop()
  await of.start()
}
