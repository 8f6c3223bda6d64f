/** The PostgreSQL store of a realm keeps the contract of SQLite's, and shares nothing with a keychain server or another realm. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { systemRandom } from '@nokkel/base'
import { newEscrowId, type RealmId } from '@nokkel/escrow/realm'
import { describeRealmStore } from '@nokkel/escrow/testing'
import { PostgresRealmStore } from '../src/realm/postgres-realm-store.ts'
import { openPostgresDatabase, openPostgresStore } from '../src/store/open-postgres.ts'
import { PostgresInstance } from '../src/testing/postgres.ts'

let postgres: PostgresInstance
beforeAll(async () => {
  postgres = await PostgresInstance.start()
})
afterAll(() => postgres.dispose())

const placeOf = (database: string) => ({ url: postgres.url(database), passwordFile: postgres.passwordFile, connections: 4 })
const open = (database: string, id: RealmId) => PostgresRealmStore.open(placeOf(database), id, () => undefined)

describeRealmStore('postgres', async () => {
  const database = await postgres.createDatabase()
  const id = newEscrowId<RealmId>(systemRandom)
  const opened: PostgresRealmStore[] = []
  return {
    open: async () => {
      const store = await open(database, id)
      opened.push(store)
      return store
    },
    dispose: async () => {
      for (const store of opened) await store.close()
    },
  }
})

test('ESC-H2: records of another realm, and a database of a keychain server, are left alone', async () => {
  const database = await postgres.createDatabase()
  await (await open(database, newEscrowId<RealmId>(systemRandom))).close()
  await expect(open(database, newEscrowId<RealmId>(systemRandom))).rejects.toMatchObject({
    code: 'store-damaged',
    params: { what: 'realm-key' },
  })
  const taken = await postgres.createDatabase()
  await (
    await openPostgresStore(
      openPostgresDatabase(placeOf(taken), () => undefined),
      systemRandom,
    )
  ).close()
  await expect(open(taken, newEscrowId<RealmId>(systemRandom))).rejects.toMatchObject({ code: 'config-invalid' })
})

test('what update resolved with is there after a power cut', async () => {
  const database = await postgres.createDatabase()
  const id = newEscrowId<RealmId>(systemRandom)
  const store = await open(database, id)
  const account = '0'.repeat(32) as Parameters<PostgresRealmStore['update']>[0]
  await store.update(account, (_, meta) => ({
    document: new Uint8Array([9]),
    dueMs: null,
    erase: false,
    meta: { ...meta, epoch: 1 },
    result: null,
  }))
  await postgres.kill()
  await expect(store.meta()).rejects.toMatchObject({ code: 'server-unavailable' })
  await postgres.resume()
  expect(await store.meta()).toMatchObject({ epoch: 1 })
  expect(await store.update(account, (document) => ({ dueMs: null, erase: false, result: document?.[0] }))).toBe(9)
  await store.close()
})
