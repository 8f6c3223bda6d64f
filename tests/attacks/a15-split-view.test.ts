/**
 * A15: the server splits in two and shows each device its own history. Defence: every batch and every circle entry names the hash of
 * the one before it, and every device goes on from what it has seen, so the first word from the other side shows the split.
 * Fails when: a batch need not name the hash of its predecessor; the circle's known head is not asked for again.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { World, codeOf, holdings, note, type TestDevice } from './world.ts'

let world: World
/** the devices as the split found them; each test goes on with copies */
let common: readonly TestDevice[]
let anna: TestDevice
let berit: TestDevice
let carl: TestDevice
/** two servers with one past: same id, same keys, same sessions, same incarnation */
let left: TestServer
let right: TestServer
let folder: string

beforeAll(async () => {
  world = await World.start()
  const first = await world.founder('Anna', 'anna@example.org')
  await first.client.addItem(note('common'))
  common = [first, await world.joined('Berit', first), await world.joined('Carl', first)]
  for (const device of common) {
    await device.client.sync()
    await device.stop()
  }
  await world.server.stop()
})
afterAll(() => world.end())

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-split-'))
  for (const side of ['left', 'right']) cpSync(world.server.folder, join(folder, side), { recursive: true })
  left = await startTestServer({ data: join(folder, 'left') })
  right = await startTestServer({ data: join(folder, 'right') })
  const copies = await Promise.all(common.map((device) => world.copyOf(device)))
  ;[anna, berit, carl] = copies as [TestDevice, TestDevice, TestDevice]
  for (const device of copies) device.proxy.upstream = device === anna ? left.url : right.url
  for (const device of copies) await device.restart()
})
afterEach(async () => {
  for (const device of [anna, berit, carl]) await device.stop()
  await left.stop()
  await right.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** From now on `device` is shown the other server, and must say what it sees. */
async function expectSplitSeen(device: TestDevice, to: TestServer, code: string): Promise<void> {
  const before = await holdings(device)
  device.proxy.upstream = to.url
  expect(await codeOf(() => device.client.sync())).toBe(code)
  expect(await device.alarms()).toContain(code)
  expect(await holdings(device)).toEqual(before)
}

it('A15: two logs with one past: the first batch from the other side tells, in both directions', async () => {
  await anna.client.addItem(note('left 1'))
  await berit.client.addItem(note('right 1'))
  await berit.client.addItem(note('right 2'))
  await carl.client.sync()
  expect(await carl.titles()).toContain('right 2')
  await expectSplitSeen(anna, right, 'batch-gap')
  await expectSplitSeen(berit, left, 'log-rolled-back')
  // also once the left side has grown longer than the right one
  anna.proxy.upstream = left.url
  for (const title of ['left 2', 'left 3', 'left 4']) await anna.client.addItem(note(title))
  await expectSplitSeen(carl, left, 'batch-gap')
})

it('A15: two logs of the same length: seen as soon as either side writes again', async () => {
  await anna.client.addItem(note('left'))
  await berit.client.addItem(note('right'))
  anna.proxy.upstream = right.url
  // nothing new, says the right side; that much cannot be told from the truth
  expect(await codeOf(() => anna.client.sync())).toBe('accepted')
  await berit.client.addItem(note('right again'))
  await expectSplitSeen(anna, right, 'batch-gap')
  expect(await anna.titles()).toEqual(['common', 'left'])
})

it('A15: two circles with one past: a removal on one side, an admission on the other', async () => {
  await anna.client.removeDevice(await carl.id(), { deleteCopy: false })
  const dora = await world.device('Dora')
  dora.proxy.upstream = right.url
  await dora.signIn('anna@example.org')
  await dora.joinBy(berit)
  // the left circle has come further, so the right one is too short for her and strange to the others
  await expectSplitSeen(anna, right, 'circle-rolled-back')
  await expectSplitSeen(berit, left, 'circle-forked')
  // who was let in on the right is nobody on the left
  anna.proxy.upstream = left.url
  await anna.client.sync()
  const seen = await anna.client.devices()
  expect(seen.map(({ id }) => id)).not.toContain(await dora.id())
})

it('A15: a device joins through the other side: what its sponsor vouches for is not there', async () => {
  await anna.client.addItem(note('left'))
  const dora = await world.device('Dora')
  dora.proxy.upstream = left.url
  await dora.signIn('anna@example.org')
  const ticket = await dora.client.requestJoin()
  const waiting = codeOf(() => dora.client.waitForJoin())
  // as soon as Anna has let her in, the operator shows Dora the other history
  dora.proxy.on('circle', async ({ target }) => {
    const answer = await fetch(`${right.url}${target}`, { headers: await bearerOf(berit) })
    return { status: answer.status, headers: { 'content-type': 'application/cbor' }, body: new Uint8Array(await answer.arrayBuffer()) }
  })
  await anna.client.approve(ticket.requestId, ticket.code)
  expect(await waiting).toBe('circle-rolled-back')
  expect(await dora.client.state()).toBe('signed-in')
})

async function bearerOf(device: TestDevice): Promise<Record<string, string>> {
  const { token } = (await device.look()).requireTrusted().identity
  return { authorization: `Bearer ${token}`, 'nokkel-client': 'cli/0.1.0', 'nokkel-protocol': '1' }
}
