/** The SQLite store against the contract, and what is SQLite's own: settings that keep an answer true through a power cut. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { newId, NokkelError, systemRandom, type AccountId, type ItemId, type VaultId } from '@nokkel/base'
import { publicError } from '../http/problems.ts'
import { testFolder } from '../testing/test-server.ts'
import { storeContract } from './contract.ts'
import { accountTables } from './kysely-tx.ts'
import { openDatabase, openSqliteStore } from './open-sqlite.ts'

const folder = testFolder()
let files = 0
const newFile = (): string => join(folder, `${files++}.db`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** every statement that the contract made the store run */
const texts = new Set<string>()
storeContract('sqlite', () => {
  const database = openDatabase(newFile())
  const prepare = database.prepare.bind(database)
  database.prepare = (text) => {
    texts.add(text)
    return prepare(text)
  }
  return openSqliteStore(database, systemRandom)
})

test('no statement reads a table from end to end, but the hourly count of accounts', async () => {
  const file = newFile()
  await (await openSqliteStore(openDatabase(file), systemRandom)).close()
  const database = new DatabaseSync(file)
  const asked = [...texts].filter(
    (text) => /^(?:select|update|delete|with)/i.test(text) && !/sqlite_master|kysely_|pragma|count\(\*\) as "n" from "accounts"/.test(text),
  )
  expect(asked.length).toBeGreaterThan(30)
  for (const text of asked) {
    const plan = database.prepare(`explain query plan ${text}`).all()
    expect(
      plan.map(({ detail }) => String(detail)).filter((detail) => /^SCAN (?!CONSTANT)/.test(detail)),
      text,
    ).toEqual([])
  }
  database.close()
})

test('write-ahead log and full synchronisation', () => {
  const database = openDatabase(newFile())
  expect(database.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(database.prepare('pragma synchronous').get()).toEqual({ synchronous: 2 })
  database.close()
})

test('H2: erasing an account reaches every table that there is', async () => {
  const file = newFile()
  await (await openSqliteStore(openDatabase(file), systemRandom)).close()
  const database = new DatabaseSync(file)
  const rows = database.prepare("select name from sqlite_master where type = 'table' and name not like 'kysely_%'").all()
  database.close()
  expect(rows.map((row) => String(row['name'])).sort()).toEqual([...accountTables, 'server_meta', 'audit_log'].sort())
})

test('ids stay the same over a reopening', async () => {
  const file = newFile()
  const first = await openSqliteStore(openDatabase(file), systemRandom)
  await first.close()
  const second = await openSqliteStore(openDatabase(file), systemRandom)
  expect([second.serverId, second.incarnation]).toEqual([first.serverId, first.incarnation])
  await second.close()
})

test('a database of a newer server is left alone; a file that is none is named damaged', async () => {
  const file = newFile()
  await (await openSqliteStore(openDatabase(file), systemRandom)).close()
  const database = new DatabaseSync(file)
  database.exec("insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030')")
  database.close()
  await expect(openSqliteStore(openDatabase(file), systemRandom)).rejects.toMatchObject({ code: 'store-too-new' })
  const { writeFileSync } = await import('node:fs')
  const junk = newFile()
  writeFileSync(junk, 'x'.repeat(8_192))
  expect(() => openDatabase(junk)).toThrow(NokkelError)
})

test('every table of people’s data has a primary key that begins with account_id', async () => {
  const file = newFile()
  await (await openSqliteStore(openDatabase(file), systemRandom)).close()
  const database = new DatabaseSync(file)
  const tables = database
    .prepare(
      "select name from sqlite_master where type = 'table' and name not like 'kysely_%' and name not like 'sqlite_%' and name not in ('server_meta', 'audit_log')",
    )
    .all()
  expect(tables.length).toBeGreaterThan(9)
  for (const { name } of tables) {
    const columns = database.prepare(`pragma table_info(${String(name)})`).all()
    expect(columns.find(({ pk }) => pk === 1)?.['name'], String(name)).toBe('account_id')
  }
  database.close()
})

test('a full disk: the write is refused as such, what was acknowledged stays, and the store goes on when there is room', async () => {
  const database = openDatabase(newFile())
  const store = await openSqliteStore(database, systemRandom)
  const accountId = newId<AccountId>(systemRandom)
  const vault = newId<VaultId>(systemRandom)
  await store.transaction(accountId, async (tx) => {
    await tx.insertAccount({
      accountId,
      email: 'a@b',
      emailKey: 'a@b',
      phone: null,
      region: null,
      registrationRecord: '',
      bind: new Uint8Array(32),
      genesisHash: new Uint8Array(32),
      createdMs: 0,
    })
    await tx.insertVault(accountId, vault, { seq: 0, hash: new Uint8Array(32) })
  })
  const write = (): Promise<unknown> =>
    store.transaction(accountId, async (tx) => {
      const seq = ((await tx.vaultState(accountId, vault))?.seq ?? 0) + 1
      const record = { itemId: newId<ItemId>(systemRandom), record: systemRandom.bytes(20_000) }
      await tx.appendBatch(accountId, vault, { seq, hash: systemRandom.bytes(32), batch: systemRandom.bytes(100), records: [record] })
    })
  const pages = Number(database.prepare('pragma page_count').get()?.['page_count'])
  database.exec(`pragma max_page_count = ${pages + 40}`)
  let acknowledged = 0
  let refusal: unknown
  while (refusal === undefined)
    await Promise.all([write(), write()]).then(
      () => (acknowledged += 2),
      (error: unknown) => (refusal = error),
    )
  expect(publicError(refusal).code).toBe('disk-full')
  const full = await store.vaultState(accountId, vault)
  expect(full?.seq).toBeGreaterThanOrEqual(acknowledged)
  expect(full?.recordCount).toBe(full?.seq)
  database.exec('pragma max_page_count = 100000')
  await write()
  expect(await store.vaultState(accountId, vault)).toMatchObject({ seq: (full?.seq ?? 0) + 1 })
  await store.close()
})
