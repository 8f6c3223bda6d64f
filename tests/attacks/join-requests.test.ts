/**
 * Approvals at the wrong moment and for the wrong request: expired, withdrawn, replaced, declined, approved already, or with the code of
 * another request. Defence: the code belongs to one request of one account, and a request that is over stays over.
 * Fails when: the request is left out of the code exchange; a request that is over still takes messages.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { systemRandom, toBase64url, toHex } from '@nokkel/base'
import { Device } from 'nokkel-server/testing'
import { jsonAnswer, jsonOf, type Answer, type Exchange } from './evil-proxy.ts'
import { ShiftedClock, World, codeOf, dayMs, type TestDevice } from './world.ts'

const serverClock = new ShiftedClock()
let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start({}, { clock: serverClock })
  anna = await world.founder('Anna', 'anna@example.org')
  berit = await world.device('Berit')
})
beforeEach(async () => {
  for (const { proxy } of [anna, berit]) proxy.honest()
  // another hour for the server's counter of requests, another day for Anna's counter of wrong codes
  serverClock.offsetMs += 3_700_000
  anna.clock.offsetMs += dayMs + 1
  await berit.signIn('anna@example.org')
})
afterAll(() => world.end())

const other = (code: string): string => (code === '000000' ? '000001' : '000000')
const approve = (requestId: Parameters<TestDevice['client']['approve']>[0], code: string): Promise<string> =>
  codeOf(() => anna.client.approve(requestId, code, { timeoutMs: 2_000 }))
const members = async (): Promise<number> => (await anna.client.devices()).filter(({ status }) => status === 'active').length

it('the code of another request: refused, though both are open and both devices wait', async () => {
  const carl = await world.device('Carl')
  await carl.signIn('anna@example.org')
  const first = await berit.client.requestJoin()
  const second = await carl.client.requestJoin()
  const abort = new AbortController()
  const waiting = [berit, carl].map(({ client }) => codeOf(() => client.waitForJoin({ signal: abort.signal })))
  if (first.code !== second.code) {
    expect(await approve(first.requestId, second.code)).toBe('code-wrong')
    expect(await approve(second.requestId, first.code)).toBe('code-wrong')
  }
  // the server shows one request under the other's name: the code that Anna is told does not fit what she is shown
  const redirected = ({ forward, target }: Exchange): Promise<Answer> =>
    forward({ target: target.replace(first.requestId, second.requestId) })
  anna.proxy.on('joinReceive', redirected)
  // the proof covers the address, so it is made again for the one that the server wants
  const { identity } = (await anna.look()).requireTrusted()
  const asAnna = new Device(world.server.url, 'cli', identity.keys)
  asAnna.token = identity.token
  anna.proxy.on('joinSend', async ({ body }) => {
    const reply = await asAnna.call('joinSend', {
      params: { request: second.requestId },
      body,
      headers: { 'content-type': 'application/json' },
      proofTimeMs: serverClock.nowMs(),
    })
    return { status: reply.status, headers: { 'content-type': 'application/json' }, body: reply.bytes }
  })
  for (const typed of [first.code, second.code]) expect(await approve(first.requestId, typed)).toBe('code-wrong')
  abort.abort()
  await Promise.all(waiting)
  expect(await members()).toBe(1)
})

it('a request that was replaced: its number is gone, and its code fits nothing', async () => {
  const first = await berit.client.requestJoin()
  const second = await berit.client.requestJoin()
  expect(await approve(first.requestId, first.code)).toBe('request-not-found')
  const abort = new AbortController()
  const waiting = codeOf(() => berit.client.waitForJoin({ signal: abort.signal }))
  if (first.code !== second.code) expect(await approve(second.requestId, first.code)).toBe('code-wrong')
  abort.abort()
  await waiting
  expect((await anna.client.joinRequests()).map(({ requestId }) => requestId)).not.toContain(first.requestId)
})

it('a request that was declined or withdrawn stays so, on both sides, also when the server says otherwise', async () => {
  const { requestId, code } = await berit.client.requestJoin()
  const waiting = codeOf(() => berit.client.waitForJoin())
  await anna.client.decline(requestId)
  expect(await waiting).toBe('request-declined')
  expect((await berit.client.status()).joinRequest).toBeNull()
  expect(await approve(requestId, code)).toBe('request-declined')
  // the server calls it open again; the device that asked has thrown its code away and answers nobody
  for (const { proxy } of [anna, berit])
    for (const route of ['joinReceive', 'joinList'] as const)
      proxy.on(route, async ({ forward }) =>
        jsonAnswer(JSON.parse(JSON.stringify(jsonOf(await forward())).replaceAll('"declined"', '"pending"')) as unknown),
      )
  anna.proxy.on('joinSend', () => jsonAnswer({}))
  expect(await approve(requestId, code)).toBe('applicant-offline')
  expect(await codeOf(() => berit.client.waitForJoin())).toBe('request-not-found')
  for (const { proxy } of [anna, berit]) proxy.honest()
  const again = await berit.client.requestJoin()
  await berit.client.withdrawJoin()
  expect(await approve(again.requestId, again.code)).toBe('request-not-found')
  expect(await members()).toBe(1)
})

it('a request that expired: over for both, though the code is right', async () => {
  const { requestId, code } = await berit.client.requestJoin()
  serverClock.offsetMs += dayMs - 60_000
  expect((await anna.client.joinRequests()).find((each) => each.requestId === requestId)?.state).toBe('pending')
  serverClock.offsetMs += 120_000
  // its session is over as well: a device that waits for more than a day signs in again
  expect(await codeOf(() => berit.client.waitForJoin())).toMatch(/^(request-expired|session-invalid)$/)
  expect(await approve(requestId, code)).toBe('request-expired')
  // nor does the server take a message for it from a client that does not ask first
  const { identity } = (await anna.look()).requireTrusted()
  const asAnna = new Device(world.server.url, 'cli', identity.keys)
  asAnna.token = identity.token
  const json = { run: toHex(systemRandom.bytes(16)), step: 1, body: toBase64url(systemRandom.bytes(60)) }
  expect((await asAnna.call('joinSend', { params: { request: requestId }, json, proofTimeMs: serverClock.nowMs() })).problem.code).toBe(
    'request-expired',
  )
  expect(await members()).toBe(1)
})

it('a request that was approved is used up: a second approval lets nobody in, and nobody twice', async () => {
  const { requestId, code } = await berit.client.requestJoin()
  await Promise.all([anna.client.approve(requestId, code), berit.client.waitForJoin()])
  expect(await members()).toBe(2)
  expect(await approve(requestId, code)).not.toBe('accepted')
  expect(await approve(requestId, other(code))).not.toBe('accepted')
  const { seq } = (await anna.look()).requireTrusted().circle
  // shown as open once more, with the old messages: the device is a member already and does not answer
  anna.proxy.on('joinList', async ({ forward }) =>
    jsonAnswer(JSON.parse(JSON.stringify(jsonOf(await forward())).replaceAll('"approved"', '"pending"')) as unknown),
  )
  anna.proxy.on('joinReceive', async ({ forward }) =>
    jsonAnswer(JSON.parse(JSON.stringify(jsonOf(await forward())).replaceAll('"approved"', '"pending"')) as unknown),
  )
  anna.proxy.on('joinSend', () => jsonAnswer({}))
  expect(await approve(requestId, code)).toBe('applicant-offline')
  expect((await anna.look()).requireTrusted().circle.seq).toBe(seq)
  expect(await members()).toBe(2)
})
