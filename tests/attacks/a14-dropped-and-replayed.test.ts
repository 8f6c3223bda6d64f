/**
 * A14: the server drops, repeats, reorders, replays or revives what devices wrote. Defence: one linear log, each batch signed by its
 * writer and linked to the one before, with the state root of everything after it.
 * Fails when: a log shorter than the one that the device has seen counts as whole; a record need not be the one that its batch lists;
 * a listed record may stay away; an answer without a page counts as "nothing new".
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Bytes, ItemId } from '@nokkel/base'
import { decodeRecord } from '@nokkel/protocol/wire'
import { expectCaught } from './caught.ts'
import { binaryAnswer, jsonAnswer, problemAnswer } from './evil-proxy.ts'
import { World, codeOf, note, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  for (const title of ['a', 'b', 'c']) await anna.client.addItem(note(title))
  berit = await world.joined('Berit', anna)
})
afterAll(() => world.end())

async function seqOf(device: TestDevice): Promise<number> {
  return (await device.client.status()).cursor
}

/** The record of `item` as the server holds it now. */
async function recordOf(item: ItemId): Promise<Bytes> {
  const keychain = await anna.look()
  const { identity, vault } = keychain.requireTrusted()
  const api = anna.connect(world.server.url)
  const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
  return (await api.records(session, vault, [item]))[0] as Bytes
}

describe('A14: a server that hides, repeats and revives', () => {
  it('A14: hiding the newest k of n batches is a rollback for a device that has seen them, for every k', async () => {
    const seq = await seqOf(berit)
    expect(seq).toBeGreaterThan(3)
    for (let k = 1; k <= seq; k++) {
      const lie = (proxy: TestDevice['proxy']): unknown =>
        proxy.editLog((frame) => ({ ...frame, headSeq: frame.headSeq - k, batches: [], records: [] }))
      await expectCaught(berit, 'log-rolled-back', lie, { goesOn: k === seq })
    }
  })

  it('A14: one batch left out of the middle, at every place', async () => {
    for (const title of ['d', 'e', 'f', 'g']) await anna.client.addItem(note(title))
    for (const at of [0, 1, 2]) {
      const lie = (proxy: TestDevice['proxy']): unknown => proxy.editLog((frame) => ({ ...frame, batches: frame.batches.toSpliced(at, 1) }))
      await expectCaught(berit, 'batch-gap', lie, { goesOn: false })
    }
    await berit.client.sync()
  })

  it('A14: batches in another order, a batch twice, an old answer again', async () => {
    const old = berit.proxy.exchanges('log').at(-1)?.answer?.body as Buffer
    await anna.client.addItem(note('h'))
    await anna.client.addItem(note('i'))
    await expectCaught(berit, 'batch-gap', (proxy) => proxy.editLog((frame) => ({ ...frame, batches: frame.batches.toReversed() })), {
      goesOn: false,
    })
    const twice = (proxy: TestDevice['proxy']): unknown =>
      proxy.editLog((frame) => ({ ...frame, batches: frame.batches.flatMap((batch) => [batch, batch]) }))
    await expectCaught(berit, 'batch-gap', twice)
    await expectCaught(berit, 'batch-gap', (proxy) => proxy.on('log', () => binaryAnswer(old)))
  })

  it('A14: the old record of an item in place of the new one', async () => {
    const [item] = await anna.client.items()
    const id = item?.id as ItemId
    const old = await recordOf(id)
    await anna.client.editItem(id, { set: new Map([['title', 'renewed']]) })
    await expectCaught(berit, 'record-forged', (proxy) => proxy.editLog((frame) => ({ ...frame, records: [old] })))
    expect(await berit.titles()).toContain('renewed')
  })

  it('A14: a deleted item does not come back, whichever part of its deletion is left out', async () => {
    const id = await anna.client.addItem(note('condemned'))
    await berit.client.sync()
    const living = await recordOf(id)
    await anna.client.deleteItem(id)
    await expectCaught(berit, 'record-forged', (proxy) => proxy.editLog((frame) => ({ ...frame, records: [living] })), { goesOn: false })
    await anna.client.addItem(note('later'))
    const without = (proxy: TestDevice['proxy']): unknown =>
      proxy.editLog((frame) => ({
        ...frame,
        batches: frame.batches.slice(1),
        records: frame.records.filter((record) => decodeRecord(record).item !== id),
      }))
    await expectCaught(berit, 'batch-gap', without)
    expect(await berit.titles()).not.toContain('condemned')
    expect((await berit.client.items({ deleted: true })).map((each) => each.id)).toContain(id)
  })

  it('A14: a record that is listed and kept back, also when it is asked for by name', async () => {
    const before = await berit.titles()
    const id = await anna.client.addItem(note('kept back'))
    berit.proxy.editLog((frame) => ({ ...frame, records: [] })).on('records', () => binaryAnswer(new Uint8Array(0)))
    for (let again = 0; again < 2; again++) expect(await codeOf(() => berit.client.sync())).toBe('record-withheld')
    expect(await berit.alarms()).toContain('record-withheld')
    expect(await berit.titles()).toEqual(before)
    berit.proxy.honest()
    await berit.client.sync()
    expect((await berit.client.item(id)).title).toBe('kept back')
  })

  it('A14: an answer cut off at any byte is no synchronisation, and the next one is whole', async () => {
    await anna.client.addItem(note('cut'))
    const whole = await fetchLog(berit)
    const cuts = Array.from({ length: 12 }, (_, i) => Math.floor((whole.length * i) / 12))
    for (const cut of cuts) {
      berit.proxy.honest().on('log', () => binaryAnswer(whole.subarray(0, cut)))
      const code = await codeOf(() => berit.client.sync())
      expect({ cut, code }).toEqual({ cut, code: cut === 0 ? 'server-unavailable' : 'offline' })
      expect(await berit.titles()).not.toContain('cut')
    }
    berit.proxy.honest()
    await berit.client.sync()
    expect(await berit.titles()).toContain('cut')
  })

  it('A14: a restored server is told from a lying one by name, and everything comes back from the devices', async () => {
    const carl = await world.joined('Carl', anna)
    await carl.client.addItem(note('seen by all'))
    await anna.client.sync()
    // a server that lost its end and says so by a new incarnation
    anna.proxy.editLog((frame) => ({ ...frame, incarnation: 'f'.repeat(32) })).on('push', () => problemAnswer('server-unavailable'))
    await codeOf(() => anna.client.sync())
    expect((await anna.client.status()).notices.map(({ kind }) => kind)).toContain('server-restored')
    anna.proxy.honest()
    await anna.client.sync()
    expect(await anna.titles()).toContain('seen by all')
  })

  it('A14: changes that a server says it took, and dropped: named at the next question, and still on the device', async () => {
    await berit.client.sync()
    const { log } = (await berit.look()).requireTrusted()
    berit.proxy.on('push', () => jsonAnswer({ seq: log.seq + 1, accepted: 1 }))
    const id = await berit.client.addItem(note('swallowed'))
    expect((await berit.client.status()).pendingChanges).toBe(0)
    berit.proxy.honest()
    // the lie shows at the next question: the log is shorter than what this device was told
    expect(await codeOf(() => berit.client.sync())).toBe('log-rolled-back')
    expect(await berit.alarms()).toContain('log-rolled-back')
    expect((await berit.client.item(id)).title).toBe('swallowed')
  })
})

async function fetchLog(device: TestDevice): Promise<Buffer> {
  const last = device.proxy.exchanges('log').length
  let body = Buffer.alloc(0)
  device.proxy.honest().on('log', async ({ forward }) => {
    body = Buffer.from((await forward()).body)
    return problemAnswer('server-unavailable')
  })
  await codeOf(() => device.client.sync())
  expect(device.proxy.exchanges('log').length).toBeGreaterThan(last)
  return body
}
