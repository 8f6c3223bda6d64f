/** The PostgreSQL store against the contract that SQLite keeps, and what is PostgreSQL's own. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemRandom } from '@nokkel/base'
import { storeContract } from '../src/store/contract.ts'
import type { KyselyStore } from '../src/store/kysely-store.ts'
import { accountTables, sharedTables } from '../src/store/kysely-tx.ts'
import { openPostgresDatabase, openPostgresStore } from '../src/store/open-postgres.ts'
import { PostgresInstance } from '../src/testing/postgres.ts'

let postgres: PostgresInstance
beforeAll(async () => {
  postgres = await PostgresInstance.start()
})
afterAll(() => postgres.dispose())

const placeOf = (database: string, connections = 10) => ({
  url: postgres.url(database),
  passwordFile: postgres.passwordFile,
  connections,
})
const quiet = (): void => undefined

async function open(database?: string): Promise<KyselyStore> {
  return await openPostgresStore(openPostgresDatabase(placeOf(database ?? (await postgres.createDatabase())), quiet), systemRandom)
}

storeContract('postgres', () => open())

test('H2: erasing an account reaches every table that there is', async () => {
  const database = await postgres.createDatabase()
  await (await open(database)).close()
  const rows = await postgres.query(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely_%'",
    database,
  )
  expect(rows.map(({ name }) => name).sort()).toEqual([...accountTables, ...sharedTables].sort())
})
