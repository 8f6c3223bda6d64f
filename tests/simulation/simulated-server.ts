/**
 * The server of the simulations: all rules of an honest server (SPEC SYN-2 … SYN-5, CIR-13), in memory, written on
 * `@nokkel/protocol/wire` alone and apart from `apps/server`, so that the two can disagree. Accounts and sessions are given out
 * directly: signing in is not what is simulated. It must not hold a key, and it remembers every byte that it was ever sent.
 * Long because it is a whole server: its rules hold between its parts.
 */
import {
  equalBytes,
  newId,
  NokkelError,
  toBase64url,
  toHex,
  utf8,
  type AccountId,
  type Bytes,
  type Clock,
  type DeviceId,
  type ItemId,
  type Random,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import {
  Circle,
  decodePushFrame,
  decodeRecord,
  decodeShare,
  decodeWrap,
  describeEntry,
  joinRules,
  recordHash,
  shareListHash,
  signedHash,
  verifyBatch,
  verifyShare,
  type CircleAppend,
  type CircleKeys,
  type ChangesFrame,
  type DeviceClass,
  type JsonRequest,
  type JsonResponse,
  type LiveEvent,
  type Rotation,
} from '@nokkel/protocol/wire'

export type SessionState = 'pending' | 'active' | 'removed'

export interface SessionRow {
  readonly token: string
  readonly account: AccountId
  readonly device: DeviceId
  readonly class: DeviceClass
  readonly state: SessionState
}

interface StoredRecord {
  readonly seq: number
  readonly bytes: Bytes
}

export interface StoredLog {
  readonly batches: Bytes[]
  readonly hashes: Bytes[]
  readonly records: Map<ItemId, StoredRecord>
}

type JoinMessage = JsonRequest<'joinSend'> & { readonly sender: DeviceId }

interface StoredJoin {
  readonly requestId: RequestId
  readonly device: DeviceId
  readonly class: DeviceClass
  readonly name: string
  readonly createdMs: number
  readonly state: 'pending' | 'approved' | 'declined' | 'withdrawn'
  readonly messages: readonly JoinMessage[]
}

export interface StoredAccount {
  circle: Circle
  readonly entries: Bytes[]
  readonly shares: { readonly to: DeviceId; readonly bytes: Bytes }[]
  readonly wraps: Bytes[]
  readonly logs: Map<VaultId, StoredLog>
  readonly joins: Map<RequestId, StoredJoin>
}

/** What survives a crash. Values are replaced, never changed in place, so that a shallow copy is a backup. */
interface Disk {
  readonly accounts: Map<AccountId, StoredAccount>
  readonly sessions: Map<string, SessionRow>
}

export interface Backup {
  readonly disk: Disk
}

/** A server that goes on from where another one stood, as if it were the same. */
export interface Succession {
  readonly serverId: string
  readonly incarnation: string
  readonly backup: Backup
}

function copyDisk(disk: Disk): Disk {
  const accounts = [...disk.accounts].map(([id, account]): [AccountId, StoredAccount] => [
    id,
    {
      circle: account.circle,
      entries: [...account.entries],
      shares: [...account.shares],
      wraps: [...account.wraps],
      logs: new Map(
        [...account.logs].map(([vault, log]) => [
          vault,
          { batches: [...log.batches], hashes: [...log.hashes], records: new Map(log.records) },
        ]),
      ),
      joins: new Map(account.joins),
    },
  ])
  return { accounts: new Map(accounts), sessions: new Map(disk.sessions) }
}

export interface ServerOptions {
  readonly clock: Clock
  readonly random: Random
  /** batches in one page of changes; small, so that devices meet page boundaries */
  readonly pageBatches?: number
  readonly succeeds?: Succession
}

export interface LiveHandlers {
  readonly onEvent: (event: LiveEvent) => void
  readonly onClose: () => void
}

const closedToPending = new Set(['circle', 'appendCircle', 'circleKeys', 'changes', 'push', 'records', 'joinList'])
const openToRemoved = new Set(['circle', 'session', 'signOut'])

export class SimulatedServer {
  readonly clock: Clock
  readonly serverId: string
  incarnation: string
  /** every byte string that clients sent, for the search for plaintext (I5) */
  readonly traffic: Uint8Array[] = []
  /** the process is gone; the disk is not */
  down = false
  readonly #random: Random
  readonly #pageBatches: number
  #disk: Disk = { accounts: new Map(), sessions: new Map() }
  #live = new Map<string, Set<LiveHandlers>>()

  constructor(options: ServerOptions) {
    this.clock = options.clock
    this.#random = options.random
    this.#pageBatches = options.pageBatches ?? 2_000
    this.serverId = options.succeeds?.serverId ?? toHex(options.random.bytes(16))
    this.incarnation = options.succeeds?.incarnation ?? toHex(options.random.bytes(8))
    if (options.succeeds !== undefined) this.#disk = copyDisk(options.succeeds.backup.disk)
  }

  // ---- what stands in for sign-in ----------------------------------------------------------------------------------------

  openAccount(device: DeviceId, genesis: Bytes, shares: readonly Bytes[], wraps: readonly Bytes[]): SessionRow {
    this.#hear(genesis, ...shares, ...wraps)
    const circle = Circle.replay([genesis])
    for (const share of shares) verifyShare(circle, share)
    const start = { batches: [], hashes: [], records: new Map() }
    const account: StoredAccount = {
      circle,
      entries: [genesis],
      shares: shares.map((bytes) => ({ to: decodeShare(bytes).share.to, bytes })),
      wraps: [...wraps],
      logs: new Map([...circle.vaults.keys()].map((vault) => [vault, { ...start, records: new Map() }])),
      joins: new Map(),
    }
    this.#disk.accounts.set(circle.account, account)
    return this.#putSession({ account: circle.account, device, class: 'cli', state: 'active' })
  }

  /** As after a sign-in with the right password: active for members, pending for everybody else. */
  openSession(account: AccountId, device: DeviceId, deviceClass: DeviceClass): SessionRow {
    const known = this.account(account).circle.devices.get(device)
    if (known !== undefined && known.status !== 'active') throw new NokkelError('device-removed')
    return this.#putSession({ account, device, class: deviceClass, state: known === undefined ? 'pending' : 'active' })
  }

  #putSession(session: Omit<SessionRow, 'token'>): SessionRow {
    for (const [token, old] of this.#disk.sessions) if (old.device === session.device) this.#disk.sessions.delete(token)
    const row = { ...session, token: toBase64url(this.#random.bytes(16)) }
    this.#disk.sessions.set(row.token, row)
    return row
  }

  // ---- faults of the machine ---------------------------------------------------------------------------------------------

  crash(): void {
    this.down = true
    const ended = this.#live
    this.#live = new Map()
    for (const handlers of ended.values()) for (const { onClose } of handlers) onClose()
  }

  restart(): void {
    this.down = false
  }

  backup(): Backup {
    return { disk: copyDisk(this.#disk) }
  }

  /** An operator put an old backup in place; the server knows, and says so by a new incarnation (SYN-17). */
  restore(backup: Backup): void {
    this.crash()
    this.#disk = copyDisk(backup.disk)
    this.incarnation = toHex(this.#random.bytes(8))
    this.restart()
  }

  account(id: AccountId): StoredAccount {
    const account = this.#disk.accounts.get(id)
    if (account === undefined) throw new NokkelError('session-invalid')
    return account
  }

  /** The one vault's log of an account with one vault. */
  log(id: AccountId): StoredLog {
    return [...this.account(id).logs.values()][0] as StoredLog
  }

  /** Everything at rest and everything ever sent: where no plaintext may be (I5). */
  *allBytes(): Iterable<Uint8Array> {
    yield* this.traffic
    for (const account of this.#disk.accounts.values()) {
      yield* account.entries
      for (const { bytes } of account.shares) yield bytes
      yield* account.wraps
      for (const log of account.logs.values()) {
        yield* log.batches
        for (const { bytes } of log.records.values()) yield bytes
      }
    }
  }

  // ---- the calls ---------------------------------------------------------------------------------------------------------

  info(): JsonResponse<'server'> {
    return {
      serverId: this.serverId,
      name: 'simulated',
      version: '0.0.0',
      protocol: { min: 1, max: 1 },
      minimumClient: { cli: '0.0.0', web: '0.0.0', extension: '0.0.0' },
      registration: 'open',
      regions: null,
      timeMs: this.clock.nowMs(),
    }
  }

  session(token: string): JsonResponse<'session'> {
    const session = this.#authorize(token, 'session')
    return {
      state: session.state,
      accountId: session.account,
      deviceId: session.device,
      timeMs: this.clock.nowMs(),
      end: null,
      circleHead: null,
    }
  }

  signOut(token: string): void {
    this.#authorize(token, 'signOut')
    this.#disk.sessions.delete(token)
  }

  circle(token: string, after: number): Bytes[] {
    const session = this.#authorize(token, 'circle')
    const { circle, entries } = this.account(session.account)
    const upTo = session.state === 'removed' ? (circle.devices.get(session.device)?.endedSeq ?? -1) : circle.seq
    return entries.slice(after + 1, upTo + 1)
  }

  appendCircle(token: string, append: CircleAppend): void {
    const session = this.#authorize(token, 'appendCircle')
    this.#hear(append.entry, ...append.shares, ...append.wraps)
    const account = this.account(session.account)
    const { circle } = account
    if (!circle.isActive(session.device)) throw new NokkelError('device-removed')
    if (equalBytes(signedHash(append.entry), circle.head)) return
    if (!equalBytes(append.expectedHead, circle.head)) throw new NokkelError('circle-moved', { seq: circle.seq })
    const { entry, signer } = describeEntry(append.entry)
    const { payload } = entry
    if (signer !== session.device) throw new NokkelError('circle-invalid', { rule: 'CIR-2' })
    if (payload.type === 'leave' && circle.activeDevices().length === 1) throw new NokkelError('last-device')
    const next = circle.extend([append.entry])
    if (payload.type === 'rotate' || payload.type === 'remove') ensureRotation(account, next, payload.rotation, append)
    else if (payload.type === 'add') ensureAdd(next, payload.device.id, payload.shareHash, append)
    else if (append.shares.length > 0 || append.wraps.length > 0) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
    account.circle = next
    account.entries.push(append.entry)
    account.shares.push(...append.shares.map((bytes) => ({ to: decodeShare(bytes).share.to, bytes })))
    account.wraps.push(...append.wraps)
    if (payload.type === 'add') this.#admit(account, payload.device.id)
    for (const ended of payload.type === 'remove' ? payload.devices : payload.type === 'leave' ? [signer] : [])
      this.#setSession(ended, 'removed')
    this.#publish(session.account, { type: 'circle', seq: next.seq })
  }

  circleKeys(token: string): CircleKeys {
    const session = this.#authorize(token, 'circleKeys')
    const { shares, wraps } = this.account(session.account)
    return { shares: shares.filter(({ to }) => to === session.device).map(({ bytes }) => bytes), wraps: [...wraps] }
  }

  /** One page; the caller asks for the next while `lastSeq` is short of `headSeq`. */
  page(token: string, vault: VaultId, after: number, incarnation: string | null): ChangesFrame & { readonly lastSeq: number } {
    const session = this.#authorize(token, 'changes')
    if (incarnation !== null && incarnation !== this.incarnation) throw new NokkelError('cursor-gone')
    const log = this.#logOf(session.account, vault)
    const headSeq = log.batches.length
    const lastSeq = Math.max(after, Math.min(headSeq, after + this.#pageBatches))
    const records = [...log.records.values()].filter(({ seq }) => seq > after && seq <= lastSeq).sort((a, b) => a.seq - b.seq)
    return {
      incarnation: this.incarnation,
      headSeq,
      lastSeq,
      batches: log.batches.slice(after, lastSeq),
      records: records.map(({ bytes }) => bytes),
    }
  }

  /** One frame, one transaction. */
  pushFrame(token: string, vault: VaultId, encoded: Uint8Array): number {
    const session = this.#authorize(token, 'push')
    this.#hear(encoded)
    const account = this.account(session.account)
    if (!account.circle.isActive(session.device)) throw new NokkelError('device-removed')
    const log = this.#logOf(session.account, vault)
    const frame = decodePushFrame(encoded)
    const end = log.batches.length
    const known = log.hashes.findIndex((hash) => equalBytes(hash, signedHash(frame.batch)))
    if (known >= 0) return known + 1
    if (account.circle.rotationDue) throw new NokkelError('circle-moved', { seq: account.circle.seq })
    let signed: ReturnType<typeof verifyBatch>
    try {
      signed = verifyBatch(account.circle, vault, { seq: end, hash: log.hashes.at(-1) ?? account.circle.genesisHash }, frame.batch)
    } catch (error) {
      if (error instanceof NokkelError && error.code === 'batch-gap') throw new NokkelError('conflict', { seq: end })
      throw error
    }
    const { batch } = signed
    if (signed.device !== session.device) throw new NokkelError('record-forged', { rule: 'SYN-3' })
    if (batch.ops.length !== frame.records.length) throw new NokkelError('malformed', { what: 'push' })
    const epoch = account.circle.epochAt(vault, batch.seq)?.epoch ?? 0
    for (const [at, op] of batch.ops.entries()) {
      const bytes = frame.records[at] as Bytes
      if (!equalBytes(recordHash(bytes), op.recordHash)) throw new NokkelError('record-forged', { rule: 'SYN-4' })
      const record = decodeRecord(bytes)
      if (record.vault !== vault || record.item !== op.item || record.epoch > epoch)
        throw new NokkelError('record-forged', { rule: 'REC-2' })
      if (record.epoch < epoch) throw new NokkelError('epoch-old', { epoch })
    }
    log.batches.push(frame.batch)
    log.hashes.push(signed.hash)
    for (const [at, op] of batch.ops.entries()) log.records.set(op.item, { seq: batch.seq, bytes: frame.records[at] as Bytes })
    this.#publish(session.account, { type: 'log', vault, seq: batch.seq })
    return batch.seq
  }

  records(token: string, vault: VaultId, items: readonly ItemId[]): Bytes[] {
    const session = this.#authorize(token, 'records')
    const log = this.#logOf(session.account, vault)
    return items.flatMap((item) => log.records.get(item)?.bytes ?? [])
  }

  joinCreate(token: string, name: string): JsonResponse<'joinCreate'> {
    const session = this.#authorize(token, 'joinCreate')
    if (session.state === 'active') throw new NokkelError('already-trusted')
    const { joins } = this.account(session.account)
    for (const [id, old] of joins)
      if (old.device === session.device && old.state === 'pending') joins.set(id, { ...old, state: 'withdrawn' })
    const requestId = newId<RequestId>(this.#random)
    const createdMs = this.clock.nowMs()
    joins.set(requestId, { requestId, device: session.device, class: session.class, name, createdMs, state: 'pending', messages: [] })
    this.#publish(session.account, { type: 'join', requestId })
    return { requestId, expiresMs: createdMs + joinRules.requestLifetimeMs }
  }

  joinList(token: string): JsonResponse<'joinList'> {
    const session = this.#authorize(token, 'joinList')
    return { requests: [...this.account(session.account).joins.values()].flatMap((join) => this.#shown(join) ?? []) }
  }

  joinDecline(token: string, request: RequestId): void {
    const session = this.#authorize(token, 'joinDecline')
    const join = this.#findJoin(session, request)
    if (join.state !== 'pending') return
    this.account(session.account).joins.set(request, { ...join, state: join.device === session.device ? 'withdrawn' : 'declined' })
    this.#publish(session.account, { type: 'join', requestId: request })
  }

  joinSend(token: string, request: RequestId, message: JsonRequest<'joinSend'>): void {
    const session = this.#authorize(token, 'joinSend')
    this.#hear(utf8(message.body))
    const join = this.#findJoin(session, request)
    const same = join.messages.find((known) => known.run === message.run && known.step === message.step)
    if (same !== undefined) {
      if (same.sender === session.device && same.body === message.body) return
      throw new NokkelError('conflict', { what: 'step' })
    }
    if ((message.step === 2) !== (session.device === join.device)) throw new NokkelError('conflict', { what: 'step' })
    if (this.#shown(join)?.state === 'expired') throw new NokkelError('request-expired')
    if (join.state === 'declined') throw new NokkelError('request-declined')
    if (message.step === 1 && new Set(join.messages.map(({ run }) => run)).size >= joinRules.runsPerRequest)
      throw new NokkelError('code-attempts-used')
    if (message.step > 1 && !join.messages.some(({ run, step }) => run === message.run && step === message.step - 1))
      throw new NokkelError('conflict', { what: 'step' })
    this.account(session.account).joins.set(request, { ...join, messages: [...join.messages, { ...message, sender: session.device }] })
    this.#publish(session.account, { type: 'join', requestId: request })
  }

  joinReceive(token: string, request: RequestId, run: string | null): JsonResponse<'joinReceive'> {
    const session = this.#authorize(token, 'joinReceive')
    const join = this.#findJoin(session, request)
    const shown = this.#shown(join)
    if (shown === undefined) throw new NokkelError('request-not-found')
    return {
      request: shown,
      messages: join.messages
        .filter((message) => run === null || message.run === run)
        .map(({ run: of, step, body }) => ({ run: of, step, body })),
    }
  }

  listen(token: string, handlers: LiveHandlers): { close(): void } {
    const session = this.#authorize(token, 'live')
    const set = this.#live.get(session.account) ?? new Set()
    set.add(handlers)
    this.#live.set(session.account, set)
    return { close: () => set.delete(handlers) }
  }

  // ---- inside ------------------------------------------------------------------------------------------------------------

  #authorize(token: string, call: string): SessionRow {
    if (this.down) throw new NokkelError('server-unavailable')
    const session = this.#disk.sessions.get(token)
    if (session === undefined) throw new NokkelError('session-invalid')
    if (session.state === 'removed' && !openToRemoved.has(call)) throw new NokkelError('device-removed')
    if (session.state === 'pending' && closedToPending.has(call)) throw new NokkelError('session-pending')
    return session
  }

  #hear(...bytes: readonly Uint8Array[]): void {
    this.traffic.push(...bytes)
  }

  #logOf(account: AccountId, vault: VaultId): StoredLog {
    const log = this.account(account).logs.get(vault)
    if (log === undefined) throw new NokkelError('not-found', { what: 'vault' })
    return log
  }

  #setSession(device: DeviceId, state: SessionState): void {
    for (const [token, session] of this.#disk.sessions) if (session.device === device) this.#disk.sessions.set(token, { ...session, state })
  }

  #admit(account: StoredAccount, device: DeviceId): void {
    this.#setSession(device, 'active')
    for (const [id, join] of account.joins)
      if (join.device === device && join.state === 'pending') account.joins.set(id, { ...join, state: 'approved' })
  }

  #findJoin(session: SessionRow, request: RequestId): StoredJoin {
    const join = this.account(session.account).joins.get(request)
    if (join === undefined || join.state === 'withdrawn' || (session.state !== 'active' && join.device !== session.device))
      throw new NokkelError('request-not-found')
    return join
  }

  #shown(join: StoredJoin): JsonResponse<'joinReceive'>['request'] | undefined {
    if (join.state === 'withdrawn') return undefined
    const expiresMs = join.createdMs + joinRules.requestLifetimeMs
    const state = join.state === 'pending' && this.clock.nowMs() >= expiresMs ? 'expired' : join.state
    return {
      requestId: join.requestId,
      deviceId: join.device,
      class: join.class,
      name: join.name,
      place: 'here',
      createdMs: join.createdMs,
      expiresMs,
      seenMs: null,
      state,
    }
  }

  #publish(account: AccountId, event: LiveEvent): void {
    for (const { onEvent } of this.#live.get(account) ?? []) onEvent(event)
  }
}

/** Exactly one share for each device that stays, of the set that the signed entry names, and frozen ends that are the logs' own. */
function ensureRotation(account: StoredAccount, next: Circle, rotation: Rotation, append: CircleAppend): void {
  for (const vault of rotation.vaults) {
    const log = account.logs.get(vault.vault)
    const hash = log?.hashes.at(-1) ?? account.circle.genesisHash
    if (vault.frozenSeq !== log?.batches.length || !equalBytes(vault.frozenHash, hash))
      throw new NokkelError('conflict', { seq: log?.batches.length ?? 0 })
  }
  if (!equalBytes(shareListHash(append.shares), rotation.sharesHash)) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  const wanted = new Set(next.activeDevices().map(({ id }) => id))
  for (const bytes of append.shares) {
    const share = verifyShare(next, bytes)
    if (share.generation !== rotation.accountKey.generation || !wanted.delete(share.to))
      throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  }
  const wraps = new Set(
    rotation.vaults.flatMap(({ vault, epoch }) => [
      `vault ${vault} ${epoch} ${rotation.accountKey.generation}`,
      `previous ${vault} ${epoch - 1} ${epoch}`,
    ]),
  )
  for (const bytes of append.wraps) {
    const wrap = decodeWrap(bytes)
    if (!wraps.delete(`${wrap.kind} ${wrap.vault} ${wrap.epoch} ${wrap.under}`)) throw new NokkelError('share-invalid', { rule: 'KEY-9' })
  }
  if (wanted.size > 0 || wraps.size > 0) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
}

function ensureAdd(next: Circle, device: DeviceId, shareHash: Bytes, append: CircleAppend): void {
  const [bytes] = append.shares
  if (bytes === undefined || append.shares.length !== 1 || append.wraps.length > 0 || !equalBytes(signedHash(bytes), shareHash))
    throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  const share = verifyShare(next, bytes)
  if (share.to !== device || share.generation !== next.accountKey.generation) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
}
