/**
 * A45: clocks are wrong, by accident or on purpose: a day, ten years, an hour at the server. Defence: who has seen a time writes a later
 * one, so causality never depends on a clock; proofs follow the server's clock; nothing goes for good on one clock's word.
 * Fails when: seen times do not raise the own clock; a skewed clock refuses requests for ever; a fast clock purges what was just deleted.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { ItemId } from '@nokkel/base'
import { ShiftedClock, World, codeOf, dayMs, note, type TestDevice } from './world.ts'

const tenYears = 3_652 * dayMs
const serverClock = new ShiftedClock()
let world: World
let anna: TestDevice
let berit: TestDevice
let number = 0
beforeAll(async () => {
  world = await World.start({}, { clock: serverClock })
})
beforeEach(() => (serverClock.offsetMs = 0))
afterAll(() => world.end())

async function two(annaOffset: number, beritOffset: number): Promise<void> {
  const email = `anna${number++}@example.org`
  anna = await world.founder('Anna', email, { clock: new ShiftedClock(annaOffset) })
  berit = await world.joined('Berit', anna, { clock: new ShiftedClock(beritOffset) })
}

const titleOn = async (device: TestDevice, id: ItemId): Promise<string> => (await device.client.item(id)).title

describe('A45: devices', () => {
  const skews = { 'a day behind': [0, -dayMs], 'a day ahead': [0, dayMs], 'ten years ahead': [0, tenYears], 'ten years behind': [0, -tenYears], 'ten years apart': [tenYears, -tenYears] } as const

  it.each(Object.entries(skews))('%s: whoever saw an edit and writes after it wins, on both devices, every time', async (_, [first, second]) => {
    await two(first, second)
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
    const views = await Promise.all([anna, berit].map(async (device) => device.client.item(id)))
    expect(views[0]?.fields.map(({ name, value }) => [name, value])).toEqual(views[1]?.fields.map(({ name, value }) => [name, value]))
    expect([...(views[0]?.fields ?? []), ...(views[0]?.history ?? [])].map(({ value }) => value)).toEqual(expect.arrayContaining(['Anna', 'Berit']))
    // a deletion that saw the last edit holds
    await anna.client.deleteItem(id)
    await berit.client.sync()
    expect(await berit.titles()).toEqual([])
  })

  it('a time at the very end of what can be written: the next edit still comes after it', async () => {
    await two(0, 0)
    const id = await anna.client.addItem(note('0'))
    await berit.client.sync()
    berit.clock.offsetMs = 2 ** 53 - 2 - Date.now() - 60_000
    await berit.client.editItem(id, { set: new Map([['title', 'from the end of time']]) })
    await anna.client.sync()
    // whatever the two agree on, it is the same, and the item can be changed again
    expect(await titleOn(anna, id)).toBe(await titleOn(berit, id))
    await anna.client.editItem(id, { set: new Map([['title', 'again']]) })
    berit.clock.offsetMs = 0
    await berit.client.sync()
    expect([await titleOn(anna, id), await titleOn(berit, id)]).toEqual(['again', 'again'])
  })

  it('a device whose clock runs ten years ahead says so to its person, and keeps what was deleted yesterday', async () => {
    await two(0, 0)
    const id = await anna.client.addItem(note('deleted yesterday'))
    await anna.client.deleteItem(id)
    await berit.client.sync()
    berit.clock.offsetMs = tenYears
    await berit.restart()
    await berit.client.sync()
    expect((await berit.client.status()).notices.map(({ kind }) => kind)).toContain('clock-wrong')
    await anna.client.sync()
    for (const device of [anna, berit]) expect((await device.client.items({ deleted: true })).map((each) => each.id)).toContain(id)
    await anna.client.restoreItem(id)
    expect(await anna.titles()).toEqual(['deleted yesterday'])
    // and when the thirty days are really over, for the server as well, it goes
    await anna.client.deleteItem(id)
    for (const clock of [serverClock, anna.clock]) clock.offsetMs = 31 * dayMs
    await anna.client.sync()
    expect((await (await anna.look()).readItem(id))?.item.fields.size).toBe(0)
  })
})

describe('A45: the server', () => {
  it.each([3_600_000, -3_600_000, 40 * dayMs, -40 * dayMs])('is wrong by %i ms: signed requests, joining and synchronising work as ever', async (offsetMs) => {
    serverClock.offsetMs = offsetMs
    await two(0, 0)
    await anna.client.addItem(note('a'))
    await berit.client.sync()
    expect(await berit.titles()).toEqual(['a'])
    const carl = await world.device('Carl')
    await carl.signIn(anna.email)
    const { requestId } = await carl.client.requestJoin()
    await anna.client.decline(requestId)
    await carl.client.signOut()
    expect(await carl.client.state()).toBe('empty')
  })

  it('changes its mind about the time in the middle: one question more, and it goes on', async () => {
    await two(0, 0)
    const carl = await world.device('Carl')
    await carl.signIn(anna.email)
    for (const offsetMs of [7_200_000, -7_200_000, 0]) {
      serverClock.offsetMs = offsetMs
      // limits of pace are the server's own affair; that the proof is taken is what counts
      expect(await codeOf(() => carl.client.requestJoin())).toMatch(/^(accepted|rate-limited)$/)
    }
  })

  it('lies about the time in every answer: no proof is made that is good for more than this request, and none is refused for ever', async () => {
    await two(0, 0)
    const carl = await world.device('Carl')
    await carl.signIn(anna.email)
    carl.proxy.editJson('server', (value) => ({ ...value, timeMs: 0 })).editJson('session', (value) => ({ ...value, timeMs: 9e15 }))
    carl.proxy.on('every', async ({ forward }) => {
      const answer = await forward()
      return { ...answer, headers: { ...answer.headers, date: 'Thu, 01 Jan 1970 00:00:00 GMT' } }
    })
    await carl.restart()
    expect(await codeOf(() => carl.client.requestJoin())).toBe('accepted')
  })
})
