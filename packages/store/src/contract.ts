/**
 * The contract of `DeviceStore` as tests (house rule 15). The door `./testing`; every implementation runs all of it. It knows no
 * implementation: faults that need one (a killed process, a damaged file, a full disk) are tested beside that implementation.
 */
import { equalBytes, isNokkelError, utf8, type Bytes, type ErrorCode } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { maxKeyLength, storeTables, type DeviceStore, type StoreOp, type StoreTable } from './device-store.ts'

/** One empty storage, made anew for each test. */
export interface StoreHarness {
  /** Another handle on the same storage. */
  open(): Promise<DeviceStore>
  /** Handles still open are closed before. */
  dispose(): Promise<void>
}

export function describeDeviceStore(name: string, makeHarness: () => Promise<StoreHarness>): void {
  describe(`device store contract: ${name}`, () => {
    let harness: StoreHarness
    let handles: DeviceStore[]
    let store: DeviceStore

    const open = async () => {
      const handle = await harness.open()
      handles.push(handle)
      return handle
    }
    beforeEach(async () => {
      harness = await makeHarness()
      handles = []
      store = await open()
    })
    afterEach(async () => {
      for (const handle of handles) await handle.close()
      await harness.dispose()
    })

    test('a new store is empty at generation 0', async () => {
      expect(await store.generation()).toBe(0)
      for (const table of storeTables) {
        expect(await store.list(table)).toEqual([])
        expect(await store.count(table)).toBe(0)
        expect(await store.get(table, 'a')).toBeUndefined()
        expect(await store.getMany(table, ['a', 'b'])).toEqual([undefined, undefined])
      }
    })

    test('operations of a batch apply in order', async () => {
      await store.commit([
        put('items', 'a', '1'),
        put('items', 'a', '2'),
        put('items', 'b', '1'),
        remove('items', 'b'),
        put('items', 'c', '1'),
      ])
      expect(await textRows(store, 'items')).toEqual({ a: '2', c: '1' })
      await store.commit([remove('items', 'a'), put('items', 'a', '3'), remove('items', 'c'), remove('items', 'none')])
      expect(await textRows(store, 'items')).toEqual({ a: '3' })
      await store.commit([put('items', 'x', '1'), clear('items'), put('items', 'y', '1')])
      expect(await textRows(store, 'items')).toEqual({ y: '1' })
      expect(await store.count('items')).toBe(1)
    })

    test('tables do not touch each other', async () => {
      await store.commit(storeTables.map((table) => put(table, 'same', table)))
      await store.commit([clear('state'), remove('outbox', 'same'), put('pages', 'same', 'new')])
      const left = await Promise.all(storeTables.map(async (table) => [table, await textRows(store, table)]))
      expect(Object.fromEntries(left)).toEqual({
        meta: { same: 'meta' },
        state: {},
        items: { same: 'items' },
        pages: { same: 'new' },
        outbox: {},
        quarantine: { same: 'quarantine' },
      })
    })

    test('every commit adds one to the generation, an empty one too', async () => {
      expect(await store.commit([put('items', 'a', '1')])).toBe(1)
      expect(await store.commit([])).toBe(2)
      expect(await store.commit([remove('items', 'none')], { expectGeneration: 2 })).toBe(3)
      expect(await store.generation()).toBe(3)
    })

    test('commits started together each get their own generation', async () => {
      const generations = await Promise.all(Array.from({ length: 20 }, (_, i) => store.commit([put('items', `k${i}`, `${i}`)])))
      expect(generations.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
      expect(await store.count('items')).toBe(20)
    })

    test('keys are ordered by UTF-16 code units, kept exactly and never normalised', async () => {
      const ordered = oddKeys.toSorted((a, b) => (a < b ? -1 : 1))
      await store.commit(oddKeys.map((key) => put('items', key, `value of ${key}`)))
      const rows = await store.list('items')
      expect(rows.map((row) => row.key)).toEqual(ordered)
      expect(rows.map((row) => row.value)).toEqual(ordered.map((key) => utf8(`value of ${key}`)))
      expect(await store.getMany('items', oddKeys)).toEqual(oddKeys.map((key) => utf8(`value of ${key}`)))
      for (const key of oddKeys) expect(await store.get('items', key)).toEqual(utf8(`value of ${key}`))
      await store.commit(oddKeys.slice(1).map((key) => remove('items', key)))
      expect((await store.list('items')).map((row) => row.key)).toEqual(oddKeys.slice(0, 1))
    })

    test('getMany answers in the order asked, repeated and missing keys included', async () => {
      await store.commit([put('items', 'a', '1'), put('items', 'b', '2')])
      expect(await store.getMany('items', ['b', 'none', 'a', 'b'])).toEqual([utf8('2'), undefined, utf8('1'), utf8('2')])
      expect(await store.getMany('items', [])).toEqual([])
    })

    test('values are kept to the byte: empty, every byte value, 1 MiB, part of a larger array', async () => {
      const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)
      const values = {
        empty: new Uint8Array(0),
        everyByte,
        large: new SeededRandom(1).bytes(1024 * 1024),
        part: everyByte.subarray(100, 120),
      }
      await store.commit(Object.entries(values).map(([key, value]) => ({ op: 'put', table: 'pages', key, value })))
      const again = await open()
      for (const [key, value] of Object.entries(values)) {
        const found = (await again.get('pages', key)) as Bytes
        expect(found.constructor).toBe(Uint8Array)
        expect(found.length).toBe(value.length)
        expect(equalBytes(found, value)).toBe(true)
      }
      expect((await again.list('pages')).map((row) => row.value.length)).toEqual([0, 256, 1024 * 1024, 20])
    })

    test('bytes are copied in and out', async () => {
      const value = utf8('before')
      await store.commit([{ op: 'put', table: 'items', key: 'a', value }])
      value.fill(0)
      for (const read of [
        () => store.get('items', 'a'),
        async () => (await store.getMany('items', ['a']))[0],
        async () => (await store.list('items'))[0]?.value,
      ]) {
        const found = (await read()) as Bytes
        expect(found).toEqual(utf8('before'))
        found.fill(0)
      }
      expect(await store.get('items', 'a')).toEqual(utf8('before'))
    })

    test('a batch of 10,000 rows is one commit and is read back whole', async () => {
      const random = new SeededRandom(2)
      const rows = Array.from({ length: 10_000 }, (_, i) => ({
        key: `k${String(i).padStart(5, '0')}`,
        value: random.bytes(random.below(100)),
      }))
      const shuffled = rows.toSorted((a, b) => a.value.length - b.value.length)
      expect(await store.commit(shuffled.map((row) => ({ op: 'put', table: 'items', ...row })))).toBe(1)
      expect(await store.count('items')).toBe(10_000)
      const again = await open()
      expect(await again.list('items')).toEqual(rows)
      expect(
        await again.getMany(
          'items',
          shuffled.map((row) => row.key),
        ),
      ).toEqual(shuffled.map((row) => row.value))
      await again.commit(rows.filter((_, i) => i % 2 === 0).map(({ key }) => remove('items', key)))
      expect(await store.list('items')).toEqual(rows.filter((_, i) => i % 2 === 1))
    })

    test.each(badOps)('a failing operation in the middle changes nothing: %s', async (_, op, code) => {
      await store.commit([put('items', 'a', '1'), put('state', 'a', '1')])
      const batch = [put('items', 'a', '2'), clear('state'), put('pages', 'new', '1'), op, put('items', 'b', '2')]
      await expectCode(store.commit(batch), code)
      for (const handle of [store, await open()]) {
        expect(await handle.generation()).toBe(1)
        expect(await textRows(handle, 'items')).toEqual({ a: '1' })
        expect(await textRows(handle, 'state')).toEqual({ a: '1' })
        expect(await handle.count('pages')).toBe(0)
      }
      expect(await store.commit([put('items', 'a', '3')])).toBe(2)
    })

    test('reads refuse unknown tables and impossible keys', async () => {
      const unknown = 'sqlite_schema; DROP TABLE items' as StoreTable
      await expectCode(store.list(unknown), 'malformed')
      await expectCode(store.count(unknown), 'malformed')
      await expectCode(store.get(unknown, 'a'), 'malformed')
      await expectCode(store.get('items', '\ud800'), 'malformed')
      await expectCode(store.getMany('items', ['a', 'k'.repeat(maxKeyLength + 1)]), 'malformed')
      expect(await store.generation()).toBe(0)
    })

    test('commit with another generation than expected is a conflict and changes nothing', async () => {
      await store.commit([put('items', 'a', '1')])
      for (const expectGeneration of [0, 2]) await expectCode(store.commit([put('items', 'a', '2')], { expectGeneration }), 'conflict')
      expect(await store.generation()).toBe(1)
      expect(await textRows(store, 'items')).toEqual({ a: '1' })
    })

    test('two handles: each sees the commits of the other, and the second to build on one generation meets a conflict', async () => {
      const other = await open()
      expect(await store.commit([put('items', 'a', 'store')], { expectGeneration: 0 })).toBe(1)
      expect(await textRows(other, 'items')).toEqual({ a: 'store' })
      await expectCode(other.commit([put('items', 'a', 'other')], { expectGeneration: 0 }), 'conflict')
      expect(await other.commit([put('items', 'b', 'other')], { expectGeneration: 1 })).toBe(2)
      expect(await store.commit([remove('items', 'a')])).toBe(3)
      expect(await textRows(other, 'items')).toEqual({ b: 'other' })
      expect(await other.generation()).toBe(3)
    })

    test('of several handles committing to one generation at once exactly one succeeds', async () => {
      const racers = await Promise.all(Array.from({ length: 5 }, open))
      const results = await Promise.allSettled(
        racers.map((racer, i) => racer.commit([put('items', 'winner', `${i}`)], { expectGeneration: 0 })),
      )
      const won = results.flatMap((result, i) => (result.status === 'fulfilled' ? [i] : []))
      expect(won).toHaveLength(1)
      for (const result of results) if (result.status === 'rejected') expect(isNokkelError(result.reason, 'conflict')).toBe(true)
      expect(await textRows(store, 'items')).toEqual({ winner: `${won[0]}` })
      expect(await store.generation()).toBe(1)
    })

    test('what was committed is there after closing and opening again', async () => {
      await store.commit([put('items', 'a', '1'), put('meta', 'b', '2')])
      await store.commit([put('items', 'c', '3')])
      await store.close()
      const again = await open()
      expect(await again.generation()).toBe(2)
      expect(await textRows(again, 'items')).toEqual({ a: '1', c: '3' })
      expect(await textRows(again, 'meta')).toEqual({ b: '2' })
    })

    test('after close every call of that handle fails, closing again does not, and other handles go on', async () => {
      const other = await open()
      await store.close()
      await store.close()
      const calls = [
        store.generation(),
        store.get('items', 'a'),
        store.getMany('items', ['a']),
        store.list('items'),
        store.count('items'),
        store.commit([put('items', 'a', '1')]),
      ]
      for (const call of await Promise.allSettled(calls)) {
        expect(call).toMatchObject({ status: 'rejected', reason: { code: 'internal', params: { what: 'store-closed' } } })
      }
      expect(await other.commit([put('items', 'a', '1')])).toBe(1)
    })

    test('random batches through two handles behave like a plain map', async () => {
      const random = new SeededRandom(3)
      const model = new Map<StoreTable, Map<string, Bytes>>(storeTables.map((table) => [table, new Map()]))
      const both = [store, await open()]
      for (let generation = 1; generation <= 150; generation++) {
        const ops = Array.from({ length: random.below(12) }, () => randomOp(random))
        expect(await random.pick(both).commit(ops, { expectGeneration: generation - 1 })).toBe(generation)
        for (const op of ops) applyTo(model.get(op.table) as Map<string, Bytes>, op)
        const table = random.pick(storeTables)
        const expected = [...(model.get(table) as Map<string, Bytes>)]
          .toSorted(([a], [b]) => (a < b ? -1 : 1))
          .map(([key, value]) => ({ key, value }))
        const reader = random.pick(both)
        expect(await reader.list(table)).toEqual(expected)
        expect(await reader.count(table)).toBe(expected.length)
        expect(await reader.getMany(table, modelKeys)).toEqual(modelKeys.map((key) => model.get(table)?.get(key)))
      }
    })
  })
}

const put = (table: StoreTable, key: string, text: string): StoreOp => ({ op: 'put', table, key, value: utf8(text) })
const remove = (table: StoreTable, key: string): StoreOp => ({ op: 'delete', table, key })
const clear = (table: StoreTable): StoreOp => ({ op: 'clear', table })

/** U+FFFD and U+E000 sort after the surrogates of U+1F511 here, and before it by code points and in UTF-8. */
const oddKeys = [
  '',
  ' ',
  'a',
  'a ',
  'A',
  'aa',
  '\u0000',
  'a\u0000',
  'a\u0000b',
  '\n',
  "'",
  '"',
  '%',
  '_',
  '\\',
  '*',
  '__proto__',
  'constructor',
  '\u00e9',
  'e\u0301',
  '\ue000',
  '\ufffd',
  '\uffff',
  '\u{1f511}',
  '\ufeff',
  'k'.repeat(maxKeyLength),
]

const badOps: readonly (readonly [string, StoreOp, ErrorCode])[] = [
  ['unknown table', put('nothing' as StoreTable, 'a', '1'), 'malformed'],
  ['inherited name as a table', put('__proto__' as StoreTable, 'a', '1'), 'malformed'],
  ['unknown operation', { op: 'drop', table: 'items' } as unknown as StoreOp, 'malformed'],
  ['value that is not bytes', { op: 'put', table: 'items', key: 'a', value: 'text' } as unknown as StoreOp, 'malformed'],
  ['key that is not text', { op: 'delete', table: 'items', key: 7 } as unknown as StoreOp, 'malformed'],
  ['key with a lone surrogate', put('items', 'a\udc00', '1'), 'malformed'],
  ['key that is too long', put('items', 'k'.repeat(maxKeyLength + 1), '1'), 'malformed'],
]

const modelKeys = Array.from({ length: 15 }, (_, i) => `key ${i}`)

function randomOp(random: SeededRandom): StoreOp {
  const table = random.pick(storeTables)
  if (random.chance(0.02)) return { op: 'clear', table }
  const key = random.pick(modelKeys)
  return random.chance(0.3) ? { op: 'delete', table, key } : { op: 'put', table, key, value: random.bytes(random.below(3000)) }
}

function applyTo(rows: Map<string, Bytes>, op: StoreOp): void {
  if (op.op === 'put') rows.set(op.key, new Uint8Array(op.value))
  else if (op.op === 'delete') rows.delete(op.key)
  else rows.clear()
}

async function textRows(store: DeviceStore, table: StoreTable): Promise<Record<string, string>> {
  const rows = await store.list(table)
  return Object.fromEntries(rows.map(({ key, value }) => [key, new TextDecoder().decode(value)]))
}

async function expectCode(call: Promise<unknown>, code: ErrorCode): Promise<void> {
  await expect(call).rejects.toMatchObject({ name: 'NokkelError', code })
}
