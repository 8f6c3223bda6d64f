/**
 * The device store in a SQLite file, for desktop and command line (Node's own `node:sqlite`). The door `./sqlite`: nothing
 * outside the files it gathers may import from `node:`, so that the rest of the package runs in a browser.
 *
 * Write-ahead log with `synchronous = FULL`: a commit has been synced when it returns. Calls do their work at once and block the
 * thread while they do; the methods are asynchronous because other implementations must be.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { NokkelError, type Bytes } from '@nokkel/base'
import { checkKey, checkOps, checkTable, ensureGeneration, storeClosed } from './check-ops.ts'
import { storeTables, type CommitOptions, type DeviceStore, type StoreOp, type StoreRow, type StoreTable } from './device-store.ts'
import { toStoreError } from './sqlite-errors.ts'
import { connect, databaseFile, prepareDatabase, probe } from './sqlite-file.ts'
import { numberFromColumn, Head, keyToColumn, rowCrc, rowFromColumns, valueFromColumns } from './sqlite-rows.ts'

export { acquireHomeLock, type HomeLock } from './home-lock.ts'
export { moveAside } from './moved-aside.ts'
export { salvageRows } from './salvage.ts'

export interface SqliteStoreOptions {
  /** How long a call waits for another process before it fails with `busy`, blocking this thread. Default 2,000; 0 to 60,000. */
  readonly busyTimeoutMs?: number
  /** Read and check every page and row before the first use. Default false: what is read is checked when it is read. */
  readonly check?: boolean
  /** The file may not grow beyond this many pages of 4 KiB; a commit that would fails with `disk-full`. Default: no limit. */
  readonly maxPages?: number
}

/**
 * Opens the store at `path`, creating it when there is none (its folder must exist). All files have mode 0600. Fails with
 * `store-damaged`, `store-too-new`, `busy`, `disk-full` or `io-failed`. A damaged store stays where it is: see `moveAside`.
 */
export async function openSqliteStore(path: string, options: SqliteStoreOptions = {}): Promise<DeviceStore> {
  const { busyTimeoutMs = 2_000, check = false, maxPages } = options
  if (!inRange(busyTimeoutMs, 0, 60_000) || !inRange(maxPages ?? 1, 1, 0xffff_fffe))
    throw new NokkelError('usage', { what: 'store-options' })
  let db: DatabaseSync | undefined
  try {
    const file = databaseFile(path)
    const { logLeft } = prepareDatabase(file)
    if (logLeft) probe(file, busyTimeoutMs)
    db = connect(file, busyTimeoutMs)
    if (maxPages !== undefined) db.exec(`PRAGMA max_page_count = ${maxPages}`)
    const store = new SqliteStore(db, logLeft)
    if (check) store.checkAll()
    return store
  } catch (error) {
    if (db?.isOpen) db.close()
    throw toStoreError(error)
  }
}

function inRange(value: number, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && value >= min && value <= max
}

class SqliteStore implements DeviceStore {
  readonly #db: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()
  /** Tables that this handle has once found to be whole; others' commits keep them so. */
  readonly #whole = new Set<StoreTable>()
  readonly #logLeft: boolean

  /** Fails like any read when the head is not in order. `logLeft`: see `#ensureWhole`. */
  constructor(db: DatabaseSync, logLeft: boolean) {
    this.#db = db
    this.#logLeft = logLeft
    this.#head()
  }

  async generation(): Promise<number> {
    return this.#read(() => this.#head().generation)
  }

  async get(table: StoreTable, key: string): Promise<Bytes | undefined> {
    return this.#read(() => {
      checkTable(table)
      return this.#get(table, key)
    })
  }

  async getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]> {
    // one lookup a key within one transaction: no limit of variables to run into, and no slower than lists of them up to some hundred keys
    return this.#read(() => {
      checkTable(table)
      return this.#transaction('BEGIN', () => keys.map((key) => this.#get(table, key)))
    })
  }

  async list(table: StoreTable): Promise<StoreRow[]> {
    return this.#read(() => {
      checkTable(table)
      return this.#transaction('BEGIN', () => this.#list(table)).map(({ key, value }) => ({ key, value }))
    })
  }

  async count(table: StoreTable): Promise<number> {
    return this.#read(() => {
      checkTable(table)
      return this.#head().sum(table).rows
    })
  }

  async commit(ops: readonly StoreOp[], options: CommitOptions = {}): Promise<number> {
    return this.#read(() => {
      checkOps(ops)
      return this.#transaction('BEGIN IMMEDIATE', () => {
        const head = this.#head()
        ensureGeneration(head.generation, options.expectGeneration)
        for (const op of ops) this.#apply(head, op)
        head.generation++
        const { generation, sums, crc } = head.toRow()
        this.#statement('UPDATE head SET generation = ?, sums = ?, crc = ? WHERE id = 1').run(generation, sums, crc)
        return generation
      })
    })
  }

  async close(): Promise<void> {
    if (!this.#db.isOpen) return
    try {
      this.#statements.clear()
      this.#db.close()
    } catch (error) {
      throw toStoreError(error)
    }
  }

  checkAll(): void {
    const [problem] = this.#rows('PRAGMA quick_check(1)')
    if (problem?.[0] !== 'ok') throw new NokkelError('store-damaged')
    this.#transaction('BEGIN', () => {
      for (const table of storeTables) this.#list(table)
    })
  }

  #apply(head: Head, op: StoreOp): void {
    const { table } = op
    if (op.op === 'clear') {
      this.#statement(`DELETE FROM ${table}`).run()
      head.cleared(table)
      return
    }
    const key = keyToColumn(op.key)
    const id = this.#removeFromSum(head, table, key)
    if (op.op === 'delete') {
      if (id !== undefined) this.#statement(`DELETE FROM ${table} WHERE id = ?`).run(id)
      return
    }
    const crc = rowCrc(table, key, op.value)
    if (id === undefined) this.#statement(`INSERT INTO ${table} (key, crc, value) VALUES (?, ?, ?)`).run(key, crc, op.value)
    else this.#statement(`UPDATE ${table} SET crc = ?, value = ? WHERE id = ?`).run(crc, op.value, id)
    head.added(table, crc)
  }

  /** The id of the row with this key, whose CRC leaves the sum because the row is about to go; undefined when there is none. */
  #removeFromSum(head: Head, table: StoreTable, key: Uint8Array): number | undefined {
    const row = this.#row(`SELECT id, crc FROM ${table} WHERE key = ?`, key)
    if (row === undefined || this.#logLeft) this.#ensureWhole(table, head)
    if (row === undefined) return undefined
    head.removed(table, numberFromColumn(table, row[1]))
    return numberFromColumn(table, row[0])
  }

  #get(table: StoreTable, key: string): Bytes | undefined {
    checkKey(key)
    const column = keyToColumn(key)
    const row = this.#row(`SELECT value, crc FROM ${table} WHERE key = ?`, column)
    if (row === undefined || this.#logLeft) this.#ensureWhole(table)
    return row === undefined ? undefined : valueFromColumns(table, column, row[0], row[1])
  }

  #list(table: StoreTable): StoreRow[] {
    const head = this.#head()
    const rows = this.#rows(`SELECT key, value, crc FROM ${table} ORDER BY key`).map((row) => rowFromColumns(table, row[0], row[1], row[2]))
    head.ensureComplete(table, rows)
    this.#whole.add(table)
    return rows
  }

  /**
   * Once a table and handle, before it is believed that a key is not there: damage can make a row vanish. And before anything is
   * believed when a log was left behind: with part of a log missing SQLite may show pages of different commits side by side.
   * `head`: inside a commit, the sums as they stand after the operations applied so far.
   */
  #ensureWhole(table: StoreTable, head?: Head): void {
    if (this.#whole.has(table)) return
    const check = () => {
      // every row of the table, looked up the way `#get` looks it up; all within SQLite, as this may be the first thing a command does
      const [row] = this.#rows(
        `SELECT count(*), coalesce(sum(found.crc), 0) & 4294967295 FROM ${table} AS held NOT INDEXED
         CROSS JOIN ${table} AS found INDEXED BY sqlite_autoindex_${table}_1 ON found.key = held.key`,
      )
      const sums = head ?? this.#head()
      sums.ensureSum(table, { rows: numberFromColumn(table, row?.[0]), crcs: numberFromColumn(table, row?.[1]) })
    }
    if (this.#db.isTransaction) check()
    else this.#transaction('BEGIN', check)
    this.#whole.add(table)
  }

  #head(): Head {
    return Head.fromColumns(this.#row('SELECT generation, sums, crc FROM head WHERE id = 1'))
  }

  #read<T>(work: () => T): T {
    if (!this.#db.isOpen) throw storeClosed()
    try {
      return work()
    } catch (error) {
      throw toStoreError(error)
    }
  }

  #transaction<T>(begin: 'BEGIN' | 'BEGIN IMMEDIATE', work: () => T): T {
    this.#db.exec(begin)
    try {
      const result = work()
      this.#db.exec('COMMIT')
      return result
    } catch (error) {
      this.#rollBack()
      throw error
    }
  }

  /** SQLite has rolled back by itself after some errors. A handle that cannot roll back is of no further use. */
  #rollBack(): void {
    try {
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
    } catch {
      this.#db.close()
    }
  }

  /** Statements are compiled when first needed, which keeps opening fast. */
  #statement(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) {
      statement = this.#db.prepare(sql)
      statement.setReturnArrays(true)
      this.#statements.set(sql, statement)
    }
    return statement
  }

  #row(sql: string, ...parameters: Uint8Array[]): readonly unknown[] | undefined {
    // node's types know rows as objects only; `setReturnArrays` makes them arrays
    return this.#statement(sql).get(...parameters) as readonly unknown[] | undefined
  }

  #rows(sql: string, ...parameters: Uint8Array[]): readonly (readonly unknown[])[] {
    return this.#statement(sql).all(...parameters) as unknown as readonly (readonly unknown[])[]
  }
}
