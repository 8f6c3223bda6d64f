/** What a hostile server, a hostile realm or a thief can make of the whole, and what not (protocol section 2, rows A21, A25, A26; 4.9). */
import { ristretto255, ristretto255_hasher } from '@noble/curves/ed25519.js'
import { concatBytes, encodeCbor, equalBytes, Secret, utf8, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { deriveBytes } from '@nokkel/crypto'
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createErrand, makeRequest, type Errand } from './ask-realm.ts'
import { answerKeys, destroyAnswerKeys } from './answer-keys.ts'
import { blindInput, evaluateOwn } from './oprf.ts'
import { evaluationInput, unlockOuterKey } from './outer-layer.ts'
import type { PreparedRegistration } from './prepare-registration.ts'
import { decodeAccount, type Registration } from './realm/account-state.ts'
import { publicKeyOf } from './realm/evaluate.ts'
import { escrowIdToBytes, type RegistrationId } from './realm/ids.ts'
import { labels } from './realm/labels.ts'
import { escrowPolicy, realmShare } from './realm/policy.ts'
import { decodeStatement, statementHash, type Statement } from './realm/statement.ts'
import { attemptRecovery } from './recover.ts'
import { memberFromSecret } from './recovery-member.ts'
import { joinSecret } from './secret-blob.ts'
import { combineShares, splitScalar, weightAtZero } from './shamir.ts'
import { saltOf } from './stretch.ts'
import { fullGuesses, surveyRecovery } from './survey.ts'
import { cheapStretch, EscrowWorld, interceptRealm, lossyRealm, type RealmHost } from './testing/index.ts'

const day = 86_400_000
const random = new SeededRandom(31)
const noWaits = { ...escrowPolicy, waits: [] }

/** What lies on a realm's disk for a registration. */
async function stolenRow(world: EscrowWorld, host: RealmHost, registration: RegistrationId): Promise<Registration> {
  const document = await host.disk.open().update(world.account, (read) => ({ dueMs: null, erase: false, result: read }))
  const row = decodeAccount(document ?? new Uint8Array()).registrations.find(({ id }) => id === registration)
  if (row === undefined) throw new Error('nothing to steal')
  return row
}

/** What a thief who has the key-encryption key too makes of it. */
async function openStolen(host: RealmHost, row: Registration): Promise<{ share: Bytes; part: Bytes }> {
  const secrets = await host.kek.open(row.sealed, encodeCbor([1, labels.row, escrowIdToBytes(host.id), statementHash(row.statement)]))
  return { share: secrets.slice(0, 32), part: secrets.slice(32) }
}

const fourDigits = Array.from({ length: 10_000 }, (_, i) => i.toString().padStart(4, '0'))

/** The attack itself: the first of `codes` that gives the commitment under `key`. It is what a thief would run, at full speed. */
async function bruteForce(
  statement: Statement,
  key: bigint,
  outerKey: Secret | null,
  codes: readonly string[],
): Promise<string | undefined> {
  const salt = saltOf(statement.account, statement.registration)
  for (const code of codes) {
    const stretched = await cheapStretch(code, salt)
    const input = evaluationInput(stretched, outerKey).reveal()
    const element = ristretto255_hasher.hashToCurve(input, { DST: utf8('HashToGroup-OPRFV1-\u0001-ristretto255-SHA512') })
    const evaluated = (key === 1n ? element : element.multiply(key)).toBytes()
    const output = createHash('sha512')
      .update(concatBytes(new Uint8Array([0, input.length]), input, new Uint8Array([0, evaluated.length]), evaluated, utf8('Finalize')))
      .digest()
    if (equalBytes(deriveBytes(output, labels.commitment, 16), statement.commitment)) return code
  }
  return undefined
}

const scalarOf = (bytes: Uint8Array) => ristretto255.Point.Fn.fromBytes(bytes)

describe('a thief of the realms (protocol 4.9)', () => {
  const code = '0093'

  it('all stores without their keys, and one realm whole: no four-digit code can be tested, because the key behind the commitment is not there and one share fits every key', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.enrol(code, { codeKind: 'passcode' })
    const rows = await Promise.all(world.hosts.map((host) => stolenRow(world, host, prepared.statement.registration)))
    const statement = decodeStatement((rows[0] as Registration).statement)

    // the stores: no 32 bytes anywhere are a share, and what is sealed opens with no other realm's key
    for (const [i, host] of world.hosts.entries()) {
      const dump = host.disk.dump()
      for (let at = 0; at + 32 <= dump.length; at++) {
        const window = dump.slice(at, at + 32)
        // only scalars below 2^252 or so can be shares: most of the windows are none
        if (((window[31] as number) & 0xf0) === 0)
          expect(
            statement.realms.some(({ publicKey }) => equalBytes(publicKey, quietly(() => publicKeyOf(window)) ?? new Uint8Array())),
          ).toBe(false)
      }
      await expect(openStolen(world.hosts[(i + 1) % 3] as RealmHost, rows[i] as Registration)).rejects.toThrow('open-failed')
    }

    // one realm whole: for any key there is a second share that makes it, so the stolen one says nothing
    const [host] = world.hosts as [RealmHost]
    const { share } = await openStolen(host, rows[0] as Registration)
    const { Fn } = ristretto255.Point
    for (const key of [1n, 2n, 0x1234_5678n, Fn.ORDER - 1n]) {
      const second = Fn.mul(Fn.sub(key, Fn.mul(weightAtZero([1, 2], 1), scalarOf(share))), Fn.inv(weightAtZero([1, 2], 2)))
      expect(
        scalarOf(
          combineShares([
            { index: 1, value: share },
            { index: 2, value: Fn.toBytes(second) },
          ]),
        ),
      ).toBe(key)
    }
    // so every code is tried under a key that is made up, and none is found
    expect(await bruteForce(statement, 1n, null, fourDigits)).toBeUndefined()
    expect(await bruteForce(statement, scalarOf(share), null, fourDigits.slice(0, 150))).toBeUndefined()

    // the same attack with two whole realms: this is what the threshold stands for
    const second = await openStolen(world.hosts[1] as RealmHost, rows[1] as Registration)
    const key = combineShares([
      { index: 1, value: share },
      { index: 2, value: second.share },
    ])
    expect(await bruteForce(statement, scalarOf(key), null, fourDigits)).toBe(code)
    await expectOpens(statement, key, code, null, [
      { index: 1, part: (await openStolen(host, rows[0] as Registration)).part },
      { index: 2, part: second.part },
    ])
  })

  it('honest statement: a lone realm with its store and its key can be tried code by code by whoever also knows the password, and not without it', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const prepared = await world.enrol(code, { codeKind: 'passcode' })
    const [host] = world.hosts as [RealmHost]
    const row = await stolenRow(world, host, prepared.statement.registration)
    const statement = decodeStatement(row.statement)
    const { share, part } = await openStolen(host, row)

    // without the export key: neither with nothing in its place nor with a key of one's own does the right code show itself
    const codes = fourDigits.slice(0, 150)
    expect(codes).toContain(code)
    expect(await bruteForce(statement, scalarOf(share), null, codes)).toBeUndefined()
    expect(await bruteForce(statement, scalarOf(share), new Secret(new Uint8Array(32)), codes)).toBeUndefined()
    expect(() => unlockOuterKey(new Secret(random.bytes(32)), statement, prepared.outerLock as Bytes)).toThrow('open-failed')

    // with it: found, and the secret opens. Ten thousand stretchings are a quarter of an hour
    const outerKey = unlockOuterKey(world.exportKey, statement, prepared.outerLock as Bytes)
    expect(await bruteForce(statement, scalarOf(share), outerKey, fourDigits)).toBe(code)
    await expectOpens(statement, share, code, outerKey, [{ index: 1, part }])
  })

  async function expectOpens(
    statement: Statement,
    key: Bytes,
    found: string,
    outerKey: Secret | null,
    parts: { index: number; part: Bytes }[],
  ): Promise<void> {
    const input = evaluationInput(await cheapStretch(found, saltOf(statement.account, statement.registration)), outerKey)
    const keys = answerKeys(evaluateOwn(random, key, input))
    const secret = joinSecret(parts, keys.inner, outerKey, { ...statement, realms: statement.realms.length })
    expect(memberFromSecret(secret, labels.secret).sign.publicKey).toEqual(statement.signKey)
    destroyAnswerKeys(keys)
  }
})

describe('A25: realms that are all hostile', () => {
  const guess = '739205'

  /** The same realms by name and signature, with keys of their own, a commitment to the one code that they guess, and no count. */
  async function hostileTwin(world: EscrowWorld, prepared: PreparedRegistration): Promise<EscrowWorld> {
    const twin = await EscrowWorld.create({ realms: 3, threshold: 2, policy: noWaits })
    expect(twin.account).toBe(world.account)
    const { statement } = await twin.enrol(guess)
    // one seed, one name; the key and the commitment are others
    expect(statement.registration).toBe(prepared.statement.registration)
    expect(statement.commitment).not.toEqual(prepared.statement.commitment)
    for (const host of twin.hosts) host.counter.advanceTo = async (value) => value
    return twin
  }

  it('never get a tag for a wrong guess, and learn one guess for each code that the person types; with the statement from the circle nothing is sent at all', async () => {
    const world = await EscrowWorld.create({ realms: 3, threshold: 2 })
    const prepared = await world.enrol('482716')
    const twin = await hostileTwin(world, prepared)
    const backups = twin.hosts.map((host) => host.disk.backup())
    const seen: string[] = []
    for (const host of twin.hosts) {
      host.realm = interceptRealm(host.core, (operation, _, call) => {
        seen.push(operation)
        return call()
      })
    }
    const evil = { statementHash: null, realms: twin.endpoints }
    const type = async (typed: string) => {
      for (const restore of backups) restore()
      return attemptRecovery(world.ports, await surveyRecovery(world.ports, world.target(prepared, evil), world.tokens), typed)
    }
    for (let i = 0; i < 15; i++) {
      const typed = (100_000 + ((i * 7_919 + 31) % 900_000)).toString()
      expect(typed).not.toBe(guess)
      expect((await type(typed)).kind).toBe('wrong-code')
    }
    expect(seen.filter((operation) => operation === 'evaluate')).toHaveLength(30)
    expect(seen).not.toContain('prove')
    // the guess is right: the tag goes out, and with it the one bit that the next attempt would have told as well
    await type(guess)
    expect(seen).toContain('prove')

    seen.length = 0
    const pinned = await surveyRecovery(world.ports, world.target(prepared, { realms: twin.endpoints }), world.tokens)
    expect(pinned.verdict).toBe('unavailable')
    expect(seen).toEqual(['info', 'info', 'info'])
  })
})

describe('A26: guesses spread over the realms', () => {
  const evaluate = (errand: Errand, host: RealmHost, blinded: Bytes) => {
    const endpoint = { realm: host.core, signKey: host.signer.publicKey }
    return host.core.evaluate(makeRequest(random, errand, endpoint, 'evaluate', [blinded]) as Bytes)
  }

  it.each([
    [2, 3],
    [3, 5],
  ])('%i of %i: any schedule over the subsets makes at most ten full guesses', async (threshold, realms) => {
    const { blinded } = blindInput(random, new Secret(random.bytes(32)))
    for (const schedule of ['balanced', 'random', 'greedy'] as const) {
      const world = await EscrowWorld.create({ realms, threshold, policy: noWaits, seed: 60 + realms })
      const prepared = await world.enrol('482716')
      const used = new Map(world.hosts.map((host) => [host, 0]))
      let full = 0
      for (let guess = 0; guess < 14; guess++) {
        const errand = await createErrand(random, world.tokens, 'recover', prepared.statement.registration, world.endpoints)
        const order = [...world.hosts].sort((a, b) =>
          schedule === 'balanced'
            ? (used.get(a) as number) - (used.get(b) as number)
            : schedule === 'random'
              ? random.chance(0.5)
                ? 1
                : -1
              : 0,
        )
        let evaluated = 0
        for (const host of order) {
          if (evaluated === threshold) break
          const before = host.events.length
          await evaluate(errand, host, blinded)
          if (host.events.length === before) continue
          evaluated++
          used.set(host, (used.get(host) as number) + 1)
        }
        if (evaluated === threshold) full++
      }
      expect(full).toBeLessThanOrEqual(10)
      expect(full).toBeGreaterThanOrEqual(5)
      if (schedule === 'balanced') expect(full).toBe(threshold === 2 ? 9 : 10)
      for (const spent of used.values()) expect(spent).toBeLessThanOrEqual(6)
    }
  })

  it('holds for every majority of up to 16 realms', () => {
    for (let realms = 1; realms <= 16; realms++) {
      for (let threshold = Math.floor(realms / 2) + 1; threshold <= realms; threshold++) {
        const share = realmShare(10, threshold, realms)
        const guesses = fullGuesses(
          Array.from({ length: realms }, () => share),
          threshold,
        )
        expect(guesses).toBeLessThanOrEqual(10)
        expect(guesses).toBeGreaterThan(realms <= 10 ? 7 : 4)
      }
    }
  })
})

describe('A21: the operator burns guesses and lets the client register anew', () => {
  it('six steps, repeated for a month of people who type their code whenever they are asked: 20 evaluations', async () => {
    const world = await EscrowWorld.create({ realms: 1, threshold: 1 })
    const [host] = world.hosts as [RealmHost]
    let evaluations = 0
    let registrations = 0
    let refusedPending = 0
    /** whose replies never arrive */
    let lost: string[] = []
    host.realm = lossyRealm(host.core, (operation) => lost.includes(operation))

    // the operator is the sign-in server too: it has as many tokens as it likes
    const guess = async (registration: RegistrationId): Promise<boolean> => {
      const errand = await createErrand(random, world.tokens, 'recover', registration, world.endpoints)
      const { blinded } = blindInput(random, new Secret(random.bytes(32)))
      const before = host.events.filter(({ type }) => type === 'attempted').length
      try {
        await host.core.evaluate(
          makeRequest(random, errand, { realm: host.core, signKey: host.signer.publicKey }, 'evaluate', [blinded]) as Bytes,
        )
      } catch {
        refusedPending++
        return false
      }
      const made = host.events.filter(({ type }) => type === 'attempted').length > before
      if (made) evaluations++
      return made
    }

    for (let today = 0; today < 30; today++) {
      // the person types the code again, up to five times a day
      for (let typed = 0; typed < 5; typed++) {
        const prepared = await world.prepare('482716')
        const enrolment = world.enrolment(prepared)
        // 1. the registration is laid down and its reply dropped  2. the client sends it again
        lost = ['register', 'activate']
        const first = await enrolment.advance()
        if ([...first.faults.values()].includes('rate-limited') || [...first.faults.values()].includes('full')) {
          enrolment.destroy()
          break
        }
        registrations++
        // 3. what is pending answers nothing
        await guess(prepared.statement.registration)
        // 4. the client activates, and the reply is dropped again
        lost = ['activate']
        await world.enrolment(prepared).advance()
        // 5. all guesses that there are
        for (let i = 0; i < 12; i++) {
          if (!(await guess(prepared.statement.registration))) break
        }
        // 6. the client tries to activate once more: the count is what it was
        lost = []
        const { step, faults } = await enrolment.advance()
        expect(step === 'record' || [...faults.values()].includes('burned'), [today, typed, step, ...faults.values()].join(' ')).toBe(true)
        enrolment.destroy()
        // an operator that wants another registration soon has to make room
        const errand = await createErrand(random, world.tokens, 'manage', prepared.statement.registration, world.endpoints)
        await host.core.destroy(makeRequest(random, errand, { realm: host.core, signKey: host.signer.publicKey }, 'destroy', []) as Bytes)
      }
      world.clock.advance(day)
    }
    expect(evaluations).toBeLessThanOrEqual(20)
    expect(evaluations).toBe(20)
    expect(registrations).toBe(90)
    expect(refusedPending).toBeGreaterThanOrEqual(90)
  })
})

describe('shares', () => {
  it('fewer than the threshold are uniform whatever the secret: each single share of 2 of 3 takes a thousand values in a thousand sharings of one key', () => {
    const key = splitScalar(random, ristretto255.Point.Fn.toBytes(7n), 1, 1)[0] as Bytes
    const values = new Set<string>()
    for (let i = 0; i < 1_000; i++) values.add((splitScalar(random, key, 2, 3)[1] as Bytes).join())
    expect(values.size).toBe(1_000)
  })
})

function quietly<T>(call: () => T): T | null {
  try {
    return call()
  } catch {
    return null
  }
}
