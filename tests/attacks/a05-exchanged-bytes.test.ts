/**
 * A5: parts of two sealed items are exchanged, so that one item shows the password of another. Defence: an item is one ciphertext;
 * there is no part of it that could be moved by itself, and no byte of it can be changed.
 * Fails when: a sealed item opens without its tag; a record need not be the one that its batch lists.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { decodeCbor, type Bytes, type CborValue, type ItemId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { decodeRecord, encodeRecord, openRecord, recordKeyOf, type RecordEnvelope, type VaultKey } from '@nokkel/protocol'
import { decodePushFrame, limits, splitFrames } from '@nokkel/protocol/wire'
import { expectCaught } from './caught.ts'
import { World, codeOf, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
let records: readonly Bytes[]
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  berit = await world.joined('Berit', anna)
  await berit.client.sync()
  for (let i = 0; i < 6; i++) {
    const fields = new Map([
      ['title', `Bank ${i}`],
      ['username', `user ${i}`],
      ['password', `secret ${i}`],
      [`site:bank${i}.example`, true as never],
    ])
    await anna.client.addItem({ kind: 'password', fields })
  }
  records = anna.proxy
    .exchanges('push')
    .flatMap(({ request }) => splitFrames(request.body).flatMap((frame) => decodePushFrame(frame).records))
    .slice(-6)
})
afterAll(() => world.end())

it('A5: on the wire an item is ids, numbers, a salt and one ciphertext; there is no second part', () => {
  for (const record of records) {
    const parts = decodeCbor(record, limits.recordBytes) as readonly CborValue[]
    expect(parts.map((part) => (part instanceof Uint8Array ? `bytes ${part.length < 100 ? part.length : 'ct'}` : typeof part))).toEqual([
      'number',
      'string',
      'number',
      'bytes 16',
      'bytes 16',
      'bytes 16',
      'number',
      'bytes 32',
      'bytes ct',
    ])
  }
})

it('A5: any range of bytes exchanged between any two sealed items: none opens', async () => {
  const random = new SeededRandom(5)
  const { account, vault } = (await anna.look()).requireTrusted()
  const key = recordKeyOf([...(await anna.look()).vaultKeys.values()][0] as VaultKey)
  const open = (item: ItemId, envelope: RecordEnvelope): Bytes => openRecord(key, { account, vault, item }, envelope)
  const envelopes = records.map(decodeRecord)
  for (const envelope of envelopes) expect(open(envelope.item, envelope).length).toBeGreaterThan(0)
  let opened = 0
  for (let n = 0; n < 3_000; n++) {
    const [one, two] = [random.pick(envelopes), random.pick(envelopes)]
    if (one === two) continue
    const length = Math.min(one.ciphertext.length, two.ciphertext.length)
    const from = random.below(length)
    const to = from + 1 + random.below(length - from)
    const mixed = one.ciphertext.slice()
    mixed.set(two.ciphertext.subarray(from, to), from)
    if (Buffer.compare(mixed, one.ciphertext) === 0) continue
    if ((await codeOf(() => open(one.item, { ...one, ciphertext: mixed }))) !== 'open-failed') opened++
  }
  expect(opened).toBe(0)
})

it('A5: the same through the server: whole parts exchanged between two records of one answer', async () => {
  const [first, second] = records.slice(-2).map(decodeRecord) as [RecordEnvelope, RecordEnvelope]
  const mixtures = [
    { ...first, ciphertext: second.ciphertext },
    { ...first, salt: second.salt },
    { ...first, rev: second.rev },
    { ...second, item: first.item },
    { ...first, ciphertext: second.ciphertext, salt: second.salt, rev: second.rev },
  ]
  for (const record of mixtures) {
    const lie = (proxy: TestDevice['proxy']): unknown =>
      proxy.editLog((frame) => ({
        ...frame,
        records: frame.records.map((true_) => (decodeRecord(true_).item === first.item ? encodeRecord(record) : true_)),
      }))
    await expectCaught(berit, 'record-forged', lie, { goesOn: false })
  }
  await berit.client.sync()
  expect(await berit.titles()).toEqual(await anna.titles())
})
