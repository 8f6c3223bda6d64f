/** Appending to the circle: what the server stores, refuses and answers again (SPEC CIR). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemRandom, toBase64url, type Bytes } from '@nokkel/base'
import { makeCheckpoint, makeEpochDone } from '@nokkel/protocol'
import { type Circle, decodeCircleEntries, decodeCircleKeys, encodeCircleAppend, limits, type CircleAppend } from '@nokkel/protocol/wire'
import {
  addDevice,
  createPerson,
  Device,
  logEnd,
  makeAddition,
  makeFrame,
  makeLeaveAppend,
  makeRotationAppend,
  signIn,
  type Person,
} from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.dispose())

const plain = (circle: Circle, entry: Bytes): CircleAppend => ({ expectedHead: circle.head, entry, shares: [], wraps: [] })

async function pendingDevice(person: Person): Promise<Device> {
  const device = new Device(person.url)
  await signIn(device, person.email, person.password)
  return device
}

async function kindsOf(person: Person): Promise<string[]> {
  return ((await person.device.call('activity')).json['events'] as { kind: string }[]).map(({ kind }) => kind)
}

describe('additions', () => {
  test('A5: the waiting session becomes active, the device finds its share and the wraps', async () => {
    const person = await createPerson(server.url)
    const device = await pendingDevice(person)
    expect((await device.call('circle')).problem.code).toBe('session-pending')
    const reply = await person.device.append(await makeAddition(person, device))
    expect(reply.json).toEqual({ seq: 1 })
    expect((await device.call('session')).json).toMatchObject({ state: 'active' })
    const keys = decodeCircleKeys((await device.call('circleKeys')).bytes)
    expect(keys.shares).toHaveLength(1)
    expect(keys.wraps).toHaveLength(1)
    expect(await kindsOf(person)).toContain('device-added')
  })

  test('a pending session with the same id and another key stays outside', async () => {
    const person = await createPerson(server.url)
    const device = await pendingDevice(person)
    const twin = new Device(server.url, 'cli', { ...new Device(server.url).keys, id: device.id })
    expect((await signIn(twin, person.email, person.password)).status).toBe(200)
    await person.device.append(await makeAddition(person, device))
    expect((await twin.call('circle')).problem.code).toBe('session-pending')
    expect((await twin.call('session')).json).toMatchObject({ state: 'pending' })
  })

  test('CIR-13: the share must be the one that the entry names, and nothing else may come along', async () => {
    const person = await createPerson(server.url)
    const [device, other] = [await pendingDevice(person), await pendingDevice(person)]
    const [made, foreign] = [await makeAddition(person, device), await makeAddition(person, other)]
    const bad: CircleAppend[] = [
      { ...made, shares: [] },
      { ...made, shares: foreign.shares },
      { ...made, shares: [...made.shares, ...foreign.shares] },
      { ...made, wraps: [systemRandom.bytes(80)] },
    ]
    for (const append of bad) expect((await person.device.append(append)).problem.code).toBe('share-invalid')
    expect((await person.device.append(made)).status).toBe(200)
  })

  test('CIR-2: an entry is sent by the device that signed it', async () => {
    const person = await createPerson(server.url)
    const second = await addDevice(person)
    const third = await pendingDevice(person)
    expect((await second.append(await makeAddition(person, third))).problem).toMatchObject({
      code: 'circle-invalid',
      params: { rule: 'CIR-2' },
    })
  })

  test(`device-limit: ${limits.activeDevices} active devices, not one more`, async () => {
    const person = await createPerson(server.url)
    for (let i = 1; i < limits.activeDevices; i++) {
      const device = new Device(server.url)
      expect((await person.device.append(await makeAddition(person, device))).status).toBe(200)
    }
    expect((await person.device.append(await makeAddition(person, new Device(server.url)))).problem).toMatchObject({
      status: 403,
      code: 'device-limit',
    })
  }, 120_000)
})

describe('order', () => {
  test('compare-and-swap: a stale head is refused with the present position', async () => {
    const person = await createPerson(server.url)
    const [a, b] = [new Device(server.url), new Device(server.url)]
    const [first, stale] = [await makeAddition(person, a), await makeAddition(person, b)]
    expect((await person.device.append(first)).status).toBe(200)
    expect((await person.device.append(stale)).problem).toMatchObject({ status: 409, code: 'circle-moved', params: { seq: 1 } })
  })

  test('the same entry again, as after a lost answer, gets the same answer', async () => {
    const person = await createPerson(server.url)
    const made = await makeAddition(person, new Device(server.url))
    const [one, two] = [await person.device.append(made), await person.device.append(made)]
    expect(two.json).toEqual(one.json)
    expect((await person.device.circle()).seq).toBe(1)
    expect((await kindsOf(person)).filter((kind) => kind === 'device-added')).toHaveLength(1)
  })

  test('twenty different entries at the same moment: exactly one lands', async () => {
    const person = await createPerson(server.url)
    const made = await Promise.all(Array.from({ length: 20 }, () => makeAddition(person, new Device(server.url))))
    const replies = await Promise.all(made.map((append) => person.device.append(append)))
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ problem }) => problem.code === 'circle-moved')).toHaveLength(19)
  })

  test('entries come after a position, in order; a position that is none is malformed', async () => {
    const person = await createPerson(server.url)
    await addDevice(person)
    const all = decodeCircleEntries((await person.device.call('circle')).bytes)
    expect(all).toHaveLength(2)
    expect(decodeCircleEntries((await person.device.call('circle', { query: { after: '0' } })).bytes)).toEqual(all.slice(1))
    expect(decodeCircleEntries((await person.device.call('circle', { query: { after: '1' } })).bytes)).toEqual([])
    for (const after of ['-2', 'x', '1.5', '99999999999999999', '']) {
      expect((await person.device.call('circle', { query: { after } })).problem).toMatchObject({ status: 400, code: 'malformed' })
    }
  })
})

describe('rotation, removal, departure', () => {
  test('B3: a removal ends the session, keeps the entries readable to the one removed, and nothing later', async () => {
    const person = await createPerson(server.url)
    const gone = await addDevice(person)
    const removal = await makeRotationAppend(person, person.device, [gone])
    expect((await person.device.append(removal)).status).toBe(200)
    await person.device.append(await makeAddition({ ...person, accountKey: removal.accountKey }, new Device(server.url)))
    expect((await gone.call('circleKeys')).problem).toMatchObject({ status: 403, code: 'device-removed' })
    expect((await gone.call('push', { params: { vault: person.vault }, body: new Uint8Array(4) })).problem.code).toBe('device-removed')
    expect((await gone.call('session')).json).toMatchObject({ state: 'removed' })
    const seen = await gone.circle()
    expect(seen.seq).toBe(2)
    expect((await person.device.circle()).seq).toBe(3)
    expect((await gone.call('signOut')).status).toBe(200)
    expect(await kindsOf(person)).toContain('device-removed')
  })

  test('CIR-8: the frozen ends must be the logs’ present ends', async () => {
    const person = await createPerson(server.url)
    const circle = await person.device.circle()
    const made = await makeRotationAppend(person, person.device)
    await person.device.push(person.vault, makeFrame(circle, person.device, person.vault, { seq: 0, hash: circle.genesisHash }).frame)
    expect((await person.device.append(made)).problem).toMatchObject({ status: 409, code: 'conflict', params: { seq: 1 } })
    const again = await makeRotationAppend(person, person.device)
    expect((await person.device.append(again)).status).toBe(200)
    expect(await kindsOf(person)).toContain('keys-rotated')
    expect(decodeCircleKeys((await person.device.call('circleKeys')).bytes)).toMatchObject({ shares: { length: 2 }, wraps: { length: 3 } })
  })

  test('CIR-13: a rotation brings exactly its shares and wraps', async () => {
    const person = await createPerson(server.url)
    await addDevice(person)
    const made = await makeRotationAppend(person, person.device)
    const other = await makeRotationAppend(person, person.device)
    const bad: CircleAppend[] = [
      { ...made, shares: made.shares.slice(1) },
      { ...made, shares: other.shares },
      { ...made, wraps: made.wraps.slice(1) },
      { ...made, wraps: [] },
      { ...made, wraps: [...made.wraps, ...made.wraps.slice(0, 1)] },
    ]
    for (const append of bad) expect((await person.device.append(append)).problem.code).toBe('share-invalid')
    expect((await person.device.append(made)).status).toBe(200)
  })

  test('CIR-10: after a departure nothing is written until somebody rotates; the last device may not leave', async () => {
    const person = await createPerson(server.url)
    const leaver = await addDevice(person)
    expect((await leaver.append(await makeLeaveAppend(leaver))).status).toBe(200)
    expect((await leaver.call('session')).json).toMatchObject({ state: 'removed' })
    const circle = await person.device.circle()
    const frame = makeFrame(circle, person.device, person.vault, { seq: 0, hash: circle.genesisHash })
    expect((await person.device.push(person.vault, frame.frame)).problem).toMatchObject({ status: 409, code: 'circle-moved' })
    expect((await person.device.append(await makeLeaveAppend(person.device))).problem).toMatchObject({ status: 403, code: 'last-device' })
    const rotation = await makeRotationAppend(person, person.device)
    expect((await person.device.append(rotation)).status).toBe(200)
    const next = await person.device.circle()
    const written = makeFrame(next, person.device, person.vault, { seq: 0, hash: next.genesisHash })
    expect((await person.device.push(person.vault, written.frame)).status).toBe(200)
    expect(await kindsOf(person)).toContain('device-left')
  })

  test('CIR-12: checkpoints and finished epochs need no keys and take none', async () => {
    const person = await createPerson(server.url)
    const circle = await person.device.circle()
    const checkpoint = makeCheckpoint(circle, person.device.keys, Date.now())
    expect((await person.device.append({ ...plain(circle, checkpoint), wraps: [systemRandom.bytes(60)] })).problem.code).toBe(
      'share-invalid',
    )
    expect((await person.device.append(plain(circle, checkpoint))).json).toEqual({ seq: 1 })
    await person.device.append(await makeRotationAppend(person, person.device))
    const rotated = await person.device.circle()
    expect(
      (await person.device.append(plain(rotated, makeEpochDone(rotated, person.device.keys, person.vault, 1, Date.now())))).json,
    ).toEqual({ seq: 3 })
    expect((await person.device.append(plain(await person.device.circle(), checkpoint))).problem.code).toBe('circle-invalid')
  })

  test('a circle and its log survive a restart of the server', async () => {
    const first = await startTestServer()
    const person = await createPerson(first.url)
    await addDevice(person)
    await person.device.append(await makeRotationAppend(person, person.device))
    const before = await person.device.circle()
    await first.stop()
    const second = await startTestServer({ data: first.folder })
    try {
      const device = new Device(second.url, 'cli', person.device.keys)
      device.token = person.device.token
      expect(toBase64url((await device.circle()).head)).toBe(toBase64url(before.head))
      expect((await logEnd(device, before, person.vault)).seq).toBe(0)
      expect((await device.append(await makeAddition({ ...person, device }, new Device(second.url)))).status).toBe(400)
    } finally {
      await second.dispose()
    }
  })
})

test('an append over its size is refused while it arrives', async () => {
  const person = await createPerson(server.url)
  const reply = await person.device.call('circleAppend', { body: new Uint8Array(600_000) })
  expect(reply.problem).toMatchObject({ status: 413, code: 'too-large' })
  const empty = encodeCircleAppend({ expectedHead: new Uint8Array(32), entry: new Uint8Array(0), shares: [], wraps: [] })
  expect((await person.device.call('circleAppend', { body: empty })).problem.code).toBe('circle-moved')
})
