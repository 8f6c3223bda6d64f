/** The SQLite store of a realm keeps the contract, also against the bytes of its files. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { concatBytes } from '@nokkel/base'
import { describeRealmStore } from '@nokkel/escrow/testing'
import { SqliteRealmStore } from './sqlite-realm-store.ts'

describeRealmStore('sqlite', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-realm-store-'))
  const opened: SqliteRealmStore[] = []
  return {
    open: async () => {
      const store = new SqliteRealmStore(join(folder, 'realm.db'))
      opened.push(store)
      return store
    },
    dump: async () => concatBytes(...readdirSync(folder).map((name) => new Uint8Array(readFileSync(join(folder, name))))),
    dispose: async () => {
      for (const store of opened) store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
})

test('ESC-H1: a file that is no realm’s database is refused, not replaced', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nokkel-realm-store-'))
  const file = join(folder, 'realm.db')
  writeFileSync(file, 'not a database, but somebody’s '.repeat(200))
  expect(() => new SqliteRealmStore(file)).toThrow(expect.objectContaining({ code: 'store-damaged' }))
  expect(readFileSync(file, 'utf8')).toContain('somebody')
  rmSync(folder, { recursive: true })
})
