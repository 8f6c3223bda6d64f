/**
 * The store over Kysely, whatever database is below. Queries on the hot paths are compiled once (`prepared.ts`), because building
 * one costs more than running it.
 */
import type { Kysely } from 'kysely'
import type { AccountId, DeviceId, VaultId } from '@nokkel/base'
import type { AppendAtOnce } from './append-at-once.ts'
import type { RunTransaction } from './group-commit.ts'
import { claimMeta, metaOf } from './identity.ts'
import { KyselyReads, sessionWithAccountOf } from './kysely-reads.ts'
import { KyselyTx } from './kysely-tx.ts'
import { readLogPage } from './log-page.ts'
import type { HotLookups } from './postgres-lookups.ts'
import { preparedQueries, type PreparedQueries } from './prepared.ts'
import { prune } from './prune.ts'
import type { Schema } from './schema.ts'
import type { AppendBase, LogPage, PageLimits, PruneLimits, SessionWithAccount, Store, StoredBatch, StoreTx, UsageLimits } from './store.ts'

export class KyselyStore extends KyselyReads<Kysely<Schema>> implements Store {
  readonly serverId: string
  readonly incarnation: string
  readonly #runTransaction: RunTransaction
  readonly #appendAtOnce: AppendAtOnce | null
  readonly #lookups: HotLookups | null

  /**
   * `runTransaction` is how this database does it best: SQLite, with its one connection, groups commits; PostgreSQL locks the
   * account's row in a transaction of its own. `remote` where each statement is a way to another process: what saves such ways.
   */
  constructor(
    db: Kysely<Schema>,
    identity: { readonly serverId: string; readonly incarnation: string },
    runTransaction: RunTransaction,
    remote: { readonly appendAtOnce: AppendAtOnce; readonly lookups: (queries: PreparedQueries) => HotLookups } | null = null,
  ) {
    super(db, preparedQueries(db))
    this.serverId = identity.serverId
    this.incarnation = identity.incarnation
    this.#runTransaction = runTransaction
    this.#appendAtOnce = remote?.appendAtOnce ?? null
    this.#lookups = remote?.lookups(this.queries) ?? null
  }

  get appendsAtOnce(): boolean {
    return this.#appendAtOnce !== null
  }

  async appendAtOnce(account: AccountId, vault: VaultId, base: AppendBase, batch: StoredBatch, most: UsageLimits): Promise<boolean> {
    return (await this.#appendAtOnce?.(account, vault, base, batch, most)) ?? false
  }

  async transaction<T>(account: AccountId, work: (tx: StoreTx) => Promise<T>): Promise<T> {
    return await this.#runTransaction(account, (tx) => work(new KyselyTx(tx, this.queries)))
  }

  override async findSession(tokenHash: Uint8Array): Promise<SessionWithAccount | undefined> {
    if (this.#lookups === null) return await super.findSession(tokenHash)
    const row = await this.#lookups.session(tokenHash)
    return row && sessionWithAccountOf(row)
  }

  async #logEnd(account: AccountId, vault: VaultId): Promise<{ readonly head_seq: number } | undefined> {
    if (this.#lookups !== null) return await this.#lookups.logEnd(account, vault)
    return (await this.run(this.queries.vault, [account, vault]))[0]
  }

  async logPage(account: AccountId, vault: VaultId, after: number, limits: PageLimits): Promise<LogPage | undefined> {
    const head = await this.#logEnd(account, vault)
    if (head === undefined) return undefined
    if (head.head_seq <= after) return { headSeq: head.head_seq, lastSeq: after, batches: [], records: [] }
    // one snapshot, so that a record overwritten meanwhile cannot fall between this page and the next; SQLite has no other level
    return await this.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (tx) => {
        const reads = new KyselyTx(tx, this.queries)
        return await readLogPage(tx, reads, account, vault, after, limits)
      })
  }

  async touchSession(account: AccountId, device: DeviceId, usedMs: number): Promise<void> {
    await this.db
      .updateTable('sessions')
      .set({ used_ms: usedMs })
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .execute()
  }

  async findMeta(name: string): Promise<string | undefined> {
    return await metaOf(this.db, name)
  }

  async setMeta(name: string, value: string): Promise<void> {
    await this.db
      .insertInto('server_meta')
      .values({ name, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute()
  }

  async claimMeta(name: string, value: string): Promise<string> {
    return await claimMeta(this.db, name, value)
  }

  async countAccounts(): Promise<number> {
    const row = await this.db
      .selectFrom('accounts')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }

  async dueDeletions(nowMs: number, limit: number): Promise<AccountId[]> {
    const rows = await this.db
      .selectFrom('deletions')
      .select('account_id')
      .where('due_ms', '<=', nowMs)
      .orderBy('due_ms')
      .limit(limit)
      .execute()
    return rows.map((row) => row.account_id as AccountId)
  }

  async prune(limits: PruneLimits): Promise<void> {
    await prune(this.db, limits)
  }

  async close(): Promise<void> {
    await this.db.destroy()
  }
}
