/** Approval of a new device: requests, the relay of the code exchange, and who may see and say what (A5, A20). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, systemRandom, toBase64url, type RequestId } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { joinRules } from '@nokkel/protocol/wire'
import { addDevice, createPerson, Device, makeAddition, signIn, type Person, type Reply } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
const clock = new ManualClock()
beforeAll(async () => {
  server = await startTestServer({}, { clock })
})
afterAll(() => server.dispose())

const at = () => ({ proofTimeMs: clock.nowMs() })

async function applicantOf(person: Person): Promise<Device> {
  const device = new Device(person.url, 'web')
  const reply = await signIn(device, person.email, person.password)
  if (reply.status !== 200) throw new Error(JSON.stringify(reply.json))
  return device
}

const ask = (device: Device, name = 'Karis telefon'): Promise<Reply> => device.call('joinCreate', { ...at(), json: { name } })

async function requested(person?: Person): Promise<{ person: Person; applicant: Device; requestId: string }> {
  const owner = person ?? (await createPerson(server.url))
  const applicant = await applicantOf(owner)
  const reply = await ask(applicant)
  return { person: owner, applicant, requestId: reply.json['requestId'] as string }
}

const list = async (person: Person) => (await person.device.call('joinList')).json['requests'] as Record<string, unknown>[]

interface Message {
  readonly run: string
  readonly step: 1 | 2 | 3
  readonly body?: string
}

const send = (device: Device, request: string, { run, step, body = 'AAAA' }: Message): Promise<Reply> =>
  device.call('joinSend', { ...at(), params: { request }, json: { run, step, body } })
const receive = (device: Device, request: string, run?: string): Promise<Reply> =>
  device.call('joinReceive', { params: { request }, ...(run === undefined ? {} : { query: { run } }) })
const newRun = () => newId<RequestId>(systemRandom)

describe('requests', () => {
  test('JOIN-9: the applicant is told when a trusted device first saw its request, and not before', async () => {
    const { person, applicant, requestId } = await requested()
    const seen = async () => ((await receive(applicant, requestId)).json['request'] as { seenMs: number | null }).seenMs
    expect(await seen()).toBeNull()
    const firstMs = clock.nowMs()
    await list(person)
    expect(await seen()).toBe(firstMs)
    clock.advance(60_000)
    await list(person)
    expect(await seen()).toBe(firstMs)
  })

  test('A5: a request is listed with name, kind, place and time, for 24 hours', async () => {
    const { person, applicant, requestId } = await requested()
    expect(await list(person)).toEqual([
      {
        requestId,
        deviceId: applicant.id,
        class: 'web',
        name: 'Karis telefon',
        place: '127.0.0.0/24',
        createdMs: clock.nowMs(),
        expiresMs: clock.nowMs() + joinRules.requestLifetimeMs,
        seenMs: null,
        state: 'pending',
      },
    ])
    clock.advance(joinRules.requestLifetimeMs)
    expect(await list(person)).toMatchObject([{ requestId, state: 'expired' }])
    expect((await send(person.device, requestId, { run: newRun(), step: 1 })).problem).toMatchObject({
      status: 410,
      code: 'request-expired',
    })
    clock.advance(joinRules.requestLifetimeMs)
    expect(await list(person)).toEqual([])
  })

  test('A5: no ghosts: a new request of the same device replaces the one before', async () => {
    const { person, applicant, requestId } = await requested()
    const again = (await ask(applicant, 'Nytt navn')).json['requestId']
    expect(await list(person)).toMatchObject([{ requestId: again, name: 'Nytt navn' }])
    expect((await receive(applicant, requestId)).problem).toMatchObject({ status: 404, code: 'request-not-found' })
  })

  test('A20: three an hour for the whole account, replaced ones included, with the time to wait', async () => {
    const { person, applicant } = await requested()
    await ask(applicant)
    await requested(person)
    const refused = await ask(await applicantOf(person))
    expect(refused.problem).toMatchObject({ status: 429, code: 'rate-limited', params: { retryAfterSeconds: 3_600 } })
    expect(refused.headers.get('retry-after')).toBe('3600')
    clock.advance(3_600_000)
    expect((await ask(applicant)).status).toBe(200)
  })

  test('withdrawn by the applicant it disappears; declined by a member it says so', async () => {
    const first = await requested()
    expect((await first.applicant.call('joinDecline', { ...at(), params: { request: first.requestId } })).status).toBe(200)
    expect(await list(first.person)).toEqual([])
    expect((await receive(first.applicant, first.requestId)).problem.code).toBe('request-not-found')

    const second = await requested()
    const decline = () => second.person.device.call('joinDecline', { ...at(), params: { request: second.requestId } })
    expect((await decline()).json).toEqual({})
    expect((await decline()).json).toEqual({})
    expect(await list(second.person)).toMatchObject([{ state: 'declined' }])
    expect((await receive(second.applicant, second.requestId)).json).toMatchObject({ request: { state: 'declined' } })
    expect((await send(second.person.device, second.requestId, { run: newRun(), step: 1 })).problem).toMatchObject({
      status: 410,
      code: 'request-declined',
    })
    const kinds = ((await second.person.device.call('activity')).json['events'] as { kind: string }[]).map(({ kind }) => kind)
    expect(kinds.filter((kind) => kind === 'join-declined')).toHaveLength(1)
    expect(kinds).toContain('join-requested')
  })

  test('approved when the addition lands', async () => {
    const { person, applicant, requestId } = await requested()
    expect((await person.device.append(await makeAddition(person, applicant))).status).toBe(200)
    expect(await list(person)).toMatchObject([{ requestId, state: 'approved' }])
    expect((await receive(applicant, requestId)).json).toMatchObject({ request: { state: 'approved' } })
    expect((await ask(applicant)).problem).toMatchObject({ status: 409, code: 'already-trusted' })
  })

  test('API-5: requests, answers and messages are signed by the device', async () => {
    const { person, applicant, requestId } = await requested()
    const params = { request: requestId }
    const unsigned = [
      applicant.call('joinCreate', { json: { name: 'x' }, prover: null }),
      applicant.call('joinDecline', { params, prover: null }),
      person.device.call('joinDecline', { params, prover: applicant.keys, ...at() }),
      person.device.call('joinSend', { params, json: { run: newRun(), step: 1, body: 'AA' }, prover: null }),
    ]
    for (const reply of await Promise.all(unsigned)) expect(reply.problem).toMatchObject({ status: 401, code: 'signature-invalid' })
  })
})

describe('the relay', () => {
  test('three steps go through, each to both sides, a repeat changes nothing', async () => {
    const { person, applicant, requestId } = await requested()
    const run = newRun()
    expect((await send(person.device, requestId, { run, step: 1, body: 'b25l' })).json).toEqual({})
    expect((await send(person.device, requestId, { run, step: 1, body: 'b25l' })).json).toEqual({})
    expect((await send(applicant, requestId, { run, step: 2, body: 'dHdv' })).status).toBe(200)
    expect((await send(person.device, requestId, { run, step: 3, body: 'dGhyZWU' })).status).toBe(200)
    const expected = [
      { run, step: 1, body: 'b25l' },
      { run, step: 2, body: 'dHdv' },
      { run, step: 3, body: 'dGhyZWU' },
    ]
    expect((await receive(applicant, requestId)).json['messages']).toEqual(expected)
    expect((await receive(person.device, requestId, run)).json['messages']).toEqual(expected)
    expect((await receive(person.device, requestId, newRun())).json['messages']).toEqual([])
  })

  test('each step belongs to one side, once, in order', async () => {
    const { person, applicant, requestId } = await requested()
    const other = await addDevice(person)
    const run = newRun()
    const refused = async (device: Device, message: Message) =>
      expect((await send(device, requestId, message)).problem).toMatchObject({ status: 409, code: 'conflict' })
    await refused(applicant, { run, step: 1 })
    await refused(person.device, { run, step: 2 })
    await refused(applicant, { run, step: 2 })
    await refused(person.device, { run, step: 3 })
    await send(person.device, requestId, { run, step: 1 })
    await refused(person.device, { run, step: 1, body: 'BBBB' })
    await refused(other, { run, step: 1 })
    await send(applicant, requestId, { run, step: 2 })
    await refused(other, { run, step: 3 })
    expect((await send(person.device, requestId, { run, step: 3 })).status).toBe(200)
  })

  test('a run dies after ten minutes; three runs a request', async () => {
    const { person, applicant, requestId } = await requested()
    const run = newRun()
    await send(person.device, requestId, { run, step: 1 })
    clock.advance(joinRules.runLifetimeMs)
    expect((await receive(applicant, requestId)).json['messages']).toEqual([])
    expect((await send(applicant, requestId, { run, step: 2 })).problem.code).toBe('request-expired')
    for (let i = 1; i < joinRules.runsPerRequest; i++)
      expect((await send(person.device, requestId, { run: newRun(), step: 1 })).status).toBe(200)
    expect((await send(person.device, requestId, { run: newRun(), step: 1 })).problem).toMatchObject({
      status: 403,
      code: 'code-attempts-used',
    })
  })

  test('64 KiB a request', async () => {
    const { person, applicant, requestId } = await requested()
    const run = newRun()
    const body = toBase64url(new Uint8Array(16_384))
    expect((await send(person.device, requestId, { run, step: 1, body })).status).toBe(200)
    expect((await send(applicant, requestId, { run, step: 2, body })).status).toBe(200)
    expect((await send(person.device, requestId, { run, step: 3, body })).problem).toMatchObject({ status: 507, code: 'quota-exceeded' })
  })

  test('nobody else: another waiting device and another account see no such request', async () => {
    const { person, requestId } = await requested()
    const outsiders = [await applicantOf(person), (await createPerson(server.url)).device]
    for (const outsider of outsiders) {
      expect((await receive(outsider, requestId)).problem).toMatchObject({ status: 404, code: 'request-not-found' })
      expect((await send(outsider, requestId, { run: newRun(), step: 1 })).problem.code).toBe('request-not-found')
      expect((await outsider.call('joinDecline', { ...at(), params: { request: requestId } })).problem.code).toBe('request-not-found')
    }
    expect((await outsiders[0]?.call('joinList'))?.problem.code).toBe('session-pending')
    expect((await receive(person.device, newRun())).problem.code).toBe('request-not-found')
  })
})
