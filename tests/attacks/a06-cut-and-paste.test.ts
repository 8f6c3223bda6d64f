/**
 * A6: a sealed item is put in the place of another: other item, vault, account, epoch, revision. Defence: everything that names the
 * place is in the associated data, and comes from what the reader expects, never from the envelope.
 * Fails when: item, vault, account, epoch or revision is left out of the associated data.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { newId, systemRandom, type AccountId, type Bytes, type ItemId, type VaultId } from '@nokkel/base'
import { createVaultKey, decodeRecord, encodeRecord, openRecord, recordKeyOf, type RecordEnvelope, type VaultKey } from '@nokkel/protocol'
import { decodePushFrame, splitFrames } from '@nokkel/protocol/wire'
import { expectCaught } from './caught.ts'
import type { EvilProxy } from './evil-proxy.ts'
import { World, codeOf, note, type TestDevice } from './world.ts'

const count = 200
let world: World
let anna: TestDevice
let berit: TestDevice
let envelopes: readonly RecordEnvelope[]
let key: VaultKey
let place: { readonly account: AccountId; readonly vault: VaultId }

function recordsPushed(device: TestDevice): Bytes[] {
  return device.proxy
    .exchanges('push')
    .flatMap(({ request }) => splitFrames(request.body).flatMap((frame) => decodePushFrame(frame).records))
}

beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  const rows = Array.from({ length: count }, (_, i) => `Site ${i},https://site${i}.example,user${i},password${i}`)
  await anna.client.importFile({ name: 'chrome.csv', bytes: Buffer.from(['name,url,username,password', ...rows].join('\n')) })
  envelopes = recordsPushed(anna).slice(-count).map(decodeRecord)
  const look = await anna.look()
  key = [...look.vaultKeys.values()][0] as VaultKey
  place = look.requireTrusted()
  berit = await world.joined('Berit', anna)
})
afterAll(() => world.end())

const opens = async (
  item: ItemId,
  envelope: RecordEnvelope,
  under = key,
  at: { readonly account: AccountId; readonly vault: VaultId } = place,
): Promise<boolean> =>
  (await codeOf(() => openRecord(recordKeyOf(under), { account: at.account, vault: at.vault, item }, envelope))) !== 'open-failed'

it(`A6: every one of ${count} records in the place of every other: 0 of ${count * (count - 1)} open`, () => {
  const recordKey = recordKeyOf(key)
  let opened = 0
  let own = 0
  for (const envelope of envelopes) {
    for (const { item } of envelopes) {
      try {
        openRecord(recordKey, { account: place.account, vault: place.vault, item }, envelope)
        if (item === envelope.item) own++
        else opened++
      } catch {
        // refused
      }
    }
  }
  expect({ opened, own }).toEqual({ opened: 0, own: count })
})

it(`A6: every part of the place exchanged by itself, for all ${count} records: 0 open`, async () => {
  const other = await world.founder('Olga', 'olga@example.org')
  const olga = (await other.look()).requireTrusted()
  let opened = 0
  for (const [i, envelope] of envelopes.entries()) {
    const next = envelopes[(i + 1) % count] as RecordEnvelope
    const variants: readonly [RecordEnvelope, VaultKey, typeof place][] = [
      [{ ...envelope, rev: next.rev }, key, place],
      [{ ...envelope, salt: next.salt }, key, place],
      [{ ...envelope, epoch: 2 }, key, place],
      [envelope, key, { account: olga.account, vault: place.vault }],
      [envelope, key, { account: place.account, vault: olga.vault }],
      [envelope, createVaultKey(systemRandom, place.vault, 1), place],
      [{ ...envelope, ciphertext: next.ciphertext }, key, place],
    ]
    for (const [changed, under, at] of variants) if (await opens(envelope.item, changed, under, at)) opened++
    // what the envelope says of itself is not believed: with other ids on it, it still opens in its own place only
    const relabelled = decodeRecord(encodeRecord({ ...envelope, item: next.item, vault: newId<VaultId>(systemRandom) }))
    if (await opens(next.item, relabelled)) opened++
    if (!(await opens(envelope.item, relabelled))) opened++
  }
  expect(opened).toBe(0)
})

it('A6: through the server: items, revisions, epochs and accounts exchanged in what it shows', async () => {
  const olga = await world.founder('Oda', 'oda@example.org')
  await olga.client.addItem(note('Oda’s'))
  const foreign = recordsPushed(olga).at(-1) as Bytes
  const id = (await anna.client.items())[0]?.id as ItemId
  await anna.client.editItem(id, { set: new Map([['password', 'first']]) })
  await berit.client.sync()
  const older = recordsPushed(anna).at(-1) as Bytes
  await anna.client.editItem(id, { set: new Map([['password', 'second']]) })
  await anna.client.addItem(note('another'))
  const another = recordsPushed(anna).at(-1) as Bytes
  const instead =
    (record: Bytes) =>
    (proxy: EvilProxy): unknown =>
      proxy.editLog((frame) => ({ ...frame, records: frame.records.map((shown) => (decodeRecord(shown).item === id ? record : shown)) }))
  for (const record of [older, another, foreign]) await expectCaught(berit, 'record-forged', instead(record), { goesOn: false })
  await berit.client.sync()
  // a rotation: now the old epoch's record in place of the new one's
  const carl = await world.joined('Carl', anna)
  const before = recordsPushed(anna).find((record) => decodeRecord(record).item === id) as Bytes
  await anna.client.removeDevice(await carl.id(), { deleteCopy: false })
  await expectCaught(berit, 'record-forged', instead(before), { circleMoves: true, goesOn: false })
  berit.proxy.honest()
  await berit.client.sync()
  expect(await berit.titles()).toEqual(await anna.titles())
})

it('A6: the log of another account, whole: not one batch of it counts', async () => {
  const olga = await world.founder('Ingrid', 'ingrid@example.org')
  for (let i = 0; i < 3; i++) await olga.client.addItem(note(`Ingrid’s ${i}`))
  const theirs = await olga.look()
  const batches = olga.proxy.exchanges('push').flatMap(({ request }) => splitFrames(request.body).map((frame) => decodePushFrame(frame)))
  expect(theirs.requireTrusted().log.seq).toBe(batches.length)
  const lie = (proxy: EvilProxy): unknown =>
    proxy.editLog((frame) => ({
      ...frame,
      headSeq: frame.headSeq + batches.length,
      batches: batches.map(({ batch }) => batch),
      records: batches.flatMap(({ records }) => records),
    }))
  await expectCaught(berit, 'record-forged', lie)
})
