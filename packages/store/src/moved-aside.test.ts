/** Moving a damaged store out of the way loses nothing and lets a new one take its place. */
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { moveAside, openSqliteStore } from './sqlite.ts'

const clock = new ManualClock(Date.UTC(2026, 0, 31, 23, 5, 9))
let folder: string
let path: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-aside-'))
  path = join(folder, 'keychain.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('database, log and index get one new name, untouched by the attempt to open them, and a new store takes their place', async () => {
  writeFileSync(path, Buffer.alloc(8192, 7))
  writeFileSync(`${path}-wal`, 'log')
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' })
  const aside = moveAside(path, clock)
  expect(aside).toBe(`${path}.damaged-20260131T230509Z`)
  const store = await openSqliteStore(path)
  expect(await store.generation()).toBe(0)
  await store.close()
  expect(readFileSync(aside)).toEqual(Buffer.alloc(8192, 7))
  expect(readFileSync(`${aside}-wal`, 'utf8')).toBe('log')
})

test('a store moved aside whole can be opened under its new name, with its log', async () => {
  const store = await openSqliteStore(path)
  await store.commit([{ op: 'put', table: 'items', key: 'a', value: utf8('1') }])
  for (const suffix of ['', '-wal']) writeFileSync(`${path}.copy${suffix}`, readFileSync(path + suffix))
  await store.close()
  const aside = await openSqliteStore(moveAside(`${path}.copy`, clock))
  expect(await aside.get('items', 'a')).toEqual(utf8('1'))
  await aside.close()
})

test('nothing is overwritten when two are moved within one second', () => {
  const names = ['first', 'second', 'third'].map((content) => {
    writeFileSync(path, content)
    return moveAside(path, clock)
  })
  expect(names.map((name) => readFileSync(name, 'utf8'))).toEqual(['first', 'second', 'third'])
  // a log alone, left by a crash in the middle of moving, does not end up beside another database
  writeFileSync(`${path}-wal`, 'log')
  renameSync(names[2] as string, path)
  expect(readFileSync(`${moveAside(path, clock)}-wal`, 'utf8')).toBe('log')
})

test('a crash between the renames leaves a log alone, which is no new store but damaged, and can be moved too', async () => {
  writeFileSync(`${path}-wal`, 'log')
  await expect(openSqliteStore(path)).rejects.toMatchObject({ code: 'store-damaged' })
  moveAside(path, clock)
  expect(readdirSync(folder)).toEqual(['keychain.db.damaged-20260131T230509Z-wal'])
})

test('nothing to move is not-found', () => {
  expect(() => moveAside(path, clock)).toThrowError(expect.objectContaining({ code: 'not-found' }))
})
