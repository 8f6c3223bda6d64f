/** Writes of the store: only ever inside a transaction. */
import type { Transaction } from 'kysely'
import { NokkelError, type AccountId, type Bytes, type DeviceId, type RequestId, type VaultId } from '@nokkel/base'
import type { LogPosition } from '@nokkel/protocol/wire'
import { KyselyReads } from './kysely-reads.ts'
import { chunksOf } from './prepared.ts'
import type { Schema } from './schema.ts'
import type {
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
  ShareRow,
  StoredBatch,
  StoreTx,
  UsageAfter,
  WrapRow,
} from './store.ts'

/** Every table of people's data; a test compares it with the schema. The account's own row goes last. */
export const accountTables = [
  'records',
  'batches',
  'vaults',
  'wraps',
  'shares',
  'join_messages',
  'join_requests',
  'sessions',
  'activity',
  'circle_entries',
  'keychain_ends',
  'recovery_bundles',
  'escrow_records',
  'deletions',
  'push_subscriptions',
  'verification_codes',
  'verification_passes',
  'trusted_numbers',
  'sms_sends',
  'account_notices',
  'outgoing_messages',
  'support_cases',
  'accounts',
] as const satisfies readonly (keyof Schema)[]

/** All others, none of which holds anything of a person for longer than a few minutes. Those of servers that share a database are not in SQLite. */
export const sharedTables = ['server_meta', 'sign_in_states', 'pace', 'status_board'] as const satisfies readonly (keyof Schema)[]

export class KyselyTx extends KyselyReads<Transaction<Schema>> implements StoreTx {
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
        two_factor_statement: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returning('account_id')
      .executeTakeFirst()
    if (inserted === undefined) throw new NokkelError('account-exists')
  }

  async setPassword(account: AccountId, { registrationRecord, bind }: Parameters<StoreTx['setPassword']>[1]): Promise<void> {
    await this.db.updateTable('accounts').set({ registration_record: registrationRecord, bind }).where('account_id', '=', account).execute()
  }

  async insertVault(account: AccountId, vault: VaultId, start: LogPosition): Promise<void> {
    await this.db
      .insertInto('vaults')
      .values({ account_id: account, vault_id: vault, head_seq: start.seq, head_hash: start.hash, record_count: 0 })
      .execute()
  }

  async putRecoveryBundle(account: AccountId, { member, bundle }: RecoveryBundleRow): Promise<void> {
    await this.db
      .insertInto('recovery_bundles')
      .values({ account_id: account, member, bundle })
      .onConflict((conflict) => conflict.columns(['account_id', 'member']).doUpdateSet({ bundle }))
      .execute()
  }

  async deleteRecoveryBundles(account: AccountId, members: readonly string[]): Promise<void> {
    if (members.length === 0) return
    await this.db
      .deleteFrom('recovery_bundles')
      .where('account_id', '=', account)
      .where('member', 'in', [...members])
      .execute()
  }

  async putEscrowRecord(account: AccountId, row: EscrowRecordRow): Promise<void> {
    const { registration, slot, list, outerLock, label, createdMs } = row
    await this.db
      .insertInto('escrow_records')
      .values({
        account_id: account,
        registration,
        slot,
        realm_list: list,
        outer_lock: outerLock,
        label,
        created_ms: createdMs,
      })
      .onConflict((conflict) =>
        conflict.columns(['account_id', 'registration']).doUpdateSet({ realm_list: list, outer_lock: outerLock, label }),
      )
      .execute()
  }

  async deleteEscrowRecords(account: AccountId, registrations: readonly string[]): Promise<void> {
    if (registrations.length === 0) return
    await this.db
      .deleteFrom('escrow_records')
      .where('account_id', '=', account)
      .where('registration', 'in', [...registrations])
      .execute()
  }

  async putPushSubscription(account: AccountId, { deviceId, endpoint, p256dh, auth }: PushRow): Promise<void> {
    await this.db
      .insertInto('push_subscriptions')
      .values({ account_id: account, device_id: deviceId, endpoint, p256dh, auth })
      .onConflict((conflict) => conflict.columns(['account_id', 'device_id']).doUpdateSet({ endpoint, p256dh, auth }))
      .execute()
  }

  async deletePushSubscription(account: AccountId, device: DeviceId): Promise<void> {
    await this.db.deleteFrom('push_subscriptions').where('account_id', '=', account).where('device_id', '=', device).execute()
  }

  async setDeletion(account: AccountId, dueMs: number | null): Promise<void> {
    await this.db.deleteFrom('deletions').where('account_id', '=', account).execute()
    if (dueMs !== null) await this.db.insertInto('deletions').values({ account_id: account, due_ms: dueMs }).execute()
  }

  async eraseAccount(account: AccountId): Promise<void> {
    for (const table of accountTables) await this.db.deleteFrom(table).where('account_id', '=', account).execute()
  }

  async endKeychain(account: AccountId, end: KeychainEndRow): Promise<void> {
    for (const table of [
      'records',
      'batches',
      'vaults',
      'wraps',
      'shares',
      'join_messages',
      'join_requests',
      'recovery_bundles',
      'escrow_records',
    ] as const)
      await this.db.deleteFrom(table).where('account_id', '=', account).execute()
    await this.db
      .insertInto('keychain_ends')
      .values({
        account_id: account,
        kind: end.kind,
        time_ms: end.timeMs,
        device_id: end.deviceId,
        genesis: end.genesis,
        endorsement: end.endorsement,
      })
      .onConflict((conflict) =>
        conflict.column('account_id').doUpdateSet({
          kind: end.kind,
          time_ms: end.timeMs,
          device_id: end.deviceId,
          genesis: end.genesis,
          endorsement: end.endorsement,
        }),
      )
      .execute()
    await this.db
      .updateTable('accounts')
      .set({
        record_count: 0,
        stored_bytes: 0,
        batch_count: 0,
        ...(end.kind === 'reset' && { email_key: `ended ${account}`, email: '', phone: null, registration_record: '' }),
      })
      .where('account_id', '=', account)
      .execute()
    await this.db.deleteFrom('sessions').where('account_id', '=', account).where('state', '=', 'pending').execute()
    await this.db.updateTable('sessions').set({ state: 'ended' }).where('account_id', '=', account).where('state', '=', 'active').execute()
  }

  async appendCircleEntry(account: AccountId, seq: number, entry: Uint8Array, hash: Uint8Array): Promise<void> {
    await this.db
      .insertInto('circle_entries')
      .values({ account_id: account, seq, entry: entry as Bytes })
      .execute()
    await this.db
      .updateTable('accounts')
      .set({ circle_seq: seq, circle_head: hash as Bytes })
      .where('account_id', '=', account)
      .execute()
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

  async appendBatch(account: AccountId, vault: VaultId, batch: StoredBatch): Promise<UsageAfter> {
    await this.run(this.queries.insertBatch, [account, vault, batch.seq, batch.hash, batch.batch.length, batch.batch])
    let records = batch.records.length
    let bytes = batch.batch.length
    for (const { size, items } of chunksOf(batch.records)) {
      const old = await this.run(this.queries.recordSizes[size], [account, vault, ...items.map(({ itemId }) => itemId)])
      records -= old.length
      bytes += items.reduce((sum, { record }) => sum + record.length, 0) - old.reduce((sum, row) => sum + row.size, 0)
      const rows = items.flatMap(({ itemId, record }) => [account, vault, itemId, batch.seq, record.length, record])
      await this.run(this.queries.putRecords[size], rows)
    }
    await this.run(this.queries.moveLogEnd, [batch.seq, batch.hash, records, account, vault])
    const [sums] = await this.run(this.queries.addUsage, [records, bytes, account])
    return { records, bytes, recordCount: sums?.record_count ?? 0, storedBytes: sums?.stored_bytes ?? 0 }
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
        seen_ms: request.seenMs,
      })
      .execute()
  }

  async markJoinsSeen(account: AccountId, seenMs: number): Promise<void> {
    await this.db
      .updateTable('join_requests')
      .set({ seen_ms: seenMs })
      .where('account_id', '=', account)
      .where('seen_ms', 'is', null)
      .execute()
  }

  async setJoinState(account: AccountId, request: RequestId, state: JoinState): Promise<void> {
    await this.db.updateTable('join_requests').set({ state }).where('account_id', '=', account).where('request_id', '=', request).execute()
  }

  async insertJoinMessage(account: AccountId, request: RequestId, message: JoinMessageRow): Promise<void> {
    await this.db
      .insertInto('join_messages')
      .values({
        account_id: account,
        request_id: request,
        run: message.run,
        step: message.step,
        sender: message.sender,
        body: message.body,
        created_ms: message.createdMs,
      })
      .execute()
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
      .values({
        account_id: account,
        n,
        time_ms: event.timeMs,
        kind: event.kind,
        device_id: event.deviceId,
        place: event.place,
        detail: event.detail,
      })
      .execute()
    await this.db
      .deleteFrom('activity')
      .where('account_id', '=', account)
      .where('n', '<=', n - keep)
      .execute()
  }
}
