/**
 * A40: a device's folder is copied (a backup, a virtual machine, a thief) and both copies go on: same keys, same session. Defence: the
 * log is one line, so both cannot write in one place; each remembers its own batches, and says so when it meets one that it did not send.
 * Fails when: a batch of one's own that one never sent is taken without a word.
 */
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import type { ItemId } from '@nokkel/base'
import { Cut } from './evil-proxy.ts'
import { World, codeOf, note, type Branch, type TestDevice } from './world.ts'

let world: World
let began: readonly TestDevice[]
let branch: Branch
let anna: TestDevice
let berit: TestDevice
let clone: TestDevice
let shared: ItemId

beforeAll(async () => {
  world = await World.start()
  const founder = await world.founder('Anna', 'anna@example.org')
  shared = await founder.client.addItem(note('shared', 'x'))
  const second = await world.joined('Berit', founder)
  await second.client.sync()
  // the same folder twice: this is the clone
  began = [founder, second, second]
})
afterAll(() => world.end())
beforeEach(async () => {
  branch = await world.branch(began)
  ;[anna, berit, clone] = branch.devices as [TestDevice, TestDevice, TestDevice]
})
afterEach(() => branch.end())

it('A40: both write, one after the other: both devices say so, and the content is the same everywhere', async () => {
  await clone.client.addItem(note('from the copy'))
  await berit.client.addItem(note('from the original'))
  await clone.client.sync()
  for (const device of [berit, clone]) expect(await device.alarms()).toContain('batch-equivocation')
  await anna.client.sync()
  for (const device of [anna, berit, clone]) expect(await device.titles()).toEqual(['from the copy', 'from the original', 'shared'])
  // Anna's own word is not in question
  expect(await anna.alarms()).toEqual([])
})

it('A40: both write the same item without the network, then meet: nothing is lost, and the copy shows', async () => {
  for (const device of [berit, clone]) {
    device.proxy.on('every', () => Promise.reject(new Cut()))
    await device.client.editItem(shared, { set: new Map([['notes', device === clone ? 'copy' : 'original']]) })
    device.proxy.honest()
  }
  for (let round = 0; round < 3; round++) for (const device of [berit, clone, anna]) await device.client.sync()
  const seen = await Promise.all(
    [anna, berit, clone].map(async (device) => (await device.client.item(shared)).fields.map(({ name, value }) => [name, value])),
  )
  expect(seen[1]).toEqual(seen[0])
  expect(seen[2]).toEqual(seen[0])
  const { fields, history } = await anna.client.item(shared)
  expect([...fields, ...history].map(({ value }) => value)).toEqual(expect.arrayContaining(['copy', 'original']))
  expect([...(await berit.alarms()), ...(await clone.alarms())]).toContain('batch-equivocation')
})

it('A40: the server takes a batch of each at the same position, one for Anna and one for the copy: two histories, and that is named', async () => {
  // the copy’s push never reaches the server, but its own proxy says it did; so the copy stands where the original will stand as well
  const { log } = (await clone.look()).requireTrusted()
  clone.proxy.on('push', () => ({
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(JSON.stringify({ seq: log.seq + 1, accepted: 1 })),
  }))
  await clone.client.addItem(note('only on the copy'))
  await berit.client.addItem(note('a'))
  await berit.client.addItem(note('b'))
  clone.proxy.honest()
  expect(await codeOf(() => clone.client.sync())).toBe('batch-gap')
  expect(await clone.alarms()).toContain('batch-gap')
  await anna.client.sync()
  expect(await anna.titles()).toEqual(['a', 'b', 'shared'])
})

it('A40: removing the device ends both: neither reads what comes later', async () => {
  await anna.client.removeDevice(await berit.id(), { deleteCopy: true })
  for (const device of [berit, clone]) {
    expect(await codeOf(() => device.client.sync())).toBe('device-removed')
    expect((await device.client.status()).removal?.disposition).toBe('delete')
    expect((await device.look()).vaultKeys.size).toBe(0)
  }
})
