/**
 * Connections to PostgreSQL that died without a word, seen from the pool: what waits on one fails long before the time limit of a query, those that are as
 * old are not used again, and a query that the database is really working on is left alone.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { PostgresPoolClient } from 'kysely'
import { isNokkelError } from '@nokkel/base'
import { PostgresInstance } from '../src/testing/postgres.ts'
import { FaultProxy } from '../src/testing/fault-proxy.ts'
import { postgresPool, type PostgresConnections } from '../src/store/postgres-pool.ts'

const count = 4
let postgres: PostgresInstance
let line: FaultProxy
let pool: PostgresConnections
const broken: unknown[] = []

beforeAll(async () => {
  postgres = await PostgresInstance.start()
  line = await FaultProxy.start(postgres.port)
  const database = await postgres.createDatabase()
  const url = postgres.url(database, false, line.port)
  pool = postgresPool({ url, passwordFile: postgres.passwordFile, connections: count }, (error) => broken.push(error))
})
afterAll(async () => {
  await pool.end()
  await line.close()
  await postgres.dispose()
})
afterEach(() => void broken.splice(0))

/** Connections that were broken off on the database's word; the driver says of each once more that it ended. */
const silent = (): unknown[] => broken.filter((error) => isNokkelError(error) && error.params['what'] === 'silent')

async function all(): Promise<PostgresPoolClient[]> {
  return Promise.all(Array.from({ length: count }, () => pool.connect()))
}
const one = async (text: string): Promise<unknown> => {
  const client = await pool.connect()
  try {
    return (await client.query(text, [])).rows
  } finally {
    client.release()
  }
}

test('a query on a dead connection fails at the database’s word, and the next ones use new connections', async () => {
  const clients = await all()
  for (const client of clients) await client.query('select 1 as n', [])
  for (const client of clients) client.release()
  line.freeze()
  await expect(one('select 2 as n')).rejects.toMatchObject({ code: 'server-unavailable' })
  // all that were open are as dead, and none of them is waited for
  for (let n = 0; n < 2 * count; n++) expect(await one(`select ${n} as n`)).toEqual([{ n }])
  expect(silent().length).toBeGreaterThan(0)
})

test('a query that takes long is answered', async () => {
  expect(await one('select 1 as n from pg_sleep(4)')).toEqual([{ n: 1 }])
  expect(broken).toEqual([])
})

test('a network that is away decides nothing; when it is back, what died meanwhile is noticed', async () => {
  await one('select 1 as n')
  line.fault = { kind: 'stall' }
  const waiting = one('select 5 as n')
  waiting.catch(() => undefined)
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  expect(broken).toEqual([])
  line.freeze()
  line.fault = { kind: 'none' }
  await expect(waiting).rejects.toMatchObject({ code: 'server-unavailable' })
  expect(silent()).toHaveLength(1)
  expect(await one('select 6 as n')).toEqual([{ n: 6 }])
})
