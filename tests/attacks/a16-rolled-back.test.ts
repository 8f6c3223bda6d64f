/**
 * A16: an old state is shown as the present one: to a device that has seen more, and to one that is new and has seen nothing. Defence:
 * a device keeps its head and its position; a device that joins learns both from its sponsor, under the code.
 * Fails when: a circle that ends before the known head counts; what the sponsor vouched for is not looked for, in the circle or in the log.
 */
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestServer } from 'nokkel-server/server/testing'
import { expectCaught } from './caught.ts'
import { World, codeOf, note, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  for (const title of ['a', 'b', 'c', 'd']) await anna.client.addItem(note(title))
  berit = await world.joined('Berit', anna)
})
afterAll(() => world.end())

/** As sign-in and approval leave a device, before it has looked at anything. */
async function admitted(name: string): Promise<TestDevice> {
  const device = await world.device(name)
  await device.signIn('anna@example.org')
  const ticket = await device.client.requestJoin()
  // the circle stays away, so that the new device stops right after the sponsor's last message
  device.proxy.on('circle', () => ({ status: 503, headers: {}, body: new Uint8Array(0) }))
  const waiting = codeOf(() => device.client.waitForJoin())
  await anna.client.approve(ticket.requestId, ticket.code)
  expect(await waiting).toBe('server-unavailable')
  expect(await device.client.state()).toBe('signed-in')
  return device
}

it('A16: every shorter circle, to a device that knows the whole one', async () => {
  const { seq } = (await berit.look()).requireTrusted().circle
  expect(seq).toBeGreaterThan(0)
  for (let upTo = 0; upTo < seq; upTo++)
    await expectCaught(berit, 'circle-rolled-back', (proxy) =>
      proxy.editCircle((entries, after) => entries.slice(0, Math.max(0, upTo - after))),
    )
})

it('A16: every shorter circle, to a device that was just let in', async () => {
  const carl = await admitted('Carl')
  const { seq } = (await anna.look()).requireTrusted().circle
  for (let upTo = 0; upTo < seq; upTo++) {
    carl.proxy.honest().editCircle((entries) => entries.slice(0, upTo + 1))
    expect(await codeOf(() => carl.client.waitForJoin())).toBe('circle-rolled-back')
    expect(await carl.client.state()).toBe('signed-in')
    expect((await carl.look()).vaultKeys.size).toBe(0)
  }
  carl.proxy.honest()
  await carl.client.waitForJoin()
  expect(await carl.titles()).toEqual(['a', 'b', 'c', 'd'])
})

it('A16: every shorter log, to a device that was just let in', async () => {
  await anna.client.sync()
  const dora = await admitted('Dora')
  const { seq } = (await anna.look()).requireTrusted().log
  for (let upTo = 0; upTo < seq; upTo++) {
    dora.proxy.honest().editLog((frame) => ({
      ...frame,
      headSeq: upTo,
      batches: frame.batches.slice(0, Math.max(0, upTo - (seq - frame.batches.length))),
      records: [],
    }))
    dora.proxy.on('records', ({ forward }) => forward())
    expect(await codeOf(() => dora.client.waitForJoin())).toBe('log-rolled-back')
    expect(await dora.alarms()).toContain('log-rolled-back')
    await dora.client.acknowledge((await dora.client.status()).notices.map(({ id }) => id))
  }
  dora.proxy.honest()
  await dora.client.sync()
  expect(await dora.titles()).toEqual(['a', 'b', 'c', 'd'])
})

it('A16: a log that does not pass through the sponsor’s position is another log', async () => {
  const other = await world.founder('Olga', 'olga@example.org')
  for (const title of ['o', 'p', 'q', 'r', 's', 't', 'u', 'v']) await other.client.addItem(note(title))
  const emma = await admitted('Emma')
  const foreign = await logOf(other)
  emma.proxy.honest().editLog((frame) => ({ ...foreign, incarnation: frame.incarnation }))
  expect(await codeOf(() => emma.client.waitForJoin())).toBe('record-forged')
  expect(await emma.titles()).toEqual([])
})

it('A16: the operator puts yesterday’s database back and keeps quiet about it', async () => {
  for (const device of [anna, berit]) await device.client.sync()
  const yesterday = mkdtempSync(join(tmpdir(), 'nokkel-yesterday-'))
  await world.server.stop()
  cpSync(world.server.folder, yesterday, { recursive: true })
  const today = await startTestServer({ data: world.server.folder })
  for (const { proxy } of [anna, berit]) proxy.upstream = today.url
  await anna.client.addItem(note('today'))
  await berit.client.sync()
  await today.stop()
  const restored = await startTestServer({ data: yesterday })
  for (const device of [anna, berit]) {
    device.proxy.upstream = restored.url
    expect(await codeOf(() => device.client.sync())).toBe('log-rolled-back')
    expect(await device.alarms()).toContain('log-rolled-back')
    expect(await device.titles()).toContain('today')
  }
  await restored.stop()
  rmSync(yesterday, { recursive: true, force: true })
})

async function logOf(device: TestDevice) {
  const { identity, vault } = (await device.look()).requireTrusted()
  const frames: Parameters<Parameters<ReturnType<TestDevice['connect']>['changes']>[3]>[0][] = []
  const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
  await device.connect(world.server.url).changes(session, vault, { after: 0, incarnation: null }, async (frame) => void frames.push(frame))
  return frames[0] as (typeof frames)[number]
}
