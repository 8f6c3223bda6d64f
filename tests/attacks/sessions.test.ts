/**
 * Sessions that are stolen, too young or somebody else's: a waiting device, a bare token, another account's token, on every route of the
 * protocol's table. Defence: standing, account and signature are checked in one pipeline before any handler, for each route alike.
 * Fails when: a route that is for trusted devices takes a waiting one; somebody else's request can be seen; a proof is not checked.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { newId, systemRandom, toBase64url, type DeviceId, type ItemId, type RequestId } from '@nokkel/base'
import { createDeviceKeys } from '@nokkel/protocol'
import {
  decodeCircleEntries,
  decodeCircleKeys,
  decodeChangesFrame,
  encodeCircleAppend,
  encodeFrame,
  routes,
  splitFrames,
  type Route,
  type RouteName,
} from '@nokkel/protocol/wire'
import {
  addDevice,
  createPerson,
  Device,
  makeAddition,
  makeFrame,
  makeLeaveAppend,
  signIn,
  type CallOptions,
  type MadeFrame,
  type Person,
  type Reply,
} from 'nokkel-server/testing'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { encodingsIn } from './canaries.ts'

const all = Object.entries(routes) as [RouteName, Route][]
const closed = all.filter(([, route]) => route.auth === 'active').map(([name]) => name)
const signed = all.filter(([, route]) => route.proof === true).map(([name]) => name)

let server: TestServer
let anna: Person
let frame: MadeFrame
let request: string
let waiting: Device
beforeAll(async () => {
  server = await startTestServer()
  anna = await createPerson(server.url, { phone: '+4712345678', region: 'NO' })
  const circle = await anna.device.circle()
  frame = makeFrame(circle, anna.device, anna.vault, { seq: 0, hash: circle.genesisHash }, { count: 3 })
  expect((await anna.device.push(anna.vault, frame.frame)).status).toBe(200)
  waiting = await waitingDevice()
  request = (await waiting.call('joinCreate', { json: { name: 'A telephone' } })).json['requestId'] as string
})
afterAll(() => server.dispose())

async function waitingDevice(): Promise<Device> {
  const device = new Device(server.url)
  expect((await signIn(device, anna.email, anna.password)).json['state']).toBe('pending')
  return device
}

/** A request that would be right if it came from one of Anna's trusted devices. */
async function rightful(name: RouteName): Promise<CallOptions> {
  const place = { params: { vault: anna.vault, request } }
  switch (name) {
    case 'circle':
      return { query: { after: '-1' } }
    case 'circleAppend':
      return { body: encodeCircleAppend(await makeAddition(anna, waiting)) }
    case 'log':
      return { ...place, query: { after: '0' } }
    case 'push': {
      const circle = await anna.device.circle()
      return { ...place, body: encodeFrame(makeFrame(circle, anna.device, anna.vault, frame.end).frame) }
    }
    case 'records':
      return { ...place, json: { items: frame.items } }
    case 'joinCreate':
      return { json: { name: 'x' } }
    case 'joinSend':
      return { ...place, json: { run: newId<RequestId>(systemRandom), step: 1, body: toBase64url(systemRandom.bytes(40)) } }
    case 'keychainReplace':
    case 'keychainOff':
    case 'recoveryBundle':
    case 'escrowPut':
    case 'escrowTokens':
    case 'verificationSend':
    case 'verificationCheck':
    case 'twoFactorSet':
    case 'numberChange':
    case 'numberConfirm':
    case 'numberAdd':
    case 'numberAddConfirm':
    case 'numberRemove':
    case 'pushSubscribe':
    case 'passwordStart':
    case 'passwordFinish':
      // as far as these get: nothing in a body counts before the signature
      return { json: {} }
    case 'recover':
      return { body: encodeCircleAppend(await makeAddition(anna, waiting)) }
    default:
      return place
  }
}

/** Nothing of Anna's is in this answer: no id, no ciphertext, no address. */
function expectNothingOfAnna(reply: Reply): void {
  const text = Buffer.from(reply.bytes).toString('latin1')
  const hers = [anna.email, '+4712345678', anna.vault, anna.device.id, anna.accountId, ...frame.items]
  expect(hers.filter((value) => text.includes(value))).toEqual([])
  const raw = Buffer.from(reply.bytes)
  for (const bytes of [frame.batch, ...frame.records, anna.device.keys.sign.publicKey]) expect(raw.includes(Buffer.from(bytes))).toBe(false)
  expect(encodingsIn(raw)).toEqual([])
}

describe('a session that waits for approval', () => {
  it('has these routes and no others: a new one is closed to it, to strangers and to unsigned requests until this list says otherwise', () => {
    const names = (wanted: (route: Route) => boolean): string[] => all.filter(([, route]) => wanted(route)).map(([name]) => name)
    expect(names(({ auth }) => auth === 'none')).toEqual(['server', 'accountStart', 'accountFinish', 'signInStart', 'signInFinish'])
    expect(names(({ auth }) => auth === 'pending')).toEqual([
      'session',
      'signOut',
      'keychainReplace',
      'recoveryCircle',
      'recoveryBundles',
      'recover',
      'escrow',
      'escrowTokens',
      'joinCreate',
      'joinDecline',
      'joinSend',
      'joinReceive',
      'accountKeep',
      'verification',
      'verificationSend',
      'verificationCheck',
      'verificationStatus',
      'numberChange',
      'numberConfirm',
    ])
    expect(names(({ removed }) => removed === true)).toEqual(['session', 'signOut', 'circle'])
    expect(names(({ proof }) => proof === true)).toEqual([
      'signOut',
      'keychainReplace',
      'keychainOff',
      'recoveryBundle',
      'recover',
      'escrowPut',
      'escrowTokens',
      'pushSubscribe',
      'joinCreate',
      'joinDecline',
      'joinSend',
      'passwordStart',
      'passwordFinish',
      'accountDelete',
      'accountKeep',
      'verificationSend',
      'verificationCheck',
      'deviceCode',
      'twoFactorSet',
      'numberChange',
      'numberConfirm',
      'numberAdd',
      'numberAddConfirm',
      'numberRemove',
      'supportStop',
    ])
  })

  it.each(closed)('%s: sees nothing and changes nothing, with a request that would be right', async (name) => {
    const reply = await waiting.call(name, await rightful(name))
    expect({ status: reply.status, code: reply.problem.code }).toEqual({ status: 403, code: 'session-pending' })
    expectNothingOfAnna(reply)
  })

  it('on the other routes: its own state, its own request, and not those of another waiting device', async () => {
    const other = await waitingDevice()
    expect((await other.call('session')).json).toMatchObject({ state: 'pending', deviceId: other.id })
    for (const name of ['joinReceive', 'joinSend', 'joinDecline'] as const) {
      const reply = await other.call(name, await rightful(name))
      expect({ name, code: reply.problem.code }).toEqual({ name, code: 'request-not-found' })
      expectNothingOfAnna(reply)
    }
    expect((await waiting.call('joinReceive', { params: { request } })).json['request']).toMatchObject({ state: 'pending' })
    expect((await anna.device.call('session')).json['state']).toBe('active')
  })

  it('claims to be a trusted device by its id, its name or its class: it waits like before', async () => {
    const impostor = new Device(server.url, 'cli', createDeviceKeys(systemRandom, anna.device.id, 'cli'))
    expect((await signIn(impostor, anna.email, anna.password)).problem.code).toBe('sign-in-failed')
    for (const deviceClass of ['web', 'extension'] as const) {
      const device = new Device(server.url, deviceClass)
      expect((await signIn(device, anna.email, anna.password)).json['state']).toBe('pending')
    }
    expect((await anna.device.call('session')).json['state']).toBe('active')
  })
})

describe('a bare token, found in a log or a backup', () => {
  it.each(signed)('%s: refused without the device’s signature, with another’s, and with one over something else', async (name) => {
    const caller = name === 'joinSend' || name === 'joinDecline' || routes[name].auth === 'active' ? anna.device : waiting
    const options = await rightful(name)
    // the first look at the requests is noted on them (JOIN-9), whoever looks
    await state()
    const before = await state()
    const stranger = createDeviceKeys(systemRandom, caller.id, 'cli')
    const attempts: CallOptions[] = [
      { ...options, prover: null },
      { ...options, prover: stranger },
      { ...options, headers: { 'nokkel-proof': '' } },
      { ...options, headers: { 'nokkel-proof': `${Date.now()}.${toBase64url(systemRandom.bytes(64))}` } },
      { ...options, headers: { 'nokkel-proof': await proofOfAnother(caller, name) } },
      { ...options, headers: { 'nokkel-proof': await proofOfAnother(caller, name) }, query: { extra: '1' } },
    ]
    for (const attempt of attempts) expect((await caller.call(name, attempt)).problem.code).toBe('signature-invalid')
    expect((await caller.call(name, { ...options, proofTimeMs: Date.now() - 600_000 })).problem.code).toBe('clock-skew')
    expect(await state()).toEqual(before)
  })

  it('push, circleAppend: what is written there is signed itself; a token without the key has nothing to send', async () => {
    const thief = new Device(server.url, 'cli', createDeviceKeys(systemRandom, anna.device.id, 'cli'))
    thief.token = anna.device.token
    const circle = await anna.device.circle()
    const before = await state()
    expect((await thief.push(anna.vault, makeFrame(circle, thief, anna.vault, frame.end).frame)).problem.code).toBe('record-forged')
    expect((await thief.append(await makeAddition(anna, waiting, thief))).problem.code).toBe('circle-invalid')
    expect((await thief.append(await makeLeaveAppend(thief))).problem.code).toMatch(/^(circle-invalid|last-device)$/)
    // what it overheard once it may say again, to no effect
    expect((await thief.push(anna.vault, frame.frame)).json).toEqual({ seq: 1, accepted: 1 })
    expect(await state()).toEqual(before)
  })

  it('the token of one session is nothing in any other place: not in the address, not as a cookie, not in another scheme', async () => {
    const { token } = anna.device
    for (const headers of [
      { authorization: `Basic ${token}` },
      { cookie: `token=${token}` },
      { 'x-token': String(token) },
      { authorization: String(token) },
    ])
      expect((await anna.device.call('circle', { token: null, headers: headers as Record<string, string> })).problem.code).toBe(
        'session-invalid',
      )
    expect((await anna.device.call('circle', { token: null, query: { token: String(token) } })).problem.code).toBe('session-invalid')
  })
})

describe('another account’s token', () => {
  let olga: Person
  let second: Device
  beforeAll(async () => {
    olga = await createPerson(server.url)
    second = await addDevice(olga)
  })

  it.each(all.filter(([, route]) => route.auth !== 'none').map(([name]) => name))(
    '%s: sees nothing of Anna’s and changes nothing of hers',
    async (name) => {
      if (name === 'signOut') return
      const before = await state()
      for (const caller of [olga.device, second]) {
        const reply = await caller.call(name, await rightful(name))
        expectNothingOfAnna(reply)
        // either it is about Olga's own account, or Anna's things do not exist for her
        if (['log', 'push', 'records'].includes(name)) expect(reply.problem.code).toBe('not-found')
        if (['joinSend', 'joinReceive', 'joinDecline'].includes(name)) expect(reply.problem.code).toBe('request-not-found')
        if (name === 'circleAppend') expect(reply.status).toBeGreaterThanOrEqual(400)
      }
      expect(await state()).toEqual(before)
    },
  )

  it('ids of Anna’s mixed into Olga’s own requests open nothing', async () => {
    const circle = await olga.device.circle()
    const own = makeFrame(circle, olga.device, olga.vault, { seq: 0, hash: circle.genesisHash })
    await olga.device.push(olga.vault, own.frame)
    const before = await state()
    const records = await olga.device.call('records', { params: { vault: olga.vault }, json: { items: [...frame.items, ...own.items] } })
    expect(splitFrames(records.bytes).flatMap((bytes) => decodeChangesFrame(bytes).records)).toEqual(own.records)
    // Olga's batch into Anna's vault, Anna's frame into Olga's, Anna's items in Olga's vault
    expect((await olga.device.push(anna.vault, own.frame)).problem.code).toBe('not-found')
    expect((await olga.device.push(olga.vault, frame.frame)).problem.code).toMatch(/^(conflict|record-forged)$/)
    const squatting = makeFrame(circle, olga.device, olga.vault, own.end, { items: frame.items })
    expect((await olga.device.push(olga.vault, squatting.frame)).status).toBe(200)
    expectNothingOfAnna(await olga.device.call('circle'))
    expect(decodeCircleEntries((await olga.device.call('circle')).bytes).length).toBe(2)
    expect(decodeCircleKeys((await second.call('circleKeys')).bytes).shares).toHaveLength(1)
    expect(await state()).toEqual(before)
  })

  it('a second account under Anna’s device id does not reach into hers', async () => {
    const twin = new Device(server.url, 'cli', createDeviceKeys(systemRandom, anna.device.id as DeviceId, 'cli'))
    expect((await signIn(twin, olga.email, olga.password)).json['state']).toBe('pending')
    expect((await anna.device.call('session')).json).toMatchObject({ state: 'active', accountId: anna.accountId })
    expect((await twin.call('session')).json).toMatchObject({ state: 'pending', accountId: olga.accountId })
    expect((await anna.device.call('log', { params: { vault: anna.vault } })).status).toBe(200)
  })
})

/** Everything that Anna's trusted device can see of her account: what an attack must leave as it was. */
async function state(): Promise<unknown> {
  const read = async (name: RouteName, options: CallOptions = {}): Promise<string> =>
    Buffer.from((await anna.device.call(name, options)).bytes).toString('base64')
  const place = { params: { vault: anna.vault } }
  return {
    circle: await read('circle'),
    keys: await read('circleKeys'),
    log: await read('log', place),
    records: await read('records', { ...place, json: { items: frame.items as ItemId[] } }),
    joins: await read('joinList'),
    account: await read('account'),
  }
}

/** A true proof of this device, for another request. */
async function proofOfAnother(caller: Device, name: RouteName): Promise<string> {
  let proof = ''
  const real = globalThis.fetch
  globalThis.fetch = (_url, init) => {
    proof = new Headers(init?.headers).get('nokkel-proof') ?? ''
    return Promise.resolve(new Response('{}'))
  }
  try {
    await caller.call(name === 'joinCreate' ? 'signOut' : 'joinCreate', { json: { name: 'another request' } })
  } finally {
    globalThis.fetch = real
  }
  expect(proof).toMatch(/^\d+\.[\w-]{86}$/)
  return proof
}
