/**
 * The store over Kysely, whatever database is below. Queries on the hot paths are compiled once (`prepared`), because building one
 * costs more than running it. Rows become domain values here and nowhere else.
 */
import type { CompiledQuery, Kysely, Transaction } from 'kysely'
import { NokkelError, type AccountId, type Bytes, type DeviceId, type ItemId, type RequestId, type VaultId } from '@nokkel/base'
import type { DeviceClass, LogPosition } from '@nokkel/protocol/wire'
import type { RunTransaction } from './group-commit.ts'
import { preparedQueries, withParameters, type PreparedQueries } from './prepared.ts'
import type { AccountsTable, JoinMessagesTable, JoinRequestsTable, Schema, SessionsTable } from './schema.ts'
import type {
  AccountRow,
  ActivityRow,
  JoinMessageRow,
  JoinRow,
  JoinState,
  LogPage,
  PageLimits,
  PruneLimits,
  SessionRow,
  SessionState,
  SessionWithAccount,
  ShareRow,
  Store,
  StoredBatch,
  StoreReads,
  StoreTx,
  UsageDelta,
  VaultState,
  WrapRow,
} from './store.ts'

/** node:sqlite and pg differ in the class of blobs (Uint8Array, Buffer); both are Uint8Array, and so is what we hand on. */
function accountOf(row: AccountsTable): AccountRow {
  return {
    accountId: row.account_id as AccountId,
    email: row.email,
    phone: row.phone,
    region: row.region,
    registrationRecord: row.registration_record,
    bind: row.bind,
    genesisHash: row.genesis_hash,
    circleSeq: row.circle_seq,
    circleHead: row.circle_head,
    recordCount: row.record_count,
    storedBytes: row.stored_bytes,
    batchCount: row.batch_count,
    createdMs: row.created_ms,
  }
}

function sessionOf(row: SessionsTable): SessionRow {
  return {
    accountId: row.account_id as AccountId,
    deviceId: row.device_id as DeviceId,
    tokenHash: row.token_hash,
    class: row.class as DeviceClass,
    signKey: row.sign_key,
    state: row.state as SessionState,
    createdMs: row.created_ms,
    usedMs: row.used_ms,
  }
}

function joinOf(row: JoinRequestsTable): JoinRow {
  return {
    requestId: row.request_id as RequestId,
    deviceId: row.device_id as DeviceId,
    class: row.class as DeviceClass,
    name: row.name,
    place: row.place,
    state: row.state as JoinState,
    createdMs: row.created_ms,
  }
}

function joinMessageOf(row: JoinMessagesTable): JoinMessageRow {
  return { run: row.run, step: row.step as 1 | 2 | 3, sender: row.sender as DeviceId, body: row.body, createdMs: row.created_ms }
}

class KyselyReads<Db extends Kysely<Schema>> implements StoreReads {
  protected readonly db: Db
  protected readonly queries: PreparedQueries

  constructor(db: Db, queries: PreparedQueries) {
    this.db = db
    this.queries = queries
  }

  protected async run<Row>(query: CompiledQuery<Row>, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.db.executeQuery(withParameters(query, parameters))).rows
  }

  async findAccount(account: AccountId): Promise<AccountRow | undefined> {
    const [row] = await this.run(this.queries.account, [account])
    return row && accountOf(row)
  }

  async findAccountByEmail(emailKey: string): Promise<AccountRow | undefined> {
    const [row] = await this.run(this.queries.accountByEmail, [emailKey])
    return row && accountOf(row)
  }

  async findSession(tokenHash: Uint8Array): Promise<SessionWithAccount | undefined> {
    const [row] = await this.run(this.queries.sessionByToken, [tokenHash])
    return row && { ...sessionOf(row), region: row.region }
  }

  async findSessionOfDevice(account: AccountId, device: DeviceId): Promise<SessionRow | undefined> {
    const row = await this.db.selectFrom('sessions').selectAll().where('account_id', '=', account).where('device_id', '=', device).executeTakeFirst()
    return row && sessionOf(row)
  }

  async sessionsOf(account: AccountId): Promise<SessionRow[]> {
    return (await this.db.selectFrom('sessions').selectAll().where('account_id', '=', account).orderBy('used_ms', 'desc').execute()).map(sessionOf)
  }

  async circleEntries(account: AccountId, after: number, upTo: number, limit: number): Promise<Bytes[]> {
    const rows = await this.db
      .selectFrom('circle_entries')
      .select('entry')
      .where('account_id', '=', account)
      .where('seq', '>', after)
      .where('seq', '<=', upTo)
      .orderBy('seq')
      .limit(limit)
      .execute()
    return rows.map((row) => row.entry)
  }

  async sharesOf(account: AccountId, device: DeviceId): Promise<Bytes[]> {
    const rows = await this.db.selectFrom('shares').select('share').where('account_id', '=', account).where('device_id', '=', device).orderBy('generation').execute()
    return rows.map((row) => row.share)
  }

  async wrapsOf(account: AccountId): Promise<Bytes[]> {
    const rows = await this.db.selectFrom('wraps').select('wrap').where('account_id', '=', account).orderBy('vault_id').orderBy('epoch').orderBy('kind').orderBy('under_key').execute()
    return rows.map((row) => row.wrap)
  }

  async vaultState(account: AccountId, vault: VaultId): Promise<VaultState | undefined> {
    const [row] = await this.run(this.queries.vault, [account, vault])
    return row && { seq: row.head_seq, hash: row.head_hash, recordCount: row.record_count }
  }

  async logEnds(account: AccountId): Promise<Map<VaultId, LogPosition>> {
    const rows = await this.db.selectFrom('vaults').select(['vault_id', 'head_seq', 'head_hash']).where('account_id', '=', account).execute()
    return new Map(rows.map((row) => [row.vault_id as VaultId, { seq: row.head_seq, hash: row.head_hash }]))
  }

  async batchHash(account: AccountId, vault: VaultId, seq: number): Promise<Bytes | undefined> {
    const row = await this.db.selectFrom('batches').select('hash').where('account_id', '=', account).where('vault_id', '=', vault).where('seq', '=', seq).executeTakeFirst()
    return row?.hash
  }

  async records(account: AccountId, vault: VaultId, items: readonly ItemId[]): Promise<Bytes[]> {
    if (items.length === 0) return []
    const rows = await this.db
      .selectFrom('records')
      .select('record')
      .where('account_id', '=', account)
      .where('vault_id', '=', vault)
      .where('item_id', 'in', items)
      .orderBy('item_id')
      .execute()
    return rows.map((row) => row.record)
  }

  async joinRequest(account: AccountId, request: RequestId): Promise<JoinRow | undefined> {
    const row = await this.db.selectFrom('join_requests').selectAll().where('account_id', '=', account).where('request_id', '=', request).executeTakeFirst()
    return row && joinOf(row)
  }

  async joinRequests(account: AccountId, sinceMs: number): Promise<JoinRow[]> {
    const rows = await this.db
      .selectFrom('join_requests')
      .selectAll()
      .where('account_id', '=', account)
      .where('created_ms', '>', sinceMs)
      .orderBy('created_ms', 'desc')
      .orderBy('request_id')
      .execute()
    return rows.map(joinOf)
  }

  async joinMessages(account: AccountId, request: RequestId): Promise<JoinMessageRow[]> {
    const rows = await this.db
      .selectFrom('join_messages')
      .selectAll()
      .where('account_id', '=', account)
      .where('request_id', '=', request)
      .orderBy('created_ms')
      .orderBy('run')
      .orderBy('step')
      .execute()
    return rows.map(joinMessageOf)
  }

  async activity(account: AccountId, limit: number): Promise<ActivityRow[]> {
    const rows = await this.db.selectFrom('activity').selectAll().where('account_id', '=', account).orderBy('n', 'desc').limit(limit).execute()
    return rows.map((row) => ({ timeMs: row.time_ms, kind: row.kind, deviceId: row.device_id as DeviceId | null, place: row.place, detail: row.detail }))
  }
}

class KyselyTx extends KyselyReads<Transaction<Schema>> implements StoreTx {
  async batchesBetween(account: AccountId, vault: VaultId, after: number, upTo: number): Promise<Bytes[]> {
    return (await this.run(this.queries.batchesBetween, [account, vault, after, upTo])).map((row) => row.batch)
  }

  /** In the order of the batches that wrote them. */
  async recordsBetween(account: AccountId, vault: VaultId, after: number, upTo: number): Promise<Bytes[]> {
    return (await this.run(this.queries.recordsBetween, [account, vault, after, upTo])).map((row) => row.record)
  }

  async insertAccount(account: Parameters<StoreTx['insertAccount']>[0]): Promise<void> {
    const inserted = await this.db
      .insertInto('accounts')
      .values({
        account_id: account.accountId,
        email: account.email,
        email_key: account.emailKey,
        phone: account.phone,
        region: account.region,
        registration_record: account.registrationRecord,
        bind: account.bind,
        genesis_hash: account.genesisHash,
        circle_seq: -1,
        circle_head: new Uint8Array(0),
        record_count: 0,
        stored_bytes: 0,
        batch_count: 0,
        activity_n: 0,
        created_ms: account.createdMs,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('account_id')
      .executeTakeFirst()
    if (inserted === undefined) throw new NokkelError('account-exists')
  }

  async insertVault(account: AccountId, vault: VaultId, start: LogPosition): Promise<void> {
    await this.db.insertInto('vaults').values({ account_id: account, vault_id: vault, head_seq: start.seq, head_hash: start.hash, record_count: 0 }).execute()
  }

  async appendCircleEntry(account: AccountId, seq: number, entry: Uint8Array, hash: Uint8Array): Promise<void> {
    await this.db.insertInto('circle_entries').values({ account_id: account, seq, entry: entry as Bytes }).execute()
    await this.db.updateTable('accounts').set({ circle_seq: seq, circle_head: hash as Bytes }).where('account_id', '=', account).execute()
  }

  async insertShares(account: AccountId, shares: readonly ShareRow[]): Promise<void> {
    for (const { deviceId, generation, share } of shares) {
      await this.db.insertInto('shares').values({ account_id: account, device_id: deviceId, generation, share }).execute()
    }
  }

  async insertWraps(account: AccountId, wraps: readonly WrapRow[]): Promise<void> {
    for (const { vaultId, kind, epoch, under, wrap } of wraps) {
      await this.db.insertInto('wraps').values({ account_id: account, vault_id: vaultId, kind, epoch, under_key: under, wrap }).execute()
    }
  }

  async appendBatch(account: AccountId, vault: VaultId, batch: StoredBatch): Promise<UsageDelta> {
    await this.run(this.queries.insertBatch, [account, vault, batch.seq, batch.hash, batch.batch.length, batch.batch])
    let records = 0
    let bytes = batch.batch.length
    for (const { itemId, record } of batch.records) {
      const [old] = await this.run(this.queries.recordSize, [account, vault, itemId])
      if (old === undefined) records++
      bytes += record.length - (old?.size ?? 0)
      await this.run(this.queries.putRecord, [account, vault, itemId, batch.seq, record.length, record])
    }
    await this.run(this.queries.moveLogEnd, [batch.seq, batch.hash, records, account, vault])
    await this.run(this.queries.addUsage, [records, bytes, account])
    return { records, bytes }
  }

  async putSession(session: SessionRow): Promise<void> {
    await this.deleteSession(session.accountId, session.deviceId)
    await this.db
      .insertInto('sessions')
      .values({
        account_id: session.accountId,
        device_id: session.deviceId,
        token_hash: session.tokenHash,
        class: session.class,
        sign_key: session.signKey,
        state: session.state,
        created_ms: session.createdMs,
        used_ms: session.usedMs,
      })
      .execute()
  }

  async setSessionState(account: AccountId, device: DeviceId, state: SessionState): Promise<void> {
    await this.db.updateTable('sessions').set({ state }).where('account_id', '=', account).where('device_id', '=', device).execute()
  }

  async deleteSession(account: AccountId, device: DeviceId): Promise<void> {
    await this.db.deleteFrom('sessions').where('account_id', '=', account).where('device_id', '=', device).execute()
  }

  async putJoinRequest(account: AccountId, request: JoinRow): Promise<void> {
    await this.db
      .insertInto('join_requests')
      .values({
        account_id: account,
        request_id: request.requestId,
        device_id: request.deviceId,
        class: request.class,
        name: request.name,
        place: request.place,
        state: request.state,
        created_ms: request.createdMs,
      })
      .execute()
  }

  async setJoinState(account: AccountId, request: RequestId, state: JoinState): Promise<void> {
    await this.db.updateTable('join_requests').set({ state }).where('account_id', '=', account).where('request_id', '=', request).execute()
  }

  async insertJoinMessage(account: AccountId, request: RequestId, message: JoinMessageRow): Promise<void> {
    await this.db
      .insertInto('join_messages')
      .values({ account_id: account, request_id: request, run: message.run, step: message.step, sender: message.sender, body: message.body, created_ms: message.createdMs })
      .execute()
  }

  async deleteJoinRun(account: AccountId, request: RequestId, run: string): Promise<void> {
    await this.db.deleteFrom('join_messages').where('account_id', '=', account).where('request_id', '=', request).where('run', '=', run).execute()
  }

  async addActivity(account: AccountId, event: ActivityRow, keep: number): Promise<void> {
    const counter = await this.db
      .updateTable('accounts')
      .set((eb) => ({ activity_n: eb('activity_n', '+', 1) }))
      .where('account_id', '=', account)
      .returning('activity_n')
      .executeTakeFirstOrThrow()
    const n = counter.activity_n
    await this.db
      .insertInto('activity')
      .values({ account_id: account, n, time_ms: event.timeMs, kind: event.kind, device_id: event.deviceId, place: event.place, detail: event.detail })
      .execute()
    await this.db.deleteFrom('activity').where('account_id', '=', account).where('n', '<=', n - keep).execute()
  }
}

/** Bytes that CBOR adds to each byte string of a page, at most. */
const cborHeaderBytes = 5

export class KyselyStore extends KyselyReads<Kysely<Schema>> implements Store {
  readonly serverId: string
  readonly incarnation: string
  readonly #runTransaction: RunTransaction

  /**
   * `runTransaction` is how this database does it best: SQLite, with its one connection, groups commits; PostgreSQL would lock the
   * account's row (`for update`) in a transaction of its own.
   */
  constructor(db: Kysely<Schema>, identity: { readonly serverId: string; readonly incarnation: string }, runTransaction: RunTransaction) {
    super(db, preparedQueries(db))
    this.serverId = identity.serverId
    this.incarnation = identity.incarnation
    this.#runTransaction = runTransaction
  }

  async transaction<T>(account: AccountId, work: (tx: StoreTx) => Promise<T>): Promise<T> {
    return await this.#runTransaction(account, (tx) => work(new KyselyTx(tx, this.queries)))
  }

  async logPage(account: AccountId, vault: VaultId, after: number, limits: PageLimits): Promise<LogPage | undefined> {
    const [head] = await this.run(this.queries.vault, [account, vault])
    if (head === undefined) return undefined
    if (head.head_seq <= after) return { headSeq: head.head_seq, lastSeq: after, batches: [], records: [] }
    // one transaction, so that a record overwritten meanwhile cannot fall between this page and the next
    return await this.db.transaction().execute(async (tx) => {
      const reads = new KyselyTx(tx, this.queries)
      return await pageIn(tx, reads, account, vault, after, limits)
    })
  }

  async touchSession(account: AccountId, device: DeviceId, usedMs: number): Promise<void> {
    await this.db.updateTable('sessions').set({ used_ms: usedMs }).where('account_id', '=', account).where('device_id', '=', device).execute()
  }

  async findMeta(name: string): Promise<string | undefined> {
    return (await this.db.selectFrom('server_meta').select('value').where('name', '=', name).executeTakeFirst())?.value
  }

  async setMeta(name: string, value: string): Promise<void> {
    await this.db
      .insertInto('server_meta')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }

  async countAccounts(): Promise<number> {
    const row = await this.db
      .selectFrom('accounts')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }

  async prune(limits: PruneLimits): Promise<void> {
    const ages = [
      ['active', limits.activeUsedBeforeMs],
      ['pending', limits.pendingUsedBeforeMs],
      ['removed', limits.removedUsedBeforeMs],
    ] as const
    for (const [state, before] of ages) await this.db.deleteFrom('sessions').where('state', '=', state).where('used_ms', '<', before).execute()
    await this.db.deleteFrom('join_messages').where('created_ms', '<', limits.joinsCreatedBeforeMs).execute()
    await this.db.deleteFrom('join_requests').where('created_ms', '<', limits.joinsCreatedBeforeMs).execute()
  }

  async close(): Promise<void> {
    await this.db.destroy()
  }
}

/** Cuts a page: first the sizes, then only the rows that fit, so that a long log never stands in memory. */
async function pageIn(tx: Transaction<Schema>, reads: KyselyTx, account: AccountId, vault: VaultId, after: number, limits: PageLimits): Promise<LogPage> {
  const head = await reads.vaultState(account, vault)
  const headSeq = head?.seq ?? after
  const batchSizes = await tx
    .selectFrom('batches')
    .select(['seq', 'size'])
    .where('account_id', '=', account)
    .where('vault_id', '=', vault)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limits.batches)
    .execute()
  const recordSizes = await tx
    .selectFrom('records')
    .select((eb) => ['seq', eb.fn.sum<number>('size').as('size'), eb.fn.countAll<number>().as('n')])
    .where('account_id', '=', account)
    .where('vault_id', '=', vault)
    .where('seq', '>', after)
    .where('seq', '<=', batchSizes.at(-1)?.seq ?? after)
    .groupBy('seq')
    .execute()
  const recordsAt = new Map(recordSizes.map((row) => [row.seq, { size: Number(row.size), n: Number(row.n) }]))
  let lastSeq = after
  let bytes = 0
  let records = 0
  for (const { seq, size } of batchSizes) {
    const own = recordsAt.get(seq) ?? { size: 0, n: 0 }
    bytes += size + own.size + cborHeaderBytes * (own.n + 1)
    records += own.n
    if (lastSeq > after && (bytes > limits.bytes || records > limits.records)) break
    lastSeq = seq
  }
  const batches = await reads.batchesBetween(account, vault, after, lastSeq)
  const found = await reads.recordsBetween(account, vault, after, lastSeq)
  return { headSeq, lastSeq, batches, records: found }
}
