/** SYN-32: what a person decided about filling and saving is the same on all devices (E1, E2, E4), and is no item to anybody. */
import { describe, expect, it } from 'vitest'
import { encodeCbor, type CborValue } from '@nokkel/base'
import { decisionLimits } from '@nokkel/keychain'
import { codeOf, note, reconnect, Scene } from './scene.ts'
import type { SimDevice } from './sim-device.ts'

async function two() {
  const scene = new Scene()
  const anna = await scene.found('anna')
  return { scene, anna, berit: await scene.join('berit', anna) }
}

/** A row as an extension wrote it that kept everything for itself. */
async function asBefore(of: SimDevice, autofill: readonly CborValue[]): Promise<void> {
  await (await of.look()).update((staged) => staged.putState('settings', encodeCbor([7, 1, autofill, 9])))
  await reconnect(of)
}
const before = [true, false, true, ['mine.example'], ['asks.example'], true]

async function settle(...devices: readonly SimDevice[]): Promise<void> {
  for (let round = 0; round < 2; round++) for (const { client } of devices) await client.sync()
}
const never = async (of: SimDevice): Promise<readonly string[]> => (await of.client.autofill()).neverSave

describe('SYN-32 decisions about filling and saving', () => {
  it('E2 what two devices decide without a network is there on both, and what one takes out is out on both', async () => {
    const { scene, anna, berit } = await two()
    scene.part(anna, berit)
    await anna.client.changeAutofill({ neverSave: { add: ['one.example', 'both.example'] }, switches: { fillCards: false } })
    await berit.client.changeAutofill({ neverSave: { add: ['two.example', 'both.example'] }, allowOff: { add: ['asks.example'] } })
    scene.mend(anna, berit)
    await settle(anna, berit)
    for (const { client } of [anna, berit])
      expect(await client.autofill()).toEqual({
        fillPasswords: true,
        fillCards: false,
        offerToSave: true,
        passkeys: true,
        apart: false,
        neverSave: ['both.example', 'one.example', 'two.example'],
        allowOff: ['asks.example'],
      })
    await berit.client.changeAutofill({ neverSave: { remove: ['one.example', 'both.example'] } })
    await settle(anna, berit)
    expect(await never(anna)).toEqual(['two.example'])
  })

  it('a device that joins later has it all, and one whose first device is gone keeps it', async () => {
    const { scene, anna, berit } = await two()
    await anna.client.changeAutofill({ neverSave: { add: ['one.example'] } })
    await anna.client.turnOff({ copy: 'keep' })
    await settle(berit)
    const carl = await scene.join('carl', berit)
    expect(await never(carl)).toEqual(['one.example'])
    expect(await codeOf(() => anna.client.changeAutofill({ neverSave: { add: ['x.example'] } }))).toBe('keychain-off')
    expect(await never(anna)).toEqual(['one.example'])
  })

  it('no list, search, count, deleted list or duplicate knows of it', async () => {
    const { anna, berit } = await two()
    await anna.client.addItem(note('seen'))
    await anna.client.changeAutofill({ neverSave: { add: ['one.example'] } })
    await settle(anna, berit)
    for (const { client } of [anna, berit]) {
      expect((await client.status()).items).toBe(1)
      expect((await client.items()).map(({ title }) => title)).toEqual(['seen'])
      for (const query of [{ text: 'one.example' }, { kind: 'settings' }, { deleted: true }]) expect(await client.items(query)).toEqual([])
      expect(await client.duplicates()).toEqual([])
      const keychain = await (client === anna.client ? anna : berit).look()
      const [hidden] = [...keychain.index.values()].filter(({ summary }) => summary?.kind === 'settings')
      expect(await codeOf(() => client.item(hidden?.id as never))).toBe('not-found')
      expect(await codeOf(() => client.deleteItem(hidden?.id as never))).toBe('not-found')
    }
  })

  it('switches of one device alone stay there, while lists of sites go on being shared', async () => {
    const { anna, berit } = await two()
    await anna.client.changeAutofill({ apart: true, switches: { offerToSave: false }, neverSave: { add: ['one.example'] } })
    await settle(anna, berit)
    expect(await anna.client.autofill()).toMatchObject({ apart: true, offerToSave: false })
    expect(await berit.client.autofill()).toMatchObject({ apart: false, offerToSave: true, neverSave: ['one.example'] })
    await berit.client.changeAutofill({ switches: { fillPasswords: false } })
    await settle(anna, berit)
    expect(await anna.client.autofill()).toMatchObject({ fillPasswords: true })
    expect(await anna.client.changeAutofill({ apart: false })).toMatchObject({ fillPasswords: false, offerToSave: true })
  })

  it('what a browser had for itself holds as before, goes in once, and loses nothing', async () => {
    const { anna, berit } = await two()
    await asBefore(anna, before)
    const held = {
      fillPasswords: true,
      fillCards: false,
      offerToSave: true,
      passkeys: true,
      neverSave: ['mine.example'],
      allowOff: ['asks.example'],
    }
    expect(await anna.client.autofill()).toMatchObject(held)
    expect(await anna.client.settings()).toEqual({ autoLockMinutes: 7, language: 'nb', proofMinutes: 9 })
    await settle(anna, berit)
    // the lists are everybody's; a switch that is off stays off in this browser alone
    expect(await anna.client.autofill()).toMatchObject({ ...held, apart: true })
    expect(await berit.client.autofill()).toMatchObject({ ...held, fillCards: true, apart: false })
    expect(await anna.client.settings()).toEqual({ autoLockMinutes: 7, language: 'nb', proofMinutes: 9 })
    // what is taken out afterwards does not come back with the next start
    await berit.client.changeAutofill({ neverSave: { remove: ['mine.example'] }, switches: { offerToSave: false } })
    await reconnect(anna)
    await settle(anna, berit)
    expect(await anna.client.autofill()).toMatchObject({ ...held, neverSave: [] })
    const { seq } = (await anna.look()).log ?? {}
    await settle(anna, berit)
    expect((await anna.look()).log?.seq).toBe(seq)
  })

  it('of two browsers both lists survive; what was decided for all goes before, and a switch that is off stays a browser’s own', async () => {
    const { anna, berit } = await two()
    await berit.client.changeAutofill({ neverSave: { add: ['mine.example'] }, switches: { fillCards: false } })
    await berit.client.changeAutofill({ neverSave: { remove: ['mine.example'] }, switches: { fillCards: true } })
    await asBefore(anna, before)
    await asBefore(berit, [true, true, true, ['other.example'], [], true])
    await settle(anna, berit)
    expect(await never(anna)).toEqual(['other.example'])
    expect(await never(berit)).toEqual(['other.example'])
    expect(await anna.client.autofill()).toMatchObject({ apart: true, fillCards: false, allowOff: ['asks.example'] })
    expect(await berit.client.autofill()).toMatchObject({ apart: false, fillCards: true, allowOff: ['asks.example'] })
  })

  it('B4 what a newer version put there is kept, and passed over here', async () => {
    const { anna, berit } = await two()
    await anna.client.changeAutofill({ neverSave: { add: ['one.example'] } })
    const keychain = await anna.look()
    const [entry] = [...keychain.index.values()].filter(({ summary }) => summary?.kind === 'settings')
    if (entry === undefined) throw new Error('nothing was written')
    await keychain.update(async (staged) => {
      const stored = await keychain.readItem(entry.id)
      if (stored === undefined) return
      const fields = new Map([...stored.item.fields, ['theme:dark', { value: [1, 'x'], hlc: staged.stamp() }] as const])
      staged.putLocal(entry.id, { ...stored.item, schema: 2, fields, extra: ['later'] }, stored)
    })
    await reconnect(anna)
    await anna.client.changeAutofill({ neverSave: { add: ['two.example'] } })
    await settle(anna, berit)
    expect(await never(berit)).toEqual(['one.example', 'two.example'])
    const arrived = await (await berit.look()).readItem(entry.id)
    expect(arrived?.item).toMatchObject({ schema: 2, extra: ['later'] })
    expect(arrived?.item.fields.get('theme:dark')?.value).toEqual([1, 'x'])
  })

  it('more sites than a list may have are refused, and nothing is changed', async () => {
    const { anna } = await two()
    const sites = Array.from({ length: decisionLimits.sites }, (_, n) => `n${n}.example`)
    await anna.client.changeAutofill({ neverSave: { add: sites } })
    expect(await codeOf(() => anna.client.changeAutofill({ neverSave: { add: ['more.example'] } }))).toBe('too-large')
    expect(await codeOf(() => anna.client.changeAutofill({ neverSave: { add: ['not a site'] } }))).toBe('malformed')
    expect(await never(anna)).toHaveLength(decisionLimits.sites)
  })
})
