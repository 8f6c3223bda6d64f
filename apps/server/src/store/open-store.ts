/** The store that the settings name: SQLite in the data folder, or PostgreSQL. */
import type { Random } from '@nokkel/base'
import type { Config } from '../config.ts'
import type { Log } from '../log/log.ts'
import { databaseFile } from './data-folder.ts'
import { openPostgresDatabase, openPostgresStore, type PostgresDatabase } from './open-postgres.ts'
import { openDatabase, openSqliteStore } from './open-sqlite.ts'
import type { Store } from './store.ts'

export interface OpenedStore {
  readonly store: Store
  /** what servers share besides the store; null where there is one server */
  readonly shared: PostgresDatabase | null
}

export async function openStore({ data, database }: Pick<Config, 'data' | 'database'>, random: Random, log: Log): Promise<OpenedStore> {
  const { url = null, passwordFile = null, connections = 10 } = database
  if (url === null) return { store: await openSqliteStore(openDatabase(databaseFile(data)), random), shared: null }
  const onIdleError = (error: unknown): void => log.warn({ err: error }, 'a connection to the database ended')
  const shared = openPostgresDatabase({ url, passwordFile, connections }, onIdleError)
  return { store: await openPostgresStore(shared, random), shared }
}
