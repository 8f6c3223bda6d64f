/**
 * Files changed behind the store's back: a call then either answers correctly or with `store-damaged`, never with wrong data.
 * For the write-ahead log "correctly" means the state after some whole number of commits: its torn end is what a power failure
 * leaves, and a store cannot know how much there had been.
 */
import { appendFileSync, copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isNokkelError } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { batchOf, readAll, stateAfter } from './testing/commit-loop.ts'
import { storeTables, type DeviceStore } from './device-store.ts'
import { openSqliteStore } from './sqlite.ts'

const rounds = Number(process.env['NOKKEL_DAMAGES'] ?? 80)
const generations = 90

let folder: string
/** Closed in good order: one file. */
let clean: string
/** As a killed process leaves it: the log holds the last commits. */
let torn: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-damage-'))
  clean = join(folder, 'clean.db')
  torn = join(folder, 'torn.db')
  const store = await openSqliteStore(clean)
  for (let generation = 1; generation <= generations; generation++) await store.commit(batchOf(generation))
  for (const suffix of ['', '-wal']) copyFileSync(clean + suffix, torn + suffix)
  await store.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

type Damage = (bytes: Buffer, random: SeededRandom) => Buffer

const damages: Readonly<Record<string, Damage>> = {
  'one bit flipped': (bytes, random) => {
    const at = random.below(bytes.length)
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
    return bytes
  },
  // structure sits in the first page and at the head of every page
  'one bit flipped near the head of a page': (bytes, random) => {
    const at = random.below(bytes.length / 4096) * 4096 + random.below(120)
    bytes[at] = (bytes[at] as number) ^ (1 << random.below(8))
    return bytes
  },
  'a sector zero-filled': (bytes, random) => {
    const at = random.below(bytes.length / 512) * 512
    return bytes.fill(0, at, at + 512)
  },
  'a page zero-filled': (bytes, random) => {
    const at = random.below(bytes.length / 4096) * 4096
    return bytes.fill(0, at, at + 4096)
  },
  'the rest zero-filled': (bytes, random) => bytes.fill(0, random.below(bytes.length)),
  truncated: (bytes, random) => bytes.subarray(0, random.below(bytes.length)),
  'truncated to whole pages': (bytes, random) => bytes.subarray(0, random.below(bytes.length / 4096) * 4096),
  'a page replaced by another': (bytes, random) => {
    const pages = bytes.length / 4096
    bytes.copyWithin(random.below(pages) * 4096, random.below(pages) * 4096, 4096)
    const [from, to] = [random.below(pages) * 4096, random.below(pages) * 4096]
    bytes.copyWithin(to, from, from + 4096)
    return bytes
  },
  garbage: (bytes, random) => {
    const length = Math.min(bytes.length, 2000)
    bytes.set(random.bytes(length), random.below(bytes.length - length + 1))
    return bytes
  },
}

/** The result, or 'damaged'. A flipped bit can also raise the format's version. */
async function orDamaged<T>(call: Promise<T>): Promise<T | 'damaged'> {
  try {
    return await call
  } catch (error) {
    if (isNokkelError(error, 'store-damaged', 'store-too-new')) return 'damaged'
    throw error
  }
}

/** One read of a random kind, held against the state after `generation` commits. */
async function readSomething(store: DeviceStore, generation: number, random: SeededRandom): Promise<'right' | 'damaged'> {
  const table = random.pick(storeTables)
  const rows = stateAfter(generation)[table]
  const keys = [...rows.map((row) => row.key), 'none', 'item aa', '00000001']
  const values = keys.map((key) => rows.find((row) => row.key === key)?.value)
  const at = random.below(keys.length)
  const reads: readonly (() => readonly [Promise<unknown>, unknown])[] = [
    () => [store.list(table), rows],
    () => [store.count(table), rows.length],
    () => [store.generation(), generation],
    () => [store.get(table, keys[at] as string), values[at]],
    () => [store.get(table, keys[at] as string), values[at]],
    () => [store.getMany(table, keys), values],
  ]
  const [call, expected] = random.pick(reads)()
  const found = await orDamaged(call)
  if (found === 'damaged') return found
  expect(found).toEqual(expected)
  return 'right'
}

describe('a damaged database answers correctly or with store-damaged', () => {
  test.each(Object.entries(damages))('%s', { timeout: 300_000 }, async (name, damage) => {
    const path = join(folder, `${name}.db`)
    const original = readFileSync(clean)
    let found = 0
    for (let round = 0; round < rounds; round++) {
      const random = new SeededRandom(round)
      rmSync(`${path}-wal`, { force: true })
      writeFileSync(path, damage(Buffer.from(original), random))
      const store = await orDamaged(openSqliteStore(path, { check: round % 10 === 0 }))
      if (store === 'damaged') {
        found++
        continue
      }
      const answers: string[] = []
      for (let i = 0; i < 8; i++) answers.push(await readSomething(store, generations, random))
      // a commit on top does not hide the damage
      if ((await orDamaged(store.commit(batchOf(generations + 1)))) === 'damaged') answers.push('damaged')
      else for (let i = 0; i < 8; i++) answers.push(await readSomething(store, generations + 1, random))
      await store.close()
      if (answers.includes('damaged')) found++
    }
    expect(found).toBeGreaterThan(0)
  })
})

describe('a damaged log gives the state after some whole number of commits, or store-damaged', () => {
  test.each(Object.entries(damages))('%s', { timeout: 300_000 }, async (name, damage) => {
    const path = join(folder, `log ${name}.db`)
    const log = readFileSync(`${torn}-wal`)
    const seen = new Set<number | 'damaged'>()
    for (let round = 0; round < rounds / 2; round++) {
      copyFileSync(torn, path)
      rmSync(`${path}-shm`, { force: true })
      writeFileSync(`${path}-wal`, damage(Buffer.from(log), new SeededRandom(round)))
      const store = await orDamaged(openSqliteStore(path))
      if (store === 'damaged') {
        seen.add('damaged')
        continue
      }
      const generation = await orDamaged(store.generation())
      if (generation !== 'damaged') {
        const random = new SeededRandom(round)
        const answers: string[] = []
        for (let i = 0; i < 8; i++) answers.push(await readSomething(store, generation, random))
        const all = await orDamaged(readAll(store))
        if (all === 'damaged' || answers.includes('damaged')) seen.add('damaged')
        else expect(all).toEqual(stateAfter(generation))
      }
      seen.add(generation)
      await store.close()
    }
    expect(seen.size).toBeGreaterThan(1)
  })

  test('cut anywhere, as by a power failure: never damaged, always whole commits', { timeout: 300_000 }, async () => {
    const path = join(folder, 'cut.db')
    const log = readFileSync(`${torn}-wal`)
    const seen = new Set<number>()
    for (let round = 0; round < rounds / 2; round++) {
      const random = new SeededRandom(round)
      copyFileSync(torn, path)
      rmSync(`${path}-shm`, { force: true })
      writeFileSync(`${path}-wal`, log.subarray(0, random.below(log.length)))
      // what was in the place of the missing part: nothing, or something older
      if (random.chance(0.5)) appendFileSync(`${path}-wal`, random.bytes(random.below(20_000)))
      const store = await openSqliteStore(path)
      const generation = await store.generation()
      expect(await readAll(store)).toEqual(stateAfter(generation))
      await store.close()
      seen.add(generation)
    }
    expect(seen.size).toBeGreaterThan(5)
  })
})
