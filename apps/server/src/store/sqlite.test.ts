/** The SQLite store against the contract, and what is SQLite's own: settings that keep an answer true through a power cut. */
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { NokkelError, systemRandom } from '@nokkel/base'
import { testFolder } from '../testing/test-server.ts'
import { storeContract } from './contract.ts'
import { openDatabase, openSqliteStore } from './open-sqlite.ts'

const folder = testFolder()
let files = 0
const newFile = (): string => join(folder, `${files++}.db`)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

storeContract('sqlite', () => openSqliteStore(newFile(), systemRandom))

test('write-ahead log and full synchronisation', () => {
  const database = openDatabase(newFile())
  expect(database.prepare('pragma journal_mode').get()).toEqual({ journal_mode: 'wal' })
  expect(database.prepare('pragma synchronous').get()).toEqual({ synchronous: 2 })
  database.close()
})

test('ids stay the same over a reopening', async () => {
  const file = newFile()
  const first = await openSqliteStore(file, systemRandom)
  await first.close()
  const second = await openSqliteStore(file, systemRandom)
  expect([second.serverId, second.incarnation]).toEqual([first.serverId, first.incarnation])
  await second.close()
})

test('a database of a newer server is left alone; a file that is none is named damaged', async () => {
  const file = newFile()
  await (await openSqliteStore(file, systemRandom)).close()
  const database = new DatabaseSync(file)
  database.exec("insert into kysely_migration (name, timestamp) values ('9999-of-tomorrow', '2030')")
  database.close()
  await expect(openSqliteStore(file, systemRandom)).rejects.toMatchObject({ code: 'store-too-new' })
  const { writeFileSync } = await import('node:fs')
  const junk = newFile()
  writeFileSync(junk, 'x'.repeat(8_192))
  await expect(openSqliteStore(junk, systemRandom)).rejects.toBeInstanceOf(NokkelError)
})

test('every table of people’s data has a primary key that begins with account_id', async () => {
  const file = newFile()
  await (await openSqliteStore(file, systemRandom)).close()
  const database = new DatabaseSync(file)
  const tables = database.prepare("select name from sqlite_master where type = 'table' and name not like 'kysely_%' and name not like 'sqlite_%' and name <> 'server_meta'").all()
  expect(tables.length).toBeGreaterThan(9)
  for (const { name } of tables) {
    const columns = database.prepare(`pragma table_info(${String(name)})`).all()
    expect(columns.find(({ pk }) => pk === 1)?.['name'], String(name)).toBe('account_id')
  }
  database.close()
})
