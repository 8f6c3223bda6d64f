import { describe, expect, it } from 'vitest'
import { equalBytes, isNokkelError, type Bytes } from '@nokkel/base'
import { sign } from '@nokkel/crypto'
import { deviceRecordOf, type DeviceKeys } from './keys.ts'
import { makeAdd, makeCheckpoint, makeEpochDone, makeLeave, makeReverseSignature, makeRotation } from './make-entry.ts'
import { CircleBuilder } from './testing/circle-builder.ts'
import { decodeCircleEntryBody, encodeCircleEntryBody, type CircleEntry } from './wire/circle-entry.ts'
import { Circle } from './wire/circle.ts'
import { labels } from './wire/labels.ts'
import { logStart } from './wire/batch.ts'
import { decodeSigned, encodeSigned } from './wire/signed.ts'

/** Re-signs an entry with something changed, as a member gone bad or a server with a stolen device key could. */
function resigned(entry: Bytes, signer: DeviceKeys, change: (entry: CircleEntry) => CircleEntry): Bytes {
  const body = encodeCircleEntryBody(change(decodeCircleEntryBody(decodeSigned(entry, 16_384, 'x').body)))
  return encodeSigned({ body, signer: signer.id, signature: sign(signer.sign, labels.circleEntry, body) })
}

function ruleOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isNokkelError(error, 'circle-invalid')) return String(error.params.rule)
    if (isNokkelError(error)) return error.code
    throw error
  }
  return 'accepted'
}

describe('circle', () => {
  it('CIR-1 replays what was made, and is the same for everybody', () => {
    const built = new CircleBuilder()
    const second = built.add()
    const third = built.add(second)
    built.rotate(built.first, [second])
    const again = Circle.replay(built.entries)
    expect(equalBytes(again.head, built.circle.head)).toBe(true)
    expect(equalBytes(again.stateHash(), built.circle.stateHash())).toBe(true)
    expect(again.isActive(built.first.id) && again.isActive(third.id) && !again.isActive(second.id)).toBe(true)
    expect(again.wasActiveAt(second.id, 2)).toBe(true)
    expect(again.wasActiveAt(second.id, 3)).toBe(false)
  })

  it('CIR-1 refuses entries out of order, twice, missing, or without a genesis', () => {
    const built = new CircleBuilder()
    built.add()
    built.add()
    const [a, b, c] = built.entries as [Bytes, Bytes, Bytes]
    for (const order of [[a, c], [a, c, b], [a, b, b], [b], [], [a, a]]) expect(ruleOf(() => Circle.replay(order))).toBe('CIR-1')
  })

  it('CIR-1 two entries on one parent cannot both be in a circle', () => {
    const built = new CircleBuilder()
    const second = built.add()
    const before = built.circle
    const one = makeLeave(before, second, 1)
    const other = makeRotation(built.random, before, built.first, [{ key: built.vaultKey, end: logStart(before) }], 1).entry
    expect(ruleOf(() => before.extend([one, other]))).toBe('CIR-1')
  })

  it('CIR-2 refuses entries by strangers, by removed devices and with a broken signature', () => {
    const built = new CircleBuilder()
    const second = built.add()
    const stranger = built.newDevice()
    expect(ruleOf(() => built.circle.extend([makeLeave(built.circle, stranger, 1)]))).toBe('CIR-2')
    const entry = makeLeave(built.circle, second, 1)
    const signed = decodeSigned(entry, 16_384, 'x')
    const broken = signed.signature.slice()
    broken[10] = (broken[10] as number) ^ 1
    expect(ruleOf(() => built.circle.extend([encodeSigned({ ...signed, signature: broken })]))).toBe('CIR-2')
    // the first device's word with the second's name on it
    expect(ruleOf(() => built.circle.extend([encodeSigned({ ...signed, signer: built.first.id })]))).toBe('CIR-2')
    built.rotate(built.first, [second])
    expect(ruleOf(() => built.circle.extend([makeLeave(built.circle, second, 1)]))).toBe('CIR-2')
  })

  it('CIR-3 an account is named after its genesis, so one circle cannot stand in for another', () => {
    const one = new CircleBuilder(1)
    const two = new CircleBuilder(2)
    expect(one.circle.account).not.toBe(two.circle.account)
    const foreign = makeLeave(two.circle, two.first, 1)
    expect(ruleOf(() => one.circle.extend([foreign]))).toBe('CIR-1')
  })

  it('CIR-4 nobody can add a device that did not sign its own admission', () => {
    const built = new CircleBuilder()
    const victim = built.newDevice()
    const transcriptHash = built.random.bytes(32)
    const attempt = (reverseSignature: Bytes) =>
      makeAdd(
        built.random,
        built.circle,
        built.first,
        built.accountKey,
        { device: deviceRecordOf(victim), transcriptHash, reverseSignature },
        1,
      ).entry
    expect(ruleOf(() => built.circle.extend([attempt(built.random.bytes(64))]))).toBe('CIR-4')
    const otherTranscript = makeReverseSignature(built.circle.account, victim, built.random.bytes(32))
    expect(ruleOf(() => built.circle.extend([attempt(otherTranscript)]))).toBe('CIR-4')
    const otherAccount = makeReverseSignature(new CircleBuilder(9).circle.account, victim, transcriptHash)
    expect(ruleOf(() => built.circle.extend([attempt(otherAccount)]))).toBe('CIR-4')
  })

  it('CIR-5 keys and ids never come back, also after removal', () => {
    const built = new CircleBuilder()
    const second = built.add()
    built.rotate(built.first, [second])
    const again = (device: DeviceKeys) => {
      const transcriptHash = built.random.bytes(32)
      return makeAdd(
        built.random,
        built.circle,
        built.first,
        built.accountKey,
        {
          device: deviceRecordOf(device),
          transcriptHash,
          reverseSignature: makeReverseSignature(built.circle.account, device, transcriptHash),
        },
        1,
      ).entry
    }
    expect(ruleOf(() => built.circle.extend([again(second)]))).toBe('CIR-5')
    const fresh = built.newDevice()
    expect(ruleOf(() => built.circle.extend([again({ ...fresh, sign: second.sign })]))).toBe('CIR-5')
    expect(ruleOf(() => built.circle.extend([again({ ...fresh, seal: second.seal })]))).toBe('CIR-5')
    expect(ruleOf(() => built.circle.extend([again({ ...fresh, id: second.id })]))).toBe('CIR-5')
  })

  it('CIR-6 an unknown entry type stops the replay and asks for an update', () => {
    const built = new CircleBuilder()
    const entry = makeLeave(built.circle, built.first, 1)
    const { body } = decodeSigned(entry, 16_384, 'x')
    // the type is the only byte with value 4 after the head hash
    const changed = body.slice()
    const at = changed.lastIndexOf(4)
    changed[at] = 23
    const signed = encodeSigned({ body: changed, signer: built.first.id, signature: sign(built.first.sign, labels.circleEntry, changed) })
    expect(ruleOf(() => built.circle.extend([signed]))).toBe('update-needed')
  })

  it('CIR-7 nobody removes himself, a stranger, or the same device twice', () => {
    const built = new CircleBuilder()
    const second = built.add()
    const removing = (devices: readonly DeviceKeys[]) =>
      makeRotation(built.random, built.circle, built.first, [{ key: built.vaultKey, end: logStart(built.circle) }], 1, {
        devices: devices.map(({ id }) => id),
        disposition: 'keep',
      }).entry
    expect(ruleOf(() => built.circle.extend([removing([built.first])]))).toBe('CIR-7')
    expect(ruleOf(() => built.circle.extend([removing([built.newDevice()])]))).toBe('CIR-7')
    expect(ruleOf(() => built.circle.extend([removing([second, second])]))).toBe('CIR-7')
    expect(ruleOf(() => built.circle.extend([removing([])]))).toBe('CIR-7')
  })

  it('CIR-7 holds 64 active devices and not one more', () => {
    const built = new CircleBuilder()
    for (let i = 1; i < 64; i++) built.add()
    expect(built.circle.activeDevices()).toHaveLength(64)
    expect(ruleOf(() => built.add())).toBe('CIR-7')
  }, 60_000)

  it('CIR-8 a rotation moves every key by exactly one, covers every vault, and reuses nothing', () => {
    const built = new CircleBuilder()
    const make = () =>
      makeRotation(built.random, built.circle, built.first, [{ key: built.vaultKey, end: logStart(built.circle) }], 1).entry
    const change = (
      edit: (
        rotation: Extract<CircleEntry['payload'], { type: 'rotate' }>['rotation'],
      ) => Extract<CircleEntry['payload'], { type: 'rotate' }>['rotation'],
    ) =>
      ruleOf(() =>
        built.circle.extend([
          resigned(make(), built.first, (entry) =>
            entry.payload.type === 'rotate' ? { ...entry, payload: { type: 'rotate', rotation: edit(entry.payload.rotation) } } : entry,
          ),
        ]),
      )
    expect(change((rotation) => rotation)).toBe('accepted')
    expect(change((rotation) => ({ ...rotation, accountKey: { ...rotation.accountKey, generation: 3 } }))).toBe('CIR-8')
    expect(change((rotation) => ({ ...rotation, vaults: [] }))).toBe('CIR-8')
    expect(change((rotation) => ({ ...rotation, vaults: rotation.vaults.map((vault) => ({ ...vault, epoch: 3 })) }))).toBe('CIR-8')
    expect(
      change((rotation) => ({ ...rotation, accountKey: { ...rotation.accountKey, commitment: built.circle.accountKey.commitment } })),
    ).toBe('CIR-5')
    expect(
      change((rotation) => ({
        ...rotation,
        vaults: rotation.vaults.map((vault) => ({
          ...vault,
          commitment: built.circle.vaults.get(built.vault)?.epochs[0]?.commitment as Bytes,
        })),
      })),
    ).toBe('CIR-5')
  })

  it('CIR-8 an epoch is done once, and never the present one', () => {
    const built = new CircleBuilder()
    expect(ruleOf(() => built.circle.extend([makeEpochDone(built.circle, built.first, built.vault, 1, 1)]))).toBe('CIR-8')
    built.rotate(built.first)
    built.append(makeEpochDone(built.circle, built.first, built.vault, 1, 1))
    expect(ruleOf(() => built.circle.extend([makeEpochDone(built.circle, built.first, built.vault, 1, 1)]))).toBe('CIR-8')
  })

  it('CIR-10 after a departure nothing may follow but a rotation, a removal or another departure', () => {
    const built = new CircleBuilder()
    const second = built.add()
    built.leave(second)
    expect(built.circle.rotationDue).toBe(true)
    expect(ruleOf(() => built.add())).toBe('CIR-10')
    built.rotate(built.first)
    expect(built.circle.rotationDue).toBe(false)
    built.add()
  })

  it('CIR-11 the suite floor never goes down', () => {
    const built = new CircleBuilder()
    const lower = resigned(makeLeave(built.circle, built.first, 1), built.first, (entry) => ({ ...entry, suiteFloor: 1 }))
    expect(ruleOf(() => built.circle.extend([lower]))).toBe('CIR-11')
  })

  it('CIR-12 a checkpoint must be the state that the reader has', () => {
    const built = new CircleBuilder()
    built.append(makeCheckpoint(built.circle, built.first, 1))
    const wrong = resigned(makeCheckpoint(built.circle, built.first, 1), built.first, (entry) => ({
      ...entry,
      payload: { type: 'checkpoint', stateHash: new Uint8Array(32) },
    }))
    expect(ruleOf(() => built.circle.extend([wrong]))).toBe('CIR-12')
  })

  it('a refused entry leaves the circle as it was', () => {
    const built = new CircleBuilder()
    const { head, seq } = built.circle
    const good = makeCheckpoint(built.circle, built.first, 1)
    expect(() => built.circle.extend([good, good])).toThrow('circle-invalid')
    expect(built.circle.seq).toBe(seq)
    expect(equalBytes(built.circle.head, head)).toBe(true)
  })

  it('every single-bit change of an entry is refused', () => {
    const built = new CircleBuilder()
    built.add()
    const { circle } = built
    const leave = makeLeave(circle, built.first, 1)
    expect(ruleOf(() => circle.extend([leave]))).toBe('accepted')
    for (let bit = 0; bit < leave.length * 8; bit += 3) {
      const changed = leave.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(ruleOf(() => circle.extend([changed]))).not.toBe('accepted')
    }
  })
})
