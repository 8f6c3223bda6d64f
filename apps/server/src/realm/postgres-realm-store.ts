/**
 * A realm's records in a PostgreSQL database of the realm's own. What was asked for in one turn of the event loop is one transaction that
 * begins with a lock on the realm's one row of meta, so no two guesses start from the same count, in this process or another. Holds no rules.
 *
 * Danger: what is erased is gone from the table, but old versions stay in the write-ahead log, its archive, standbys and freed pages until
 * those are overwritten; what lies there is sealed under the realm's key, which is in no database. A realm on SQLite leaves nothing (ADR 0013).
 */
import type { PostgresPoolClient } from 'kysely'
import { NokkelError, type AccountId, type Bytes } from '@nokkel/base'
import { firstRealmMeta, type RealmId, type RealmMeta, type RealmStore, type RealmWrite } from '@nokkel/escrow/realm'
import { postgresPool, type PostgresConnections, type PostgresPlace } from '../store/postgres-pool.ts'

interface Job {
  /** Runs inside the transaction; returns what to do once it is committed. Throws only when the whole transaction is gone. */
  run(client: PostgresPoolClient): Promise<{ readonly settle: () => void; readonly erase: boolean }>
  fail(error: unknown): void
}

const tables = `
  create table if not exists realm_meta (id integer primary key check (id = 1), realm_id text not null, epoch bigint not null, locked_before bigint not null);
  create table if not exists realm_accounts (account_id text primary key, version bigint not null, due_ms bigint, document bytea not null);
  create index if not exists realm_accounts_due on realm_accounts (due_ms, account_id) where due_ms is not null`
/** any number that nothing else locks: two processes that begin together must not both create */
const tablesLock = 7_270_110

async function rows<Row>(client: PostgresPoolClient, text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
  return (await client.query<Row>(text, values)).rows
}

export class PostgresRealmStore implements RealmStore {
  readonly #pool: PostgresConnections
  #queue: Job[] = []
  #scheduled = false
  #closed = false
  #running: Promise<void> = Promise.resolve()

  private constructor(pool: PostgresConnections) {
    this.#pool = pool
  }

  /**
   * Throws `config-invalid` for a database that also holds a keychain server's accounts: the two may share nothing; `store-damaged` (what:
   * realm-key) for the records of another realm.
   */
  static async open(place: PostgresPlace, id: RealmId, onIdleError: (error: unknown) => void): Promise<PostgresRealmStore> {
    const pool = postgresPool(place, onIdleError)
    const client = await pool.connect().catch(async (error: unknown) => {
      await pool.end()
      throw error
    })
    try {
      const shared = await rows(
        client,
        "select 1 from information_schema.tables where table_schema = current_schema() and table_name = 'accounts'",
      )
      if (shared.length > 0)
        throw new NokkelError('config-invalid', { setting: 'NOKKEL_DATABASE', expected: 'a database of the realm’s own' })
      await client.query('begin', [])
      await client.query(`select pg_advisory_xact_lock(${tablesLock})`, [])
      for (const statement of tables.split(';')) await client.query(statement, [])
      await client.query('insert into realm_meta values (1, $1, $2, $3) on conflict do nothing', [
        id,
        firstRealmMeta.epoch,
        firstRealmMeta.lockedBefore,
      ])
      await client.query('commit', [])
      const [meta] = await rows<{ realm_id: string }>(client, 'select realm_id from realm_meta where id = 1')
      if (meta?.realm_id !== id) throw new NokkelError('store-damaged', { what: 'realm-key' })
    } catch (error) {
      client.release()
      await pool.end()
      throw error
    }
    client.release()
    return new PostgresRealmStore(pool)
  }

  async meta(): Promise<RealmMeta> {
    const client = await this.#pool.connect()
    try {
      return await metaOf(client, '')
    } finally {
      client.release()
    }
  }

  updateMeta(change: (meta: RealmMeta) => RealmMeta): Promise<RealmMeta> {
    return this.#enqueue(async (client) => {
      const next = change(await metaOf(client, 'for update'))
      return { result: next, erase: false, write: () => writeMeta(client, next) }
    })
  }

  update<T>(account: AccountId, change: (document: Bytes | null, meta: RealmMeta) => RealmWrite<T>): Promise<T> {
    return this.#enqueue(async (client) => {
      const [row] = await rows<{ document: Bytes }>(client, 'select document from realm_accounts where account_id = $1', [account])
      const { document, dueMs, meta, erase, result } = change(row?.document ?? null, await metaOf(client, 'for update'))
      return {
        result,
        erase,
        async write() {
          if (document !== undefined)
            await client.query(
              `insert into realm_accounts values ($1, 1, $2, $3) on conflict (account_id)
               do update set version = realm_accounts.version + 1, due_ms = excluded.due_ms, document = excluded.document`,
              [account, dueMs, document],
            )
          if (meta !== undefined) await writeMeta(client, meta)
        },
      }
    })
  }

  async due(nowMs: number, most: number): Promise<AccountId[]> {
    const client = await this.#pool.connect()
    try {
      const text = 'select account_id from realm_accounts where due_ms <= $1 order by due_ms, account_id limit $2'
      return (await rows<{ account_id: AccountId }>(client, text, [nowMs, most])).map((row) => row.account_id)
    } finally {
      client.release()
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    while (this.#scheduled) await new Promise((resolve) => setImmediate(resolve))
    await this.#running
    await this.#pool.end()
  }

  #enqueue<T>(
    work: (client: PostgresPoolClient) => Promise<{ readonly result: T; readonly erase: boolean; readonly write: () => Promise<void> }>,
  ): Promise<T> {
    if (this.#closed) return Promise.reject(new NokkelError('server-unavailable'))
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({
        async run(client) {
          let decided: Awaited<ReturnType<typeof work>>
          try {
            decided = await work(client)
          } catch (error) {
            // a decision that refuses has written nothing, and spoils nothing for the others of the transaction
            if (isFromDatabase(error)) throw error
            return { settle: () => reject(error instanceof Error ? error : new NokkelError('internal')), erase: false }
          }
          await decided.write()
          return { settle: () => resolve(decided.result), erase: decided.erase }
        },
        fail: (error) => reject(error instanceof Error ? error : new NokkelError('internal')),
      })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => {
        this.#scheduled = false
        const jobs = this.#queue
        this.#queue = []
        // one after another: they would wait for the same row anyway
        this.#running = this.#running.then(() => this.#commit(jobs))
      })
    })
  }

  async #commit(jobs: readonly Job[]): Promise<void> {
    let client: PostgresPoolClient | undefined
    try {
      client = await this.#pool.connect()
      await client.query('begin', [])
      await metaOf(client, 'for update')
      const done: Awaited<ReturnType<Job['run']>>[] = []
      for (const job of jobs) done.push(await job.run(client))
      const { command } = await client.query('commit', [])
      if (command !== 'COMMIT') throw new NokkelError('server-unavailable')
      if (done.some(({ erase }) => erase)) await client.query('vacuum realm_accounts', [])
      client.release()
      for (const { settle } of done) settle()
    } catch (error) {
      // whatever state it is in, it does not serve again; the database undoes what was not committed
      client?.release(true)
      for (const job of jobs) job.fail(error)
    }
  }
}

function isFromDatabase(error: unknown): boolean {
  return (
    error instanceof Error &&
    (('code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)) ||
      (error instanceof NokkelError && (error.code === 'server-unavailable' || error.code === 'busy' || error.code === 'disk-full')))
  )
}

async function metaOf(client: PostgresPoolClient, lock: '' | 'for update'): Promise<RealmMeta> {
  const [row] = await rows<{ epoch: number; locked_before: number }>(
    client,
    `select epoch, locked_before from realm_meta where id = 1 ${lock}`,
  )
  if (row === undefined) throw new NokkelError('store-damaged', { what: 'realm' })
  return { epoch: row.epoch, lockedBefore: row.locked_before }
}

async function writeMeta(client: PostgresPoolClient, { epoch, lockedBefore }: RealmMeta): Promise<void> {
  await client.query('update realm_meta set epoch = $1, locked_before = $2 where id = 1', [epoch, lockedBefore])
}
