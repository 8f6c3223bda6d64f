/** SYN-32: how much of what members list as decisions is opened at all. */
import { newId, systemRandom, type ItemId } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { openRandomMany, sealRandomMany } from '@nokkel/crypto'
import { decisionLimits, type Item } from '@nokkel/keychain'
import { MemoryDisk, SealedStore, type LocalCipher } from '@nokkel/store'
import { LocalKeychain } from '@nokkel/sync'
import { expect, it, vi } from 'vitest'
import { readAutofill } from './autofill-settings.ts'

async function openKeychain(): Promise<LocalKeychain> {
  const key = systemRandom.bytes(32)
  const cipher: LocalCipher = {
    sealMany: (messages) => sealRandomMany(systemRandom, key, messages),
    openMany: (messages) => openRandomMany(key, messages),
  }
  return LocalKeychain.open(new SealedStore(await new MemoryDisk().open(), cipher), new ManualClock(1_000_000), systemRandom)
}

function decidedAt(ms: number, site: string): Item {
  const hlc = { ms, ctr: 0, dev: 'f'.repeat(16) }
  const fields = new Map([[`never:${site}`, { value: true, hlc }]])
  return { schema: 1, kind: 'settings', created: hlc, fields, removal: null, purge: null, history: [], extra: [] }
}

it('SYN-32 of more items than are read together only the last written are opened', async () => {
  const keychain = await openKeychain()
  const listed = 2 * decisionLimits.items
  await keychain.update((staged) => {
    for (let n = 0; n < listed; n++) staged.putLocal(newId<ItemId>(systemRandom), decidedAt(n, `s${n}.example`), undefined)
  })
  const opened = vi.spyOn(keychain, 'readItems')
  const { neverSave } = await readAutofill(keychain)
  expect(opened.mock.calls.map(([ids]) => ids.length)).toEqual([decisionLimits.items])
  expect(neverSave).toHaveLength(decisionLimits.items)
  expect(neverSave).toContain(`s${listed - 1}.example`)
  expect(neverSave).not.toContain('s0.example')
})
