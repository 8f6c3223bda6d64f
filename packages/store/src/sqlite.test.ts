/** The SQLite store: the contract, its files and their format, other processes, a full disk. Kills and damage have tests of their own. */
import { execFile, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { utf8 } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { describeDeviceStore } from './contract.ts'
import { storeTables, type DeviceStore, type StoreOp } from './device-store.ts'
import { connect, databaseFile } from './sqlite-file.ts'
import { openSqliteStore } from './sqlite.ts'

describeDeviceStore('sqlite', async () => {
  const home = mkdtempSync(join(tmpdir(), 'nokkel-store-'))
  return {
    open: () => openSqliteStore(join(home, 'keychain.db')),
    dispose: async () => rmSync(home, { recursive: true, force: true }),
  }
})

let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-sqlite-'))
  path = join(folder, 'keychain.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const put = (key: string, value: Uint8Array = utf8(key)): StoreOp => ({ op: 'put', table: 'items', key, value })

/** Changes a closed store's file through SQLite itself. */
function alter(sql: string): void {
  const db = new DatabaseSync(path)
  db.exec(sql)
  db.close()
}

async function makeStore(...ops: StoreOp[]): Promise<void> {
  const store = await openSqliteStore(path)
  await store.commit(ops)
  await store.close()
}

describe('files', () => {
  // Windows has no such modes
  test.skipIf(process.platform === 'win32')('all are readable by their owner only, whatever they were before', async () => {
    const modes = () => Object.fromEntries(readdirSync(folder).map((name) => [name, statSync(join(folder, name)).mode & 0o777]))
    const store = await openSqliteStore(path)
    await store.commit([put('a')])
    expect(modes()).toEqual({ 'keychain.db': 0o600, 'keychain.db-wal': 0o600, 'keychain.db-shm': 0o600 })
    await store.close()
    expect(modes()).toEqual({ 'keychain.db': 0o600 })
    chmodSync(path, 0o644)
    const again = await openSqliteStore(path)
    await again.commit([put('b')])
    expect(modes()).toEqual({ 'keychain.db': 0o600, 'keychain.db-wal': 0o600, 'keychain.db-shm': 0o600 })
    await again.close()
  })

  test('names with spaces, marks of URLs and other scripts, and links to the file, lead to the same store', async () => {
    const odd = join(folder, 'nøkkel ?mode=memory #1 %20 鍵')
    mkdirSync(odd)
    path = join(odd, 'keychain ?.db')
    await makeStore(put('a'))
    expect(readdirSync(odd)).toEqual(['keychain ?.db'])
    if (process.platform !== 'win32') {
      const link = join(folder, 'link.db')
      symlinkSync(path, link)
      const store = await openSqliteStore(link)
      expect(await store.get('items', 'a')).toEqual(utf8('a'))
      await store.close()
    }
  })

  test('what was deleted or overwritten is overwritten in the file', async () => {
    const words = 'wrapped under the old password '.repeat(300)
    await makeStore(put('a', utf8(words)), put('b', utf8(words)))
    const store = await openSqliteStore(path)
    await store.commit([{ op: 'delete', table: 'items', key: 'a' }, put('b', utf8('new'))])
    await store.close()
    expect(readFileSync(path).includes('old password')).toBe(false)
  })

  test('a missing folder or a folder in place of the file is io-failed', async () => {
    await expect(openSqliteStore(join(folder, 'none', 'keychain.db'))).rejects.toMatchObject({ code: 'io-failed' })
    await expect(openSqliteStore(folder)).rejects.toMatchObject({ code: 'io-failed' })
  })

  test('options out of range are refused', async () => {
    for (const options of [{ busyTimeoutMs: -1 }, { busyTimeoutMs: 60_001 }, { busyTimeoutMs: 0.5 }, { maxPages: 0 }]) {
      await expect(openSqliteStore(path, options)).rejects.toMatchObject({ code: 'usage' })
    }
  })
})

describe('format', () => {
  test('a store of a newer version is refused and left alone', async () => {
    await makeStore(put('a'))
    alter('PRAGMA user_version = 2')
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-too-new', params: { version: 2, supported: 1 } })
    alter('PRAGMA user_version = 1')
    const store = await openSqliteStore(path)
    expect(await store.get('items', 'a')).toEqual(utf8('a'))
    await store.close()
  })

  test.each([
    ['of another application', 'PRAGMA application_id = 1'],
    ['of version 0', 'PRAGMA user_version = 0'],
    ['without its head', 'DELETE FROM head'],
    ['without a table', 'DROP TABLE items'],
    ['with a table of other columns', 'ALTER TABLE items RENAME COLUMN crc TO checksum'],
    ['with a changed generation', 'UPDATE head SET generation = 7'],
    ['with an added row', "INSERT INTO items (key, crc, value) VALUES (x'0062', 1, x'00')"],
    ['with a removed row', 'DELETE FROM items'],
    ['with a changed value', "UPDATE items SET value = x'00'"],
    ['with a renamed key', "UPDATE items SET key = x'0062'"],
    ['with a number too large', 'UPDATE items SET crc = 9223372036854775807'],
  ])('a database %s is store-damaged', async (_, sql) => {
    await makeStore(put('a'))
    alter(sql)
    const readAll = async () => {
      const store = await openSqliteStore(path)
      try {
        for (const table of storeTables) await store.list(table)
      } finally {
        await store.close()
      }
    }
    await expect(readAll()).rejects.toMatchObject({ code: 'store-damaged' })
    await expect(openSqliteStore(path, { check: true })).rejects.toMatchObject({ code: 'store-damaged' })
  })

  test('a vanished row is noticed by the first lookup, not only by reading all', async () => {
    await makeStore(put('a'), put('b'))
    alter("DELETE FROM items WHERE key = x'0061'")
    for (const call of [
      (store: DeviceStore) => store.get('items', 'a'),
      (store: DeviceStore) => store.getMany('items', ['b', 'a']),
      (store: DeviceStore) => store.commit([put('a')]),
    ]) {
      const store = await openSqliteStore(path)
      await expect(call(store)).rejects.toMatchObject({ code: 'store-damaged', params: { table: 'items' } })
      expect(await store.get('items', 'b')).toEqual(utf8('b'))
      await store.close()
    }
  })

  test('a row of an earlier commit is noticed by reading all, and by the first lookup when a log was left', async () => {
    await makeStore(put('a', utf8('old')))
    const db = new DatabaseSync(path)
    const old = db.prepare('SELECT crc, value FROM items').get()
    const store = await openSqliteStore(path)
    await store.commit([put('a', utf8('new'))])
    db.prepare('UPDATE items SET crc = ?, value = ?').run(old?.['crc'] as number, old?.['value'] as Uint8Array)
    for (const call of [
      (handle: DeviceStore) => handle.list('items'),
      (handle: DeviceStore) => handle.get('items', 'a'),
      (handle: DeviceStore) => handle.commit([put('a')]),
    ]) {
      // `db` keeps the log from being folded into the database
      const handle = await openSqliteStore(path)
      await expect(call(handle)).rejects.toMatchObject({ code: 'store-damaged', params: { table: 'items' } })
      await handle.close()
    }
    await store.close()
    db.close()
  })

  test('an empty database file does not cost the log beside it', async () => {
    writeFileSync(path, '')
    writeFileSync(`${path}-wal`, 'log')
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' })
    expect(readFileSync(`${path}-wal`, 'utf8')).toBe('log')
  })

  test('a connection syncs every commit and overwrites what it deletes', async () => {
    await makeStore()
    const db = connect(databaseFile(path), 0)
    const pragmas = ['journal_mode', 'synchronous', 'secure_delete', 'cell_size_check']
    // synchronous 2 is FULL; a killed process cannot show the difference, only a machine that loses its power
    expect(pragmas.map((name) => db.prepare(`PRAGMA ${name}`).get()?.[name])).toEqual(['wal', 2, 1, 1])
    db.close()
  })

  test.each([
    ['empty', ''],
    ['of text', 'not a database'.repeat(1000)],
    ['of zeros', '\0'.repeat(8192)],
  ])('a file %s is store-damaged and stays as it is', async (_, content) => {
    writeFileSync(path, content)
    await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' })
    expect(statSync(path).size).toBe(content.length)
  })
})

describe('other processes', () => {
  test('several that create the store at once share one', async () => {
    const script = `
      import { openSqliteStore } from ${JSON.stringify(new URL('sqlite.ts', import.meta.url).href)}
      const store = await openSqliteStore(process.argv[1], { busyTimeoutMs: 30_000 })
      for (let i = 0; i < 5; i++) await store.commit([{ op: 'put', table: 'items', key: process.pid + ' ' + i, value: new Uint8Array(1) }])
      await store.close()`
    const run = promisify(execFile)
    await Promise.all(Array.from({ length: 5 }, () => run(process.execPath, ['--input-type=module', '-e', script, path])))
    const store = await openSqliteStore(path, { check: true })
    expect(await store.generation()).toBe(25)
    expect(await store.count('items')).toBe(25)
    await store.close()
    expect(readdirSync(folder)).toEqual(['keychain.db'])
  })

  test('a commit that cannot get the lock in time is busy and changes nothing; reads go on', async () => {
    const store = await openSqliteStore(path, { busyTimeoutMs: 20 })
    await store.commit([put('a')])
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await expect(store.commit([put('b')])).rejects.toMatchObject({ code: 'busy' })
    expect(await store.list('items')).toHaveLength(1)
    other.exec('ROLLBACK')
    other.close()
    expect(await store.commit([put('b')])).toBe(2)
    await store.close()
  })
})

describe('a full disk', () => {
  /** Fills the store until it is refused; everything acknowledged must be there, in this handle and the next. */
  async function fill(store: DeviceStore): Promise<StoreOp[]> {
    const random = new SeededRandom(4)
    const committed: StoreOp[] = []
    for (;;) {
      const op = put(`k${committed.length}`, random.bytes(20_000))
      try {
        await store.commit([op])
      } catch (error) {
        expect(error).toMatchObject({ code: 'disk-full' })
        return committed
      }
      committed.push(op)
    }
  }

  async function expectRows(store: DeviceStore, ops: readonly StoreOp[]): Promise<void> {
    const values = new Map(ops.flatMap((op) => (op.op === 'put' ? [[op.key, op.value]] : [])))
    const rows = await store.list('items')
    expect(new Map(rows.map((row) => [row.key, row.value]))).toEqual(values)
    expect(await store.generation()).toBe(ops.length)
  }

  test('limit of pages: disk-full changes nothing, and with room made the same handle goes on', async () => {
    const store = await openSqliteStore(path, { maxPages: 100 })
    const committed = await fill(store)
    expect(committed.length).toBeGreaterThan(5)
    await expectRows(store, committed)
    // a batch that makes room first fits
    await store.commit([{ op: 'clear', table: 'items' }, put('k0')])
    expect(await store.count('items')).toBe(1)
    await store.close()
  })

  test('a small file system', async (context) => {
    // left out where a small file system cannot be mounted
    if (process.platform !== 'linux' || process.getuid?.() !== 0) context.skip('mounting a small file system needs Linux and root')
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m,mode=0700', 'tmpfs', folder], { encoding: 'utf8' })
    // left out where a small file system cannot be mounted
    if (mounted.status !== 0) context.skip(`mounting is not possible here: ${mounted.stderr}`)
    try {
      const filler = join(folder, 'filler')
      writeFileSync(filler, Buffer.alloc(400_000))
      const store = await openSqliteStore(path)
      const committed = await fill(store)
      expect(committed.length).toBeGreaterThan(5)
      await expectRows(store, committed)
      await expect(openSqliteStore(join(folder, 'second.db'))).rejects.toMatchObject({ code: 'disk-full' })
      expect(readdirSync(folder).toSorted()).toEqual(['filler', 'keychain.db', 'keychain.db-shm', 'keychain.db-wal'])

      rmSync(filler)
      const after = put(`k${committed.length}`)
      await store.commit([after])
      await expectRows(store, [...committed, after])
      await store.close()
      const again = await openSqliteStore(path, { check: true })
      await expectRows(again, [...committed, after])
      await again.close()
    } finally {
      spawnSync('umount', [folder])
    }
  })
})
