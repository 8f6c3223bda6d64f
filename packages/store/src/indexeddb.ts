/**
 * A device store on IndexedDB, for browsers and extensions. Door `./indexeddb`. One object store a table and one for the generation;
 * a commit is one `readwrite` transaction with `durability: 'strict'` over all of them, so its generation check and its writes are
 * one step for every tab and worker of the origin. IndexedDB orders string keys by UTF-16 code units, as the contract wants.
 *
 * It must not hold a transaction open across anything but its own requests: IndexedDB would end it.
 */
import { NokkelError, type Bytes } from '@nokkel/base'
import { checkKey, checkOps, checkTable, ensureGeneration, storeClosed } from './check-ops.ts'
import { storeTables, type CommitOptions, type DeviceStore, type StoreOp, type StoreRow, type StoreTable } from './device-store.ts'

const schemaVersion = 1
const headStore = 'head'
const generationKey = 'generation'

/**
 * Throws `store-too-new` when a newer version has made it, `io-failed` where the browser keeps nothing (some private windows). `onTaken` is told
 * once when the store is taken away from under this handle: another page removes it or makes it newer, or the person clears what sites keep. Not
 * after `close`.
 */
export function openIndexedDbStore(name: string, { onTaken }: { readonly onTaken?: () => void } = {}): Promise<DeviceStore> {
  return new Promise((resolve, reject) => {
    let request: IDBOpenDBRequest
    try {
      request = indexedDB.open(name, schemaVersion)
    } catch (error) {
      reject(toStoreError(error))
      return
    }
    request.addEventListener('upgradeneeded', () => {
      for (const table of storeTables) request.result.createObjectStore(table)
      request.result.createObjectStore(headStore)
    })
    request.addEventListener('success', () => resolve(new IndexedDbStore(request.result, onTaken)))
    request.addEventListener('error', () => reject(toStoreError(request.error)))
  })
}

/** Removes the whole store. Handles still open are closed. */
export function deleteIndexedDbStore(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.deleteDatabase(name)
    request.addEventListener('success', () => resolve())
    request.addEventListener('error', () => reject(toStoreError(request.error)))
  })
}

class IndexedDbStore implements DeviceStore {
  readonly #db: IDBDatabase
  #closed = false

  constructor(db: IDBDatabase, onTaken: () => void = () => undefined) {
    this.#db = db
    const taken = (): void => {
      if (this.#closed) return
      this.#end()
      onTaken()
    }
    // another page removes or upgrades the database: a handle that stayed would hold it up for ever
    db.addEventListener('versionchange', taken)
    db.addEventListener('close', taken)
  }

  async generation(): Promise<number> {
    return this.#read(headStore, (head) => head.get(generationKey), asGeneration)
  }

  async get(table: StoreTable, key: string): Promise<Bytes | undefined> {
    checkTable(table)
    checkKey(key)
    return this.#read(table, (rows) => rows.get(key), asBytes)
  }

  async getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]> {
    checkTable(table)
    keys.forEach(checkKey)
    if (keys.length === 0) {
      this.#open()
      return []
    }
    const transaction = this.#begin(table, 'readonly')
    const requests = keys.map((key) => transaction.objectStore(table).get(key))
    await finished(transaction)
    return requests.map((request) => asBytes(request.result))
  }

  async list(table: StoreTable): Promise<StoreRow[]> {
    checkTable(table)
    const transaction = this.#begin(table, 'readonly')
    const rows = transaction.objectStore(table)
    const keys = rows.getAllKeys()
    const values = rows.getAll()
    await finished(transaction)
    return keys.result.map((key, i) => ({ key: key as string, value: asBytes(values.result[i]) as Bytes }))
  }

  async count(table: StoreTable): Promise<number> {
    checkTable(table)
    return this.#read(table, (rows) => rows.count(), Number)
  }

  async commit(ops: readonly StoreOp[], options: CommitOptions = {}): Promise<number> {
    const db = this.#open()
    checkOps(ops)
    // IndexedDB clones the whole buffer behind a view, and the caller may change its array before the transaction runs
    const own = ops.map((op) => (op.op === 'put' ? { ...op, value: op.value.slice() } : op))
    const transaction = guarded(() => db.transaction([...storeTables, headStore], 'readwrite', { durability: 'strict' }))
    const head = transaction.objectStore(headStore)
    let generation = 0
    let refused: unknown
    const read = head.get(generationKey)
    read.addEventListener('success', () => {
      try {
        generation = asGeneration(read.result)
        ensureGeneration(generation, options.expectGeneration)
        for (const op of own) apply(transaction.objectStore(op.table), op)
        head.put(generation + 1, generationKey)
      } catch (error) {
        refused = error
        transaction.abort()
      }
    })
    try {
      await finished(transaction)
    } catch (error) {
      throw refused === undefined ? error : toStoreError(refused)
    }
    return generation + 1
  }

  async close(): Promise<void> {
    this.#end()
  }

  #end(): void {
    if (this.#closed) return
    this.#closed = true
    this.#db.close()
  }

  #open(): IDBDatabase {
    if (this.#closed) throw storeClosed()
    return this.#db
  }

  #begin(table: string, mode: IDBTransactionMode): IDBTransaction {
    const db = this.#open()
    return guarded(() => db.transaction(table, mode))
  }

  async #read<T>(table: string, ask: (rows: IDBObjectStore) => IDBRequest, take: (value: unknown) => T): Promise<T> {
    const transaction = this.#begin(table, 'readonly')
    const request = ask(transaction.objectStore(table))
    await finished(transaction)
    return take(request.result)
  }
}

function apply(rows: IDBObjectStore, op: StoreOp): void {
  if (op.op === 'put') rows.put(op.value, op.key)
  else if (op.op === 'delete') rows.delete(op.key)
  else rows.clear()
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    transaction.addEventListener('complete', () => resolve())
    transaction.addEventListener('abort', () => reject(toStoreError(transaction.error)))
  })
}

function guarded<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw toStoreError(error)
  }
}

function asGeneration(value: unknown): number {
  if (value === undefined) return 0
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw new NokkelError('store-damaged', { table: headStore })
  return value
}

function asBytes(value: unknown): Bytes | undefined {
  if (value === undefined) return undefined
  if (!(value instanceof Uint8Array)) throw new NokkelError('store-damaged', { what: 'row' })
  return value as Bytes
}

/** The names of https://www.w3.org/TR/IndexedDB-3/#exceptions. */
function toStoreError(error: unknown): NokkelError {
  if (error instanceof NokkelError) return error
  const name = error instanceof DOMException ? error.name : ''
  if (name === 'QuotaExceededError') return new NokkelError('disk-full', {}, { cause: error })
  if (name === 'VersionError') return new NokkelError('store-too-new', {}, { cause: error })
  if (name === 'NotReadableError' || name === 'DataError') return new NokkelError('store-damaged', {}, { cause: error })
  return new NokkelError('io-failed', { what: name }, { cause: error })
}
