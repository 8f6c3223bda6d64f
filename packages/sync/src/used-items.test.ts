/** EXT-11: what was used on this device, and how much of it is remembered. */
import { newId, systemRandom, type ItemId } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { openRandomMany, sealRandomMany } from '@nokkel/crypto'
import { MemoryDisk, SealedStore, type LocalCipher } from '@nokkel/store'
import { describe, expect, it } from 'vitest'
import { LocalKeychain } from './local-keychain.ts'
import { mostUsedItems, noteUsedItem, readUsedItems } from './used-items.ts'

const key = systemRandom.bytes(32)
const cipher: LocalCipher = {
  sealMany: (messages) => sealRandomMany(systemRandom, key, messages),
  openMany: (messages) => openRandomMany(key, messages),
}
const id = (): ItemId => newId<ItemId>(systemRandom)

describe('items that were used', () => {
  it('the last one first, each once, also after a restart; gone with the items', async () => {
    const disk = new MemoryDisk()
    const clock = new ManualClock(1_000)
    const open = async (): Promise<LocalKeychain> => LocalKeychain.open(new SealedStore(await disk.open(), cipher), clock, systemRandom)
    const [a, b] = [id(), id()]
    const first = await open()
    expect(await readUsedItems(first)).toEqual(new Map())
    for (const each of [a, b, a]) {
      await noteUsedItem(first, each)
      clock.advance(1_000)
    }
    expect([...(await readUsedItems(first))]).toEqual([
      [a, 3_000],
      [b, 2_000],
    ])
    const second = await open()
    expect([...(await readUsedItems(second)).keys()]).toEqual([a, b])
    await second.update((staged) => staged.clearItems())
    expect(await readUsedItems(second)).toEqual(new Map())
  })

  it('of very many the oldest are forgotten', async () => {
    const keychain = await LocalKeychain.open(new SealedStore(await new MemoryDisk().open(), cipher), new ManualClock(1), systemRandom)
    const all = Array.from({ length: mostUsedItems + 5 }, id)
    for (const each of all) await noteUsedItem(keychain, each)
    expect([...(await readUsedItems(keychain)).keys()]).toEqual(all.slice(5).toReversed())
  })
})
