/** The vault log on the wire: push, pull, idempotent retries, races and refusals (SPEC SYN, API-10). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { concatBytes, newId, systemRandom, type ItemId, type VaultId } from '@nokkel/base'
import {
  decodeChangesFrame,
  encodeFrame,
  encodePushFrame,
  limits,
  recordHash,
  splitFrames,
  type Circle,
  type LogPosition,
} from '@nokkel/protocol/wire'
import { addDevice, createPerson, makeFrame, makeRotationAppend, type MadeFrame, type Person } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.dispose())

interface Ready {
  readonly person: Person
  readonly circle: Circle
  readonly start: LogPosition
}

async function ready(url = server.url): Promise<Ready> {
  const person = await createPerson(url)
  const circle = await person.device.circle()
  return { person, circle, start: { seq: 0, hash: circle.genesisHash } }
}

function chain({ person, circle, start }: Ready, count: number, options: Parameters<typeof makeFrame>[4] = {}): MadeFrame[] {
  const frames: MadeFrame[] = []
  for (let i = 0; i < count; i++) frames.push(makeFrame(circle, person.device, person.vault, frames.at(-1)?.end ?? start, options))
  return frames
}

describe('push and pull', () => {
  test('B1: what was pushed comes back, in order, with the newest record of each item once', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const item = newId<ItemId>(systemRandom)
    const first = makeFrame(r.circle, device, vault, r.start, { items: [item] })
    const second = makeFrame(r.circle, device, vault, first.end, { items: [item, newId<ItemId>(systemRandom)] })
    expect((await device.push(vault, first.frame, second.frame)).json).toEqual({ seq: 2, accepted: 2 })
    const [page, ...more] = await device.changes(vault)
    expect(more).toEqual([])
    expect(page?.batches).toEqual([first.batch, second.batch])
    expect(page?.records.map(recordHash).map(String).sort()).toEqual(second.records.map(recordHash).map(String).sort())
    expect((await device.changes(vault, 1))[0]).toMatchObject({ headSeq: 2, batches: [second.batch] })
    expect((await device.changes(vault, 2))[0]).toMatchObject({ headSeq: 2, batches: [], records: [] })
    expect((await device.call('account')).json).toMatchObject({ usage: { records: 2, batches: 2 } })
  })

  test('a long log is streamed in pages that each fit a frame, and nothing is lost between them', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const frames = chain(r, 40, { count: 4, payloadBytes: 40_000 })
    for (let at = 0; at < frames.length; at += 10)
      expect((await device.push(vault, ...frames.slice(at, at + 10).map(({ frame }) => frame))).status).toBe(200)
    const pages = await device.changes(vault)
    expect(pages.length).toBeGreaterThan(5)
    expect(pages.flatMap((page) => page.batches)).toEqual(frames.map(({ batch }) => batch))
    expect(new Set(pages.flatMap((page) => page.records).map((record) => Buffer.from(recordHash(record)).toString('hex'))).size).toBe(160)
  })

  test('the largest frame that can be pushed can be pulled', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const sized = (bytes: number): MadeFrame => makeFrame(r.circle, device, vault, r.start, { count: 4, payloadBytes: bytes })
    const overhead = sized(200_000).frame.length - 800_000
    const largest = sized(Math.floor((limits.pushFrameBytes - overhead) / 4))
    expect(largest.frame.length).toBeGreaterThan(limits.pushFrameBytes - 4)
    expect((await device.push(vault, largest.frame)).status).toBe(200)
    expect((await device.changes(vault))[0]?.records).toHaveLength(4)
  })

  test('records by name, more than fit one frame', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const frames = chain(r, 10, { payloadBytes: 250_000 })
    await device.push(vault, ...frames.map(({ frame }) => frame))
    const items = frames.flatMap((frame) => frame.items)
    const reply = await device.call('records', { params: { vault }, json: { items: [...items, newId(systemRandom)] } })
    const found = splitFrames(reply.bytes).map(decodeChangesFrame)
    expect(found.length).toBeGreaterThan(1)
    expect(found.flatMap((frame) => frame.records)).toHaveLength(10)
    const none = await device.call('records', { params: { vault }, json: { items: [] } })
    expect(splitFrames(none.bytes).map(decodeChangesFrame)).toMatchObject([{ records: [], headSeq: 10 }])
  })

  test('a cursor of another incarnation is gone; a vault that is not there is not found', async () => {
    const { person } = await ready()
    const { device, vault } = person
    const [page] = await device.changes(vault)
    expect((await device.call('log', { params: { vault }, query: { after: '0', incarnation: page?.incarnation ?? '' } })).status).toBe(200)
    expect((await device.call('log', { params: { vault }, query: { after: '0', incarnation: 'another' } })).problem).toMatchObject({
      status: 410,
      code: 'cursor-gone',
    })
    const nowhere = { params: { vault: newId<VaultId>(systemRandom) } }
    expect((await device.call('log', nowhere)).problem).toMatchObject({ status: 404, code: 'not-found' })
    expect(
      (await device.call('push', { ...nowhere, body: encodeFrame(chain(await ready(), 1)[0]?.frame ?? new Uint8Array(0)) })).problem.code,
    ).toBe('not-found')
    expect((await device.call('records', { ...nowhere, json: { items: [] } })).problem.code).toBe('not-found')
    expect((await device.call('log', { params: { vault: 'xyz' } })).problem.code).toBe('malformed')
    expect((await device.call('log', { params: { vault }, query: { after: '-1' } })).problem.code).toBe('malformed')
  })

  test('another account’s vault is not found', async () => {
    const [mine, theirs] = [await ready(), await ready()]
    expect((await mine.person.device.call('log', { params: { vault: theirs.person.vault } })).problem.code).toBe('not-found')
  })
})

describe('retries and races', () => {
  test('a push whose answer was lost is accepted again without a second copy', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const [a, b, c] = chain(r, 3) as [MadeFrame, MadeFrame, MadeFrame]
    await device.push(vault, a.frame, b.frame)
    expect((await device.push(vault, a.frame, b.frame)).json).toEqual({ seq: 2, accepted: 2 })
    expect((await device.push(vault, b.frame, c.frame)).json).toEqual({ seq: 3, accepted: 2 })
    expect((await device.changes(vault))[0]?.batches).toEqual([a.batch, b.batch, c.batch])
    expect((await device.call('account')).json).toMatchObject({ usage: { records: 3, batches: 3 } })
  })

  test('another batch at a taken position is a conflict that names the log’s end', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const frames = chain(r, 2)
    await device.push(vault, ...frames.map(({ frame }) => frame))
    const late = makeFrame(r.circle, device, vault, r.start)
    expect((await device.push(vault, late.frame)).problem).toMatchObject({ status: 409, code: 'conflict', params: { seq: 2, accepted: 0 } })
    const early = makeFrame(r.circle, device, vault, { seq: 5, hash: r.start.hash })
    expect((await device.push(vault, early.frame)).problem).toMatchObject({ status: 409, code: 'conflict', params: { seq: 2 } })
    const offChain = makeFrame(r.circle, device, vault, { seq: 2, hash: r.start.hash })
    expect((await device.push(vault, offChain.frame)).problem).toMatchObject({ code: 'conflict', params: { seq: 2 } })
  })

  test('50 pushes of the same position: exactly one wins', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const rivals = Array.from({ length: 50 }, () => makeFrame(r.circle, device, vault, r.start))
    const replies = await Promise.all(rivals.map(({ frame }) => device.push(vault, frame)))
    const won = replies.findIndex(({ status }) => status === 200)
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(replies.filter(({ problem }) => problem.code === 'conflict')).toHaveLength(49)
    expect((await device.changes(vault))[0]?.batches).toEqual([rivals[won]?.batch])
  })

  test('an error in the middle keeps the frames before it and says how many', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const [a, b] = chain(r, 2) as [MadeFrame, MadeFrame]
    const reply = await device.push(vault, a.frame, b.frame, new Uint8Array([1, 2, 3]))
    expect(reply.problem).toMatchObject({ status: 400, code: 'malformed', params: { accepted: 2, seq: 2 } })
    expect((await device.changes(vault))[0]?.headSeq).toBe(2)
  })

  test('a body that stops inside a frame', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const [a, b] = chain(r, 2) as [MadeFrame, MadeFrame]
    const cut = concatBytes(encodeFrame(a.frame), encodeFrame(b.frame).slice(0, -5))
    expect((await device.call('push', { params: { vault }, body: cut })).problem).toMatchObject({
      code: 'malformed',
      params: { accepted: 1 },
    })
  })

  test('SYN-9: a rotation and pushes race; whatever wins, the log stays whole', async () => {
    const r = await ready()
    const { person } = r
    const second = await addDevice(person)
    const circle = await person.device.circle()
    const rotation = await makeRotationAppend(person, person.device)
    const frame = makeFrame(circle, second, person.vault, r.start)
    const [rotated, pushed] = await Promise.all([person.device.append(rotation), second.push(person.vault, frame.frame)])
    expect([rotated.status, pushed.status].filter((status) => status === 200)).toHaveLength(1)
    expect(pushed.status === 200 ? rotated.problem.code : pushed.problem.code).toMatch(/^(conflict|circle-moved)$/)
  })
})

describe('what is refused', () => {
  test('SYN-3: a batch of another device, even of the same account', async () => {
    const r = await ready()
    const second = await addDevice(r.person)
    const circle = await second.circle()
    const frame = makeFrame(circle, second, r.person.vault, r.start)
    expect((await r.person.device.push(r.person.vault, frame.frame)).problem).toMatchObject({ status: 400, code: 'record-forged' })
  })

  test('SYN-4 REC-2: records that are not those of the batch, or of another place', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const bad = [
      makeFrame(r.circle, device, vault, r.start, { count: 2, records: ([a, b]) => [b ?? new Uint8Array(0), a ?? new Uint8Array(0)] }),
      makeFrame(r.circle, device, vault, r.start, { recordVault: newId<VaultId>(systemRandom) }),
      makeFrame(r.circle, device, vault, r.start, { epoch: 2 }),
    ]
    for (const { frame } of bad) expect((await device.push(vault, frame)).problem.code).toBe('record-forged')
    const missing = makeFrame(r.circle, device, vault, r.start, { count: 2, records: (records) => records.slice(1) })
    expect((await device.push(vault, missing.frame)).problem.code).toBe('malformed')
  })

  test('a signature that does not verify', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const made = makeFrame(r.circle, device, vault, r.start)
    const batch = made.batch.slice()
    batch[batch.length - 1] = (batch[batch.length - 1] as number) ^ 1
    expect((await device.push(vault, encodePushFrame({ batch, records: made.records }))).problem.code).toBe('record-forged')
  })

  test('A17: after a rotation, old circles and old epochs', async () => {
    const r = await ready()
    const { device, vault } = r.person
    const old = makeFrame(r.circle, device, vault, r.start)
    await device.append(await makeRotationAppend(r.person, device))
    const circle = await device.circle()
    expect((await device.push(vault, old.frame)).problem).toMatchObject({ status: 409, code: 'circle-moved', params: { seq: 1 } })
    expect((await device.push(vault, makeFrame(circle, device, vault, r.start, { epoch: 1 }).frame)).problem).toMatchObject({
      status: 409,
      code: 'epoch-old',
      params: { epoch: 2 },
    })
    expect((await device.push(vault, makeFrame(circle, device, vault, r.start).frame)).status).toBe(200)
  })

  test('too many frames, too large a frame, no frame', async () => {
    const r = await ready()
    const { device, vault } = r.person
    expect((await device.call('push', { params: { vault }, body: new Uint8Array(0) })).problem.code).toBe('malformed')
    const announced = new Uint8Array(8)
    new DataView(announced.buffer).setUint32(0, limits.frameBytes + 1)
    expect((await device.call('push', { params: { vault }, body: announced })).problem).toMatchObject({ status: 413, code: 'too-large' })
    const [frame] = chain(r, 1) as [MadeFrame]
    const many = Array.from({ length: limits.framesPerPush + 1 }, () => frame.frame)
    expect((await device.push(vault, ...many)).problem).toMatchObject({
      status: 413,
      code: 'too-large',
      params: { accepted: limits.framesPerPush },
    })
  })

  test('quota: records and bytes; a refused batch leaves nothing behind', async () => {
    const small = await startTestServer({ quota: { records: 3, bytes: 65_536 } })
    try {
      const r = await ready(small.url)
      const { device, vault } = r.person
      const first = makeFrame(r.circle, device, vault, r.start, { count: 3 })
      expect((await device.push(vault, first.frame)).status).toBe(200)
      const before = (await device.call('account')).json['usage']
      const more = makeFrame(r.circle, device, vault, first.end, { count: 1 })
      expect((await device.push(vault, more.frame)).problem).toMatchObject({ status: 507, code: 'quota-exceeded', params: { limit: 3 } })
      const large = makeFrame(r.circle, device, vault, first.end, { items: first.items.slice(0, 1), payloadBytes: 70_000 })
      expect((await device.push(vault, large.frame)).problem).toMatchObject({
        status: 507,
        code: 'quota-exceeded',
        params: { limitBytes: 65_536 },
      })
      expect((await device.call('account')).json['usage']).toEqual(before)
      expect((await device.changes(vault))[0]?.headSeq).toBe(1)
      const replaced = makeFrame(r.circle, device, vault, first.end, { items: first.items.slice(0, 1) })
      expect((await device.push(vault, replaced.frame)).status).toBe(200)
    } finally {
      await small.dispose()
    }
  })

  test('rate-limited: frames a minute and device, with the time to wait', async () => {
    const paced = await startTestServer({ rateLimits: { enabled: true, pushFramesPerMinutePerDevice: 5 } })
    try {
      const r = await ready(paced.url)
      const frames = chain(r, 6)
      const reply = await r.person.device.push(r.person.vault, ...frames.map(({ frame }) => frame))
      expect(reply.problem).toMatchObject({ status: 429, code: 'rate-limited', params: { accepted: 5 } })
      expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
    } finally {
      await paced.dispose()
    }
  })
})
