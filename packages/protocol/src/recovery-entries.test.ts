import { describe, expect, it } from 'vitest'
import { isNokkelError, newId, type Bytes, type DeviceId, type RequestId } from '@nokkel/base'
import { createKemKey, createSigningKey, sign, type SigningKey } from '@nokkel/crypto'
import type { DeviceKeys } from './keys.ts'
import { makeCheckpoint, makeLeave, makeRecover, makeRecoveryAdd, makeRecoveryRemove } from './make-entry.ts'
import { openShare } from './seal-share.ts'
import { CircleBuilder } from './testing/circle-builder.ts'
import { decodeCircleEntryBody, encodeCircleEntryBody, type CircleEntry } from './wire/circle-entry.ts'
import { Circle } from './wire/circle.ts'
import { labels } from './wire/labels.ts'
import { keySlotOf, recoverySignerOf, type EscrowTerms, type RecoveryRecord, type RecoverySlot } from './wire/recovery-member.ts'
import { decodeSigned, encodeSigned } from './wire/signed.ts'

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

interface Way {
  readonly record: RecoveryRecord
  readonly sign: SigningKey
}

function newWay(built: CircleBuilder, slot: RecoverySlot, escrow: EscrowTerms | null = null): Way {
  const signKey = createSigningKey(built.random)
  const record = {
    slot,
    registration: newId<RequestId>(built.random),
    kemKey: createKemKey(built.random).publicKey,
    signKey: signKey.publicKey,
    escrow,
  }
  return { record, sign: signKey }
}
const keyWay = (built: CircleBuilder): Way => newWay(built, keySlotOf(built.circle.account))
const codeWay = (built: CircleBuilder, slot: string): Way =>
  newWay(built, slot as RecoverySlot, {
    threshold: 1,
    limit: 10,
    statementHash: built.random.bytes(32),
    realmListHash: built.random.bytes(32),
  })
const open = (built: CircleBuilder, way: Way, by: DeviceKeys = built.first): CircleBuilder =>
  built.append(makeRecoveryAdd(built.circle, by, way.record, built.timeMs))
const recover = (built: CircleBuilder, way: Way, device: DeviceKeys) =>
  makeRecover(built.random, built.circle, { slot: way.record.slot, sign: way.sign }, device, built.accountKey, built.timeMs)

/** Signed again with something changed, by whoever has `key`. */
function resigned(entry: Bytes, key: SigningKey, change: (entry: CircleEntry) => CircleEntry): Bytes {
  const { body, signer } = decodeSigned(entry, 16_384, 'x')
  const changed = encodeCircleEntryBody(change(decodeCircleEntryBody(body)))
  return encodeSigned({ body: changed, signer, signature: sign(key, labels.circleEntry, changed) })
}

describe('ways back', () => {
  it('CIR-20 a member opens one, and everybody who replays knows it', () => {
    const built = new CircleBuilder()
    const way = keyWay(built)
    open(built, way)
    expect(Circle.replay(built.entries).recoveries.get(way.record.slot)).toEqual(way.record)
    expect(() => built.append(makeCheckpoint(built.circle, built.first, built.timeMs))).not.toThrow()
  })

  it('CIR-20 only in the slots that are its own to open: the key’s, the account’s, its own device’s', () => {
    const built = new CircleBuilder()
    const second = built.add()
    for (const slot of [built.first.id, built.circle.account]) expect(ruleOf(() => open(built, codeWay(built, slot)))).toBe('accepted')
    for (const way of [
      codeWay(built, second.id),
      codeWay(built, keySlotOf(built.circle.account)),
      newWay(built, built.first.id as string as RecoverySlot),
      codeWay(built, newId<DeviceId>(built.random)),
    ])
      expect(ruleOf(() => open(built, way))).toBe('CIR-20')
  })

  it('CIR-2 nobody outside opens one: no stranger, no removed device, no way back itself', () => {
    const built = new CircleBuilder()
    const second = built.add()
    const way = keyWay(built)
    open(built, way)
    built.rotate(built.first, [second])
    expect(ruleOf(() => open(built, keyWay(built), second))).toBe('CIR-2')
    expect(ruleOf(() => open(built, keyWay(built), built.newDevice()))).toBe('CIR-2')
    const asMember = { ...built.first, id: recoverySignerOf(way.sign.publicKey) as DeviceId, sign: way.sign }
    expect(ruleOf(() => open(built, keyWay(built), asMember))).toBe('CIR-2')
  })

  it('CIR-5 a new one takes the place of the old one, whose keys never come back', () => {
    const built = new CircleBuilder()
    const [old, next] = [keyWay(built), keyWay(built)]
    open(built, old)
    open(built, next)
    expect(built.circle.recoveries.size).toBe(1)
    expect(ruleOf(() => open(built, old))).toBe('CIR-5')
    expect(ruleOf(() => built.circle.extend([recover(built, old, built.newDevice()).entry]))).toBe('CIR-2')
    built.append(makeRecoveryRemove(built.circle, built.first, next.record.slot, built.timeMs))
    expect(built.circle.recoveries.size).toBe(0)
    expect(ruleOf(() => built.append(makeRecoveryRemove(built.circle, built.first, next.record.slot, built.timeMs)))).toBe('CIR-21')
  })

  it('CIR-21 B3 goes with its device: the passcode of a removed one opens nothing', () => {
    const built = new CircleBuilder()
    const second = built.add()
    const way = codeWay(built, second.id)
    open(built, way, second)
    const before = built.circle
    built.rotate(built.first, [second])
    expect(built.circle.recoveries.size).toBe(0)
    expect(ruleOf(() => built.circle.extend([recover(built, way, built.newDevice()).entry]))).toBe('CIR-2')
    // the other order is good: who came back first is in, and the lost device is removed after it
    const back = built.newDevice()
    built.circle = before
    const { entry } = recover(built, way, back)
    expect(before.extend([entry]).isActive(back.id)).toBe(true)
  })

  it('CIR-22 lets one device in, which opens the share that it sealed to itself; a code is spent by it, a recovery key is not', () => {
    const built = new CircleBuilder()
    const [paper, code] = [keyWay(built), codeWay(built, built.first.id)]
    open(built, paper)
    open(built, code)
    for (const [way, left] of [
      [code, 1],
      [paper, 1],
    ] as const) {
      const device = built.newDevice()
      const made = recover(built, way, device)
      built.append(made.entry)
      expect(built.circle.devices.get(device.id)).toMatchObject({ status: 'active', addedBy: null, recoveredWith: way.record.slot })
      expect(openShare(built.circle, device, made.share).secret.reveal()).toEqual(built.accountKey.secret.reveal())
      expect(built.circle.recoveries.size).toBe(left)
    }
    expect(ruleOf(() => built.append(recover(built, code, built.newDevice()).entry))).toBe('CIR-2')
  })

  it('CIR-22 is refused with another slot, another signer, another head, or for a device that did not sign', () => {
    const built = new CircleBuilder()
    const [paper, code] = [keyWay(built), codeWay(built, built.first.id)]
    open(built, paper)
    open(built, code)
    const device = built.newDevice()
    const { entry } = recover(built, paper, device)
    const change = (payload: object) => (old: CircleEntry) => ({
      ...old,
      payload: { ...old.payload, ...payload } as CircleEntry['payload'],
    })
    const other = built.newDevice()
    const cases: [Bytes, string][] = [
      [resigned(entry, paper.sign, change({ slot: code.record.slot })), 'CIR-2'],
      [resigned(entry, code.sign, (old) => old), 'CIR-2'],
      [resigned(entry, built.first.sign, (old) => old), 'CIR-2'],
      [
        resigned(
          entry,
          paper.sign,
          change({ device: { id: other.id, class: 'cli', signKey: other.sign.publicKey, sealKey: other.seal.publicKey } }),
        ),
        'CIR-4',
      ],
      [resigned(entry, paper.sign, change({ reverseSignature: built.random.bytes(64) })), 'CIR-4'],
    ]
    for (const [changed, rule] of cases) expect(ruleOf(() => built.circle.extend([changed]))).toBe(rule)
    built.append(makeRecoveryRemove(built.circle, built.first, code.record.slot, built.timeMs))
    expect(ruleOf(() => built.circle.extend([entry]))).toBe('CIR-1')
  })

  it('CIR-10 when the last device that could rotate has left, a way back still opens, and what comes next is the rotation', () => {
    const built = new CircleBuilder()
    const paper = keyWay(built)
    open(built, paper)
    built.append(makeLeave(built.circle, built.first, built.timeMs))
    const device = built.newDevice()
    built.append(recover(built, paper, device).entry)
    expect(built.circle.rotationDue).toBe(true)
    expect(ruleOf(() => open(built, keyWay(built), device))).toBe('CIR-10')
    expect(ruleOf(() => built.rotate(device))).toBe('accepted')
  })
})
