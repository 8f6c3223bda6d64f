/** Sign-in: one answer for every failure, nothing to learn about who has an account (F2, A30), sessions that end when they should. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, systemRandom, toBase64url, type DeviceId } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { createDeviceKeys } from '@nokkel/protocol'
import { addDevice, call, createPerson, Device, makeRotationAppend, signIn, startSignIn, type Person } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let person: Person
beforeAll(async () => {
  server = await startTestServer()
  person = await createPerson(server.url, { email: 'Ola.Nordmann@example.org' })
})
afterAll(() => server.dispose())

const kinds = async (of: Person) =>
  ((await of.device.call('activity')).json['events'] as { kind: string; detail: string }[]).map(({ kind }) => kind)

describe('the password', () => {
  test('F2: alone gives a pending session that sees nothing', async () => {
    const stranger = new Device(server.url)
    const reply = await signIn(stranger, 'ola.nordmann@EXAMPLE.org', person.password)
    expect(reply.json).toMatchObject({ state: 'pending', accountId: person.accountId, deviceId: stranger.id })
    for (const name of ['circle', 'circleKeys', 'joinList', 'activity', 'account'] as const) {
      expect((await stranger.call(name)).problem).toMatchObject({ status: 403, code: 'session-pending' })
    }
    expect((await stranger.call('log', { params: { vault: person.vault } })).problem.code).toBe('session-pending')
    expect((await stranger.call('session')).json).toMatchObject({ state: 'pending' })
  })

  test('SIG-5: bind and genesis hash come back as they were stored', async () => {
    const reply = await signIn(new Device(server.url), person.email, person.password)
    expect(reply.json['genesisHash']).toBe(toBase64url((await person.device.circle()).genesisHash))
    expect(reply.json['bind']).toMatch(/^[A-Za-z0-9_-]{43}$/)
  })

  test('a member signing in again is active at once, and its old session is gone', async () => {
    const device = await addDevice(person)
    const old = device.token
    expect((await signIn(device, person.email, person.password)).json).toMatchObject({ state: 'active' })
    expect((await device.call('circle')).status).toBe(200)
    expect((await device.call('circle', { token: old })).problem).toMatchObject({ status: 401, code: 'session-invalid' })
  })

  test('every failure is the same failure: password, account, login id, proof, reuse', async () => {
    const device = new Device(server.url)
    const failures = [
      await signIn(device, person.email, 'wrong password'),
      await signIn(device, 'nobody@example.org', person.password),
      await signIn(device, person.email, person.password, { tamper: (request) => ({ ...request, loginId: newId(systemRandom) }) }),
      await signIn(device, person.email, person.password, { prover: createDeviceKeys(systemRandom, device.id, 'cli') }),
      await signIn(device, person.email, person.password, { tamper: (request) => ({ ...request, proof: 'AAAA' }) }),
    ]
    let once: Record<string, unknown> = {}
    await signIn(device, person.email, person.password, { tamper: (request) => (once = request) })
    failures.push(await call({ url: server.url }, 'signInFinish', { json: once }))
    for (const { json } of failures) expect(json).toEqual(failures[0]?.json)
    expect(failures[0]?.problem).toMatchObject({ status: 401, code: 'sign-in-failed', params: {} })
  })

  test('A30: an unknown address gets an answer of the same shape, and always the same account', async () => {
    const known = await startSignIn(server.url, person.email, 'x')
    const [first, again, other] = [
      await startSignIn(server.url, 'ghost@example.org', 'x'),
      await startSignIn(server.url, 'GHOST@example.org', 'x'),
      await startSignIn(server.url, 'ghost2@example.org', 'x'),
    ]
    const shape = (reply: { json: Record<string, unknown> }) =>
      Object.entries(reply.json).map(([name, value]) => [name, (value as string).length])
    expect(shape(first.reply)).toEqual(shape(known.reply))
    expect(first.reply.json['accountId']).toBe(again.reply.json['accountId'])
    expect(first.reply.json['accountId']).not.toBe(other.reply.json['accountId'])
    expect(first.reply.status).toBe(200)
  })

  test('nobody takes a member’s place with its id and another key', async () => {
    const impostor = new Device(server.url, 'cli', createDeviceKeys(systemRandom, person.device.id, 'cli'))
    expect((await signIn(impostor, person.email, person.password)).problem.code).toBe('sign-in-failed')
    expect((await person.device.call('circle')).status).toBe(200)
  })

  test('B3: a removed device is told so, after it proved the password', async () => {
    const owner = await createPerson(server.url)
    const device = await addDevice(owner)
    await owner.device.append(await makeRotationAppend(owner, owner.device, [device]))
    expect((await signIn(device, owner.email, 'wrong')).problem.code).toBe('sign-in-failed')
    expect((await signIn(device, owner.email, owner.password)).problem).toMatchObject({ status: 403, code: 'device-removed' })
  })

  test('H2: sign-ins and failed ones are in the activity log, failed ones capped', async () => {
    const owner = await createPerson(server.url)
    await signIn(new Device(server.url), owner.email, owner.password)
    for (let i = 0; i < 15; i++) await signIn(new Device(server.url), owner.email, 'wrong')
    const found = await kinds(owner)
    expect(found).toContain('sign-in')
    expect(found.filter((kind) => kind === 'sign-in-failed')).toHaveLength(10)
  })

  test('only so many devices wait at the same time: the oldest sessions go', async () => {
    const owner = await createPerson(server.url)
    const waiting: Device[] = []
    for (let i = 0; i < 34; i++) {
      const device = new Device(server.url)
      await signIn(device, owner.email, owner.password)
      waiting.push(device)
    }
    const states = await Promise.all(waiting.map(async (device) => (await device.call('session')).status))
    expect(states.filter((status) => status === 200).length).toBeLessThanOrEqual(33)
    expect(states.at(-1)).toBe(200)
  })
})

describe('sessions', () => {
  test('API-5: signing out needs the device’s signature over this very request', async () => {
    const device = await addDevice(person)
    expect((await device.call('signOut', { prover: null })).problem).toMatchObject({ status: 401, code: 'signature-invalid' })
    expect((await device.call('signOut', { prover: person.device.keys })).problem.code).toBe('signature-invalid')
    expect((await device.call('signOut', { headers: { 'nokkel-proof': 'x' } })).problem.code).toBe('signature-invalid')
    for (const off of [-301_000, 301_000])
      expect((await device.call('signOut', { proofTimeMs: Date.now() + off })).problem).toMatchObject({ status: 400, code: 'clock-skew' })
    expect((await device.call('session')).status).toBe(200)
    expect((await device.call('signOut')).json).toEqual({})
    expect((await device.call('session')).problem.code).toBe('session-invalid')
    expect(await kinds(person)).toContain('signed-out')
  })

  test('a token that is none', async () => {
    for (const token of [null, 'x', 'A'.repeat(43), `${'A'.repeat(42)}=`])
      expect((await call({ url: server.url }, 'session', { token })).problem).toMatchObject({ status: 401, code: 'session-invalid' })
  })

  test('idle sessions end: pending after a day, active after 180 days; use keeps them', async () => {
    const clock = new ManualClock()
    const timed = await startTestServer({}, { clock })
    try {
      const owner = await createPerson(timed.url)
      const pending = new Device(timed.url)
      await signIn(pending, owner.email, owner.password)
      clock.advance(23 * 3_600_000)
      expect((await pending.call('session')).status).toBe(200)
      clock.advance(23 * 3_600_000)
      expect((await pending.call('session')).status).toBe(200)
      clock.advance(25 * 3_600_000)
      expect((await pending.call('session')).problem.code).toBe('session-invalid')
      expect((await owner.device.call('session')).status).toBe(200)
      clock.advance(179 * 86_400_000)
      expect((await owner.device.call('session')).status).toBe(200)
      clock.advance(181 * 86_400_000)
      expect((await owner.device.call('session')).problem.code).toBe('session-invalid')
    } finally {
      await timed.dispose()
    }
  })

  test('a sign-in that is not finished within two minutes is over', async () => {
    const clock = new ManualClock()
    const timed = await startTestServer({}, { clock })
    try {
      const owner = await createPerson(timed.url)
      const late = signIn(new Device(timed.url), owner.email, owner.password, { tamper: (request) => (clock.advance(121_000), request) })
      expect((await late).problem.code).toBe('sign-in-failed')
    } finally {
      await timed.dispose()
    }
  })

  test('an id that is no member’s but was seen by nobody is a stranger', async () => {
    const device = new Device(server.url, 'extension', createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'extension'))
    expect((await signIn(device, person.email, person.password)).json).toMatchObject({ state: 'pending' })
  })
})
