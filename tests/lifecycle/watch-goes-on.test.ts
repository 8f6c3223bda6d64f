/**
 * SYN-12: staying in sync outlasts whatever a server answers while something is wrong with it, and ends for what somebody must act on. A
 * change that could not be sent for a reason that passes is sent without another change or hint.
 */
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { ErrorCode, ErrorParams } from '@nokkel/base'
import { problemAnswer } from '../attacks/evil-proxy.ts'
import { codeOf, note, World, type TestDevice } from '../attacks/world.ts'
import { FaultProxy } from 'nokkel-server/fault-proxy/testing'

let world: World
/** its live channels say often that they are alive */
let beating: World
let pc: TestDevice
let phone: TestDevice
const watching = new AbortController()
let watched: Promise<void>
beforeAll(async () => {
  world = await World.start()
  beating = await World.start({ live: { beatSeconds: 1 } })
  pc = await world.founder('pc', 'kari@example.org')
  phone = await world.joined('phone', pc)
  watched = phone.client.watch(() => undefined, { signal: watching.signal })
  await vi.waitUntil(async () => (await phone.client.status()).online, { timeout: 10_000 })
})
afterAll(async () => {
  watching.abort()
  await watched
  await world.end()
  await beating.end()
})

const answers: readonly (readonly [ErrorCode, ErrorParams])[] = [
  ['internal', {}],
  ['disk-full', {}],
  ['busy', {}],
  ['server-unavailable', {}],
  ['timeout', {}],
  ['malformed', {}],
  ['not-found', {}],
  ['rate-limited', { retryAfterSeconds: 1 }],
]

test.each(answers)(
  '%s to pulls and pushes for a while: then what the others wrote is here, and what was written here is there',
  async (code, params) => {
    const refused: string[] = []
    for (const route of ['log', 'push', 'circle'] as const)
      phone.proxy.on(route, () => {
        refused.push(route)
        return problemAnswer(code, params)
      })
    await pc.client.addItem(note(`from the pc during ${code}`))
    await expect.poll(() => refused.length, { timeout: 30_000 }).toBeGreaterThan(1)
    phone.proxy.honest()
    await expect.poll(() => phone.titles(), { timeout: 30_000 }).toContain(`from the pc during ${code}`)
  },
)

test.each([['busy'], ['rate-limited'], ['internal'], ['disk-full'], ['malformed'], ['not-found']] as const)(
  'A6: a change whose push was answered with %s is saved, is no error, and goes by itself',
  async (code) => {
    phone.proxy.on('push', () => problemAnswer(code))
    await phone.client.addItem(note(`kept during ${code}`))
    expect((await phone.client.status()).pendingChanges).toBe(1)
    phone.proxy.honest()
    await expect.poll(async () => (await phone.client.status()).pendingChanges, { timeout: 30_000 }).toBe(0)
    await pc.client.sync()
    expect(await pc.titles()).toContain(`kept during ${code}`)
  },
)

test('API-9: a live channel that died without a word is noticed by its silence, and made anew', async () => {
  const line = await FaultProxy.start(Number(new URL(beating.server.url).port))
  const laptop = await beating.device('laptop')
  laptop.proxy.upstream = `http://127.0.0.1:${line.port}`
  await laptop.create('ola@example.org')
  const second = await beating.joined('tablet', laptop)
  const states: string[] = []
  const on = new AbortController()
  const watchingOn = laptop.client.watch(({ type }) => void states.push(type), { signal: on.signal })
  await expect.poll(() => states, { timeout: 10_000 }).toEqual(['online'])
  line.freeze()
  // requests go over a connection of their own, which is alive
  laptop.proxy.upstream = beating.server.url
  try {
    await expect
      .poll(() => states.lastIndexOf('online') > states.indexOf('offline') && states.includes('offline'), { timeout: 60_000 })
      .toBe(true)
    await second.client.addItem(note('told again'))
    await expect.poll(() => laptop.titles(), { timeout: 60_000 }).toEqual(['told again'])
  } finally {
    on.abort()
    await watchingOn
    await line.close()
  }
})

test('A6: an answer that comes after the line went down does not make it look as if it were up', async () => {
  const laptop = await world.joined('kitchen', pc)
  const on = new AbortController()
  const watchingOn = laptop.client.watch(() => undefined, { signal: on.signal })
  const online = async (): Promise<boolean> => (await laptop.client.status()).online
  await expect.poll(online, { timeout: 10_000 }).toBe(true)
  laptop.proxy.upstream = 'http://127.0.0.1:9'
  // ends the channel: nothing can be sent
  await laptop.client.addItem(note('later'))
  await expect.poll(online, { timeout: 10_000 }).toBe(false)
  const late = { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from('{"events":[]}') }
  laptop.proxy.on('activity', () => late)
  await laptop.client.activity()
  expect(await online()).toBe(true)
  await expect.poll(online, { timeout: 10_000 }).toBe(false)
  on.abort()
  await watchingOn
})

test('B3: to be removed ends it', async () => {
  const laptop = await world.joined('laptop', pc)
  const ended = codeOf(() => laptop.client.watch(() => undefined, { signal: watching.signal }))
  await pc.client.removeDevice(await laptop.id(), { deleteCopy: false })
  expect(await ended).toBe('device-removed')
})

test('CIR-15: a session that is gone, and a device that was removed while its line was down, are told as what they are', async () => {
  const listening = await world.joined('tv', pc)
  const on = new AbortController()
  const ended = codeOf(() => listening.client.watch(() => undefined, { signal: on.signal }))
  await expect.poll(async () => (await listening.client.status()).online, { timeout: 10_000 }).toBe(true)
  // another sign-in with the same keys, as after a new password: this one's session is no more
  const copy = await world.copyOf(listening)
  await copy.signIn(listening.email)
  expect(await ended).toBe('session-invalid')
  await listening.signIn(listening.email)
  const refused = { status: 503, headers: {}, body: Buffer.alloc(0) }
  listening.proxy.on('every', () => refused)
  const again = codeOf(() => listening.client.watch(() => undefined, { signal: on.signal }))
  await pc.client.removeDevice(await listening.id(), { deleteCopy: false })
  listening.proxy.honest()
  expect(await again).toBe('device-removed')
})
