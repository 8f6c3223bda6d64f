/**
 * Opens the store on PostgreSQL: checks that this database keeps what it acknowledges, brings the schema up to date beside whatever
 * other servers run, and reads the identity that they all share.
 */
import { Kysely, PostgresDialect, sql } from 'kysely'
import { NokkelError, type Random } from '@nokkel/base'
import { appendAtOnce } from './append-at-once.ts'
import { identityOf, metaOf } from './identity.ts'
import { KyselyStore } from './kysely-store.ts'
import { migrate } from './migrations.ts'
import { postgresLookups } from './postgres-lookups.ts'
import { postgresPool, type PostgresConnections, type PostgresPlace } from './postgres-pool.ts'
import { rowLockedTransactions } from './row-lock.ts'
import type { Schema } from './schema.ts'

/** Stands in `server_meta` while a store is being moved here: half of it is no store. */
export const movingMark = 'moving'

export interface PostgresDatabase {
  readonly db: Kysely<Schema>
  readonly pool: PostgresConnections
}

export function openPostgresDatabase(place: PostgresPlace, onIdleError: (error: unknown) => void): PostgresDatabase {
  const pool = postgresPool(place, onIdleError)
  return { db: new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) }), pool }
}

/** Settings under which an acknowledged change would not survive a power cut, or text not be what was sent. */
export async function ensureDependable(db: Kysely<Schema>): Promise<void> {
  const wanted = [
    ['fsync', (value: string) => value === 'on', 'a PostgreSQL with fsync on'],
    ['synchronous_commit', (value: string) => value !== 'off', 'a PostgreSQL with synchronous_commit not off'],
    ['server_encoding', (value: string) => value === 'UTF8', 'a database in UTF8'],
  ] as const
  for (const [name, isFit, expected] of wanted) {
    const shown = await sql<{ value: string | null }>`select current_setting(${name}, true) as value`.execute(db)
    // absent on databases that only speak the protocol, which have their own guarantees
    const value = shown.rows[0]?.value
    if (typeof value === 'string' && !isFit(value)) throw new NokkelError('config-invalid', { setting: 'NOKKEL_DATABASE', expected })
  }
}

/** Takes the database over: closing the store closes it. */
export async function openPostgresStore({ db }: PostgresDatabase, random: Random): Promise<KyselyStore> {
  try {
    await ensureDependable(db)
    await migrate(db, 'postgres')
    if ((await metaOf(db, movingMark)) !== undefined) throw new NokkelError('conflict', { what: 'moving' })
    return new KyselyStore(db, await identityOf(db, random), rowLockedTransactions(db), {
      appendAtOnce: appendAtOnce(db),
      lookups: (queries) => postgresLookups(db, queries),
    })
  } catch (error) {
    await db.destroy()
    throw error
  }
}
