/**
 * Rows of a SQLite store and how damage to them is noticed. Part of the sqlite door. SQLite itself checks the structure of its
 * pages, not their content: a flipped bit in a value is read back as it is, one in an index makes a row vanish. Therefore
 * - every row carries a CRC-32 over its table, key and value, checked whenever it is read;
 * - the head carries for each table the number of its rows and the sum of their CRCs, kept up to date by every commit, with a
 *   CRC of its own. A table whose rows read in key order give this sum holds exactly what was committed.
 * This finds accidents, not attackers; those meet the AEAD of `SealedStore`.
 */
import { crc32 } from 'node:zlib'
import { NokkelError, type Bytes } from '@nokkel/base'
import { storeTables, type StoreRow, type StoreTable } from './device-store.ts'

/** What the one row of table `head` holds; also its columns. */
export interface HeadRow {
  readonly generation: number
  readonly sums: Bytes
  readonly crc: number
}

export interface TableSum {
  readonly rows: number
  /** Sum of the rows' CRCs modulo 2^32. */
  readonly crcs: number
}

const sumBytes = 8

export class Head {
  generation: number
  readonly #sums: Map<StoreTable, TableSum>

  constructor(generation: number, sums: Map<StoreTable, TableSum>) {
    this.generation = generation
    this.#sums = sums
  }

  static fromColumns(columns: readonly unknown[] | undefined): Head {
    const [generation, sums, crc] = columns ?? []
    if (
      !Number.isSafeInteger(generation) ||
      !(sums instanceof Uint8Array) ||
      sums.length !== storeTables.length * sumBytes ||
      crc !== headCrc(generation as number, sums)
    ) {
      throw new NokkelError('store-damaged', { table: 'head' })
    }
    const view = new DataView(sums.buffer, sums.byteOffset, sums.length)
    const sumAt = (at: number): TableSum => ({ rows: view.getUint32(at), crcs: view.getUint32(at + 4) })
    return new Head(generation as number, new Map(storeTables.map((table, i) => [table, sumAt(i * sumBytes)])))
  }

  toRow(): HeadRow {
    const sums = new Uint8Array(storeTables.length * sumBytes)
    const view = new DataView(sums.buffer)
    storeTables.forEach((table, i) => {
      const { rows, crcs } = this.sum(table)
      view.setUint32(i * sumBytes, rows)
      view.setUint32(i * sumBytes + 4, crcs)
    })
    return { generation: this.generation, sums, crc: headCrc(this.generation, sums) }
  }

  sum(table: StoreTable): TableSum {
    return this.#sums.get(table) as TableSum
  }

  added(table: StoreTable, crc: number): void {
    const { rows, crcs } = this.sum(table)
    this.#sums.set(table, { rows: rows + 1, crcs: (crcs + crc) >>> 0 })
  }

  removed(table: StoreTable, crc: number): void {
    const { rows, crcs } = this.sum(table)
    if (rows === 0) throw new NokkelError('store-damaged', { table })
    this.#sums.set(table, { rows: rows - 1, crcs: (crcs - crc) >>> 0 })
  }

  cleared(table: StoreTable): void {
    this.#sums.set(table, { rows: 0, crcs: 0 })
  }

  /** Throws `store-damaged` unless `rows`, in the order the index gave them, are all the rows of `table`. */
  ensureComplete(table: StoreTable, rows: readonly { readonly key: string; readonly crc: number }[]): void {
    let crcs = 0
    let previous: string | undefined
    for (const { key, crc } of rows) {
      if (previous !== undefined && previous >= key) throw new NokkelError('store-damaged', { table })
      previous = key
      crcs = (crcs + crc) >>> 0
    }
    this.ensureSum(table, { rows: rows.length, crcs })
  }

  ensureSum(table: StoreTable, found: TableSum): void {
    const expected = this.sum(table)
    if (found.rows !== expected.rows || found.crcs !== expected.crcs) throw new NokkelError('store-damaged', { table })
  }
}

export function emptyHead(): HeadRow {
  return new Head(0, new Map(storeTables.map((table) => [table, { rows: 0, crcs: 0 }]))).toRow()
}

function headCrc(generation: number, sums: Uint8Array): number {
  return crc32(sums, crc32(`head ${generation}`))
}

const tableCrcs = new Map<StoreTable, number>(storeTables.map((table) => [table, crc32(table)]))

export function rowCrc(table: StoreTable, key: Uint8Array, value: Uint8Array): number {
  return crc32(value, crc32(key, tableCrcs.get(table) as number))
}

/** UTF-16BE, whose byte order is the order of UTF-16 code units. */
export function keyToColumn(key: string): Uint8Array {
  return Buffer.from(key, 'utf16le').swap16()
}

/** The text of a key column. */
function keyFromColumn(table: StoreTable, column: unknown): string {
  if (!(column instanceof Uint8Array) || column.length % 2 !== 0) throw new NokkelError('store-damaged', { table })
  return Buffer.from(column).swap16().toString('utf16le')
}

/** Checks the CRC of a row read from `table`. */
export function valueFromColumns(table: StoreTable, key: Uint8Array, value: unknown, crc: unknown): Bytes {
  if (!(value instanceof Uint8Array) || crc !== rowCrc(table, key, value)) throw new NokkelError('store-damaged', { table })
  return value as Bytes
}

export function numberFromColumn(table: StoreTable, column: unknown): number {
  if (typeof column !== 'number') throw new NokkelError('store-damaged', { table })
  return column
}

/** A row of `list`, checked, with its CRC. */
export function rowFromColumns(table: StoreTable, key: unknown, value: unknown, crc: unknown): StoreRow & { readonly crc: number } {
  const text = keyFromColumn(table, key)
  return { key: text, value: valueFromColumns(table, key as Uint8Array, value, crc), crc: crc as number }
}
