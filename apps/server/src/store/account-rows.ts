/**
 * All rows of one account, from either database, and their state root: one hash over everything, the same wherever the rows lie. For moving
 * a store; knows no rules of the protocol.
 */
import { createHash } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import { toHex, type AccountId } from '@nokkel/base'
import { accountTables } from './kysely-tx.ts'
import type { Schema } from './schema.ts'

type AccountTable = (typeof accountTables)[number]
type Row = Readonly<Record<string, unknown>>

/** Rows in memory at a time; the largest is a record of 64 KiB. */
const rowsPerRead = 200

/** Columns of a primary key after account_id, as SQLite has them: the source of a move is always one. */
export async function keysOf(source: Kysely<Schema>): Promise<ReadonlyMap<AccountTable, readonly string[]>> {
  const keys = new Map<AccountTable, readonly string[]>()
  for (const table of accountTables) {
    const columns = await sql<{
      name: string
      pk: number
    }>`select name, pk from pragma_table_info(${table}) where pk > 1 order by pk`.execute(source)
    keys.set(
      table,
      columns.rows.map(({ name }) => name),
    )
  }
  return keys
}

/** Page by page, in the order of the key. */
async function* rowsOf(
  db: Kysely<Schema>,
  table: AccountTable,
  key: readonly string[],
  account: AccountId,
): AsyncGenerator<readonly Row[]> {
  const order = key.length === 0 ? sql`account_id` : sql.join(key.map((name) => sql.ref(name)))
  let last: Row | undefined
  for (;;) {
    const seen = last
    const later = seen === undefined ? sql`` : sql`and (${order}) > (${sql.join(key.map((name) => seen[name]))})`
    const { rows } =
      await sql<Row>`select * from ${sql.table(table)} where account_id = ${account} ${later} order by ${order} limit ${sql.lit(rowsPerRead)}`.execute(
        db,
      )
    if (rows.length > 0) yield rows
    if (rows.length < rowsPerRead || key.length === 0) return
    last = rows.at(-1)
  }
}

/** Each value with its kind and length, so that no two rows look alike that are not. */
function rowHash(table: string, row: Row): string {
  const hash = createHash('sha256').update(`${table}\0`)
  for (const name of Object.keys(row).sort()) {
    const value = row[name]
    const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value), 'utf8')
    const kind = value === null ? 'null' : value instanceof Uint8Array ? 'bytes' : typeof value
    hash.update(`${name}\0${kind}\0${bytes.length}\0`).update(bytes)
  }
  return hash.digest('hex')
}

export async function stateRoot(
  db: Kysely<Schema>,
  keys: ReadonlyMap<AccountTable, readonly string[]>,
  account: AccountId,
): Promise<string> {
  const hashes: string[] = []
  for (const table of accountTables)
    for await (const rows of rowsOf(db, table, keys.get(table) ?? [], account)) for (const row of rows) hashes.push(rowHash(table, row))
  // databases sort text in their own ways; the root does not depend on that
  return toHex(new Uint8Array(createHash('sha256').update(hashes.sort().join('\n')).digest()))
}

/** In place of whatever the target has of this account, in one transaction. */
export async function copyAccount(
  source: Kysely<Schema>,
  target: Kysely<Schema>,
  keys: ReadonlyMap<AccountTable, readonly string[]>,
  account: AccountId,
): Promise<void> {
  await target.transaction().execute(async (tx) => {
    for (const table of accountTables) await tx.deleteFrom(table).where('account_id', '=', account).execute()
    for (const table of accountTables)
      for await (const rows of rowsOf(source, table, keys.get(table) ?? [], account))
        await tx
          .insertInto(table)
          .values(rows as never)
          .execute()
  })
}
