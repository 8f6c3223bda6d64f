import { newId, Secret, type AccountId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { describe, expect, it } from 'vitest'
import { openCommitted, sealCommitted } from './committed-seal.ts'
import { createOuterKey, evaluationInput, lockOuterKey, relockOuterKey, unlockOuterKey } from './outer-layer.ts'
import { newEscrowId, type RegistrationId } from './realm/ids.ts'
import { attemptRecovery } from './recover.ts'
import { surveyRecovery } from './survey.ts'
import { EscrowWorld } from './testing/index.ts'

const random = new SeededRandom(13)
const place = { account: newId<AccountId>(random), registration: newEscrowId<RegistrationId>(random) }

describe('the outer layer of a lone realm (protocol 4.9)', () => {
  it('opens with the password that locked it, for its own account and registration', () => {
    const exportKey = new Secret(random.bytes(32))
    const outerKey = createOuterKey(random)
    const lock = lockOuterKey(random, exportKey, place, outerKey)
    expect(unlockOuterKey(exportKey, place, lock).reveal()).toEqual(outerKey.reveal())
    expect(() => unlockOuterKey(new Secret(random.bytes(32)), place, lock)).toThrow('open-failed')
    expect(() => unlockOuterKey(exportKey, { ...place, account: newId<AccountId>(random) }, lock)).toThrow('open-failed')
    expect(() => unlockOuterKey(exportKey, { ...place, registration: newEscrowId<RegistrationId>(random) }, lock)).toThrow('open-failed')
    for (let at = 0; at < lock.length; at++) {
      const bad = lock.slice()
      bad[at] = (bad[at] as number) ^ 1
      expect(() => unlockOuterKey(exportKey, place, bad)).toThrow('open-failed')
    }
    for (const bad of [new Uint8Array(0), lock.slice(0, 31), lock.slice(0, 50)])
      expect(() => unlockOuterKey(exportKey, place, bad)).toThrow('open-failed')
  })

  it('a change of password locks it anew without the code and without the realm, and recovery works with the new one alone', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const prepared = await world.enrol('482716')
    const after = new Secret(random.bytes(32))
    if (prepared.outerLock === null) throw new Error('no outer layer')
    const lock = relockOuterKey(random, world.exportKey, after, prepared.statement, prepared.outerLock)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    await expect(attemptRecovery(world.ports, survey, '482716', { lock, exportKey: world.exportKey })).rejects.toThrow('open-failed')
    expect((await attemptRecovery(world.ports, survey, '482716', { lock, exportKey: after })).kind).toBe('recovered')
  })

  it('mixes the outer key into what the realm evaluates', () => {
    const stretched = new Secret(random.bytes(32))
    const plain = evaluationInput(stretched, null)
    expect(plain.reveal()).toEqual(stretched.reveal())
    plain.destroy()
    expect(stretched.destroyed).toBe(false)
    const inputs = [createOuterKey(random), createOuterKey(random)].map((outerKey) => evaluationInput(stretched, outerKey).reveal().join())
    expect(new Set([...inputs, stretched.reveal().join()]).size).toBe(3)
  })

  it('A41: a committed seal opens under one key only, and says the same for every reason', () => {
    const [key, other] = [random.bytes(32), random.bytes(32)]
    const sealed = sealCommitted(null, key, 'a', new Uint8Array(1), new Uint8Array([1, 2, 3]))
    expect(openCommitted('once', key, 'a', new Uint8Array(1), sealed)).toEqual(new Uint8Array([1, 2, 3]))
    // another key's commitment in front of this one's ciphertext, and the other way round
    const foreign = sealCommitted(null, other, 'a', new Uint8Array(1), new Uint8Array([1, 2, 3]))
    const mixed = sealed.slice()
    mixed.set(foreign.subarray(0, 32))
    for (const [which, label, aad, bytes] of [
      [other, 'a', 1, sealed],
      [key, 'b', 1, sealed],
      [key, 'a', 2, sealed],
      [key, 'a', 1, mixed],
      [other, 'a', 1, mixed],
    ] as const) {
      expect(() => openCommitted('once', which, label, new Uint8Array(aad), bytes)).toThrow('open-failed')
    }
  })
})
