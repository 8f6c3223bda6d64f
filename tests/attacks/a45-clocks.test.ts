/**
 * A45: clocks are wrong, by accident or on purpose: a day, ten years, an hour at the server. Defence: who has seen a time writes a later
 * one, so causality never depends on a clock; proofs follow the server's clock; nothing goes for good on one clock's word.
 * Fails when: seen times do not raise the own clock; a skewed clock refuses requests for ever; a fast clock purges what was just deleted.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ItemId } from '@nokkel/base'
import { ShiftedClock, World, codeOf, dayMs, note, type TestDevice } from './world.ts'

const tenYears = 3_652 * dayMs
const serverClock = new ShiftedClock()
let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start({}, { clock: serverClock })
  anna = await world.founder('Anna', 'anna@example.org')
  berit = await world.joined('Berit', anna)
})
afterAll(() => world.end())

const titleOn = async (device: TestDevice, id: ItemId): Promise<string> => (await device.client.item(id)).title
const setClocks = (annas: number, berits: number, servers = 0): void => {
  anna.clock.offsetMs = annas
  berit.clock.offsetMs = berits
  serverClock.offsetMs = servers
}

describe('A45: devices', () => {
  it('a device whose clock runs ten years ahead says so to its person', async () => {
    await anna.client.addItem(note('a'))
    setClocks(0, tenYears)
    await berit.restart()
    await berit.client.sync()
    expect((await berit.client.status()).notices.map(({ kind }) => kind)).toContain('clock-wrong')
    setClocks(0, 0)
  })

  it('a clock that jumps ten years ahead, the device’s or the server’s, does not purge what was deleted yesterday', async () => {
    const id = await anna.client.addItem(note('deleted yesterday'))
    await anna.client.deleteItem(id)
    for (const device of [anna, berit]) await device.client.sync()
    for (const [berits, servers] of [
      [tenYears, 0],
      [0, tenYears],
    ] as const) {
      setClocks(0, berits, 0)
      berit.proxy.editJson('session', (value) => ({ ...value, timeMs: Number(value['timeMs']) + servers }))
      await berit.restart()
      for (let round = 0; round < 3; round++) await berit.client.sync()
      berit.proxy.honest()
    }
    setClocks(0, 0)
    await anna.client.sync()
    for (const device of [anna, berit]) expect((await device.client.items({ deleted: true })).map((each) => each.id)).toContain(id)
    await anna.client.restoreItem(id)
    expect(await anna.titles()).toContain('deleted yesterday')
    // and when thirty days are over, on both clocks, it goes
    await anna.client.deleteItem(id)
    await anna.client.sync()
    setClocks(31 * dayMs, 0, 31 * dayMs)
    await anna.client.sync()
    expect((await (await anna.look()).readItem(id))?.item.fields.size).toBe(0)
    setClocks(0, 0)
  })

  // in this order: a clock that has once seen a later time never goes back before it
  const skews: readonly (readonly [name: string, annas: number, berits: number])[] = [
    ['a day behind', 0, -dayMs],
    ['ten years behind', 0, -tenYears],
    ['a day ahead', 0, dayMs],
    ['ten years ahead', 0, tenYears],
    ['ten years apart on either side', tenYears, -tenYears],
  ]
  it.each(skews)('%s: whoever saw an edit and writes after it wins, on both devices, every time', async (_, annas, berits) => {
    setClocks(annas, berits)
    const id = await anna.client.addItem(note('0'))
    for (let turn = 1; turn <= 6; turn++) {
      const [writer, reader] = turn % 2 === 0 ? [anna, berit] : [berit, anna]
      await writer.client.sync()
      await writer.client.editItem(id, { set: new Map([['title', String(turn)]]) })
      await reader.client.sync()
      expect([await titleOn(writer, id), await titleOn(reader, id)]).toEqual([String(turn), String(turn)])
    }
    // edits that did not know of each other: one wins, the same one for both, and the other is in the history
    for (const device of [anna, berit]) {
      device.proxy.on('every', () => ({ status: 503, headers: {}, body: new Uint8Array(0) }))
      await device.client.editItem(id, { set: new Map([['notes', device.name]]) })
      device.proxy.honest()
    }
    for (const device of [anna, berit, anna, berit]) await device.client.sync()
    const [first, second] = await Promise.all([anna, berit].map((device) => device.client.item(id)))
    const values = (view: typeof first): unknown => view?.fields.map(({ name, value }) => [name, value])
    expect(values(second)).toEqual(values(first))
    expect([...(first?.fields ?? []), ...(first?.history ?? [])].map(({ value }) => value)).toEqual(
      expect.arrayContaining(['Anna', 'Berit']),
    )
    // a deletion that saw the last edit holds
    await anna.client.deleteItem(id)
    await berit.client.sync()
    expect(await berit.titles()).not.toContain('6')
  })

  it('a time at the very end of what can be written: the item can still be changed by everybody', async () => {
    setClocks(0, 0)
    const id = await anna.client.addItem(note('0'))
    await berit.client.sync()
    setClocks(0, 2 ** 53 - 2 - Date.now() - 60_000)
    await berit.client.editItem(id, { set: new Map([['title', 'from the end of time']]) })
    await anna.client.sync()
    expect(await titleOn(anna, id)).toBe('from the end of time')
    await anna.client.editItem(id, { set: new Map([['title', 'again']]) })
    setClocks(0, 0)
    await berit.client.sync()
    expect([await titleOn(anna, id), await titleOn(berit, id)]).toEqual(['again', 'again'])
  })
})

describe('A45: the server', () => {
  let carl: TestDevice
  beforeAll(async () => {
    setClocks(0, 0)
    carl = await world.device('Carl')
  })

  it.each([-40 * dayMs, -3_600_000, 3_600_000, 40 * dayMs])(
    'is wrong by %i ms: signed requests and synchronising work as ever',
    async (offsetMs) => {
      setClocks(0, 0, offsetMs)
      await carl.signIn('anna@example.org')
      const { requestId } = await carl.client.requestJoin()
      await anna.client.decline(requestId)
      const id = await anna.client.addItem(note('a'))
      await berit.client.sync()
      expect(await titleOn(berit, id)).toBe('a')
      await carl.client.signOut()
      expect(await carl.client.state()).toBe('empty')
    },
  )

  it('changes its mind about the time in the middle: one question more, and it goes on', async () => {
    await carl.signIn('anna@example.org')
    for (const offsetMs of [7_200_000, -7_200_000, 0]) {
      setClocks(0, 0, offsetMs)
      // limits of pace are the server's own affair; that the proof is taken is what counts
      expect(await codeOf(() => carl.client.requestJoin())).toMatch(/^(accepted|rate-limited)$/)
    }
  })

  it('lies about the time in every answer: a proof is made anew when it is refused, and the work is done', async () => {
    setClocks(0, 0)
    carl.proxy.editJson('session', (value) => ({ ...value, timeMs: 9e15 }))
    carl.proxy.on('every', async ({ forward }) => {
      const answer = await forward()
      return { ...answer, headers: { ...answer.headers, date: 'Thu, 01 Jan 1970 00:00:00 GMT' } }
    })
    await carl.restart()
    for (let n = 0; n < 2; n++) expect(await codeOf(() => carl.client.requestJoin())).toMatch(/^(accepted|rate-limited)$/)
  })
})
