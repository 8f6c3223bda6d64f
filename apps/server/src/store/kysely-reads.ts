/** Reads of the store, inside a transaction or outside. Rows become domain values here and nowhere else. */
import type { CompiledQuery, Kysely } from 'kysely'
import type { AccountId, Bytes, DeviceId, ItemId, RequestId, VaultId } from '@nokkel/base'
import type { DeviceClass, LogPosition } from '@nokkel/protocol/wire'
import { AuditStore } from '../audit/audit-store.ts'
import { OutgoingStore } from '../outgoing/outgoing-store.ts'
import { SupportStore } from '../support/support-store.ts'
import { VerificationStore } from '../verification/verification-store.ts'
import { withParameters, type PreparedQueries } from './prepared.ts'
import type { AccountsTable, JoinMessagesTable, JoinRequestsTable, Schema, SessionsTable } from './schema.ts'
import type {
  AccountRow,
  ActivityRow,
  JoinMessageRow,
  JoinRow,
  JoinState,
  KeychainEndRow,
  EscrowRecordRow,
  PushRow,
  RecoveryBundleRow,
  SessionRow,
  SessionState,
  SessionWithAccount,
  StoreReads,
  VaultState,
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
    twoFactorStatement: row.two_factor_statement,
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

export function sessionWithAccountOf(row: SessionsTable & { readonly region: string | null }): SessionWithAccount {
  return { ...sessionOf(row), region: row.region }
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
    seenMs: row.seen_ms,
  }
}

function joinMessageOf(row: JoinMessagesTable): JoinMessageRow {
  return { run: row.run, step: row.step as 1 | 2 | 3, sender: row.sender as DeviceId, body: row.body, createdMs: row.created_ms }
}

export class KyselyReads<Db extends Kysely<Schema>> implements StoreReads {
  protected readonly db: Db
  protected readonly queries: PreparedQueries

  constructor(db: Db, queries: PreparedQueries) {
    this.db = db
    this.queries = queries
  }

  protected async run<Row>(query: CompiledQuery<Row>, parameters: readonly unknown[]): Promise<Row[]> {
    return (await this.db.executeQuery(withParameters(query, parameters))).rows
  }

  get verification(): VerificationStore {
    return new VerificationStore(this.db)
  }

  get support(): SupportStore {
    return new SupportStore(this.db)
  }

  get audit(): AuditStore {
    return new AuditStore(this.db)
  }

  get outgoing(): OutgoingStore {
    return new OutgoingStore(this.db)
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
    return row && sessionWithAccountOf(row)
  }

  async findSessionOfDevice(account: AccountId, device: DeviceId): Promise<SessionRow | undefined> {
    const row = await this.db
      .selectFrom('sessions')
      .selectAll()
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .executeTakeFirst()
    return row && sessionOf(row)
  }

  async recoveryBundles(account: AccountId): Promise<RecoveryBundleRow[]> {
    return await this.db
      .selectFrom('recovery_bundles')
      .select(['member', 'bundle'])
      .where('account_id', '=', account)
      .orderBy('member')
      .execute()
  }

  async escrowRecords(account: AccountId): Promise<EscrowRecordRow[]> {
    const rows = await this.db
      .selectFrom('escrow_records')
      .selectAll()
      .where('account_id', '=', account)
      .orderBy('created_ms')
      .orderBy('registration')
      .execute()
    return rows.map((row) => ({
      registration: row.registration,
      slot: row.slot,
      list: row.realm_list,
      outerLock: row.outer_lock,
      label: row.label,
      createdMs: Number(row.created_ms),
    }))
  }

  async pushSubscriptions(account: AccountId): Promise<PushRow[]> {
    const rows = await this.db.selectFrom('push_subscriptions').selectAll().where('account_id', '=', account).orderBy('device_id').execute()
    return rows.map(({ device_id, endpoint, p256dh, auth }) => ({ deviceId: device_id as DeviceId, endpoint, p256dh, auth }))
  }

  async deletionDue(account: AccountId): Promise<number | undefined> {
    return (await this.db.selectFrom('deletions').select('due_ms').where('account_id', '=', account).executeTakeFirst())?.due_ms
  }

  async keychainEnd(account: AccountId): Promise<KeychainEndRow | undefined> {
    const row = await this.db.selectFrom('keychain_ends').selectAll().where('account_id', '=', account).executeTakeFirst()
    return (
      row && {
        kind: row.kind as KeychainEndRow['kind'],
        timeMs: row.time_ms,
        deviceId: row.device_id as DeviceId | null,
        genesis: row.genesis,
        endorsement: row.endorsement,
      }
    )
  }

  async sessionsOf(account: AccountId): Promise<SessionRow[]> {
    return (
      await this.db
        .selectFrom('sessions')
        .selectAll()
        .where('account_id', '=', account)
        .orderBy('used_ms', 'desc')
        .orderBy('created_ms', 'desc')
        .orderBy('device_id')
        .execute()
    ).map(sessionOf)
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
    const rows = await this.db
      .selectFrom('shares')
      .select('share')
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .orderBy('generation')
      .execute()
    return rows.map((row) => row.share)
  }

  async wrapsOf(account: AccountId): Promise<Bytes[]> {
    const rows = await this.db
      .selectFrom('wraps')
      .select('wrap')
      .where('account_id', '=', account)
      .orderBy('vault_id')
      .orderBy('epoch')
      .orderBy('kind')
      .orderBy('under_key')
      .execute()
    return rows.map((row) => row.wrap)
  }

  async vaultState(account: AccountId, vault: VaultId): Promise<VaultState | undefined> {
    const [row] = await this.run(this.queries.vault, [account, vault])
    return row && { seq: row.head_seq, hash: row.head_hash, recordCount: row.record_count }
  }

  async logEnds(account: AccountId): Promise<Map<VaultId, LogPosition>> {
    const rows = await this.db
      .selectFrom('vaults')
      .select(['vault_id', 'head_seq', 'head_hash'])
      .where('account_id', '=', account)
      .execute()
    return new Map(rows.map((row) => [row.vault_id as VaultId, { seq: row.head_seq, hash: row.head_hash }]))
  }

  async batchHash(account: AccountId, vault: VaultId, seq: number): Promise<Bytes | undefined> {
    const row = await this.db
      .selectFrom('batches')
      .select('hash')
      .where('account_id', '=', account)
      .where('vault_id', '=', vault)
      .where('seq', '=', seq)
      .executeTakeFirst()
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
    const row = await this.db
      .selectFrom('join_requests')
      .selectAll()
      .where('account_id', '=', account)
      .where('request_id', '=', request)
      .executeTakeFirst()
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
    const rows = await this.db
      .selectFrom('activity')
      .selectAll()
      .where('account_id', '=', account)
      .orderBy('n', 'desc')
      .limit(limit)
      .execute()
    return rows.map((row) => ({
      timeMs: row.time_ms,
      kind: row.kind,
      deviceId: row.device_id as DeviceId | null,
      place: row.place,
      detail: row.detail,
    }))
  }
}
