/**
 * A realm's records in a SQLite file of their own. What was asked for in one turn of the event loop is written in one transaction that
 * begins `IMMEDIATE`, with `synchronous=FULL`: no two guesses start from the same count, in this process or another, and what `update`
 * resolved with has survived power loss. Holds no rules; those are the realm's.
 *
 * Danger: never keep replicas of this file that answer, and never put it into one backup with the key file.
 */
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { NokkelError, type AccountId, type Bytes } from '@nokkel/base'
import { firstRealmMeta, type RealmMeta, type RealmStore, type RealmWrite } from '@nokkel/escrow/realm'

const layoutVersion = 1
const sqliteBusy = 5

/** One queued unit of work: runs inside the transaction and says whether something must be gone from the medium afterwards. */
interface Job {
  run(): boolean
  settle(): void
  fail(error: unknown): void
}

export class SqliteRealmStore implements RealmStore {
  readonly #database: DatabaseSync
  readonly #readMeta: StatementSync
  readonly #writeMeta: StatementSync
  readonly #read: StatementSync
  readonly #insert: StatementSync
  readonly #replace: StatementSync
  readonly #due: StatementSync
  #queue: Job[] = []
  #scheduled = false
  /** something erased may still lie in the write-ahead log */
  #eraseOwed = false
  #closed = false

  /** Throws `store-damaged` (what: realm) for a file that is no realm's, `store-too-new` for one of a newer version. */
  constructor(file: string) {
    let database: DatabaseSync | undefined
    try {
      database = new DatabaseSync(file)
      // WAL with FULL: one synchronisation a commit; secure_delete: what is replaced or freed is overwritten with zeros
      database.exec('pragma busy_timeout = 10000; pragma journal_mode = wal; pragma synchronous = full; pragma secure_delete = on')
      createTables(database)
      database.exec('pragma wal_checkpoint(truncate)')
    } catch (error) {
      database?.close()
      if (error instanceof NokkelError) throw error
      throw new NokkelError('store-damaged', { what: 'realm' }, { cause: error })
    }
    this.#database = database
    this.#readMeta = database.prepare('select epoch, locked_before from realm_meta where id = 1')
    this.#writeMeta = database.prepare('update realm_meta set epoch = ?, locked_before = ? where id = 1')
    this.#read = database.prepare('select version, document from realm_accounts where account_id = ?')
    this.#insert = database.prepare('insert into realm_accounts (account_id, version, due_ms, document) values (?, 1, ?, ?)')
    this.#replace = database.prepare(
      'update realm_accounts set version = version + 1, due_ms = ?, document = ? where account_id = ? and version = ?',
    )
    this.#due = database.prepare('select account_id from realm_accounts where due_ms <= ? order by due_ms, account_id limit ?')
  }

  async meta(): Promise<RealmMeta> {
    return this.#meta()
  }

  updateMeta(change: (meta: RealmMeta) => RealmMeta): Promise<RealmMeta> {
    return this.#enqueue(() => {
      const next = change(this.#meta())
      this.#writeMeta.run(next.epoch, next.lockedBefore)
      return { result: next, erase: false }
    })
  }

  update<T>(account: AccountId, change: (document: Bytes | null, meta: RealmMeta) => RealmWrite<T>): Promise<T> {
    return this.#enqueue(() => {
      const row = this.#read.get(account) as { version: number; document: Uint8Array<ArrayBuffer> } | undefined
      // `change` throws before anything is written, so a refusal spoils nothing for the others of the transaction
      const write = change(row?.document ?? null, this.#meta())
      if (write.document !== undefined) {
        if (row === undefined) this.#insert.run(account, write.dueMs, write.document)
        else if (this.#replace.run(write.dueMs, write.document, account, row.version).changes !== 1) throw new NokkelError('internal')
      }
      if (write.meta !== undefined) this.#writeMeta.run(write.meta.epoch, write.meta.lockedBefore)
      return { result: write.result, erase: write.erase }
    })
  }

  async due(nowMs: number, most: number): Promise<AccountId[]> {
    return this.#due.all(nowMs, most).map((row) => row['account_id'] as AccountId)
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    if (this.#queue.length > 0) this.#flush()
    this.#database.close()
  }

  #meta(): RealmMeta {
    const row = this.#readMeta.get() as { epoch: number; locked_before: number } | undefined
    if (row === undefined) throw new NokkelError('store-damaged', { what: 'realm' })
    return { epoch: row.epoch, lockedBefore: row.locked_before }
  }

  #enqueue<T>(work: () => { readonly result: T; readonly erase: boolean }): Promise<T> {
    if (this.#closed) return Promise.reject(new NokkelError('server-unavailable'))
    return new Promise<T>((resolve, reject) => {
      let finish = (): void => undefined
      this.#queue.push({
        run() {
          try {
            const { result, erase } = work()
            finish = () => resolve(result)
            return erase
          } catch (error) {
            finish = () => reject(error instanceof Error ? error : new NokkelError('internal'))
            return false
          }
        },
        settle: () => finish(),
        fail: (error) => reject(error instanceof Error ? error : new NokkelError('internal')),
      })
      if (this.#scheduled) return
      this.#scheduled = true
      setImmediate(() => this.#flush())
    })
  }

  #flush(): void {
    this.#scheduled = false
    const jobs = this.#queue
    this.#queue = []
    if (jobs.length === 0) return
    try {
      this.#database.exec('begin immediate')
      try {
        for (const job of jobs) if (job.run()) this.#eraseOwed = true
        this.#database.exec('commit')
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('rollback')
        throw error
      }
      if (this.#eraseOwed) this.#erase()
    } catch (error) {
      const shown = isBusy(error) ? new NokkelError('busy', { what: 'escrow-realm' }, { cause: error }) : error
      for (const job of jobs) job.fail(shown)
      return
    }
    for (const job of jobs) job.settle()
  }

  /** Moves everything out of the write-ahead log and cuts that to nothing. Where a reader holds it up, the next write tries again. */
  #erase(): void {
    const row = this.#database.prepare('pragma wal_checkpoint(truncate)').get() as { busy: number } | undefined
    if (row?.busy !== 0) throw new NokkelError('busy', { what: 'escrow-realm' })
    this.#eraseOwed = false
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === sqliteBusy
}

function createTables(database: DatabaseSync): void {
  database.exec('begin immediate')
  try {
    const { user_version: version } = database.prepare('pragma user_version').get() as { user_version: number }
    if (version > layoutVersion) throw new NokkelError('store-too-new')
    if (version === 0)
      database.exec(
        `create table realm_meta (id integer primary key check (id = 1), epoch integer not null, locked_before integer not null) strict;
         insert into realm_meta values (1, ${firstRealmMeta.epoch}, ${firstRealmMeta.lockedBefore});
         create table realm_accounts (account_id text primary key, version integer not null, due_ms integer, document blob not null) strict;
         create index realm_accounts_due on realm_accounts (due_ms) where due_ms is not null;
         pragma user_version = ${layoutVersion}`,
      )
    database.exec('commit')
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}
