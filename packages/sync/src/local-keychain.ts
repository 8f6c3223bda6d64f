/**
 * The keychain as this device holds it: identity, circle, keys, index, log position, backed by a sealed store. All changes go
 * through `update`, which stages them, commits them in one transaction and only then shows them in memory. Several processes may
 * share one store: a commit that finds the store changed reloads and runs its function again (SPEC LOC-3).
 * Long because a change and the state that it is made on (`Staged`, `Memory`) cannot be understood apart.
 * It knows nothing of the network; pulling and pushing are in the files beside it.
 */
import {
  CborReader,
  decodeOwnCbor,
  encodeCbor,
  isNokkelError,
  NokkelError,
  toHex,
  type AccountId,
  type Bytes,
  type Clock,
  type DeviceId,
  type ItemId,
  type Random,
  type Secret,
  type VaultId,
} from '@nokkel/base'
import { decodeItem, encodeItem, HybridClock, summarise, type Item } from '@nokkel/keychain'
import { Circle, StateRoot, type VaultKey, recordKeyOf, type AccountKey } from '@nokkel/protocol'
import type { DeviceStore, StoreOp } from '@nokkel/store'
import { decodePage, encodePage, pageKeyOf, type IndexEntry } from './index-entry.ts'
import {
  decodeHeard,
  decodeIdentity,
  decodeJoinState,
  decodeKeyRing,
  decodeLogState,
  decodeNotices,
  decodeSent,
  encodeHeard,
  encodeIdentity,
  encodeJoinState,
  encodeKeyRing,
  encodeLogState,
  encodeNotices,
  encodeSent,
  usedItemsRow,
  vaultKeyName,
  type Identity,
  type JoinState,
  type LogState,
  type NoticeKind,
  type SentLog,
  type StoredNotice,
} from './local-state.ts'
import { contentKey } from './content-key.ts'
import { TitleOrder } from './title-order.ts'

export interface StoredItem {
  readonly item: Item
  /** grows with every local change, so that an acknowledgement knows whether it is about the present content */
  readonly serial: number
}

/** As read from the store. Bulk work wants the serial and the encoding of thousands of items, and the items themselves of few. */
export class HeldItem implements StoredItem {
  readonly serial: number
  /** what `encodeItem` made */
  readonly encoded: Bytes
  #item: Item | null = null

  constructor(stored: Uint8Array) {
    const reader = new CborReader(decodeOwnCbor(stored), 'stored-item')
    this.serial = reader.uint()
    this.encoded = reader.bytesUpTo(Number.MAX_SAFE_INTEGER)
  }

  /** Parsed when first asked for. */
  get item(): Item {
    return (this.#item ??= decodeItem(this.encoded))
  }
}

interface Memory {
  generation: number
  identity: Identity | null
  circle: Circle | null
  circleEntries: Bytes[]
  accountKeys: ReadonlyMap<number, AccountKey>
  vaultKeys: ReadonlyMap<string, VaultKey>
  log: LogState | null
  clock: HybridClock
  join: JoinState | null
  notices: readonly StoredNotice[]
  /** null: not known, as in a rebuilt store or one that never wrote */
  sent: SentLog | null
  heard: ReadonlyMap<DeviceId, number>
  index: Map<ItemId, IndexEntry>
  buckets: Map<string, Set<ItemId>>
  dirty: Set<ItemId>
}

const circleKey = (seq: number) => `circle/${seq.toString().padStart(6, '0')}`
const noDevice = '0'.repeat(16)

export class LocalKeychain {
  readonly #store: DeviceStore
  readonly #clock: Clock
  readonly random: Random
  #memory: Memory
  #queue: Promise<unknown> = Promise.resolve()
  #root: StateRoot | null = null
  #order: TitleOrder | null = null
  readonly #recordKeys = new Map<string, Secret>()

  private constructor(store: DeviceStore, clock: Clock, random: Random, memory: Memory) {
    this.#store = store
    this.#clock = clock
    this.random = random
    this.#memory = memory
  }

  /** `store` is sealed; its key is the caller's affair. */
  static async open(store: DeviceStore, clock: Clock, random: Random): Promise<LocalKeychain> {
    return new LocalKeychain(store, clock, random, await loadMemory(store, clock))
  }

  get identity(): Identity | null {
    return this.#memory.identity
  }
  get circle(): Circle | null {
    return this.#memory.circle
  }
  get circleEntries(): readonly Bytes[] {
    return this.#memory.circleEntries
  }
  get log(): LogState | null {
    return this.#memory.log
  }
  get join(): JoinState | null {
    return this.#memory.join
  }
  get notices(): readonly StoredNotice[] {
    return this.#memory.notices
  }
  /** Time of each device's newest batch, by its own clock. */
  get heard(): ReadonlyMap<DeviceId, number> {
    return this.#memory.heard
  }
  get accountKeys(): ReadonlyMap<number, AccountKey> {
    return this.#memory.accountKeys
  }
  get vaultKeys(): ReadonlyMap<string, VaultKey> {
    return this.#memory.vaultKeys
  }
  get index(): ReadonlyMap<ItemId, IndexEntry> {
    return this.#memory.index
  }
  /** Items with changes to push. */
  get dirty(): ReadonlySet<ItemId> {
    return this.#memory.dirty
  }
  get store(): DeviceStore {
    return this.#store
  }
  nowMs(): number {
    return this.#clock.nowMs()
  }

  /** Throws `not-signed-in`, `device-removed`, `keychain-off`, `keychain-ended` or `not-trusted`. */
  requireTrusted(): {
    readonly identity: Identity
    readonly circle: Circle
    readonly log: LogState
    readonly account: AccountId
    readonly vault: VaultId
  } {
    const { identity, circle, log } = this.#memory
    if (identity === null) throw new NokkelError('not-signed-in')
    if (identity.mode === 'removed') throw new NokkelError('device-removed')
    if (identity.mode === 'off') throw new NokkelError('keychain-off')
    if (identity.mode === 'reset') throw new NokkelError('keychain-ended')
    if (identity.mode !== 'trusted' || circle === null || log === null) throw new NokkelError('not-trusted')
    return { identity, circle, log, account: identity.account, vault: log.vault }
  }

  currentVaultKey(vault: VaultId): VaultKey {
    const epoch = this.#memory.circle?.vaults.get(vault)?.epochs.at(-1)?.epoch ?? 0
    const key = this.#memory.vaultKeys.get(vaultKeyName(vault, epoch))
    if (key === undefined) throw new NokkelError('share-invalid', { rule: 'KEY-9' })
    return key
  }

  /** Record key of an epoch, derived once; undefined when this device does not hold the vault key. */
  recordKey(vault: VaultId, epoch: number): Secret | undefined {
    const name = vaultKeyName(vault, epoch)
    const known = this.#recordKeys.get(name)
    if (known !== undefined) return known
    const key = this.#memory.vaultKeys.get(name)
    if (key === undefined) return undefined
    const derived = recordKeyOf(key)
    this.#recordKeys.set(name, derived)
    return derived
  }

  /** State root over all entries that stand on a record of the log. Built when first asked for. */
  get root(): StateRoot {
    if (this.#root === null) {
      this.#root = new StateRoot()
      for (const entry of this.#memory.index.values()) if (entry.recordHash !== null) this.#root.set(entry.id, entry.recordHash)
    }
    return this.#root
  }

  /** All entries with readable content, as lists and searches show them. Sorted when first asked for, then kept in order. */
  get byTitle(): TitleOrder {
    this.#order ??= new TitleOrder(this.#memory.index.values())
    return this.#order
  }

  async readItem(id: ItemId): Promise<HeldItem | undefined> {
    const bytes = await this.#store.get('items', id)
    return bytes === undefined ? undefined : new HeldItem(bytes)
  }

  async readItems(ids: readonly ItemId[]): Promise<(HeldItem | undefined)[]> {
    const rows = await this.#store.getMany('items', ids)
    return rows.map((bytes) => (bytes === undefined ? undefined : new HeldItem(bytes)))
  }

  /** What a dirty item's local changes were made on; null for an item made here. */
  async readBase(id: ItemId): Promise<Item | null> {
    const bytes = await this.#store.get('outbox', id)
    const base =
      bytes === undefined ? null : new CborReader(decodeOwnCbor(bytes), 'outbox').nullable((r) => r.bytesUpTo(Number.MAX_SAFE_INTEGER))
    return base === null ? null : decodeItem(base)
  }

  /** Picks up what other processes committed. Cheap when there was nothing. */
  async refresh(): Promise<boolean> {
    if ((await this.#store.generation()) === this.#memory.generation) return false
    this.#adopt(await loadMemory(this.#store, this.#clock))
    return true
  }

  #adopt(memory: Memory): void {
    // keep the clock's progress: a reload must never let time go back
    memory.clock.observe(this.#memory.clock.last)
    this.#memory = memory
    this.#root = null
    this.#order = null
    this.#recordKeys.clear()
  }

  /**
   * Runs `change` against the present state and commits what it staged, all or nothing. Updates run one at a time. `change` may run
   * more than once and must do nothing but stage. Nothing staged, nothing written.
   */
  update<T>(change: (staged: Staged) => Promise<T> | T): Promise<T> {
    const run = async (): Promise<T> => {
      for (let attempt = 0; ; attempt++) {
        const staged = new Staged(this, this.#memory)
        const result = await change(staged)
        const ops = staged.ops()
        if (ops.length === 0) return result
        try {
          const generation = await this.#store.commit(ops, { expectGeneration: this.#memory.generation })
          this.#apply(staged, generation)
          return result
        } catch (error) {
          if (attempt >= 20 || !isNokkelError(error, 'conflict')) throw error
          this.#adopt(await loadMemory(this.#store, this.#clock))
        }
      }
    }
    const next = this.#queue.then(run, run)
    this.#queue = next.catch(() => undefined)
    return next
  }

  #apply(staged: Staged, generation: number): void {
    const memory = this.#memory
    memory.generation = generation
    Object.assign(memory, staged.values)
    if (staged.values.vaultKeys !== undefined) this.#recordKeys.clear()
    if (staged.cleared) {
      memory.index = new Map()
      memory.buckets = new Map()
      memory.dirty = new Set()
      this.#root = null
      this.#order = null
    }
    for (const entry of staged.entries.values()) {
      setEntry(memory, entry)
      if (entry.recordHash !== null) this.#root?.set(entry.id, entry.recordHash)
      this.#order?.set(entry)
    }
    // an entry that stands on no record any more cannot be taken out of a root, only left out of a new one
    if (staged.rootChanged) this.#root = null
  }
}

function setEntry(memory: Memory, entry: IndexEntry): void {
  memory.index.set(entry.id, entry)
  const bucket = pageKeyOf(entry.id)
  let ids = memory.buckets.get(bucket)
  if (ids === undefined) memory.buckets.set(bucket, (ids = new Set()))
  ids.add(entry.id)
  if (entry.dirty) memory.dirty.add(entry.id)
  else memory.dirty.delete(entry.id)
}

async function loadMemory(store: DeviceStore, clock: Clock): Promise<Memory> {
  const generation = await store.generation()
  const state = new Map((await store.list('state')).map(({ key, value }) => [key, value]))
  const circleEntries = [...state.keys()]
    .filter((key) => key.startsWith('circle/'))
    .sort()
    .map((key) => state.get(key) as Bytes)
  const optional = <T>(key: string, decode: (bytes: Bytes) => T): T | null => {
    const bytes = state.get(key)
    return bytes === undefined ? null : decode(bytes)
  }
  const identity = optional('identity', decodeIdentity)
  const ring = optional('keys', decodeKeyRing)
  const last = optional('clock', (bytes) => {
    const reader = new CborReader(decodeOwnCbor(bytes), 'clock')
    return { ms: reader.uint(), ctr: reader.uint() }
  })
  const memory: Memory = {
    generation,
    identity,
    circle: circleEntries.length === 0 ? null : Circle.replay(circleEntries, { trusted: true }),
    circleEntries,
    accountKeys: ring?.accountKeys ?? new Map(),
    vaultKeys: ring?.vaultKeys ?? new Map(),
    log: optional('log', decodeLogState),
    clock: new HybridClock(clock, identity?.keys.id.slice(0, 16) ?? noDevice, last ?? { ms: 0, ctr: 0 }),
    join: optional('join', decodeJoinState),
    notices: optional('notices', decodeNotices) ?? [],
    sent: optional('sent', decodeSent),
    heard: optional('heard', decodeHeard) ?? new Map(),
    index: new Map(),
    buckets: new Map(),
    dirty: new Set(),
  }
  for (const { value } of await store.list('pages')) for (const entry of decodePage(value)) setEntry(memory, entry)
  // another process may have written between the reads: then what was read is no one state
  if ((await store.generation()) !== generation) return loadMemory(store, clock)
  return memory
}

function encodeStoredItem(stored: StoredItem): Bytes {
  return encodeCbor([stored.serial, encodeItem(stored.item)])
}

/** Values that a change may replace as a whole. */
interface StagedValues {
  identity?: Identity | null
  circle?: Circle | null
  circleEntries?: Bytes[]
  accountKeys?: ReadonlyMap<number, AccountKey>
  vaultKeys?: ReadonlyMap<string, VaultKey>
  log?: LogState | null
  clock?: HybridClock
  join?: JoinState | null
  notices?: readonly StoredNotice[]
  sent?: SentLog
  heard?: ReadonlyMap<DeviceId, number>
}

/** Changes being collected by `update`; reads through to the state that they were made on. */
export class Staged {
  readonly #keychain: LocalKeychain
  readonly #memory: Memory
  readonly values: StagedValues = {}
  readonly entries = new Map<ItemId, IndexEntry>()
  readonly #ops: StoreOp[] = []
  readonly #clock: HybridClock
  #clockUsed = false
  cleared = false
  rootChanged = false

  constructor(keychain: LocalKeychain, memory: Memory) {
    this.#keychain = keychain
    this.#memory = memory
    this.#clock = memory.clock
  }

  get identity(): Identity | null {
    return this.values.identity !== undefined ? this.values.identity : this.#memory.identity
  }
  get circle(): Circle | null {
    return this.values.circle !== undefined ? this.values.circle : this.#memory.circle
  }
  get log(): LogState | null {
    return this.values.log !== undefined ? this.values.log : this.#memory.log
  }
  get notices(): readonly StoredNotice[] {
    return this.values.notices ?? this.#memory.notices
  }
  entry(id: ItemId): IndexEntry | undefined {
    return this.entries.get(id) ?? (this.cleared ? undefined : this.#memory.index.get(id))
  }
  get sent(): SentLog | null {
    return this.values.sent ?? this.#memory.sent
  }

  readonly stamp = () => {
    this.#clockUsed = true
    return this.#clock.tick()
  }
  observe(hlc: { readonly ms: number; readonly ctr: number }): void {
    this.#clockUsed = true
    this.#clock.observe(hlc)
  }

  setIdentity(identity: Identity | null): void {
    this.values.identity = identity
    // stamps carry the device's name, so a new identity is a new clock that starts where the old one stood
    if (identity !== null && identity.keys.id !== this.#memory.identity?.keys.id) {
      this.values.clock = new HybridClock({ nowMs: () => this.#keychain.nowMs() }, identity.keys.id.slice(0, 16), this.#clock.last)
      this.#clockUsed = true
    }
    this.#put('identity', identity === null ? null : encodeIdentity(identity))
  }
  /** Entries are all that the circle was made of; those already stored are not written again. */
  setCircle(circle: Circle, entries: readonly Bytes[]): void {
    const known = this.values.circleEntries ?? this.#memory.circleEntries
    for (let seq = 0; seq < entries.length; seq++) if (known[seq] !== entries[seq]) this.#put(circleKey(seq), entries[seq] as Bytes)
    this.values.circle = circle
    this.values.circleEntries = [...entries]
  }
  forgetCircle(): void {
    const known = this.values.circleEntries ?? this.#memory.circleEntries
    for (let seq = 0; seq < known.length; seq++) this.#put(circleKey(seq), null)
    this.values.circle = null
    this.values.circleEntries = []
  }
  setKeys(accountKeys: ReadonlyMap<number, AccountKey>, vaultKeys: ReadonlyMap<string, VaultKey>): void {
    this.values.accountKeys = accountKeys
    this.values.vaultKeys = vaultKeys
    this.#put('keys', encodeKeyRing({ accountKeys, vaultKeys }))
  }
  setLog(log: LogState | null): void {
    this.values.log = log
    this.#put('log', log === null ? null : encodeLogState(log))
  }
  setJoin(join: JoinState | null): void {
    this.values.join = join
    this.#put('join', join === null ? null : encodeJoinState(join))
  }
  setSent(sent: SentLog): void {
    this.values.sent = sent
    this.#put('sent', encodeSent(sent))
  }
  hear(devices: Iterable<readonly [DeviceId, number]>): void {
    const heard = new Map(this.values.heard ?? this.#memory.heard)
    for (const [device, timeMs] of devices) heard.set(device, Math.max(timeMs, heard.get(device) ?? 0))
    this.values.heard = heard
    this.#put('heard', encodeHeard(heard))
  }
  notify(kind: NoticeKind, params: StoredNotice['params'], timeMs = this.#keychain.nowMs()): void {
    // the same news twice is noise: an alarm stays one notice however often it is met
    const same = this.notices.find(
      (notice) => !notice.seen && notice.kind === kind && JSON.stringify(notice.params) === JSON.stringify(params),
    )
    if (same === undefined)
      this.setNotices([...this.notices, { id: toHex(this.#keychain.random.bytes(8)), kind, timeMs, params, seen: false }])
  }
  setNotices(notices: readonly StoredNotice[]): void {
    this.values.notices = notices
    this.#put('notices', encodeNotices(notices))
  }
  putState(key: string, value: Uint8Array | null): void {
    this.#put(key, value)
  }

  /** A local change: the item becomes dirty, remembering what the change was made on (in the same transaction, SPEC LOC-1). */
  putLocal(id: ItemId, item: Item, before: StoredItem | undefined): void {
    const entry = this.entry(id)
    if (entry?.dirty !== true)
      this.#ops.push({ op: 'put', table: 'outbox', key: id, value: encodeCbor([before === undefined ? null : encodeItem(before.item)]) })
    this.#writeItem(id, { item, serial: (before?.serial ?? 0) + 1 })
    this.setEntry({
      id,
      recordHash: entry?.recordHash ?? null,
      epoch: entry?.epoch ?? 0,
      state: entry?.state ?? 'ok',
      unconfirmed: entry?.unconfirmed ?? false,
      dirty: true,
      summary: this.#summary(id, item),
    })
  }

  /** What the log says an item is, with nothing of ours on top. */
  putRemote(id: ItemId, item: Item, recordHash: Bytes, epoch: number, serial: number): void {
    if (this.entry(id)?.dirty === true) this.#ops.push({ op: 'delete', table: 'outbox', key: id })
    this.#writeItem(id, { item, serial })
    this.#leaveQuarantine(id)
    this.setEntry({ id, recordHash, epoch, state: 'ok', dirty: false, unconfirmed: false, summary: this.#summary(id, item) })
  }

  /** A merge that differs from the log: dirty, made on `remote`. */
  putMerged(id: ItemId, item: Item, remote: Item, recordHash: Bytes, epoch: number, serial: number): void {
    this.#ops.push({ op: 'put', table: 'outbox', key: id, value: encodeCbor([encodeItem(remote)]) })
    this.#writeItem(id, { item, serial })
    this.#leaveQuarantine(id)
    this.setEntry({ id, recordHash, epoch, state: 'ok', dirty: true, unconfirmed: false, summary: this.#summary(id, item) })
  }

  /** The log moved on to a record that is not here (yet) or cannot be read; older content stays readable. */
  putWithout(id: ItemId, state: 'missing' | 'quarantined', recordHash: Bytes, epoch: number, envelope?: Uint8Array): void {
    const entry = this.entry(id)
    if (envelope !== undefined) this.#ops.push({ op: 'put', table: 'quarantine', key: id, value: envelope })
    this.setEntry({
      id,
      recordHash,
      epoch,
      state,
      dirty: entry?.dirty ?? false,
      unconfirmed: entry?.unconfirmed ?? false,
      summary: entry?.summary ?? null,
    })
  }

  /** Our push of `serial` is in the log as `recordHash`. */
  acknowledge(
    id: ItemId,
    present: StoredItem,
    pushed: { readonly serial: number; readonly encoded: Bytes; readonly recordHash: Bytes; readonly epoch: number },
  ): void {
    const entry = this.entry(id)
    if (entry === undefined) return
    const settled = present.serial === pushed.serial
    if (settled) this.#ops.push({ op: 'delete', table: 'outbox', key: id })
    else this.#ops.push({ op: 'put', table: 'outbox', key: id, value: encodeCbor([pushed.encoded]) })
    this.setEntry({ ...entry, recordHash: pushed.recordHash, epoch: pushed.epoch, state: 'ok', dirty: !settled, unconfirmed: false })
  }

  /** Nothing of ours is left to send. */
  settle(id: ItemId): void {
    const entry = this.entry(id)
    if (entry?.dirty !== true) return
    this.#ops.push({ op: 'delete', table: 'outbox', key: id })
    this.setEntry({ ...entry, dirty: false })
  }

  setEntry(entry: IndexEntry): void {
    const before = this.entry(entry.id)
    if (before !== undefined && before.recordHash !== null && entry.recordHash === null) this.rootChanged = true
    this.entries.set(entry.id, entry)
  }

  /** Everything that concerns items goes: turning off with deletion, or removal with it (D2, B3). */
  clearItems(): void {
    for (const table of ['items', 'pages', 'outbox', 'quarantine'] as const) this.#ops.push({ op: 'clear', table })
    this.#put(usedItemsRow, null)
    this.entries.clear()
    this.cleared = true
  }

  ops(): readonly StoreOp[] {
    const buckets = new Map<string, Set<ItemId>>()
    for (const id of this.entries.keys()) {
      const bucket = pageKeyOf(id)
      let ids = buckets.get(bucket)
      if (ids === undefined) buckets.set(bucket, (ids = new Set(this.cleared ? [] : this.#memory.buckets.get(bucket))))
      ids.add(id)
    }
    for (const [bucket, ids] of buckets) {
      this.#ops.push({ op: 'put', table: 'pages', key: bucket, value: encodePage([...ids].map((id) => this.entry(id) as IndexEntry)) })
    }
    if (this.#clockUsed) {
      const last = (this.values.clock ?? this.#clock).last
      this.#put('clock', encodeCbor([last.ms, last.ctr]))
    }
    return this.#ops
  }

  #summary(id: ItemId, item: Item) {
    return summarise(id, item, contentKey(item))
  }
  #writeItem(id: ItemId, stored: StoredItem): void {
    this.#ops.push({ op: 'put', table: 'items', key: id, value: encodeStoredItem(stored) })
  }
  #leaveQuarantine(id: ItemId): void {
    if (this.entry(id)?.state === 'quarantined') this.#ops.push({ op: 'delete', table: 'quarantine', key: id })
  }
  #put(key: string, value: Uint8Array | null): void {
    this.#ops.push(value === null ? { op: 'delete', table: 'state', key } : { op: 'put', table: 'state', key, value })
  }
}
