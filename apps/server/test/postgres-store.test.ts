/** The PostgreSQL store against the contract that SQLite keeps, and what is PostgreSQL's own. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { newId, systemRandom, type AccountId } from '@nokkel/base'
import { storeContract } from '../src/store/contract.ts'
import type { KyselyStore } from '../src/store/kysely-store.ts'
import { accountTables, sharedTables } from '../src/store/kysely-tx.ts'
import { openPostgresDatabase, openPostgresStore } from '../src/store/open-postgres.ts'
import type { Schema } from '../src/store/schema.ts'
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
/** every statement that the contract made the store run */
const texts = new Set<string>()
const quiet = (): void => undefined

async function open(database?: string): Promise<KyselyStore> {
  const { pool } = openPostgresDatabase(placeOf(database ?? (await postgres.createDatabase())), quiet)
  const db = new Kysely<Schema>({ dialect: new PostgresDialect({ pool }), log: ({ query }) => void texts.add(query.sql) })
  return await openPostgresStore({ db, pool }, systemRandom)
}

storeContract('postgres', () => open())

test('H2: erasing an account reaches every table that there is', async () => {
  const database = await postgres.createDatabase()
  await (await open(database)).close()
  const rows = await postgres.query(
    "select tablename as name from pg_tables where schemaname = 'public' and tablename not like 'kysely_%'",
    database,
  )
  expect(rows.map(({ name }) => name).sort()).toEqual([...accountTables, ...sharedTables, 'audit_log'].sort())
})

interface PlanNode {
  readonly 'Node Type': string
  readonly 'Relation Name'?: string
  readonly 'Index Cond'?: string
  readonly Plans?: readonly PlanNode[]
}

function badSteps(node: PlanNode): string[] {
  const isIndex = /^(?:Index|Bitmap Index)/.test(node['Node Type'])
  const bad = node['Node Type'] === 'Seq Scan' || (isIndex && node['Index Cond'] === undefined) ? [node['Node Type']] : []
  return [...bad, ...(node.Plans ?? []).flatMap(badSteps)]
}

test('every statement can be answered by an index, but the hourly count of accounts', async () => {
  const database = await postgres.createDatabase()
  await (await open(database)).close()
  const asked = [...texts].filter(
    (text) =>
      /^(?:select|update|delete|with)/i.test(text) &&
      / from | "\w+" set /.test(text) &&
      !/pg_|kysely_|information_schema|current_setting|count\(\*\) as "n" from "accounts"/.test(text),
  )
  expect(asked.length).toBeGreaterThan(30)
  const client = new pg.Client({ connectionString: postgres.url(database, true) })
  client.on('error', () => undefined)
  await client.connect()
  // a few rows are read faster without an index: what is asked here is whether there is one
  await client.query(
    'set enable_seqscan = off; set enable_mergejoin = off; set enable_hashjoin = off; set plan_cache_mode = force_generic_plan',
  )
  for (const [n, text] of asked.entries()) {
    await client.query(`prepare p${n} as ${text}`)
    const parameters = new Set(text.match(/\$\d+/g)).size
    const values = parameters === 0 ? '' : `(${Array.from({ length: parameters }, () => 'null').join(', ')})`
    const [row] = (await client.query(`explain (format json) execute p${n}${values}`)).rows as { 'QUERY PLAN': { Plan: PlanNode }[] }[]
    expect(badSteps(row?.['QUERY PLAN'][0]?.Plan as PlanNode), text).toEqual([])
  }
  await client.end()
})

test('a batch at once looks up the records that it replaces one by one, also planned while the table was small', async () => {
  const database = await postgres.createDatabase()
  await (await open(database)).close()
  await postgres.query(
    `insert into accounts (account_id, email, email_key, registration_record, bind, genesis_hash, circle_seq, circle_head, record_count, stored_bytes, batch_count, activity_n, created_ms)
       values ('a', 'a', 'a', '', '', '', 0, '', 300, 1, 1, 0, 0);
     insert into vaults values ('a', 'v', 1, '', 300);
     insert into records select 'a', 'v', lpad(i::text, 32, '0'), 1, 900, '' from generate_series(1, 300) as g (i);
     analyze`,
    database,
  )
  const text = [...texts].find((each) => each.includes('for update of a'))
  const [row] = (await postgres.query(
    `set plan_cache_mode = force_generic_plan; prepare append as ${text};
     explain (format json) execute append (${Array.from({ length: 17 }, () => 'null').join(', ')})`,
    database,
  )) as { 'QUERY PLAN': { Plan: PlanNode }[] }[]
  const scans = (node: PlanNode): PlanNode[] => [
    ...(node['Relation Name'] === 'records' && node['Node Type'] !== 'ModifyTable' ? [node] : []),
    ...(node.Plans ?? []).flatMap(scans),
  ]
  const found = scans(row?.['QUERY PLAN'][0]?.Plan as PlanNode)
  expect(found.map((node) => node['Index Cond'])).toEqual([expect.stringContaining('item_id')])
})

test('a database under which an acknowledged change could be lost is refused', async () => {
  const database = await postgres.createDatabase()
  await postgres.query(`alter database ${database} set synchronous_commit = off`)
  await expect(open(database)).rejects.toMatchObject({ code: 'config-invalid', params: { setting: 'NOKKEL_DATABASE' } })
})

test('versions side by side: what a newer server only added does not stop an older one, what it took away does', async () => {
  const database = await postgres.createDatabase()
  const running = await open(database)
  // a newer server comes, and adds
  await postgres.query(
    `alter table accounts add column nickname text; create table of_tomorrow (account_id text primary key);
     insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030')`,
    database,
  )
  const id = (): never => newId<AccountId>(systemRandom) as never
  const account = (accountId: AccountId) => ({
    accountId,
    email: accountId,
    emailKey: accountId,
    phone: null,
    region: null,
    registrationRecord: '',
    bind: new Uint8Array(32),
    genesisHash: new Uint8Array(32),
    createdMs: 0,
  })
  const restarted = await open(database)
  for (const store of [running, restarted]) {
    const accountId: AccountId = id()
    await store.transaction(accountId, (tx) => tx.insertAccount(account(accountId)))
    expect((await restarted.findAccount(accountId))?.email).toBe(accountId)
    expect((await running.findAccount(accountId))?.email).toBe(accountId)
  }
  await running.close()
  await restarted.close()
  // and a release later takes away what the older one uses
  await postgres.query("update server_meta set value = '9999-of-tomorrow' where name = 'schema-floor'", database)
  await expect(open(database)).rejects.toMatchObject({ code: 'store-too-new' })
})
