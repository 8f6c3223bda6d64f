import type { Bytes, CborValue } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { describe, expect, it } from 'vitest'
import { attemptRecovery, type AttemptOutcome } from './recover.ts'
import { evaluateBlinded, publicKeyOf } from './realm/evaluate.ts'
import { isMember, publicMember } from './recovery-member.ts'
import { randomScalar } from './shamir.ts'
import { fullGuesses, surveyRecovery } from './survey.ts'
import { askingRules } from './ask-realm.ts'
import type { PreparedRegistration } from './prepare-registration.ts'
import { EscrowWorld, hangingRealm, interceptRealm, lossyRealm, lyingRealm, silentRealm, type RealmHost } from './testing/index.ts'

const code = '482716'
const wrong = '905173'
const configurations: [threshold: number, realms: number][] = [
  [1, 1],
  [2, 3],
  [3, 5],
]

async function tryCode(world: EscrowWorld, prepared: PreparedRegistration, typed: string): Promise<AttemptOutcome> {
  return attemptRecovery(world.ports, await surveyRecovery(world.ports, world.target(prepared), world.tokens), typed, world.outer(prepared))
}

function expectRecovered(outcome: AttemptOutcome, prepared: PreparedRegistration): void {
  expect(outcome.kind).toBe('recovered')
  if (outcome.kind === 'recovered') expect(isMember(outcome.member, publicMember(prepared.member))).toBe(true)
}

async function leftAt(world: EscrowWorld, prepared: PreparedRegistration): Promise<(number | undefined)[]> {
  const { views } = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
  return views.map(({ standing }) => standing?.left)
}

function subsets<T>(items: readonly T[]): T[][] {
  return Array.from({ length: 1 << items.length }, (_, mask) => items.filter((_item, i) => mask & (1 << i)))
}

describe.each(configurations)('escrow with %i of %i realms', (threshold, realms) => {
  it('F7: the right code gives the recovery secret back, and all counts are full again', async () => {
    const world = await EscrowWorld.create({ realms, threshold })
    const prepared = await world.enrol(code)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    const full = threshold === 2 ? 9 : 10
    expect(survey).toMatchObject({ verdict: 'ready', attemptsLeft: full, waitMs: 0 })
    expect(survey.statement).toMatchObject({ codeKind: 'digits', threshold, limit: 10, outerLayer: threshold === 1 })

    expect(await tryCode(world, prepared, wrong)).toMatchObject({ kind: 'wrong-code', attemptsLeft: full - 1, waitMs: 0 })
    const outcome = await tryCode(world, prepared, code)
    expectRecovered(outcome, prepared)
    if (outcome.kind === 'recovered') await outcome.settled
    expect(await leftAt(world, prepared)).toEqual(world.hosts.map(() => Math.floor((10 * threshold) / realms)))
  })

  it('recovers with every subset of its realms that is large enough, and spends nothing with the others', async () => {
    const world = await EscrowWorld.create({ realms, threshold })
    const prepared = await world.enrol(code)
    const working = world.hosts.map(({ core }) => core)
    let recovered = 0
    for (const up of subsets(working)) {
      for (const host of world.hosts) host.realm = up.includes(host.core) ? host.core : silentRealm(host.core)
      const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
      if (up.length < threshold) {
        expect(survey.verdict).toBe('unavailable')
        await expect(attemptRecovery(world.ports, survey, code, world.outer(prepared))).rejects.toThrow('usage')
      } else {
        expect(survey.verdict).toBe('ready')
        expectRecovered(await attemptRecovery(world.ports, survey, code, world.outer(prepared)), prepared)
        recovered++
      }
    }
    expect(recovered).toBe(subsets(working).filter((up) => up.length >= threshold).length)
    // whoever never heard of the right code was not charged either, or was told in a later round
    for (const host of world.hosts) host.realm = host.core
    const outcome = await tryCode(world, prepared, code)
    if (outcome.kind === 'recovered') await outcome.settled
    expect(await leftAt(world, prepared)).toEqual(world.hosts.map(() => Math.floor((10 * threshold) / realms)))
  })

  it('A25: a wrong code goes no further than the commitment: no realm sees a tag', async () => {
    const world = await EscrowWorld.create({ realms, threshold })
    const prepared = await world.enrol(code)
    const seen: string[] = []
    for (const host of world.hosts) {
      host.realm = interceptRealm(host.core, (operation, _, call) => {
        seen.push(operation)
        return call()
      })
    }
    await tryCode(world, prepared, wrong)
    expect(seen).not.toContain('prove')
    expect(seen.filter((operation) => operation === 'evaluate')).toHaveLength(threshold)
    await tryCode(world, prepared, code)
    expect(seen).toContain('prove')
  })

  it('A24: half of all replies lost: the right code is found, and no guess is charged twice', async () => {
    const world = await EscrowWorld.create({ realms, threshold, seed: 77 })
    const prepared = await world.enrol(code)
    const random = new SeededRandom(4)
    world.asking = { ...askingRules, tries: 40 }
    for (const host of world.hosts) host.realm = lossyRealm(host.core, () => random.chance(0.5))
    for (const guess of [wrong, '730418', '615204']) expect((await tryCode(world, prepared, guess)).kind).toBe('wrong-code')
    const left = world.hosts.map(
      ({ events }) => Math.floor((10 * threshold) / realms) - events.filter(({ type }) => type === 'attempted').length,
    )
    for (const host of world.hosts) host.realm = host.core
    expect(await leftAt(world, prepared)).toEqual(left)
    expect(left.reduce((sum, each) => sum + each, 0)).toBe(realms * Math.floor((10 * threshold) / realms) - 3 * threshold)
  })
})

describe('recovery with 2 of 3 realms of which one misbehaves', () => {
  const worlds = async (seed: number) => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2, seed })
    return { world, prepared: await world.enrol(code), evil: world.hosts[0] as RealmHost }
  }

  /** A realm that uses a key of its own for what it evaluates, and proves that. */
  const otherKey = (world: EscrowWorld, host: RealmHost) => {
    const key = randomScalar(world.random)
    return lyingRealm(host.core, host.signer, 'evaluate', (payload, request) => {
      if (payload[0] !== 0) return payload
      // the blinded element is the last 32 bytes before the client's signature (66 bytes with its head)
      const blinded = request.slice(-66 - 32, -66)
      const { evaluated, proof } = evaluateBlinded(world.random, key, publicKeyOf(key), blinded)
      return [0, evaluated, proof, ...payload.slice(3)]
    })
  }

  it('A25: an evaluation with another key is caught by its proof, and the third realm takes its place', async () => {
    const { world, prepared, evil } = await worlds(2)
    evil.realm = otherKey(world, evil)
    askFirst(world, evil)
    for (let round = 0; round < 3; round++) expectRecovered(await tryCode(world, prepared, code), prepared)
    const outcome = await tryCode(world, prepared, wrong)
    expect(outcome.kind).toBe('wrong-code')
    if (outcome.kind === 'wrong-code') expect([...outcome.faults]).toEqual([[evil.id, 'lying']])
    expect(evil.events.filter(({ type }) => type === 'attempted')).toHaveLength(4)
  })

  const lies: [string, (payload: readonly CborValue[]) => CborValue][] = [
    ['a flipped bit in the evaluation', (payload) => payload.map((each, i) => (i === 1 ? flipped(each as Bytes, 3) : each))],
    ['a flipped bit in the proof', (payload) => payload.map((each, i) => (i === 2 ? flipped(each as Bytes, 40) : each))],
    ['the identity', (payload) => payload.map((each, i) => (i === 1 ? new Uint8Array(32) : each))],
    ['an empty answer', () => []],
    ['more than was asked for', (payload) => [...payload, 1]],
    ['a count of a million', (payload) => payload.map((each, i) => (i === 3 ? 1_000_000 : each))],
    ['no array', () => 7],
  ]
  it.each(lies)('A25: %s changes nothing but that another realm is asked', async (_, change) => {
    const { world, prepared, evil } = await worlds(3)
    evil.realm = lyingRealm(evil.core, evil.signer, 'evaluate', change)
    askFirst(world, evil)
    const outcome = await tryCode(world, prepared, code)
    expectRecovered(outcome, prepared)
    const bad = await tryCode(world, prepared, wrong)
    expect(bad.kind).toBe('wrong-code')
    if (bad.kind === 'wrong-code') expect(bad.faults.get(evil.id)).toBe('lying')
  })

  it('a part that is not the one of the statement is not used', async () => {
    const { world, prepared, evil } = await worlds(4)
    evil.realm = lyingRealm(evil.core, evil.signer, 'prove', (payload) => [0, flipped(payload[1] as Bytes, 9)])
    expectRecovered(await tryCode(world, prepared, code), prepared)
    const second = world.hosts[1] as RealmHost
    second.realm = lyingRealm(second.core, second.signer, 'prove', (payload) => [0, flipped(payload[1] as Bytes, 9)])
    expect(await tryCode(world, prepared, code)).toMatchObject({ kind: 'unavailable', codeRight: true })
    second.realm = second.core
    expectRecovered(await tryCode(world, prepared, code), prepared)
  })

  it('a realm with answers of somebody else, or none of its own signature, is not believed', async () => {
    const { world, prepared, evil } = await worlds(5)
    const other = world.hosts[1] as RealmHost
    evil.realm = lyingRealm(evil.core, other.signer, 'info', (payload) => payload)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    expect(survey.views.map(({ fault }) => fault)).toEqual(['lying', null, null])
    // an answer to an older question
    let old: Bytes | undefined
    evil.realm = interceptRealm(evil.core, async (operation, _, call) => {
      const answer = await call()
      if (operation === 'info') old ??= answer
      return operation === 'info' ? (old as Bytes) : answer
    })
    expect((await surveyRecovery(world.ports, world.target(prepared), world.tokens)).views[0]?.fault).toBeNull()
    await tryCode(world, prepared, wrong)
    expect((await surveyRecovery(world.ports, world.target(prepared), world.tokens)).views[0]?.fault).toBe('lying')
  })

  it('a slow realm costs time and no guess: its evaluation is asked for again, then another realm is asked', async () => {
    const { world, prepared, evil } = await worlds(6)
    world.asking = { ...askingRules, timeoutMs: 15, tries: 2, graceMs: 10 }
    evil.realm = hangingRealm(evil.core, ['evaluate', 'prove'])
    expectRecovered(await tryCode(world, prepared, code), prepared)
    evil.realm = hangingRealm(evil.core)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    expect(survey).toMatchObject({ verdict: 'ready', attemptsLeft: 6 })
    expect(survey.views[0]).toMatchObject({ fault: 'unreachable' })
    expectRecovered(await attemptRecovery(world.ports, survey, code), prepared)
    // at most one charge for all the times that it was asked
    expect(evil.events.filter(({ type }) => type === 'attempted').length).toBeLessThanOrEqual(1)
  })

  it('two silent realms: nothing is sent to the third, and nothing is charged', async () => {
    const { world, prepared } = await worlds(7)
    for (const host of world.hosts.slice(1)) host.realm = silentRealm(host.core)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    expect(survey.verdict).toBe('unavailable')
    for (const host of world.hosts) host.realm = host.core
    expect(await leftAt(world, prepared)).toEqual([6, 6, 6])
  })

  it('without a statement from the circle, two hostile realms are needed to show another one', async () => {
    const { world, prepared, evil } = await worlds(8)
    const other = await world.enrol('614208')
    const showOther = (host: RealmHost) => lyingRealm(host.core, host.signer, 'info', (payload) => [payload[0] as CborValue, other.encoded])
    evil.realm = showOther(evil)
    const blind = { statementHash: null }
    const survey = await surveyRecovery(world.ports, world.target(prepared, blind), world.tokens)
    expect(survey.views.map(({ fault }) => fault)).toEqual(['differs', null, null])
    expect(survey.verdict).toBe('ready')
    expectRecovered(await attemptRecovery(world.ports, survey, code), prepared)
    // two that tell two stories leave no threshold; the circle's hash would name the liars
    const second = world.hosts[1] as RealmHost
    second.realm = lyingRealm(second.core, second.signer, 'info', (payload) => [payload[0] as CborValue, flipped(payload[1] as Bytes, 70)])
    expect((await surveyRecovery(world.ports, world.target(prepared, blind), world.tokens)).verdict).toBe('unavailable')
    const pinned = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    expect(pinned.views.map(({ fault }) => fault)).toEqual(['differs', 'differs', null])
    expect(pinned.verdict).toBe('unavailable')
  })
})

describe('people who recover often', () => {
  it('F7: thirty right codes in a row use up neither count nor ledger', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const prepared = await world.enrol(code)
    for (let i = 0; i < 30; i++) expectRecovered(await tryCode(world, prepared, code), prepared)
    expect(await leftAt(world, prepared)).toEqual([10])
  })
})

describe('before a guess is spent', () => {
  it('a survey serves one attempt', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const prepared = await world.enrol(code)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    await attemptRecovery(world.ports, survey, wrong, world.outer(prepared))
    await expect(attemptRecovery(world.ports, survey, code, world.outer(prepared))).rejects.toThrow('usage')
  })

  it('what cannot be the code is refused here, and so is another password where there is an outer layer', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const prepared = await world.enrol(code)
    const survey = await surveyRecovery(world.ports, world.target(prepared), world.tokens)
    await expect(attemptRecovery(world.ports, survey, '48271', world.outer(prepared))).rejects.toThrow('weak-passcode')
    await expect(attemptRecovery(world.ports, survey, code)).rejects.toThrow('open-failed')
    const otherWorld = await EscrowWorld.create({ realms: 1, threshold: 1, seed: 99 })
    await expect(
      attemptRecovery(world.ports, survey, code, { lock: prepared.outerLock as Bytes, exportKey: otherWorld.exportKey }),
    ).rejects.toThrow('open-failed')
    expect(await leftAt(world, prepared)).toEqual([10])
    expectRecovered(await attemptRecovery(world.ports, survey, code, world.outer(prepared)), prepared)
  })

  it('a target that the statement does not fit is not tried', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.enrol(code)
    const none = { statementHash: null }
    for (const more of [
      { threshold: 3, ...none },
      { genesisHash: new Uint8Array(32), ...none },
      { realms: world.endpoints.slice(1), ...none },
      { statementHash: new Uint8Array(32) },
    ]) {
      expect((await surveyRecovery(world.ports, world.target(prepared, more), world.tokens)).verdict).toBe('unavailable')
    }
  })

  it('a fault of the program is no fault of a realm', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const prepared = await world.enrol(code)
    const [host] = world.hosts as [RealmHost]
    host.realm = interceptRealm(host.core, async () => {
      throw new TypeError('a bug')
    })
    await expect(surveyRecovery(world.ports, world.target(prepared), world.tokens)).rejects.toThrow(TypeError)
  })

  it('tokens that the sign-in server does not give are named', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.enrol(code)
    const some = async (...[kind, registration, key, realms]: Parameters<typeof world.tokens>) =>
      world.tokens(kind, registration, key, realms.slice(1))
    const survey = await surveyRecovery(world.ports, world.target(prepared), some)
    expect(survey.views.map(({ fault }) => fault)).toEqual(['no-token', null, null])
    expectRecovered(await attemptRecovery(world.ports, survey, code), prepared)
  })

  it('A26: full guesses that are left, whatever the realms have left each', () => {
    const cases: [number[], number, number][] = [
      [[10], 1, 10],
      [[6, 6, 6], 2, 9],
      [[6, 6, 6, 6, 6], 3, 10],
      [[6, 6], 2, 6],
      [[6], 2, 0],
      [[6, 0, 0], 2, 0],
      [[6, 1, 1], 2, 2],
      [[3, 2, 1], 2, 3],
      [[], 1, 0],
    ]
    for (const [left, threshold, expected] of cases) expect(fullGuesses(left, threshold)).toBe(expected)
  })
})

function flipped(bytes: Bytes, at: number): Bytes {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

/** All others say that they have fewer guesses left. */
function askFirst(world: EscrowWorld, first: RealmHost): void {
  for (const host of world.hosts) {
    if (host === first) continue
    host.realm = lyingRealm(host.core, host.signer, 'info', ([standing, ...rest]) => [
      (standing as readonly CborValue[]).map((each, i) => (i === 2 ? (each as number) - 4 : each)),
      ...rest,
    ])
  }
}
