/**
 * Moves a live deployment from SQLite to PostgreSQL: the source is marked and from then on only read, accounts are copied one by one, each is
 * compared by its state root and all by their counts. Interrupted, it goes on where it was when it is started again.
 */
import { existsSync } from 'node:fs'
import { Kysely } from 'kysely'
import { NokkelError, type AccountId } from '@nokkel/base'
import { copyAccount, keysOf, stateRoot } from './account-rows.ts'
import { databaseFile, keyFile } from './data-folder.ts'
import { claimMeta, metaOf } from './identity.ts'
import { accountTables } from './kysely-tx.ts'
import { ensureNewestSchema, migrate } from './migrations.ts'
import { movedMark } from './moved.ts'
import { ensureDependable, movingMark, openPostgresDatabase } from './open-postgres.ts'
import { openDatabase } from './open-sqlite.ts'
import type { PostgresPlace } from './postgres-pool.ts'
import type { Schema } from './schema.ts'
import { nodeSqliteDialect } from './sqlite-dialect.ts'

const accountsPerRead = 500
/** Housekeeping of the source may still take out what is old; the copy is then made again. */
const copiesPerAccount = 3
/** What makes the target the same server for its clients. */
const identity = ['server-id', 'incarnation', 'server-key'] as const

export interface MoveReport {
  readonly accounts: number
  /** copied in this run; the others were there from an earlier one */
  readonly copied: number
  readonly rows: number
}

function openSource(folder: string): Kysely<Schema> {
  for (const file of [databaseFile(folder), keyFile(folder)]) if (!existsSync(file)) throw new NokkelError('not-found', { what: file })
  return new Kysely<Schema>({ dialect: nodeSqliteDialect(openDatabase(databaseFile(folder))) })
}

/** The server of that folder may write again. Only for a move that was given up. */
export async function abandonMove(folder: string): Promise<void> {
  const source = openSource(folder)
  try {
    await source.deleteFrom('server_meta').where('name', '=', movedMark).execute()
  } finally {
    await source.destroy()
  }
}

/** Throws `conflict` (what: database) for a target that holds anything else; `store-too-new`, `store-damaged`, `server-unavailable`. */
export async function migrateStore(
  folder: string,
  to: PostgresPlace,
  onProgress: (done: number, all: number) => void,
): Promise<MoveReport> {
  const source = openSource(folder)
  const target = openPostgresDatabase(to, () => undefined).db
  try {
    await ensureNewestSchema(source, 'sqlite')
    await ensureDependable(target)
    await migrate(target, 'postgres')
    await beginMove(source, target)
    const keys = await keysOf(source)
    const all = await countOf(source, 'accounts')
    let copied = 0
    let done = 0
    for await (const accounts of accountsOf(source))
      for (const account of accounts) {
        if (await moveAccount(source, target, keys, account)) copied++
        onProgress(++done, all)
      }
    const rows = await compareCounts(source, target)
    await target.deleteFrom('server_meta').where('name', '=', movingMark).execute()
    return { accounts: done, copied, rows }
  } finally {
    await source.destroy()
    await target.destroy()
  }
}

async function beginMove(source: Kysely<Schema>, target: Kysely<Schema>): Promise<void> {
  const serverId = await metaOf(source, 'server-id')
  if (serverId === undefined || (await metaOf(source, 'server-key')) === undefined)
    throw new NokkelError('store-damaged', { what: 'database' })
  const known = await metaOf(target, 'server-id')
  const isOurs = known === serverId && (await metaOf(target, movingMark)) !== undefined
  if (!isOurs && (known !== undefined || (await countOf(target, 'accounts')) > 0)) throw new NokkelError('conflict', { what: 'target' })
  // first here: a server that is started on the target meanwhile refuses
  await claimMeta(target, movingMark, serverId)
  for (const name of identity) {
    const value = await metaOf(source, name)
    if (value !== undefined && (await claimMeta(target, name, value)) !== value) throw new NokkelError('conflict', { what: 'target' })
  }
  await claimMeta(source, movedMark, 'to PostgreSQL')
}

async function* accountsOf(db: Kysely<Schema>): AsyncGenerator<readonly AccountId[]> {
  let last = ''
  for (;;) {
    const rows = await db
      .selectFrom('accounts')
      .select('account_id')
      .where('account_id', '>', last)
      .orderBy('account_id')
      .limit(accountsPerRead)
      .execute()
    if (rows.length === 0) return
    yield rows.map((row) => row.account_id as AccountId)
    last = rows.at(-1)?.account_id ?? ''
  }
}

/** False when the target had it already, to the byte. */
async function moveAccount(
  source: Kysely<Schema>,
  target: Kysely<Schema>,
  keys: Awaited<ReturnType<typeof keysOf>>,
  account: AccountId,
): Promise<boolean> {
  if ((await stateRoot(source, keys, account)) === (await stateRoot(target, keys, account))) return false
  for (let copy = 1; copy <= copiesPerAccount; copy++) {
    await copyAccount(source, target, keys, account)
    if ((await stateRoot(source, keys, account)) === (await stateRoot(target, keys, account))) return true
  }
  throw new NokkelError('conflict', { what: 'copy' })
}

async function countOf(db: Kysely<Schema>, table: keyof Schema): Promise<number> {
  const row = await db
    .selectFrom(table)
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return Number(row.n)
}

async function compareCounts(source: Kysely<Schema>, target: Kysely<Schema>): Promise<number> {
  let rows = 0
  for (const table of accountTables) {
    const [here, there] = [await countOf(source, table), await countOf(target, table)]
    if (here !== there) throw new NokkelError('conflict', { what: 'copy', table, here, there })
    rows += there
  }
  return rows
}
