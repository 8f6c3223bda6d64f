/**
 * Opens the SQLite database of a data folder: WAL, full synchronisation (an acknowledged write survives power loss), newest schema,
 * and the identity that the server has for its clients.
 */
import { DatabaseSync } from 'node:sqlite'
import { Kysely } from 'kysely'
import { NokkelError, type Random } from '@nokkel/base'
import { groupCommit } from './group-commit.ts'
import { identityOf } from './identity.ts'
import { KyselyStore } from './kysely-store.ts'
import { migrate } from './migrations.ts'
import { unlessMoved } from './moved.ts'
import type { Schema } from './schema.ts'
import { nodeSqliteDialect } from './sqlite-dialect.ts'

export function openDatabase(file: string): DatabaseSync {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    database.exec(
      'pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on; pragma busy_timeout = 5000; pragma cache_size = -32768',
    )
    return database
  } catch (error) {
    database?.close()
    throw new NokkelError('store-damaged', { what: 'database' }, { cause: error })
  }
}

/** Takes the connection over: closing the store closes it. */
export async function openSqliteStore(database: DatabaseSync, random: Random): Promise<KyselyStore> {
  const db = new Kysely<Schema>({ dialect: nodeSqliteDialect(database) })
  try {
    await migrate(db, 'sqlite')
    return new KyselyStore(db, await identityOf(db, random), unlessMoved(db, groupCommit(db)))
  } catch (error) {
    await db.destroy()
    throw error
  }
}
