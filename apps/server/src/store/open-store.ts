/** The store that the settings name: SQLite in the data folder, or PostgreSQL. */
import type { Random } from '@nokkel/base'
import type { Config } from '../config.ts'
import type { Log } from '../log/log.ts'
import { databaseFile } from './data-folder.ts'
import { openPostgresDatabase, openPostgresStore } from './open-postgres.ts'
import { openDatabase, openSqliteStore } from './open-sqlite.ts'
import type { Store } from './store.ts'

export async function openStore({ data, database }: Pick<Config, 'data' | 'database'>, random: Random, log: Log): Promise<Store> {
  const { url = null, passwordFile = null, connections = 10 } = database
  if (url === null) return await openSqliteStore(openDatabase(databaseFile(data)), random)
  const onIdleError = (error: unknown): void => log.warn({ err: error }, 'a connection to the database ended')
  return await openPostgresStore(openPostgresDatabase({ url, passwordFile, connections }, onIdleError), random)
}
