/**
 * A18: a device comes back after half a year with everything that was deleted meanwhile, and pushes it back in. Defence: nothing is
 * written but after the log's present end, so it pulls first; deletions and purges are times in the item, and later ones win.
 * Fails when: a batch need not name the one before it; an old copy's fields win over a purge.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ItemId } from '@nokkel/base'
import { decodePushFrame, splitFrames, type PushFrame } from '@nokkel/protocol/wire'
import { expectCaught } from './caught.ts'
import { Cut, jsonAnswer, type EvilProxy } from './evil-proxy.ts'
import { ShiftedClock, World, codeOf, dayMs, note, type Branch, type TestDevice } from './world.ts'

const serverClock = new ShiftedClock()
let world: World
let began: readonly TestDevice[]
let branch: Branch
let anna: TestDevice
let berit: TestDevice
let purged: ItemId
let deleted: ItemId
let kept: ItemId

beforeAll(async () => {
  world = await World.start()
  const founder = await world.founder('Anna', 'anna@example.org')
  purged = await founder.client.addItem(note('purged', 'secret of old'))
  deleted = await founder.client.addItem(note('deleted', 'in the bin'))
  kept = await founder.client.addItem(note('kept'))
  began = [founder, await world.joined('Berit', founder)]
})
afterAll(() => world.end())
beforeEach(async () => {
  serverClock.offsetMs = 0
  branch = await world.branch(began, { clock: serverClock })
  ;[anna, berit] = branch.devices as [TestDevice, TestDevice]
})
afterEach(() => branch.end())

/** Half a year passes for everybody; only Anna is there, now and then. */
async function halfAYear(): Promise<void> {
  await anna.client.deleteItem(purged)
  await anna.client.purgeItem(purged)
  await anna.client.deleteItem(deleted)
  for (let month = 0; month < 7; month++) {
    for (const clock of [serverClock, anna.clock, berit.clock]) clock.offsetMs += 29 * dayMs
    await anna.client.sync()
  }
}

async function expectNothingBack(): Promise<void> {
  for (const device of [berit, anna, berit, anna]) await device.client.sync()
  for (const device of [anna, berit]) {
    expect(await device.titles()).toContain('kept')
    for (const gone of [purged, deleted]) {
      expect((await device.client.items()).map(({ id }) => id)).not.toContain(gone)
      const stored = (await (await device.look()).readItem(gone))?.item
      expect({ fields: stored?.fields.size, history: stored?.history.length }).toEqual({ fields: 0, history: 0 })
    }
  }
}

it('A18: away for 200 days with a full copy: it brings nothing back, and the deleted goes for good there as well', async () => {
  await halfAYear()
  // its session has run out meanwhile; it proves the password and goes on where it stood
  expect(await codeOf(() => berit.client.sync())).toBe('session-invalid')
  await berit.signIn('anna@example.org')
  expect(await berit.client.state()).toBe('trusted')
  await expectNothingBack()
})

it('A18: with an edit of its own from before, to something else: that arrives, and nothing else does', async () => {
  berit.proxy.on('every', () => Promise.reject(new Cut()))
  await berit.client.editItem(kept, { set: new Map([['notes', 'written on the way']]) })
  berit.proxy.honest()
  await halfAYear()
  await berit.signIn('anna@example.org')
  await expectNothingBack()
  expect((await anna.client.item(kept)).fields.map(({ value }) => value)).toContain('written on the way')
})

it('A18: as a device that was turned off, with a kept copy that it brings into the account again', async () => {
  await berit.client.turnOff({ copy: 'keep' })
  expect(await berit.titles()).toContain('purged')
  await halfAYear()
  await berit.signIn('anna@example.org')
  await berit.joinBy(anna)
  await expectNothingBack()
})

it('A18: the server helps the zombie: it shows it the log as it was, takes what it writes there, and puts that before Anna', async () => {
  await berit.client.sync()
  const { log } = (await berit.look()).requireTrusted()
  await halfAYear()
  const frames: PushFrame[] = []
  berit.proxy
    .editLog((frame) => ({ ...frame, headSeq: log.seq, batches: [], records: [] }))
    .on('push', ({ body }) => {
      const pushed = splitFrames(body).map(decodePushFrame)
      frames.push(...pushed)
      return jsonAnswer({ seq: log.seq + frames.length, accepted: pushed.length })
    })
  await berit.signIn('anna@example.org')
  await berit.client.editItem(deleted, { set: new Map([['title', 'back from the dead']]) })
  await berit.client.editItem(purged, { set: new Map([['title', 'back from the dead']]) })
  expect(frames.length).toBeGreaterThan(1)
  const adding = (proxy: EvilProxy): unknown =>
    proxy.editLog((frame) => ({
      ...frame,
      headSeq: frame.headSeq + frames.length,
      batches: [...frame.batches, ...frames.map(({ batch }) => batch)],
      records: [...frame.records, ...frames.flatMap(({ records }) => records)],
    }))
  await expectCaught(anna, 'batch-gap', adding)
  expect(await anna.titles()).toEqual(['kept'])
  // and Berit sees, with the first true answer, that she was led beside the log
  berit.proxy.honest()
  expect(await codeOf(() => berit.client.sync())).toBe('batch-gap')
})
