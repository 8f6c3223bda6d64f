/**
 * A small world: several devices with the product's own core, one server, one network, one seed. Each step lets a few devices do
 * something at the same time while messages are lost, processes die, disks fill and clocks lie; every so often all of it stops and the
 * invariants of the design must hold (I1 … I10). What people did is kept in the model, apart from the product.
 */
import { isNokkelError, NokkelError, toHex, type AccountId, type Bytes, type ErrorCode, type ItemId, type VaultId } from '@nokkel/base'
import { ManualClock, SeededRandom } from '@nokkel/base/testing'
import { SimulatedCrash, type CommitFault } from '@nokkel/store'
import { Counts } from './counts.ts'
import { canary, SimulationFailure } from './failure.ts'
import { checkConvergence, checkMember, checkSpies, checkTraffic, type Spy } from './invariants.ts'
import { lying } from './lying-server.ts'
import { Model } from './model.ts'
import { calm, Network, type FaultRates, type FaultyLink } from './network.ts'
import { operations, type OperationName } from './operations.ts'
import { foundingOf } from './founding.ts'
import { SimDevice, type Remains } from './sim-device.ts'
import { SimulatedServer, type Backup } from './simulated-server.ts'

export interface WorldOptions {
  readonly seed: number
  readonly devices: number
  readonly steps: number
  /** joins go through the code exchange; otherwise a device is added directly, which is faster */
  readonly realJoins: boolean
  readonly rates: FaultRates
  /** chance that a device's next operation meets a fault of its disk */
  readonly diskFaults: number
}

export interface Member {
  readonly name: string
  readonly device: SimDevice
  readonly link: FaultyLink
  /** has a twin with the same keys: alarms about that are right */
  cloned: boolean
  /** the server forgot its session: it has to sign in again */
  signedOut: boolean
}

const startMs = 1_760_000_000_000
const dayMs = 86_400_000
const expectedGroups = new Set(['offline', 'trust', 'join'])
const expectedCodes = new Set<ErrorCode>(['disk-full', 'not-found', 'last-device', 'cancelled', 'already-trusted', 'busy'])

export class World {
  readonly options: WorldOptions
  readonly random: SeededRandom
  readonly counts = new Counts()
  readonly model = new Model()
  readonly network: Network
  server!: SimulatedServer
  readonly serverClock = new ManualClock(startMs)
  readonly members: Member[] = []
  readonly spies: Spy[] = []
  readonly trace: string[] = []
  account = '' as AccountId
  backup: (Backup & { readonly circleSeq: number }) | null = null
  trueMs = startMs
  #names = 0
  #values = 0

  constructor(options: WorldOptions) {
    this.options = options
    this.random = new SeededRandom(options.seed)
    this.network = new Network(new SeededRandom(options.seed ^ 0x5eed), this.counts)
  }

  async run(): Promise<Counts> {
    try {
      await this.#begin()
      const quietEvery = 12 + this.random.below(20)
      for (let step = 1; step <= this.options.steps; step++) {
        await this.#step()
        if (step % quietEvery === 0) await this.quiet()
      }
      await this.quiet()
      checkTraffic(this)
      return this.counts
    } catch (error) {
      throw new SimulationFailure(this.#report(error), { cause: error })
    }
  }

  #report(error: unknown): string {
    const what =
      error instanceof Error
        ? `${error.name}: ${error.message}${isNokkelError(error) ? ` ${JSON.stringify(error.params)}` : ''}\n${error.stack ?? ''}`
        : String(error)
    const { seed, devices, steps } = this.options
    return `seed ${seed} (${devices} devices, ${steps} steps) failed. Again with NOKKEL_SEED=${seed}\n${what}\nlast steps:\n${this.trace.slice(-40).join('\n')}`
  }

  async #begin(): Promise<void> {
    const { account, devices, server } = await foundingOf(this.options)
    this.account = account
    this.server = new SimulatedServer({
      clock: this.serverClock,
      random: new SeededRandom(this.options.seed ^ 0x5e7),
      pageBatches: this.random.pick([1, 3, 2_000]),
      succeeds: server,
    })
    for (const [at, remains] of devices.entries())
      await this.newMember(at === 0 ? 0 : this.#skew(), { ...remains, disk: remains.disk.copy() }).device.start()
  }

  /** Most clocks are a little wrong, some by a day, a few by ten years. */
  #skew(): number {
    const sign = this.random.chance(0.5) ? 1 : -1
    const kind = this.random.uint32() % 10
    return sign * (kind === 0 ? 10 * 365 * dayMs : kind <= 3 ? dayMs : this.random.below(5_000))
  }

  newMember(skewMs: number, remains?: Remains): Member {
    return this.#member(`device ${++this.#names}`, this.trueMs + skewMs, remains)
  }

  cloneOf(original: Member): Member {
    original.cloned = true
    const clone = this.#member(`clone ${++this.#names} of ${original.name}`, original.device.clock.nowMs(), original.device.remains())
    clone.cloned = true
    this.model.begin(clone.name, original.name)
    return clone
  }

  #member(name: string, nowMs: number, remains?: Remains): Member {
    const link = this.network.link()
    const random = new SeededRandom(this.options.seed * 64 + this.#names)
    const device = new SimDevice(
      { name, server: this.server, random, clock: new ManualClock(nowMs), link, disguise: (api) => this.#observed(name, api) },
      remains,
    )
    const member: Member = { name, device, link, cloned: false, signedOut: false }
    this.members.push(member)
    this.model.begin(name)
    return member
  }

  /** The model sees what a device signs before it is sent, and what it has taken in. */
  #observed(disk: string, api: Parameters<SimDevice['disguise']>[0]) {
    return lying(api, {
      push: (session, vault, frames, options) => {
        this.model.sending(disk, frames)
        return api.push(session, vault, frames, options)
      },
      changes: async (session, vault, from, onFrame, options) => {
        let last: Bytes | undefined
        const onPage: typeof onFrame = async (frame, bytes) => {
          await onFrame(frame, bytes)
          last = frame.batches.at(-1) ?? last
        }
        try {
          await api.changes(session, vault, from, onPage, options)
        } catch (error) {
          // pages may have been seen and not taken over: only the disk knows how far it came
          await this.#learn(disk)
          throw error
        }
        if (last !== undefined) this.model.tookUpTo(disk, Model.hashOf(last))
      },
    })
  }

  /** A value that occurs once in this world. */
  value(): string {
    return `${canary}${++this.#values}`
  }

  isMember({ device }: Member): boolean {
    return device.id !== null && this.server.account(this.account).circle.isActive(device.id)
  }

  // ---- steps -------------------------------------------------------------------------------------------------------------

  async #step(): Promise<void> {
    this.passTime(this.random.chance(0.01) ? 31 * dayMs : this.random.below(7_200_000))
    this.network.rates = this.options.rates
    const acting = this.#some(1 + this.random.below(3))
    await Promise.all(acting.map((member) => this.act(member)))
    await this.network.deliver(false)
    for (const member of acting) await checkMember(this, member)
  }

  passTime(ms: number): void {
    this.trueMs += ms
    this.serverClock.advance(ms)
    for (const { device } of this.members) device.clock.advance(ms)
  }

  #some(n: number): Member[] {
    const left = [...this.members]
    const chosen: Member[] = []
    while (chosen.length < n && left.length > 0) {
      const [member] = left.splice(this.random.below(left.length), 1)
      if (member === undefined) break
      // two of one identity in one step would be two clones in one mind
      chosen.push(member)
    }
    return chosen
  }

  async act(member: Member): Promise<void> {
    const name = await this.#choose(member)
    if (name !== undefined) await this.perform(member, name)
  }

  async #choose(member: Member): Promise<OperationName | undefined> {
    if (!member.device.running) return 'start'
    const state = await member.device.client.state()
    const possible = (Object.keys(operations) as OperationName[]).filter((name) =>
      (operations[name].when as readonly string[]).includes(member.signedOut ? 'signed-out' : state),
    )
    let at = this.random.below(possible.reduce((sum, name) => sum + operations[name].weight, 0))
    return possible.find((name) => (at -= operations[name].weight) < 0)
  }

  async perform(member: Member, name: OperationName): Promise<void> {
    this.counts.operation(name)
    const line = this.trace.push(`${member.name}: ${name} (${this.model.changes.length})`) - 1
    if (this.network.rates !== calm && this.random.chance(this.options.diskFaults)) this.#armDisk(member)
    try {
      await operations[name].run(this, member)
    } catch (error) {
      this.trace[line] += ` -> ${error instanceof NokkelError ? error.code : String(error)}`
      await this.#met(member, error)
    } finally {
      member.device.disk.faults = undefined
    }
  }

  /** The next commits of this device: one of the first few fails, or is the process's last. */
  #armDisk(member: Member): void {
    const kind: CommitFault = this.random.pick(['crash-before', 'crash-after', 'disk-full'])
    let left = this.random.below(4)
    member.device.disk.faults = {
      atCommit: () => {
        if (left-- > 0) return undefined
        this.counts.fault(kind)
        return kind
      },
    }
  }

  async #met(member: Member, error: unknown): Promise<void> {
    // somebody at another device stopped this process in the middle of it
    if (isNokkelError(error, 'internal') && error.params.what === 'store-closed') return
    if (isNokkelError(error, 'locked') && this.members.some(({ device }) => !device.running)) return
    if (error instanceof SimulatedCrash) {
      this.counts.outcome('crashes')
      member.device.disk.faults = undefined
      member.device.stop()
      if (this.random.chance(0.7)) await this.start(member)
      return
    }
    if (!isNokkelError(error)) throw error
    this.counts.outcome(`error ${error.code}`)
    if (error.code === 'session-invalid') member.signedOut = true
    if (!expectedGroups.has(error.group) && !expectedCodes.has(error.code)) throw error
  }

  async start(member: Member): Promise<void> {
    await member.device.start()
    // a commit may have outlived the process that never heard of it
    await this.#learn(member.name)
  }

  async #learn(name: string): Promise<void> {
    const log = (await this.members.find((member) => member.name === name)?.device.look())?.log
    if (log !== null && log !== undefined) this.model.tookUpTo(name, toHex(log.hash))
  }

  // ---- the invariants ----------------------------------------------------------------------------------------------------

  /** All faults stop; within three rounds the devices must agree (I8), and then everything else must hold as well. */
  async quiet(): Promise<void> {
    this.trace.push('-- quiet --')
    this.network.rates = calm
    await this.network.deliver(true)
    this.server.restart()
    for (const member of this.members) {
      member.link.parted = false
      if (!member.device.running) await this.start(member)
    }
    await this.#settleSessions()
    const rounds = await checkConvergence(this)
    this.counts.outcome('quiet points')
    this.counts.outcome('rounds to agree', rounds)
    checkSpies(this)
  }

  /** Who was interrupted while signing in or joining finishes it now: nobody may be stuck (A5). */
  async #settleSessions(): Promise<void> {
    for (const member of this.members) {
      for (let attempt = 0; attempt < 3; attempt++) {
        if (member.signedOut) await this.perform(member, 'signIn')
        if ((await member.device.client.state()) === 'signed-in') await this.perform(member, 'join')
      }
      if (member.signedOut || (await member.device.client.state()) === 'signed-in')
        throw new SimulationFailure(`A5: ${member.name} cannot get in`)
    }
  }

  /** Items as a person on this device sees them, deleted ones last. */
  async itemsOf(member: Member): Promise<readonly ItemId[]> {
    const { client } = member.device
    return [...(await client.items()), ...(await client.items({ deleted: true }))].map(({ id }) => id)
  }

  vault(): VaultId {
    return [...this.server.account(this.account).logs.keys()][0] as VaultId
  }
}
