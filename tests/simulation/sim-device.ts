/**
 * One device of a simulation: a disk that outlives its process, a clock of its own, and the product's client on top. What sign-in
 * would leave on the disk is put there directly; everything after that is the product.
 */
import {
  isNokkelError,
  newId,
  NokkelError,
  Secret,
  type AccountId,
  type Bytes,
  type DeviceId,
  type ItemId,
  type Random,
  type VaultId,
} from '@nokkel/base'
import type { ManualClock } from '@nokkel/base/testing'
import { openClient, type Client, type JoinTicket, type Platform } from '@nokkel/client'
import { deriveBytes, openRandomMany, sealRandomMany } from '@nokkel/crypto'
import type { Item } from '@nokkel/keychain'
import {
  Circle,
  createDeviceKeys,
  deviceRecordOf,
  logStart,
  makeAdd,
  makeGenesis,
  makeReverseSignature,
  type DeviceKeys,
} from '@nokkel/protocol'
import { MemoryDisk, SealedStore, type DeviceStore, type LocalCipher } from '@nokkel/store'
import { appendToCircle, LocalKeychain, sessionOf, syncKeys, vaultKeyName, type Identity, type ServerApi } from '@nokkel/sync'
import { Connection, perfectLink, type Link } from './connection.ts'
import type { SessionRow, SimulatedServer } from './simulated-server.ts'

const origin = 'https://simulated.invalid'
/** the client's own check that an agent's key belongs to this store (SPEC LOC-6) */
const checkLabel = 'nk/1/local/check'
const pausesMost = 200
const approvalMs = 5_000

export interface DeviceOptions {
  readonly name: string
  readonly server: SimulatedServer
  readonly random: Random
  readonly clock: ManualClock
  readonly link?: Link
  /** wraps the connection, for servers that lie */
  readonly disguise?: (api: ServerApi) => ServerApi
}

/** What outlives a process: the disk, and the key that the person's passcode would open. */
export interface Remains {
  readonly disk: MemoryDisk
  readonly localKey: Bytes
  readonly id: DeviceId | null
}

export class SimDevice {
  readonly name: string
  readonly clock: ManualClock
  readonly random: Random
  readonly server: SimulatedServer
  readonly link: Link
  disguise: (api: ServerApi) => ServerApi
  disk: MemoryDisk
  /** as the circle knows this device; null before it signed in */
  id: DeviceId | null
  readonly #localKey: Bytes
  #client: Client | null = null
  #store: DeviceStore | null = null
  /** pauses that a waiting call may take before it is given up; stands in for a person's patience */
  #patience: { left: number; readonly over: AbortController } | null = null

  constructor(options: DeviceOptions, remains?: Remains) {
    this.name = options.name
    this.server = options.server
    this.random = options.random
    this.clock = options.clock
    this.link = options.link ?? perfectLink
    this.disguise = options.disguise ?? ((api) => api)
    this.disk = remains?.disk ?? new MemoryDisk()
    this.id = remains?.id ?? null
    this.#localKey = remains?.localKey ?? options.random.bytes(32)
  }

  /** A copy of the disk with what opens it: for a cloned machine (attack A40), or for the same one in another run. */
  remains(): Remains {
    return { disk: this.disk.copy(), localKey: this.#localKey, id: this.id }
  }

  get client(): Client {
    if (this.#client === null) throw new NokkelError('locked')
    return this.#client
  }
  get running(): boolean {
    return this.#client !== null
  }

  /** Starts the process and unlocks it with the local key, as an agent does. */
  async start(): Promise<Client> {
    this.#store = await this.disk.open()
    const client = openClient(this.#store, this.#platform())
    await client.unlockWithKey(new Secret(this.#localKey.slice()))
    // a crash may have come between signing in with new keys and hearing of it
    this.id = (await this.look()).identity?.keys.id ?? null
    this.#client = client
    return client
  }

  /** The process is gone, with all that it had in memory. */
  stop(): void {
    this.#client = null
    // whatever the dead process still had in hand must not reach the disk
    void this.#store?.close()
    this.#store = null
  }

  #platform(): Platform {
    return {
      clock: this.clock,
      random: this.random,
      deviceClass: 'cli',
      connect: () => this.connect(),
      pause: async (ms) => {
        this.clock.advance(ms)
        if (this.#patience !== null && this.#patience.left-- <= 0) this.#patience.over.abort()
        await Promise.resolve()
      },
    }
  }

  connect(link: Link = this.link): ServerApi {
    return this.disguise(new Connection(this.server, link, () => this.clock.nowMs()))
  }

  /** A second look at the disk, as another process of this device would have it. */
  async look(): Promise<LocalKeychain> {
    const key = this.#localKey.slice()
    const cipher = {
      sealMany: (messages: Parameters<LocalCipher['sealMany']>[0]) => sealRandomMany(this.random, key, messages),
      openMany: (messages: Parameters<LocalCipher['openMany']>[0]) => openRandomMany(key, messages),
    }
    return LocalKeychain.open(new SealedStore(await this.disk.open(), cipher), this.clock, this.random)
  }

  /** Everything that this device knows of an item. */
  async itemOf(id: ItemId): Promise<Item | undefined> {
    return (await (await this.look()).readItem(id))?.item
  }

  // ---- what sign-up and sign-in would have done --------------------------------------------------------------------------

  async #prepare(): Promise<LocalKeychain> {
    const store = await this.disk.open()
    await store.commit([{ op: 'put', table: 'meta', key: 'key-check', value: deriveBytes(this.#localKey, checkLabel, 16) }])
    return this.look()
  }

  /** The first device: a new account (A4). */
  async found(): Promise<AccountId> {
    const keychain = await this.#prepare()
    const keys = createDeviceKeys(this.random, newId<DeviceId>(this.random), 'cli')
    const made = makeGenesis(this.random, keys, newId<VaultId>(this.random), this.clock.nowMs())
    const circle = Circle.replay([made.entry])
    this.id = keys.id
    const session = this.server.openAccount(keys.id, made.entry, made.shares, made.wraps)
    await keychain.update((staged) => {
      staged.setIdentity(this.#identity(session, circle, keys, 'trusted'))
      staged.setCircle(circle, [made.entry])
      staged.setKeys(new Map([[1, made.accountKey]]), new Map([[vaultKeyName(made.vaultKey.vault, 1), made.vaultKey]]))
      staged.setLog({ vault: made.vaultKey.vault, ...logStart(circle), incarnation: null, lastSyncMs: null })
      staged.putLocal(keys.id as string as ItemId, deviceItem(this.name, staged.stamp()), undefined)
    })
    await this.start()
    return circle.account
  }

  /** A device that proved the password: signed in, not trusted (A5). A kept copy stays and is unconfirmed, as `sign-up.ts` has it. */
  async signIn(account: AccountId): Promise<void> {
    this.stop()
    try {
      await this.#signIn(account)
    } finally {
      await this.start()
    }
  }

  async #signIn(account: AccountId): Promise<void> {
    const keychain = await this.#prepare()
    const { circle } = this.server.account(account)
    const present = keychain.identity
    if (present !== null && (present.mode === 'trusted' || present.mode === 'pending')) {
      const session = this.server.openSession(account, present.keys.id, 'cli')
      await keychain.update((staged) => staged.setIdentity({ ...present, token: session.token }))
    } else {
      const keys = createDeviceKeys(this.random, newId<DeviceId>(this.random), 'cli')
      const session = this.server.openSession(account, keys.id, 'cli')
      await keychain.update((staged) => {
        staged.setIdentity(this.#identity(session, circle, keys, 'pending'))
        staged.forgetCircle()
        staged.setKeys(new Map(), new Map())
        staged.setLog(null)
        staged.setJoin(null)
        for (const entry of keychain.index.values()) staged.setEntry({ ...entry, unconfirmed: true, recordHash: null, state: 'ok' })
      })
    }
  }

  #identity(session: SessionRow, circle: Circle, keys: DeviceKeys, mode: Identity['mode']): Identity {
    return {
      server: origin,
      serverId: this.server.serverId,
      email: 'a@simulated.invalid',
      account: circle.account,
      genesisHash: circle.genesisHash,
      deviceName: this.name,
      token: session.token,
      mode,
      removal: null,
      keys,
    }
  }

  // ---- joining -----------------------------------------------------------------------------------------------------------

  /** The product's own way in: request, code typed on `sponsor`, three messages, first synchronisation. */
  async joinByCode(sponsor: SimDevice): Promise<void> {
    const ticket = await this.client.requestJoin()
    await this.answerCode(sponsor, ticket)
  }

  /** After an interruption: what was under way is finished where it can be, and begun again where it cannot. */
  async resumeJoin(sponsor: SimDevice): Promise<void> {
    const over = new AbortController()
    this.#patience = { left: pausesMost, over }
    try {
      await this.client.waitForJoin({ signal: over.signal })
    } catch (error) {
      if (!isNokkelError(error, 'cancelled', 'request-not-found')) throw error
    }
    this.#patience = null
    if ((await this.client.state()) === 'signed-in') await this.joinByCode(sponsor)
  }

  /** The code is typed (again) while this device waits; both wait no longer than a person would. */
  async answerCode(sponsor: SimDevice, ticket: JoinTicket): Promise<void> {
    const over = new AbortController()
    this.#patience = { left: pausesMost, over }
    const approve = async () => {
      try {
        await sponsor.client.approve(ticket.requestId, ticket.code, { timeoutMs: approvalMs })
      } catch (error) {
        over.abort()
        throw error
      }
    }
    // the other side's failure must not go unheard while we wait for ours
    const [approved, joined] = await Promise.allSettled([approve(), this.client.waitForJoin({ signal: over.signal })])
    this.#patience = null
    if (approved.status === 'rejected') throw approved.reason
    if (joined.status === 'rejected') throw joined.reason
  }

  /** The same outcome without the code exchange, for speed: `sponsor` adds this device, which takes over the circle. */
  async joinDirectly(sponsor: SimDevice): Promise<void> {
    this.stop()
    const own = await this.look()
    const identity = own.identity as Identity
    const transcriptHash = this.random.bytes(32)
    const device = {
      device: deviceRecordOf(identity.keys),
      transcriptHash,
      reverseSignature: makeReverseSignature(identity.account, identity.keys, transcriptHash),
    }
    const keychain = await sponsor.look()
    const sponsorKeys = keychain.requireTrusted().identity.keys
    await appendToCircle(keychain, sponsor.connect(perfectLink), nameless, (circle) => {
      if (circle.isActive(identity.keys.id)) return null
      const key = keychain.accountKeys.get(circle.accountKey.generation)
      if (key === undefined) throw new NokkelError('share-invalid', { rule: 'KEY-7' })
      const made = makeAdd(sponsor.random, circle, sponsorKeys, key, device, sponsor.clock.nowMs())
      return { entry: made.entry, shares: [made.share], wraps: [] }
    })
    const api = this.connect(perfectLink)
    const entries = await api.circle(sessionOf(identity), -1)
    const circle = Circle.replay(entries)
    await own.update((staged) => {
      staged.setIdentity({ ...identity, mode: 'trusted' })
      staged.setCircle(circle, entries)
      staged.setLog({ vault: [...circle.vaults.keys()][0] as VaultId, ...logStart(circle), incarnation: null, lastSyncMs: null })
      staged.putLocal(identity.keys.id as string as ItemId, deviceItem(this.name, staged.stamp()), undefined)
    })
    await syncKeys(own, api, sessionOf(identity), circle)
    await this.start()
  }
}

const nameless = () => ''

function deviceItem(name: string, now: Item['created']): Item {
  return {
    schema: 1,
    kind: 'device',
    created: now,
    fields: new Map([['title', { value: name, hlc: now }]]),
    removal: null,
    purge: null,
    history: [],
    extra: [],
  }
}
