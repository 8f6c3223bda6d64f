/**
 * What can still be read of a damaged database, row by row. Part of the sqlite door. Nothing is trusted for being readable: every row
 * is checked against its CRC here, and whoever takes it over opens it with its key. Never writes to the damaged file.
 */
import { DatabaseSync } from 'node:sqlite'
import { storeTables, type StoreRow, type StoreTable } from './device-store.ts'
import { connectUrl, databaseFile, statOf } from './sqlite-file.ts'
import { rowFromColumns } from './sqlite-rows.ts'

/** Between the readable start and the readable end of a table at most this many rows are tried one by one. */
const probesMax = 500_000

/** Rows of each table that are whole; empty where nothing could be read. Does not throw for damage of any kind. */
export function salvageRows(path: string): Map<StoreTable, StoreRow[]> {
  const found = new Map<StoreTable, StoreRow[]>(storeTables.map((table) => [table, []]))
  const file = databaseFile(path)
  if (statOf(file) === undefined) return found
  let db: DatabaseSync
  try {
    db = new DatabaseSync(connectUrl(file, 'ro'), { readOnly: true, timeout: 2_000, defensive: true })
  } catch {
    return found
  }
  try {
    for (const table of storeTables) found.set(table, [...readTable(db, table).values()])
  } finally {
    db.close()
  }
  return found
}

function readTable(db: DatabaseSync, table: StoreTable): Map<string, StoreRow> {
  const rows = new Map<string, StoreRow>()
  const take = (columns: Record<string, unknown>) => {
    try {
      const { key, value } = rowFromColumns(table, columns.key, columns.value, columns.crc)
      rows.set(key, { key, value })
    } catch {
      // this row is damaged; the next one need not be
    }
  }
  const walk = (order: 'ASC' | 'DESC'): number | null => {
    let last: number | null = null
    try {
      for (const columns of db.prepare(`SELECT id, key, crc, value FROM ${table} NOT INDEXED ORDER BY id ${order}`).iterate()) {
        last = columns.id as number
        take(columns)
      }
      return null
    } catch {
      return last
    }
  }
  const reached = walk('ASC')
  if (reached === null && rows.size > 0) return rows
  const from = walk('DESC')
  if (reached === null || from === null) return rows
  try {
    const one = db.prepare(`SELECT id, key, crc, value FROM ${table} WHERE id = ?`)
    for (let id = reached + 1; id < from && id - reached < probesMax; id++) {
      try {
        const columns = one.get(id)
        if (columns !== undefined) take(columns)
      } catch {
        // on a page that cannot be read
      }
    }
  } catch {
    // not even the statement can be prepared
  }
  return rows
}
