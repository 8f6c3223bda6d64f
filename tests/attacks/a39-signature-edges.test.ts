/**
 * A39: a signature that one implementation takes and another refuses splits the circle: two honest devices see the same bytes and end up
 * with different members. Defence: one rule, on both backends, at the server and on the device: canonical encodings, no small order.
 * Fails when: a point of small order is taken; the new device’s own signature in an entry is not looked at.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { concatBytes, fromHex, newId, systemRandom, toBase64url, type Bytes, type DeviceId } from '@nokkel/base'
import { nobleBackend, platformBackend } from '@nokkel/crypto/backends'
import { sign, signedMessage } from '@nokkel/crypto'
import {
  Circle,
  createDeviceKeys,
  decodeCircleEntryBody,
  deviceRecordOf,
  encodeCircleEntryBody,
  encodeSigned,
  labels,
  makeAdd,
  makeReverseSignature,
  type AccountKey,
} from '@nokkel/protocol'
import { decodeSigned, encodeCircleAppend, limits } from '@nokkel/protocol/wire'
import { Device, signIn } from 'nokkel-server/testing'
import { World, codeOf, password, type TestDevice } from './world.ts'

const { Point } = ed25519
const order = Point.Fn.ORDER

const little = (bytes: Uint8Array): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
const toLittle = (value: bigint): Bytes => fromHex(value.toString(16).padStart(64, '0')).reverse()

/** The eight points of small order, and other spellings of some of them (y ≥ p, or the sign bit where x is 0). */
const smallOrder = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
].map(fromHex)

/** A valid signature, bent: each of these was taken by some library at some time. */
function bent(signature: Uint8Array): Record<string, Bytes> {
  const r = signature.slice(0, 32)
  const s = little(signature.subarray(32))
  return {
    's + L': concatBytes(r, toLittle(s + order)),
    's + 2L': concatBytes(r, toLittle(s + 2n * order)),
    's = L': concatBytes(r, toLittle(order)),
    '-s': concatBytes(r, toLittle((order - s) % order)),
    'r with the other sign': concatBytes(r.with(31, (r[31] as number) ^ 128), signature.subarray(32)),
    's with a high bit': concatBytes(r, signature.slice(32).with(31, (signature[63] as number) | 128)),
    'r of small order': concatBytes(smallOrder[0] as Bytes, signature.subarray(32)),
    zeros: new Uint8Array(64),
    'one byte more': concatBytes(signature, new Uint8Array(1)),
    'one byte less': signature.slice(0, 63) as Bytes,
  }
}

describe('A39', () => {
  let world: World
  let anna: TestDevice
  beforeAll(async () => {
    world = await World.start()
    anna = await world.founder('Anna', 'anna@example.org')
  })
  afterAll(() => world.end())

  it('both backends say the same about every bent signature and every crafted key, and what they say is no', () => {
    const keys = createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'cli')
    const message = signedMessage(labels.circleEntry, systemRandom.bytes(40))
    const good = sign(keys.sign, labels.circleEntry, message.subarray(labels.circleEntry.length + 1))
    const verdicts = (publicKey: Uint8Array, signature: Uint8Array): boolean[] =>
      [platformBackend, nobleBackend].map((backend) => backend.ed25519Verify(publicKey, message, signature))
    expect(verdicts(keys.sign.publicKey, good)).toEqual([true, true])
    for (const [name, signature] of Object.entries(bent(good)))
      expect([name, ...verdicts(keys.sign.publicKey, signature)]).toEqual([name, false, false])
    for (const key of smallOrder)
      for (const r of [...smallOrder, good.slice(0, 32)])
        // with a key of small order this very signature is "valid" for every message where nobody looks at the order
        for (const s of [new Uint8Array(32), good.slice(32)]) expect(verdicts(key, concatBytes(r, s))).toEqual([false, false])
  })

  it('a circle entry with a bent signature: the server refuses it, and so does a device to which it is shown', async () => {
    const look = await anna.look()
    const { circle, identity } = look.requireTrusted()
    const key = look.accountKeys.get(1) as AccountKey
    const device = createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'cli')
    const transcriptHash = systemRandom.bytes(32)
    const made = makeAdd(
      systemRandom,
      circle,
      identity.keys,
      key,
      { device: deviceRecordOf(device), transcriptHash, reverseSignature: makeReverseSignature(circle.account, device, transcriptHash) },
      Date.now(),
    )
    const { body, signer, signature } = decodeSigned(made.entry, limits.circleEntryBytes, 'entry')
    const caller = new Device(world.server.url, 'cli', identity.keys)
    caller.token = identity.token
    for (const [name, changed] of Object.entries(bent(signature))) {
      const entry = encodeSigned({ body, signer, signature: changed })
      const atServer = (
        await caller.call('circleAppend', {
          body: encodeCircleAppend({ expectedHead: circle.head, entry, shares: [made.share], wraps: [] }),
        })
      ).problem.code
      const here = await codeOf(() => circle.extend([entry]))
      const expected = changed.length === 64 ? 'circle-invalid' : 'malformed'
      expect({ name, atServer, here }).toEqual({ name, atServer: expected, here: expected })
      anna.proxy.editCircle((entries) => [...entries, entry])
      expect(await codeOf(() => anna.client.sync())).toBe(expected)
      anna.proxy.honest()
    }
    // the reverse signature is one as well
    const entry = decodeCircleEntryBody(body)
    if (entry.payload.type !== 'add') throw new Error('no addition')
    for (const [name, changed] of Object.entries(bent(entry.payload.reverseSignature))) {
      if (changed.length !== 64) continue
      const again = encodeCircleEntryBody({ ...entry, payload: { ...entry.payload, reverseSignature: changed } })
      const signed = encodeSigned({ body: again, signer, signature: sign(identity.keys.sign, labels.circleEntry, again) })
      expect({ name, code: await codeOf(() => circle.extend([signed])) }).toEqual({ name, code: 'circle-invalid' })
    }
    expect(await codeOf(() => Circle.replay([...look.circleEntries, made.entry]))).toBe('accepted')
  })

  it('a device whose key has small order would be anybody: it is not signed in, and cannot be let in', async () => {
    for (const publicKey of smallOrder) {
      const device = new Device(world.server.url)
      const reply = await signIn(device, 'anna@example.org', password, {
        tamper: (request) => ({
          ...request,
          device: { ...(request['device'] as object), signKey: toBase64url(publicKey) },
          proof: toBase64url(concatBytes(smallOrder[0] as Bytes, new Uint8Array(32))),
        }),
      })
      expect(reply.problem.code).toBe('sign-in-failed')
    }
    const look = await anna.look()
    const { circle, identity } = look.requireTrusted()
    const keys = createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'cli')
    for (const publicKey of smallOrder) {
      const device = { ...deviceRecordOf(keys), signKey: publicKey }
      const reverseSignature = concatBytes(smallOrder[0] as Bytes, new Uint8Array(32))
      const made = makeAdd(
        systemRandom,
        circle,
        identity.keys,
        look.accountKeys.get(1) as AccountKey,
        { device, transcriptHash: systemRandom.bytes(32), reverseSignature },
        Date.now(),
      )
      expect(await codeOf(() => circle.extend([made.entry]))).toBe('circle-invalid')
    }
  })
})
