/** What devices in browsers may do in the circle (CIR-23), against entries made with real keys. */
import { describe, expect, it } from 'vitest'
import { isNokkelError, newId, type Bytes, type DeviceId, type RequestId } from '@nokkel/base'
import { createKemKey, createSigningKey } from '@nokkel/crypto'
import { createDeviceKeys, deviceRecordOf, type DeviceKeys } from './keys.ts'
import {
  makeAdd,
  makeCheckpoint,
  makePolicy,
  makeRecover,
  makeRecoveryAdd,
  makeRecoveryRemove,
  makeReverseSignature,
  makeRotation,
} from './make-entry.ts'
import { CircleBuilder } from './testing/circle-builder.ts'
import { logStart } from './wire/batch.ts'
import { Circle } from './wire/circle.ts'
import type { DeviceClass } from './wire/device-record.ts'
import type { ClassPolicy } from './wire/policy.ts'
import { keySlotOf, type RecoveryRecord, type RecoverySlot } from './wire/recovery-member.ts'

function ruleOf(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    if (isNokkelError(error, 'circle-invalid')) return String(error.params.rule)
    throw error
  }
  return 'accepted'
}

const device = (built: CircleBuilder, kind: DeviceClass): DeviceKeys => createDeviceKeys(built.random, newId<DeviceId>(built.random), kind)

const policy = (built: CircleBuilder, wanted: Partial<ClassPolicy>, by: DeviceKeys = built.first): Bytes =>
  makePolicy(built.circle, by, { web: 'full', extension: 'full', ...wanted }, built.timeMs)

function way(built: CircleBuilder, slot: string, escrow: boolean): { record: RecoveryRecord; sign: ReturnType<typeof createSigningKey> } {
  const sign = createSigningKey(built.random)
  const terms = { threshold: 1, limit: 10, statementHash: built.random.bytes(32), realmListHash: built.random.bytes(32) }
  const record: RecoveryRecord = {
    slot: slot as RecoverySlot,
    registration: newId<RequestId>(built.random),
    kemKey: createKemKey(built.random).publicKey,
    signKey: sign.publicKey,
    escrow: escrow ? terms : null,
  }
  return { record, sign }
}

function add(built: CircleBuilder, by: DeviceKeys, added: DeviceKeys): Bytes {
  const transcriptHash = built.random.bytes(32)
  const reverseSignature = makeReverseSignature(built.circle.account, added, transcriptHash)
  return makeAdd(
    built.random,
    built.circle,
    by,
    built.accountKey,
    { device: deviceRecordOf(added), transcriptHash, reverseSignature },
    built.timeMs,
  ).entry
}

function removal(built: CircleBuilder, by: DeviceKeys, gone: DeviceKeys): Bytes {
  const vaults = [{ key: built.vaultKey, end: logStart(built.circle) }]
  return makeRotation(built.random, built.circle, by, vaults, built.timeMs, { devices: [gone.id], disposition: 'keep' }).entry
}

/** A circle of the first device, another of the command line, and one of each kind in a browser. */
function mixed() {
  const built = new CircleBuilder()
  const other = built.add()
  const web = built.add(built.first, device(built, 'web'))
  const extension = built.add(built.first, device(built, 'extension'))
  return { built, other, web, extension }
}

describe('CIR-23 what devices in browsers may do', () => {
  it('everything, until a policy says otherwise; every replay knows it, and a checkpoint covers it', () => {
    const { built, web } = mixed()
    expect(built.circle.policy).toEqual({ web: 'full', extension: 'full' })
    const before = built.circle.stateHash()
    const open = built.circle
    built.append(policy(built, { web: 'no-membership' }))
    expect(Circle.replay(built.entries).policy).toEqual({ web: 'no-membership', extension: 'full' })
    expect([open.reachOf(web.id), built.circle.reachOf(web.id), built.circle.reachOf(built.first.id)]).toEqual([
      'full',
      'no-membership',
      'full',
    ])
    expect(built.circle.stateHash()).not.toEqual(before)
    built.append(makeCheckpoint(built.circle, built.first, built.timeMs))
  })

  it('a limited device changes neither who is in the circle nor how one comes back', () => {
    const { built, other, web } = mixed()
    const key = way(built, keySlotOf(built.circle.account), false)
    built.append(makeRecoveryAdd(built.circle, built.first, key.record, built.timeMs))
    const attempts: Record<string, () => Bytes> = {
      add: () => add(built, web, device(built, 'cli')),
      remove: () => removal(built, web, other),
      'own way back': () => makeRecoveryAdd(built.circle, web, way(built, web.id, true).record, built.timeMs),
      'security code': () => makeRecoveryAdd(built.circle, web, way(built, built.circle.account, true).record, built.timeMs),
      'recovery key': () => makeRecoveryAdd(built.circle, web, way(built, key.record.slot, false).record, built.timeMs),
      'close a way back': () => makeRecoveryRemove(built.circle, web, key.record.slot, built.timeMs),
      policy: () => policy(built, {}, web),
    }
    const verdicts = () =>
      Object.fromEntries(Object.entries(attempts).map(([name, make]) => [name, ruleOf(() => built.circle.extend([make()]))]))
    // the control: without the policy each of them stands
    expect(new Set(Object.values(verdicts()))).toEqual(new Set(['accepted']))
    built.append(policy(built, { web: 'no-membership' }))
    expect(verdicts()).toEqual(Object.fromEntries(Object.keys(attempts).map((name) => [name, 'CIR-23'])))
  })

  it('still makes the keys new after a departure, and leaves', () => {
    const { built, other, web } = mixed()
    built.append(policy(built, { web: 'no-membership' })).leave(other)
    expect(() => built.rotate(web).leave(web)).not.toThrow()
  })

  it('a class that is off is let in neither by a member nor by a way back', () => {
    const { built, web } = mixed()
    const key = way(built, keySlotOf(built.circle.account), false)
    built.append(makeRecoveryAdd(built.circle, built.first, key.record, built.timeMs))
    expect(ruleOf(() => built.circle.extend([policy(built, { web: 'off' })]))).toBe('CIR-23')
    built.rotate(built.first, [web]).append(policy(built, { web: 'off' }))
    const recover = (kind: DeviceClass) =>
      makeRecover(
        built.random,
        built.circle,
        { slot: key.record.slot, sign: key.sign },
        device(built, kind),
        built.accountKey,
        built.timeMs,
      ).entry
    expect(ruleOf(() => built.circle.extend([add(built, built.first, device(built, 'web'))]))).toBe('CIR-23')
    expect(ruleOf(() => built.circle.extend([recover('web')]))).toBe('CIR-23')
    expect(ruleOf(() => built.circle.extend([add(built, built.first, device(built, 'extension'))]))).toBe('accepted')
    expect(ruleOf(() => built.circle.extend([recover('cli')]))).toBe('accepted')
  })

  it('nobody writes a policy that limits its own writer', () => {
    const { built, web, extension } = mixed()
    expect(ruleOf(() => built.circle.extend([policy(built, { web: 'no-membership' }, web)]))).toBe('CIR-23')
    expect(ruleOf(() => built.circle.extend([policy(built, { extension: 'no-membership' }, web)]))).toBe('accepted')
    expect(ruleOf(() => built.circle.extend([policy(built, { web: 'no-membership' }, extension)]))).toBe('accepted')
  })

  it('what a limited device laid down for itself opens nothing: it could let in one that is not limited', () => {
    const { built, web } = mixed()
    const own = way(built, web.id, true)
    built.append(makeRecoveryAdd(built.circle, web, own.record, built.timeMs))
    const recover = () =>
      makeRecover(
        built.random,
        built.circle,
        { slot: own.record.slot, sign: own.sign },
        device(built, 'cli'),
        built.accountKey,
        built.timeMs,
      ).entry
    expect(ruleOf(() => built.circle.extend([recover()]))).toBe('accepted')
    built.append(policy(built, { web: 'no-membership' }))
    expect(built.circle.recoveries.size).toBe(0)
    expect(ruleOf(() => built.circle.extend([recover()]))).toBe('CIR-2')
  })

  it('holds no longer when nobody is left who could change it, and holds again when somebody is', () => {
    const { built, other, web } = mixed()
    built.append(policy(built, { web: 'no-membership', extension: 'no-membership' }))
    built.leave(other).rotate(web).leave(built.first).rotate(web)
    expect(built.circle.policy).toEqual({ web: 'full', extension: 'full' })
    const own = way(built, web.id, true)
    built.append(makeRecoveryAdd(built.circle, web, own.record, built.timeMs))
    const back = built.add(web)
    expect(built.circle.policy).toEqual({ web: 'no-membership', extension: 'no-membership' })
    expect(ruleOf(() => built.circle.extend([removal(built, web, back)]))).toBe('CIR-23')
    const recovered = makeRecover(
      built.random,
      built.circle,
      { slot: own.record.slot, sign: own.sign },
      device(built, 'cli'),
      built.accountKey,
      built.timeMs,
    )
    expect(ruleOf(() => built.circle.extend([recovered.entry]))).toBe('CIR-23')
  })
})
