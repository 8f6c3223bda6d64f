/**
 * A device store in memory, for the simulator, tests and private sessions. A `MemoryDisk` outlives its handles, as a file does,
 * so a "process" can die and another open what it left. Faults are asked for at each commit and never arise by themselves.
 */
import { NokkelError, type Bytes } from '@nokkel/base'
import { checkKey, checkOps, checkTable, ensureGeneration, storeClosed } from './check-ops.ts'
import { storeTables, type CommitOptions, type DeviceStore, type StoreOp, type StoreRow, type StoreTable } from './device-store.ts'

/** `crash-before`: nothing was written. `crash-after`: all was written, but the caller never learns of it. */
export type CommitFault = 'crash-before' | 'crash-after' | 'disk-full'

export interface DiskFaults {
  /** Consulted once for each commit that would otherwise succeed; `generation` is the one it would make. */
  atCommit(attempt: { readonly generation: number; readonly ops: readonly StoreOp[] }): CommitFault | undefined
}

/** The process is gone. Not a `NokkelError`, so that no code under test can mistake it for an answer and carry on. */
export class SimulatedCrash extends Error {
  override readonly name = 'SimulatedCrash'
}

type Tables = Map<StoreTable, Map<string, Bytes>>

export class MemoryDisk {
  readonly #tables: Tables = new Map(storeTables.map((table) => [table, new Map()]))
  #generation = 0
  #damaged = false
  faults: DiskFaults | undefined

  constructor(faults?: DiskFaults) {
    this.faults = faults
  }

  /** A new handle on this disk. Throws `store-damaged` after `damage()`. */
  async open(): Promise<DeviceStore> {
    this.generation()
    return new MemoryStore(this)
  }

  /** An independent disk with the same content and no faults: a backup, or a cloned machine. */
  copy(): MemoryDisk {
    const copy = new MemoryDisk()
    copy.#generation = this.#generation
    copy.#damaged = this.#damaged
    for (const [table, rows] of this.#tables) for (const [key, value] of rows) copy.rows(table).set(key, value)
    return copy
  }

  /** From now on every handle meets `store-damaged`. */
  damage(): void {
    this.#damaged = true
  }

  generation(): number {
    if (this.#damaged) throw new NokkelError('store-damaged')
    return this.#generation
  }

  /** The live rows of a table; values in it are never changed in place. */
  rows(table: StoreTable): Map<string, Bytes> {
    checkTable(table)
    if (this.#damaged) throw new NokkelError('store-damaged', { table })
    return this.#tables.get(table) as Map<string, Bytes>
  }

  /** Everything that can fail comes before the first change; that is what makes it atomic. */
  commit(ops: readonly StoreOp[], options: CommitOptions): number {
    checkOps(ops)
    const generation = this.generation() + 1
    ensureGeneration(generation - 1, options.expectGeneration)
    const fault = this.faults?.atCommit({ generation, ops })
    if (fault === 'disk-full') throw new NokkelError('disk-full')
    if (fault === 'crash-before') throw new SimulatedCrash('before commit')
    for (const op of ops) {
      const rows = this.rows(op.table)
      if (op.op === 'put') rows.set(op.key, new Uint8Array(op.value))
      else if (op.op === 'delete') rows.delete(op.key)
      else rows.clear()
    }
    this.#generation = generation
    if (fault === 'crash-after') throw new SimulatedCrash('after commit')
    return generation
  }
}

class MemoryStore implements DeviceStore {
  readonly #disk: MemoryDisk
  #state: 'open' | 'closed' | 'crashed' = 'open'

  constructor(disk: MemoryDisk) {
    this.#disk = disk
  }

  async generation(): Promise<number> {
    return this.#open().generation()
  }

  async get(table: StoreTable, key: string): Promise<Bytes | undefined> {
    const rows = this.#open().rows(table)
    checkKey(key)
    return copyOf(rows.get(key))
  }

  async getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]> {
    const rows = this.#open().rows(table)
    keys.forEach(checkKey)
    return keys.map((key) => copyOf(rows.get(key)))
  }

  async list(table: StoreTable): Promise<StoreRow[]> {
    // the language compares strings by UTF-16 code units, which is the order of the contract
    const rows = [...this.#open().rows(table)].sort(([a], [b]) => (a < b ? -1 : 1))
    return rows.map(([key, value]) => ({ key, value: new Uint8Array(value) }))
  }

  async count(table: StoreTable): Promise<number> {
    return this.#open().rows(table).size
  }

  async commit(ops: readonly StoreOp[], options: CommitOptions = {}): Promise<number> {
    const disk = this.#open()
    try {
      return disk.commit(ops, options)
    } catch (error) {
      if (error instanceof SimulatedCrash) this.#state = 'crashed'
      throw error
    }
  }

  async close(): Promise<void> {
    if (this.#state === 'open') this.#state = 'closed'
  }

  #open(): MemoryDisk {
    if (this.#state === 'crashed') throw new SimulatedCrash('this process is gone')
    if (this.#state === 'closed') throw storeClosed()
    return this.#disk
  }
}

function copyOf(value: Bytes | undefined): Bytes | undefined {
  return value === undefined ? undefined : new Uint8Array(value)
}
