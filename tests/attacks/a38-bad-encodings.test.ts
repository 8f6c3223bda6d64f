/**
 * A38: one meaning in several encodings, and parsers that differ about them; members that do not belong; names that reach into the
 * language (`__proto__`). Defence: one encoding for each value, decoded and compared; schemas that name every member; nothing inherited.
 * Fails when: a decoder takes a second encoding of the same value, or elements after the last; an unknown member of a request is taken; a
 * problem's code is believed whatever it says.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  decodeCbor,
  encodeCbor,
  isNokkelError,
  newId,
  systemRandom,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type RequestId,
} from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { sign } from '@nokkel/crypto'
import { decodeItem, encodeItem } from '@nokkel/keychain'
import {
  ApplicantRun,
  ApproverRun,
  Circle,
  decodeBatch,
  decodeRecord,
  decodeShare,
  decodeWrap,
  encodeSigned,
  labels,
  receiveAdmission,
  verifyBatch,
  verifyShare,
} from '@nokkel/protocol'
import {
  decodeChangesFrame,
  decodeCircleAppend,
  decodeCircleEntries,
  decodeCircleKeys,
  decodePushFrame,
  decodeSigned,
  encodeChangesFrame,
  encodeCircleAppend,
  encodeCircleEntries,
  encodeCircleKeys,
  encodeFrame,
  errorOf,
  limits,
  routes,
  signedHash,
  splitFrames,
  type Route,
  type RouteName,
} from '@nokkel/protocol/wire'
import { Device } from 'nokkel-server/testing'
import { binaryAnswer, jsonAnswer } from './evil-proxy.ts'
import { World, codeOf, holdings, note, strangerKeys, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let caller: Device
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  await anna.client.addItem(note('a', 'b'))
  const { identity } = (await anna.look()).requireTrusted()
  caller = new Device(world.server.url, 'cli', identity.keys)
  caller.token = identity.token
})
afterAll(() => world.end())

// ---- other encodings of the same value ---------------------------------------------------------------------------------------------

interface Head {
  readonly at: number
  readonly major: number
  readonly value: number
  /** length of the head itself */
  readonly size: number
  /** where the item ends, its content included */
  readonly end: number
}

/** All heads of canonical CBOR, outermost first; a reader of its own, so that it shares no mistake with the one under test. */
function headsOf(bytes: Uint8Array, from = 0): Head[] {
  const first = bytes[from] as number
  const [major, info] = [first >> 5, first & 31]
  const extra = info < 24 ? 0 : 2 ** (info - 24)
  let value = info < 24 ? info : 0
  for (let i = 0; i < extra; i++) value = value * 256 + (bytes[from + 1 + i] as number)
  const size = 1 + extra
  if (major === 2 || major === 3) return [{ at: from, major, value, size, end: from + size + value }]
  if (major !== 4) return [{ at: from, major, value, size, end: from + size }]
  const inner: Head[] = []
  let at = from + size
  for (let n = 0; n < value; n++) {
    const heads = headsOf(bytes, at)
    inner.push(...heads)
    at = (heads[0] as Head).end
  }
  return [{ at: from, major, value, size, end: at }, ...inner]
}

const splice = (bytes: Uint8Array, from: number, to: number, by: readonly number[]): Bytes =>
  new Uint8Array([...bytes.subarray(0, from), ...by, ...bytes.subarray(to)])

/** Bad encodings of `good`: each means the same, nearly the same, or nothing. */
function mutations(good: Uint8Array): { name: string; bytes: Bytes }[] {
  const found: { name: string; bytes: Bytes }[] = []
  for (const { at, major, value, size, end } of headsOf(good)) {
    const head = (info: number, width: number): number[] => [
      (major << 5) | info,
      ...Array.from({ length: width }, (_, i) => Math.floor(value / 256 ** (width - 1 - i)) % 256),
    ]
    for (const [info, width] of [
      [24, 1],
      [25, 2],
      [26, 4],
      [27, 8],
    ] as const)
      if (major !== 7 && width > size - 1 && value < 256 ** width)
        found.push({ name: `${at}: ${width} bytes for ${value}`, bytes: splice(good, at, at + size, head(info, width)) })
    for (const info of [28, 29, 30, 31])
      found.push({ name: `${at}: reserved ${info}`, bytes: splice(good, at, at + size, [(major << 5) | info]) })
    if (major === 2 || major === 3 || major === 4)
      found.push({ name: `${at}: indefinite`, bytes: splice(splice(good, end, end, [0xff]), at, at + size, [(major << 5) | 31]) })
    if (major === 2 || major === 3)
      found.push({ name: `${at}: in pieces`, bytes: splice(splice(good, end, end, [0xff]), at, at, [(major << 5) | 31]) })
    if (major === 4 && value < 23)
      for (const more of [[0x00], [0xf6], [0x80]])
        found.push({ name: `${at}: one element more`, bytes: splice(splice(good, end, end, more), at, at + 1, [0x80 | (value + 1)]) })
    if (major === 4) found.push({ name: `${at}: as a map`, bytes: splice(good, at, at + 1, [(good[at] as number) ^ 0x20]) })
    if (major === 0)
      found.push(
        {
          name: `${at}: as a float`,
          bytes: splice(good, at, at + size, [0xfb, ...new Uint8Array(new Float64Array([value]).buffer).reverse()]),
        },
        { name: `${at}: as a bignum`, bytes: splice(good, at, at + size, [0xc2, 0x41, value % 256]) },
        { name: `${at}: negative`, bytes: splice(good, at, at + 1, [(good[at] as number) | 0x20]) },
      )
    for (const tag of [[0xc0], [0xd8, 24], [0xd9, 0xd9, 0xf7]])
      found.push({ name: `${at}: tag ${tag.join(' ')}`, bytes: splice(good, at, at, tag) })
    if (major === 3) found.push({ name: `${at}: bad UTF-8`, bytes: splice(good, at + size, at + size + 1, [0xff]) })
    found.push(
      { name: `${at}: undefined in its place`, bytes: splice(good, at, end, [0xf7]) },
      { name: `${at}: left out`, bytes: splice(good, at, end, []) },
      { name: `${at}: twice`, bytes: splice(good, end, end, [...good.subarray(at, end)]) },
    )
  }
  for (let length = 0; length < good.length; length += Math.max(1, Math.floor(good.length / 12)))
    found.push({ name: `cut at ${length}`, bytes: good.slice(0, length) as Bytes })
  found.push(
    { name: 'a byte after the end', bytes: splice(good, good.length, good.length, [0]) },
    { name: 'twice', bytes: new Uint8Array([...good, ...good]) },
  )
  found.push(
    { name: 'nested too deep', bytes: new Uint8Array([...Array.from({ length: 60 }, () => 0x81), 0x01]) },
    { name: 'a promise of more', bytes: new Uint8Array([0x9b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 1]) },
  )
  return found
}

const vectors = 200

/** At most `vectors` of them, spread over all places. */
function sample(good: Uint8Array): { name: string; bytes: Bytes }[] {
  const all = mutations(good)
  if (all.length <= vectors) return all
  return Array.from({ length: vectors }, (_, i) => all[Math.floor((i * all.length) / vectors)] as (typeof all)[number])
}

async function parts() {
  const look = await anna.look()
  const { circle, identity, vault } = look.requireTrusted()
  const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
  const api = anna.connect(world.server.url)
  const { shares, wraps } = await api.circleKeys(session)
  const frames = anna.proxy.exchanges('push').flatMap(({ request }) => splitFrames(request.body))
  const frame = decodePushFrame(frames[0] as Bytes)
  return {
    look,
    circle,
    keys: identity.keys,
    vault,
    share: shares[0] as Bytes,
    wrap: wraps[0] as Bytes,
    push: frames[0] as Bytes,
    batch: frame.batch,
    record: frame.records[0] as Bytes,
    entry: look.circleEntries[0] as Bytes,
  }
}

interface Decoder {
  readonly name: string
  readonly good: Uint8Array
  readonly decode: (bytes: Uint8Array) => unknown
  /** a newer version may add elements, and they are kept (SPEC SYN-14) */
  readonly grows?: true
}

async function decoders(): Promise<Decoder[]> {
  const { look, circle, keys, vault, share, wrap, push, batch, record, entry } = await parts()
  const item = (await look.readItem((await anna.client.items())[0]?.id as never))?.item
  if (item === undefined) throw new Error('no item')
  const start = { seq: 0, hash: circle.genesisHash }
  /** the body of a signed object, bent and then signed by the one who may: only the decoder stands in the way */
  const inside = (name: string, encoded: Bytes, label: string, decode: (bytes: Uint8Array) => unknown): Decoder => ({
    name: `${name}, inside its signature`,
    good: decodeSigned(encoded, limits.recordBytes, name).body,
    decode: (body) => decode(encodeSigned({ body: body as Bytes, signer: keys.id, signature: sign(keys.sign, label, body) })),
  })
  const place = { account: newId<AccountId>(systemRandom), request: newId<RequestId>(systemRandom) }
  const approver = new ApproverRun(systemRandom, place, '123456', {
    device: newId<DeviceId>(systemRandom),
    circleSeq: 0,
    circleHead: new Uint8Array(32),
    genesisHash: new Uint8Array(32),
  })
  const applicant = new ApplicantRun(systemRandom, place, '123456', strangerKeys(), approver.message1)
  approver.receive2(applicant.message2, place.account)
  const message3 = approver.message3({ circleSeq: 0, circleHead: new Uint8Array(32), logs: [] })
  const list = (value: CborValue): Uint8Array => encodeCbor(value)
  return [
    { name: 'a record', good: record, decode: decodeRecord },
    { name: 'an item', good: encodeItem(item), decode: decodeItem, grows: true },
    { name: 'a batch', good: batch, decode: decodeBatch },
    inside('a batch', batch, labels.batch, (bytes) => verifyBatch(circle, vault, start, bytes)),
    { name: 'a circle entry', good: entry, decode: (bytes) => Circle.replay([bytes]) },
    inside('a circle entry', entry, labels.circleEntry, (bytes) => Circle.replay([bytes])),
    { name: 'a share', good: share, decode: decodeShare },
    inside('a share', share, labels.accountKeyShare, (bytes) => verifyShare(circle, bytes)),
    { name: 'a wrap', good: wrap, decode: decodeWrap },
    { name: 'a push', good: push, decode: decodePushFrame },
    {
      name: 'a page of changes',
      good: encodeChangesFrame({ incarnation: 'x', headSeq: 1, batches: [batch], records: [record] }),
      decode: decodeChangesFrame,
    },
    {
      name: 'an append to the circle',
      good: encodeCircleAppend({ expectedHead: circle.head, entry, shares: [share], wraps: [wrap] }),
      decode: decodeCircleAppend,
    },
    { name: 'a page of the circle', good: encodeCircleEntries([entry]), decode: decodeCircleEntries },
    { name: 'the keys', good: encodeCircleKeys({ shares: [share], wraps: [wrap] }), decode: decodeCircleKeys },
    {
      name: 'the first message of a join',
      good: approver.message1,
      decode: (bytes) => new ApplicantRun(systemRandom, place, '123456', strangers, bytes),
    },
    { name: 'the second message of a join', good: applicant.message2, decode: (bytes) => approver.receive2(bytes, place.account) },
    { name: 'the third message of a join', good: message3, decode: (bytes) => receiveAdmission(applicant.state, bytes) },
    {
      name: 'any value',
      good: list([1, 'two', new Uint8Array([3]), [true, null, [4]], 5_000_000_000]),
      decode: (bytes) => decodeCbor(bytes, 1_000),
      grows: true,
    },
    { name: 'an empty list', good: list([]), decode: (bytes) => decodeCbor(bytes, 1_000), grows: true },
  ]
}
const strangers = strangerKeys()

describe('A38: CBOR', () => {
  it('every decoder refuses every other encoding of what it takes, with an error of ours, and takes the one', async () => {
    let tried = 0
    const taken: string[] = []
    for (const { name, good, decode, grows } of await decoders()) {
      expect({ name, code: await codeOf(() => decode(good)) }).toEqual({ name, code: 'accepted' })
      for (const { name: what, bytes } of sample(good)) {
        if (Buffer.compare(bytes, good) === 0 || (grows === true && what.endsWith('one element more'))) continue
        tried++
        // codeOf passes on what is no error of ours
        const code = await codeOf(() => decode(bytes))
        if (code === 'accepted') taken.push(`${name}, ${what}`)
      }
    }
    expect(taken).toEqual([])
    expect(tried).toBeGreaterThan(2_000)
  })

  it('the same at the server: refused as malformed, never as a fault of its own', async () => {
    const { push, vault, circle, entry } = await parts()
    const before = await holdings(anna)
    const statuses = new Map<number, number>()
    const count = (status: number): void => void statuses.set(status, (statuses.get(status) ?? 0) + 1)
    for (const { bytes } of sample(push).filter((_, i) => i % 4 === 0))
      count((await caller.call('push', { params: { vault }, body: encodeFrame(bytes) })).status)
    const append = encodeCircleAppend({ expectedHead: circle.head, entry, shares: [], wraps: [] })
    for (const { bytes } of sample(append).filter((_, i) => i % 4 === 0)) count((await caller.call('circleAppend', { body: bytes })).status)
    expect([...statuses.keys()].filter((status) => status < 400 || status >= 500)).toEqual([])
    await anna.client.sync()
    expect(await holdings(anna)).toEqual(before)
  })

  it('the same on a device: a server that answers in bad encodings changes nothing on it', async () => {
    const { entry, batch, record } = await parts()
    const before = await holdings(anna)
    const pages = sample(encodeChangesFrame({ incarnation: 'x', headSeq: 1, batches: [batch], records: [record] })).filter(
      (_, i) => i % 5 === 0,
    )
    const circles = sample(encodeCircleEntries([entry])).filter((_, i) => i % 5 === 0)
    for (const { name, bytes } of pages) {
      anna.proxy.honest().on('log', () => binaryAnswer(encodeFrame(bytes)))
      expect({ name, code: await codeOf(() => anna.client.sync()) }).not.toEqual({ name, code: 'accepted' })
    }
    for (const { name, bytes } of circles) {
      anna.proxy.honest().on('circle', () => binaryAnswer(bytes, 'application/cbor'))
      expect({ name, code: await codeOf(() => anna.client.sync()) }).not.toEqual({ name, code: 'accepted' })
    }
    anna.proxy.honest()
    expect(await holdings(anna)).toEqual(before)
    await anna.client.sync()
    expect(signedHash(entry)).toEqual((await anna.look()).circle?.genesisHash)
  })
})

describe('A38: JSON', () => {
  const proto = { toString: null, __proto__: { admin: true, state: 'active', polluted: true } }
  const bodies: readonly string[] = [
    '{"name":"x","__proto__":{"polluted":true}}',
    '{"__proto__":{"name":"x"}}',
    '{"name":"x","constructor":{"prototype":{"polluted":true}}}',
    '{"name":"x","unknown":1}',
    '{"name":"x","name ":"y"}',
    '{"name":{"toString":"x"}}',
    '{"name":["x"]}',
    '{"name":"x"}{"name":"y"}',
    '{"name":"\\ud800","unknown":true}',
    '[]',
    'null',
    '"name"',
    'NaN',
    `${'['.repeat(30_000)}${']'.repeat(30_000)}`,
    '{"name":1e999}',
    '',
  ]

  it('requests: unknown members, inherited names and everything that is not quite JSON are malformed on every route', async () => {
    const json = (Object.entries(routes) as [RouteName, Route][]).filter(
      ([, route]) => typeof route.request === 'object' && route.request !== null,
    )
    expect(json.length).toBeGreaterThan(5)
    for (const [name] of json) {
      for (const body of bodies) {
        const reply = await caller.call(name, {
          params: { vault: '0'.repeat(32), request: '0'.repeat(32) },
          body: Buffer.from(body),
          headers: { 'content-type': 'application/json' },
        })
        expect({ name, body: body.slice(0, 40), status: reply.status }).toEqual({ name, body: body.slice(0, 40), status: 400 })
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  it('answers: a device takes from them what the schema names, and nothing that is inherited', async () => {
    const random = new SeededRandom(38)
    for (const body of [...bodies, JSON.stringify(proto), '{"requests":[{"__proto__":{"requestId":"0"}}]}', '{"requests":{"length":1}}']) {
      anna.proxy.honest().on('joinList', () => jsonAnswer(body))
      expect(await codeOf(() => anna.client.joinRequests())).not.toBe('accepted')
    }
    anna.proxy.on('joinList', () =>
      jsonAnswer('{"requests":[],"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}'),
    )
    expect(await anna.client.joinRequests()).toEqual([])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    anna.proxy.honest()
    // noise of every length
    for (let n = 0; n < 30; n++) {
      const noise = random.bytes(random.below(300))
      anna.proxy.on('joinList', () => binaryAnswer(noise, 'application/json'))
      expect(await codeOf(() => anna.client.joinRequests())).not.toBe('accepted')
    }
    anna.proxy.honest()
  })

  it('problems: a server’s word is no error of this device’s own, and its parameters are plain', async () => {
    const local = [
      'store-damaged',
      'store-too-new',
      'home-in-use',
      'cancelled',
      'locked',
      'passcode-wrong',
      'passcode-throttled',
      'open-failed',
      'not-trusted',
      'keychain-off',
      'weak-passcode',
      'log-rolled-back',
      'batch-equivocation',
      'offline',
    ]
    for (const code of local) {
      anna.proxy.honest().on('every', () => jsonAnswer({ type: 'x', title: code, status: 400, code, params: {} }, 400))
      expect({ code, seen: await codeOf(() => anna.client.sync()) }).toEqual({ code, seen: 'malformed' })
    }
    anna.proxy.honest()
    for (const params of ['{"__proto__":{"polluted":true}}', '{"a":{"b":1}}', '[1]', 'null']) {
      const error = errorOf(409, JSON.parse(`{"code":"conflict","params":${params}}`) as unknown)
      expect(isNokkelError(error)).toBe(true)
      expect(Object.values(error.params).every((value) => typeof value !== 'object')).toBe(true)
      expect((error.params as Record<string, unknown>)['polluted']).toBeUndefined()
    }
    await anna.client.sync()
  })
})
