/** The memory store: the contract, and the faults that the simulator asks it for. */
import { utf8 } from '@nokkel/base'
import { describe, expect, test } from 'vitest'
import { describeDeviceStore } from './contract.ts'
import type { StoreOp } from './device-store.ts'
import { MemoryDisk, SimulatedCrash, type CommitFault } from './memory.ts'

describeDeviceStore('memory', async () => {
  const disk = new MemoryDisk()
  return { open: () => disk.open(), dispose: async () => undefined }
})

const put = (key: string): StoreOp => ({ op: 'put', table: 'items', key, value: utf8(key) })

function diskFailingOnceAt(generation: number, fault: CommitFault): MemoryDisk {
  let armed = true
  return new MemoryDisk({
    atCommit: (attempt) => {
      if (!armed || attempt.generation !== generation) return undefined
      armed = false
      return fault
    },
  })
}

describe('memory disk faults', () => {
  test.each([
    ['crash-before', 1, ['a']],
    ['crash-after', 2, ['a', 'b']],
  ] as const)('%s: the handle is gone and the disk holds %i commits', async (fault, generation, keys) => {
    const disk = diskFailingOnceAt(2, fault)
    const store = await disk.open()
    await store.commit([put('a')])
    await expect(store.commit([put('b')])).rejects.toBeInstanceOf(SimulatedCrash)
    await expect(store.get('items', 'a')).rejects.toBeInstanceOf(SimulatedCrash)
    await expect(store.commit([put('c')])).rejects.toBeInstanceOf(SimulatedCrash)
    await store.close()
    const again = await disk.open()
    expect(await again.generation()).toBe(generation)
    expect((await again.list('items')).map((row) => row.key)).toEqual(keys)
    expect(await again.commit([put('d')])).toBe(generation + 1)
  })

  test('disk-full: nothing changes and the same handle goes on', async () => {
    const disk = diskFailingOnceAt(2, 'disk-full')
    const store = await disk.open()
    await store.commit([put('a')])
    await expect(store.commit([put('b')])).rejects.toMatchObject({ code: 'disk-full' })
    expect(await store.generation()).toBe(1)
    expect(await store.commit([put('b')])).toBe(2)
  })

  test('faults are not asked about commits that fail anyway', async () => {
    let asked = 0
    const disk = new MemoryDisk({ atCommit: () => (asked++, undefined) })
    const store = await disk.open()
    await store.commit([put('a')])
    await expect(store.commit([put('b')], { expectGeneration: 0 })).rejects.toMatchObject({ code: 'conflict' })
    await expect(store.commit([put('\ud800')])).rejects.toMatchObject({ code: 'malformed' })
    expect(asked).toBe(1)
  })

  test('a copy is independent of its origin', async () => {
    const disk = new MemoryDisk()
    const store = await disk.open()
    await store.commit([put('a')])
    const copy = await disk.copy().open()
    await store.commit([put('b')])
    expect(await copy.generation()).toBe(1)
    expect(await copy.commit([put('c')])).toBe(2)
    expect((await store.list('items')).map((row) => row.key)).toEqual(['a', 'b'])
  })

  test('a damaged disk says so to every handle, old and new', async () => {
    const disk = new MemoryDisk()
    const store = await disk.open()
    disk.damage()
    for (const call of [store.generation(), store.get('items', 'a'), store.list('items'), store.commit([]), disk.open()]) {
      await expect(call).rejects.toMatchObject({ code: 'store-damaged' })
    }
  })
})
