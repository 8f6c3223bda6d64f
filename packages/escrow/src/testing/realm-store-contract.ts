/**
 * The contract of `RealmStore` as tests (house rule 15); every adapter runs all of it. What kills the process or the power is tested
 * beside the adapter: what `update` resolved with must then still be there.
 */
import { equalBytes, utf8, utf8Decode, type AccountId, type Bytes } from '@nokkel/base'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { RealmStore, RealmWrite } from '../realm/realm-store.ts'

/** One empty store, made anew for each test. */
export interface RealmStoreHarness {
  /** Another handle on the same store, as another process would open it. Where there are such, all handles are used at once. */
  open(): Promise<RealmStore>
  /** Every byte that lies on the medium: files, journals, free pages. Undefined where that cannot be had. */
  dump?(): Promise<Bytes>
  dispose(): Promise<void>
}

const account = (n: number) => n.toString(16).padStart(32, '0') as AccountId
const nothing = <T>(result: T): RealmWrite<T> => ({ dueMs: null, erase: false, result })
const write = (text: string, more: Partial<RealmWrite<null>> = {}): RealmWrite<null> => ({
  document: utf8(text),
  dueMs: null,
  erase: false,
  result: null,
  ...more,
})
const textOf = (store: RealmStore, id: AccountId) =>
  store.update(id, (document) => nothing(document === null ? null : utf8Decode(document)))

/** Takes one from a number in the document; true when there was one. */
const takeOne = (store: RealmStore, id: AccountId) =>
  store.update<boolean>(id, (document, meta) => {
    const left = Number(utf8Decode(document ?? utf8('0')))
    if (left === 0) return nothing(false)
    return { document: utf8(`${left - 1}`), meta: { ...meta, epoch: meta.epoch + 1 }, dueMs: null, erase: false, result: true }
  })

export function describeRealmStore(name: string, makeHarness: () => Promise<RealmStoreHarness>): void {
  describe(`realm store contract: ${name}`, () => {
    let harness: RealmStoreHarness
    let store: RealmStore

    beforeEach(async () => {
      harness = await makeHarness()
      store = await harness.open()
    })
    afterEach(() => harness.dispose())

    test('a new store is empty, in epoch 0, with nothing locked or due', async () => {
      expect(await store.meta()).toEqual({ epoch: 0, lockedBefore: 0 })
      expect(await textOf(store, account(1))).toBeNull()
      expect(await store.due(Number.MAX_SAFE_INTEGER, 10)).toEqual([])
    })

    test('what one handle wrote another reads, byte for byte', async () => {
      const document = Uint8Array.from({ length: 70_000 }, (_, i) => (i * 7) & 255)
      await store.update(account(1), () => ({ ...write(''), document }))
      const other = await harness.open()
      expect(await other.update(account(1), (read) => nothing(read !== null && equalBytes(read, document)))).toBe(true)
      expect(await textOf(other, account(2))).toBeNull()
    })

    test('a decision without document and meta writes nothing', async () => {
      await store.update(account(1), () => write('kept', { dueMs: 5 }))
      expect(await store.update(account(1), () => nothing('result'))).toBe('result')
      expect(await textOf(store, account(1))).toBe('kept')
      expect(await store.due(5, 10)).toEqual([account(1)])
    })

    test('a decision that throws writes nothing, and its error comes out', async () => {
      await store.update(account(1), () => write('kept'))
      const failing = store.update(account(1), () => {
        throw new RangeError('no')
      })
      await expect(failing).rejects.toThrow(RangeError)
      expect(await textOf(store, account(1))).toBe('kept')
      await store.update(account(1), () => write('next'))
      expect(await textOf(store, account(1))).toBe('next')
    })

    test('document and meta are written together', async () => {
      await store.update(account(1), (_, meta) => write('a', { meta: { ...meta, epoch: meta.epoch + 1 } }))
      await store.updateMeta((meta) => ({ epoch: meta.epoch + 10, lockedBefore: 7 }))
      const seen = await store.update(account(1), (_, meta) => nothing(meta))
      expect(seen).toEqual({ epoch: 11, lockedBefore: 7 })
      expect(await store.meta()).toEqual(seen)
    })

    test('A22: 200 at once with 10 left, over several handles: exactly 10 get one', async () => {
      const handles = [store, await harness.open(), await harness.open(), await harness.open()]
      for (let round = 0; round < 5; round++) {
        await store.update(account(round), () => write('10'))
        const taken = await Promise.all(Array.from({ length: 200 }, (_, i) => takeOne(handles[i % 4] as RealmStore, account(round))))
        expect(taken.filter(Boolean)).toHaveLength(10)
        expect(await textOf(store, account(round))).toBe('0')
      }
      expect((await store.meta()).epoch).toBe(50)
    })

    test('the epoch counts the guesses of all accounts, none lost', async () => {
      const other = await harness.open()
      for (let n = 0; n < 8; n++) await store.update(account(n), () => write('5'))
      await Promise.all(Array.from({ length: 40 }, (_, i) => takeOne(i % 2 === 0 ? store : other, account(i % 8))))
      expect((await other.meta()).epoch).toBe(40)
    })

    test('updateMeta and update do not undo each other', async () => {
      const other = await harness.open()
      await store.update(account(1), () => write('20'))
      await Promise.all([
        ...Array.from({ length: 20 }, () => takeOne(store, account(1))),
        ...Array.from({ length: 20 }, () => other.updateMeta((meta) => ({ ...meta, lockedBefore: meta.lockedBefore + 1 }))),
      ])
      expect(await store.meta()).toEqual({ epoch: 20, lockedBefore: 20 })
    })

    test('due names accounts whose time has come, the longest due first, and follows each write', async () => {
      for (const [n, dueMs] of [300, 100, 200, null].entries()) await store.update(account(n), () => write('x', { dueMs }))
      expect(await store.due(99, 10)).toEqual([])
      expect(await store.due(200, 10)).toEqual([account(1), account(2)])
      expect(await store.due(1_000, 2)).toEqual([account(1), account(2)])
      await store.update(account(1), () => write('x'))
      expect(await store.due(1_000, 10)).toEqual([account(2), account(0)])
    })

    test('A23: what is erased is gone from the medium when update resolves', async () => {
      const secret = 'SENTINEL-5f27c0a9-of-a-share'
      await store.update(account(1), () => write(`before ${secret} after`))
      await store.update(account(1), () => write('tombstone', { erase: true }))
      expect(await textOf(store, account(1))).toBe('tombstone')
      const medium = await harness.dump?.()
      if (medium === undefined) return
      expect(new TextDecoder('latin1').decode(medium)).toContain('tombstone')
      expect(new TextDecoder('latin1').decode(medium)).not.toContain(secret)
    })
  })
}
