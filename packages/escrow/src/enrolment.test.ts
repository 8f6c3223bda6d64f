import type { Bytes, Secret } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { passcodeKdf, stretchPasscode } from '@nokkel/crypto'
import { describe, expect, it } from 'vitest'
import { Enrolment } from './enrolment.ts'
import { listRegistrations, manageRegistration } from './manage.ts'
import type { PreparedRegistration } from './prepare-registration.ts'
import { attemptRecovery } from './recover.ts'
import { newEscrowId, type RealmId } from './realm/ids.ts'
import { decodeStatement } from './realm/statement.ts'
import { surveyRecovery } from './survey.ts'
import { EscrowWorld, interceptRealm, lossyRealm, silentRealm, type RealmHost } from './testing/index.ts'

const code = '482716'
const next = '730418'

async function recovers(world: EscrowWorld, prepared: PreparedRegistration, typed: string): Promise<string> {
  const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
  return survey.verdict === 'ready' ? (await attemptRecovery(world.ports, survey, typed, world.outer(prepared))).kind : survey.verdict
}

describe('enrolment', () => {
  it('goes through its steps, and the record is of use only after activation', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.prepare(code)
    const enrolment = world.enrolment(prepared)
    expect(enrolment.step).toBe('lay-down')
    expect(() => enrolment.recorded()).toThrow('internal')
    expect(await enrolment.advance()).toEqual({ step: 'record', faults: new Map() })
    expect(await recovers(world, prepared, code)).toBe('recovered')
    enrolment.recorded()
    expect(await enrolment.advance()).toEqual({ step: 'done', faults: new Map() })
    enrolment.destroy()
    expect(prepared.deposits.every(({ share }) => share.destroyed)).toBe(true)
    expect(() => prepared.member.sign.seed.reveal()).toThrow('locked')
  })

  it('is activated nowhere before all realms have it, and goes on where it stood', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const seen: string[] = []
    const [first, second, third] = world.hosts as [RealmHost, RealmHost, RealmHost]
    let down = true
    for (const host of [first, second]) {
      host.realm = interceptRealm(host.core, (operation, _, call) => {
        seen.push(operation)
        return call()
      })
    }
    third.realm = interceptRealm(third.core, (operation, request, call) => (down ? silentRealm(third.core)[operation](request) : call()))
    const prepared = await world.prepare(code)
    const enrolment = world.enrolment(prepared)
    for (let i = 0; i < 2; i++)
      expect(await enrolment.advance()).toEqual({ step: 'lay-down', faults: new Map([[third.id, 'unreachable']]) })
    expect(seen).toEqual(['register', 'register'])
    expect(await recovers(world, prepared, code)).toBe('unavailable')
    down = false
    expect(await enrolment.advance()).toEqual({ step: 'record', faults: new Map() })
    expect(await recovers(world, prepared, code)).toBe('recovered')
  })

  it('every reply lost once: nothing is laid down twice', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const lost = new Set<string>()
    for (const host of world.hosts) {
      host.realm = lossyRealm(host.core, (operation) => {
        const key = `${host.id} ${operation}`
        const first = !lost.has(key)
        lost.add(key)
        return first
      })
    }
    const prepared = await world.enrol(code)
    const lists = await listRegistrations(world.ports, world.endpoints, world.tokens)
    for (const list of lists.values())
      expect(list.ok && list.value).toMatchObject([{ registration: prepared.statement.registration, state: 'active', left: 6 }])
  })

  it('F6: a new code replaces the old one only when it is recorded, and then the old one is gone everywhere', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const old = await world.enrol(code)
    const prepared = await world.prepare(next)
    const enrolment = world.enrolment(prepared, { registration: old.statement.registration, realms: world.endpoints })
    expect((await enrolment.advance()).step).toBe('record')
    expect(await recovers(world, old, code)).toBe('recovered')
    expect(await recovers(world, prepared, next)).toBe('recovered')
    enrolment.recorded()
    expect(await enrolment.advance()).toEqual({ step: 'done', faults: new Map() })
    expect(await recovers(world, old, code)).toBe('burned')
    expect(await recovers(world, prepared, next)).toBe('recovered')
    expect(await recovers(world, prepared, code)).toBe('wrong-code')
  })

  it('F6: an old one that could not be destroyed yet is named, and destroyed later', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const old = await world.enrol(code)
    const [first] = world.hosts as [RealmHost]
    let down = false
    first.realm = interceptRealm(first.core, (operation, request, call) => (down ? silentRealm(first.core)[operation](request) : call()))
    const prepared = await world.prepare(next)
    const enrolment = world.enrolment(prepared, { registration: old.statement.registration, realms: world.endpoints })
    await enrolment.advance()
    enrolment.recorded()
    down = true
    expect(await enrolment.advance()).toEqual({ step: 'destroy-old', faults: new Map([[first.id, 'unreachable']]) })
    expect(await recovers(world, old, code)).toBe('burned')
    down = false
    expect(await enrolment.advance()).toEqual({ step: 'done', faults: new Map() })
  })

  it('one record a device: the passcode of any of them recovers, and only its own record', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const devices = ['4827', 'ekorn i bjørka', '905173'].map((passcode) => ({
      passcode,
      slot: newEscrowId<PreparedRegistration['statement']['slot']>(new SeededRandom(passcode.length * 7)),
    }))
    const records = []
    for (const { passcode, slot } of devices) records.push(await world.enrol(passcode, { slot, codeKind: 'passcode' }))
    for (const [i, { passcode }] of devices.entries()) {
      expect(await recovers(world, records[i] as PreparedRegistration, passcode)).toBe('recovered')
      expect(await recovers(world, records[(i + 1) % 3] as PreparedRegistration, passcode)).toBe('wrong-code')
    }
    const list = [...(await listRegistrations(world.ports, world.endpoints, world.tokens)).values()][0]
    expect(list?.ok && list.value.map(({ slot }) => slot)).toEqual(devices.map(({ slot }) => slot))
  })

  it('a frozen record recovers nobody until it thaws, and a destroyed one never', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.enrol(code)
    const manage = (operation: 'freeze' | 'thaw' | 'destroy') =>
      manageRegistration(world.ports, world.endpoints, world.tokens, operation, prepared.statement.registration)
    for (const answer of (await manage('freeze')).values())
      expect(answer).toMatchObject({ ok: true, value: { state: 'locked', reason: 'frozen' } })
    expect(await recovers(world, prepared, code)).toBe('locked')
    await manage('thaw')
    expect(await recovers(world, prepared, code)).toBe('recovered')
    await manage('destroy')
    expect(await recovers(world, prepared, code)).toBe('burned')
  })

  it('F3: weak codes, and layers that do not go with the realms, are refused before anything is sent', async () => {
    const lone = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const three = await EscrowWorld.create({ realms: 3, threshold: 2 })
    await expect(lone.prepare('123456')).rejects.toMatchObject({ code: 'weak-passcode', params: { reason: 'run' } })
    await expect(lone.prepare(code, { exportKey: null })).rejects.toThrow('usage')
    await expect(three.prepare(code, { exportKey: lone.exportKey })).rejects.toThrow('usage')
    await expect(three.prepare(code, { threshold: 1, exportKey: lone.exportKey })).rejects.toThrow('malformed')
    await expect(three.prepare(code, { threshold: 4 })).rejects.toThrow('malformed')
    await expect(three.prepare(code, { realms: [0, 0, 1].map((i) => (three.hosts[i] as RealmHost).id) })).rejects.toThrow('malformed')
    expect(() => new Enrolment(three.ports, {} as PreparedRegistration, [], three.tokens)).toThrow()
    expect(three.hosts.every(({ disk }) => disk.commits === 0)).toBe(true)
  })

  it('the statement says nothing of the code, and no two registrations of one code are alike', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const [a, b] = [await world.prepare(code), await world.prepare(code)]
    const [x, y] = [decodeStatement(a.encoded), decodeStatement(b.encoded)]
    for (const key of ['registration', 'commitment', 'signKey', 'realms'] as const) expect(x[key]).not.toEqual(y[key])
    expect(a.deposits[0]?.share.reveal()).not.toEqual(b.deposits[0]?.share.reveal())
  })

  it('A9: without an argument for tests, codes are stretched with Argon2id, 64 MiB, three passes', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const ports = { random: world.random }
    const salts: Bytes[] = []
    const spelled = {
      random: world.random,
      stretch: (typed: string, salt: Bytes): Promise<Secret> => (
        salts.push(salt),
        stretchPasscode(typed, salt, { memoryKiB: 65_536, passes: 3, parallelism: 1 }, 32)
      ),
    }
    expect(passcodeKdf).toEqual({ memoryKiB: 65_536, passes: 3, parallelism: 1 })
    Object.defineProperty(world, 'ports', { value: ports })
    const prepared = await world.enrol(code)
    const survey = await surveyRecovery(ports, world.target(prepared), world.tokens)
    expect((await attemptRecovery(spelled, survey, code, world.outer(prepared))).kind).toBe('recovered')
    expect(salts.map(({ length }) => length)).toEqual([16])
  })
})

describe('the realms of an enrolment', () => {
  it('are those of the plan', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.prepare(code)
    const stranger = await world.createHost()
    expect(() => new Enrolment(world.ports, prepared, world.endpoints.slice(1), world.tokens)).toThrow('internal')
    expect(
      () =>
        new Enrolment(
          world.ports,
          prepared,
          [...world.endpoints.slice(1), { realm: stranger.realm, signKey: stranger.signer.publicKey }],
          world.tokens,
        ),
    ).toThrow('internal')
    expect(newEscrowId<RealmId>(world.random)).toMatch(/^[0-9a-f]{32}$/)
  })
})
