/** The realm by itself, rule by rule, with the attacks on its counter. Long because one realm with its clock and store is the ground of every case. */
import {
  encodeCbor,
  isNokkelError,
  newId,
  NokkelError,
  Secret,
  type AccountId,
  type Bytes,
  type CborReader,
  type CborValue,
  type ErrorCode,
} from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { createSigningKey, sign, type SigningKey } from '@nokkel/crypto'
import { describe, expect, it } from 'vitest'
import { blindInput } from '../oprf.ts'
import { newEscrowId, type PreparedRegistration, type RealmId, type RegistrationId } from '../index.ts'
import { EscrowWorld, RealmCrash, type RealmHost } from '../testing/index.ts'
import {
  openAnswer,
  readEvaluate,
  readInfo,
  readProve,
  readStandingAnswer,
  readStatus,
  type EvaluateAnswer,
  type InfoAnswer,
  type ProveAnswer,
} from './answers.ts'
import { labels, requestLabels } from './labels.ts'
import { escrowPolicy, realmShare, waitAfter } from './policy.ts'
import type { RealmOperation } from './realm.ts'
import { activationBody, encodeActivation, encodeRequestBody, requestHash, tokenKindOf, type RequestKind } from './requests.ts'
import { encodeSignedBody } from './signer.ts'

const code = '482716'
const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const random = new SeededRandom(21)
/** of some code: a realm cannot tell of which, so one serves for all */
const { blinded } = blindInput(random, new Secret(random.bytes(32)))

/** A client that keeps to no order: it makes any request, with any token, and sends it as often as it likes. */
class RawClient {
  readonly world: EscrowWorld
  readonly host: RealmHost
  readonly key: SigningKey = createSigningKey(random)
  readonly registration: RegistrationId

  constructor(world: EscrowWorld, registration: RegistrationId, host = world.hosts[0] as RealmHost) {
    this.world = world
    this.host = host
    this.registration = registration
  }

  async request(kind: RequestKind, fields: readonly CborValue[] = [], token?: Bytes, key = this.key): Promise<Bytes> {
    const body = encodeRequestBody(kind, token ?? (await this.token(kind)), random.bytes(16), fields)
    return encodeSignedBody({ body, signature: sign(key, requestLabels[kind], body) })
  }

  token(
    kind: RequestKind,
    more: { registration?: RegistrationId | null; account?: AccountId; realm?: RealmId; expiresMs?: number; clientKey?: Bytes } = {},
  ): Promise<Bytes> {
    return this.world.token(tokenKindOf[kind], {
      realm: this.host.id,
      registration: this.registration,
      clientKey: this.key.publicKey,
      ...more,
    })
  }

  async send<T>(operation: RealmOperation, request: Bytes, read: (reader: CborReader) => T): Promise<T> {
    return openAnswer(await this.host.core[operation](request), this.host.id, this.host.signer.publicKey, requestHash(request), read)
  }

  async info(): Promise<InfoAnswer> {
    return this.send('info', await this.request('info'), readInfo)
  }

  evaluation(token?: Bytes): Promise<Bytes> {
    return this.request('evaluate', [blinded], token)
  }

  async guess(): Promise<EvaluateAnswer> {
    return this.send('evaluate', await this.evaluation(), readEvaluate)
  }

  async prove(tag: Bytes, token?: Bytes): Promise<ProveAnswer> {
    return this.send('prove', await this.request('prove', [tag], token), readProve)
  }

  get evaluations(): number {
    return this.host.events.filter(({ type }) => type === 'attempted').length
  }
}

async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | 'no error'> {
  try {
    await promise
    return 'no error'
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
}

async function lone(
  policy = escrowPolicy,
  seed = 1,
): Promise<{ world: EscrowWorld; prepared: PreparedRegistration; client: RawClient; host: RealmHost }> {
  const world = await EscrowWorld.create({ realms: 1, threshold: 1, policy, seed })
  const prepared = await world.enrol(code)
  const client = new RawClient(world, prepared.statement.registration)
  return { world, prepared, client, host: client.host }
}

const noWaits = { ...escrowPolicy, waits: [] }

describe('the count (F7)', () => {
  it('A22: 200 guesses at once with 10 left are 10 evaluations, round after round', async () => {
    for (let round = 0; round < 4; round++) {
      const { client } = await lone(noWaits, 100 + round)
      const requests = await Promise.all(Array.from({ length: 200 }, () => client.evaluation()))
      const answers = await Promise.all(requests.map((request) => client.send('evaluate', request, readEvaluate)))
      expect(answers.filter(({ outcome }) => outcome === 'evaluated')).toHaveLength(10)
      expect(new Set(answers.flatMap((answer) => (answer.outcome === 'evaluated' ? [answer.left] : [])))).toEqual(
        new Set([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
      )
      expect(client.evaluations).toBe(10)
      expect(await client.info()).toMatchObject({ state: 'active', left: 0 })
    }
  })

  it('A22: 1,000 wrong codes against the growing waits: 3, 2, 2, 1, 1 and 1 at a time, then the record is destroyed for good', async () => {
    const { world, client, host } = await lone()
    const bursts: number[] = []
    for (const waitMs of [minute, 10 * minute, hour, 6 * hour, day, 0]) {
      const requests = await Promise.all(Array.from({ length: 170 }, () => client.evaluation()))
      const answers = await Promise.all(requests.map((request) => client.send('evaluate', request, readEvaluate)))
      bursts.push(answers.filter(({ outcome }) => outcome === 'evaluated').length)
      if (waitMs === 0) break
      expect((await client.info()).waitMs).toBe(waitMs)
      world.clock.advance(waitMs - 1)
      expect((await client.guess()).outcome).toBe('stands')
      world.clock.advance(1)
    }
    expect(bursts).toEqual([3, 2, 2, 1, 1, 1])
    world.clock.advance(10 * minute)
    expect(await client.info()).toEqual({ state: 'burned', reason: 'attempts', left: 0, waitMs: 0, statement: null })
    expect(await client.guess()).toEqual({ outcome: 'stands', standing: { state: 'burned', reason: 'attempts', left: 0, waitMs: 0 } })
    expect(host.events.at(-1)).toMatchObject({ type: 'burned', reason: 'attempts' })
    expect(client.evaluations).toBe(10)
  })

  it('the tenth guess may be the right one: its proof has as long as its token, then keys and part are overwritten', async () => {
    const { world, prepared, client, host } = await lone(noWaits)
    for (let i = 0; i < 9; i++) await client.guess()
    const sealed = host.disk.dump()
    expect(await client.guess()).toMatchObject({ outcome: 'evaluated', left: 0 })
    world.clock.advance(escrowPolicy.tokenLifeMs - 1)
    expect(await client.info()).toMatchObject({ state: 'active', left: 0, waitMs: 1 })
    world.clock.advance(1)
    expect(await host.core.sweep()).toBe(1)
    expect(await host.core.sweep()).toBe(0)
    expect(host.events.at(-1)).toMatchObject({ type: 'burned', registration: prepared.statement.registration })
    // the document before was a thousand bytes of statement and sealed keys; what is left is a tombstone and a ledger
    expect(host.disk.dump().length).toBeLessThan(sealed.length / 2)
    expect(await client.info()).toMatchObject({ state: 'burned', reason: 'attempts' })
  })

  it('A23: the guess is durable, and the counter outside up, before the realm evaluates', async () => {
    const { client, host } = await lone()
    for (const when of ['before', 'after'] as const) {
      const before = await client.info()
      const request = await client.evaluation()
      const commits = host.disk.commits
      host.disk.crashAt = (commit) => (commit === commits ? when : undefined)
      await expect(client.send('evaluate', request, readEvaluate)).rejects.toThrow(RealmCrash)
      host.disk.crashAt = undefined
      await host.restart()
      const after = await client.info()
      expect(after.left).toBe(before.left - (when === 'after' ? 1 : 0))
      // the same request again: answered, and not charged again
      const answer = await client.send('evaluate', request, readEvaluate)
      expect(answer).toMatchObject({ outcome: 'evaluated', left: before.left - 1 })
      expect((await client.info()).left).toBe(before.left - 1)
      expect(await host.counter.read()).toBe((await host.disk.open().meta()).epoch)
    }
  })

  it('A24: the same request is answered with the same evaluation and charged once, in parallel too, until its token ends', async () => {
    const { world, client } = await lone()
    const request = await client.evaluation()
    const first = await client.send('evaluate', request, readEvaluate)
    const again = await Promise.all(Array.from({ length: 20 }, () => client.send('evaluate', request, readEvaluate)))
    for (const answer of again) expect(answer).toEqual(first)
    expect((await client.info()).left).toBe(9)
    const parallel = await client.evaluation()
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.send('evaluate', parallel, readEvaluate)))
    expect(new Set(answers.map((answer) => (answer.outcome === 'evaluated' ? answer.evaluated.join() : ''))).size).toBe(1)
    expect((await client.info()).left).toBe(8)
    world.clock.advance(escrowPolicy.tokenLifeMs)
    expect(await codeOf(client.send('evaluate', request, readEvaluate))).toBe('escrow-refused')
  })

  it('A24: a token takes one guess: another blinded element or nonce under it is refused and costs nothing', async () => {
    const { client } = await lone()
    const token = await client.token('evaluate')
    const requests = await Promise.all(Array.from({ length: 50 }, () => client.evaluation(token)))
    const outcomes = await Promise.all(requests.map((request) => codeOf(client.send('evaluate', request, readEvaluate))))
    expect(outcomes.filter((outcome) => outcome === 'no error')).toHaveLength(1)
    expect(new Set(outcomes)).toEqual(new Set(['no error', 'escrow-refused']))
    expect((await client.info()).left).toBe(9)
  })

  it('what is no group element costs nothing', async () => {
    const { client } = await lone()
    for (const bad of [new Uint8Array(32), new Uint8Array(32).fill(0xff), new Uint8Array(31), 7, null]) {
      expect(await codeOf(client.request('evaluate', [bad]).then((request) => client.send('evaluate', request, readEvaluate)))).toBe(
        'escrow-refused',
      )
    }
    expect((await client.info()).left).toBe(10)
  })

  it('a realm that cannot open its shares takes no guess', async () => {
    const { client, host } = await lone()
    const { open } = host.kek
    host.kek.open = async () => {
      throw new RangeError('the key store is away')
    }
    await expect(client.guess()).rejects.toThrow(RangeError)
    host.kek.open = open
    expect((await client.info()).left).toBe(10)
    expect((await client.guess()).outcome).toBe('evaluated')
  })

  it('A21: 20 guesses an account in 30 days, over all of its registrations; right ones are not counted', async () => {
    const { world, client } = await lone(noWaits)
    const others = [await world.enrol('730418'), await world.enrol('615204', { slot: newEscrowId(random) })].map(
      ({ statement }) => new RawClient(world, statement.registration),
    )
    for (let i = 0; i < 9; i++) await client.guess()
    world.clock.advance(day)
    const [second, third] = others as [RawClient, RawClient]
    for (let i = 0; i < 9; i++) expect((await second.guess()).outcome).toBe('evaluated')
    for (let i = 0; i < 2; i++) expect((await third.guess()).outcome).toBe('evaluated')
    for (const each of [client, second, third]) expect((await each.guess()).outcome).toBe('stands')
    expect(await third.info()).toMatchObject({ state: 'active', left: 8, waitMs: 29 * day })
    world.clock.advance(29 * day)
    for (let i = 0; i < 8; i++) expect((await third.guess()).outcome).toBe('evaluated')
  })

  it('the waits of a realm that sees two of three guesses come where those of a lone realm would', () => {
    const lonely = Array.from({ length: 10 }, (_, i) => waitAfter(escrowPolicy, i + 1, 10, 10))
    expect(lonely).toEqual([0, 0, minute, 0, 10 * minute, 0, hour, 6 * hour, day, 0])
    expect(Array.from({ length: 5 }, (_, i) => waitAfter(escrowPolicy, i + 1, 10, 6))).toEqual([0, minute, 10 * minute, 0, 6 * hour])
    for (const [threshold, realms, share] of [
      [1, 1, 10],
      [2, 3, 6],
      [3, 5, 6],
      [2, 2, 10],
      [9, 16, 5],
    ] as const) {
      expect(realmShare(10, threshold, realms)).toBe(share)
      expect(Math.floor((share * realms) / threshold)).toBeLessThanOrEqual(10)
    }
  })
})

describe('tokens and refusals (one answer for every reason)', () => {
  it('a token is for its account, registration, realm, client and time', async () => {
    const { world, client } = await lone()
    const other = await world.createHost()
    const stranger = createSigningKey(random)
    const now = world.clock.nowMs()
    const tokens: [string, Bytes][] = [
      ['another account', await client.token('info', { account: newId<AccountId>(random) })],
      ['another registration', await client.token('info', { registration: newEscrowId<RegistrationId>(random) })],
      ['no registration', await client.token('info', { registration: null })],
      ['another realm', await client.token('info', { realm: other.id })],
      ['another client', await client.token('info', { clientKey: stranger.publicKey })],
      ['past', await client.token('info', { expiresMs: now })],
      ['too long', await client.token('info', { expiresMs: now + 13 * minute })],
      ['another purpose', await client.token('status')],
      ['to register', await client.token('register')],
      ['none', new Uint8Array(0)],
      ['noise', random.bytes(150)],
    ]
    for (const [what, token] of tokens) {
      for (const kind of ['info', 'evaluate', 'prove'] as const) {
        const fields = kind === 'info' ? [] : [kind === 'prove' ? random.bytes(32) : blinded]
        expect(
          await codeOf(client.request(kind, fields, token).then((request) => client.host.core[kind](request))),
          `${what}, ${kind}`,
        ).toBe('escrow-refused')
      }
    }
    expect(await client.info()).toMatchObject({ state: 'active', left: 10 })
    expect(client.host.events).toEqual([])
  })

  it('a token of another issuer, and one that was changed anywhere, are refused', async () => {
    const { client, world } = await lone()
    const foreign = await EscrowWorld.create({ realms: 1, threshold: 1, seed: 50 })
    const token = await foreign.token('recover', {
      realm: client.host.id,
      registration: client.registration,
      clientKey: client.key.publicKey,
      account: world.account,
    })
    expect(await codeOf(client.request('info', [], token).then((request) => client.host.core.info(request)))).toBe('escrow-refused')
    const good = await client.request('info')
    expect(await codeOf(client.host.core.info(good))).toBe('no error')
    for (let at = 0; at < good.length; at++) {
      const bad = good.slice()
      bad[at] = (bad[at] as number) ^ (1 << (at & 7))
      expect(await codeOf(client.host.core.info(bad)), `byte ${at}`).toBe('escrow-refused')
    }
    for (const bad of [new Uint8Array(0), good.slice(1), good.slice(0, -1), encodeCbor([good, 1]), random.bytes(9_000)])
      expect(await codeOf(client.host.core.info(bad))).toBe('escrow-refused')
  })

  it('a token taken from the wire serves nobody without the client key', async () => {
    const { client } = await lone()
    const token = await client.token('evaluate')
    const thief = createSigningKey(random)
    expect(await codeOf(client.request('evaluate', [blinded], token, thief).then((request) => client.host.core.evaluate(request)))).toBe(
      'escrow-refused',
    )
  })

  it('A44: no record, a pending one and a wrong tag are refused alike', async () => {
    const { world, client } = await lone()
    const pending = await world.prepare('730418')
    const enrolment = world.enrolment(pending)
    // laid down, and the client dies
    const realm = world.hosts[0] as RealmHost
    const core = realm.core
    realm.realm = {
      ...core,
      id: core.id,
      register: core.register,
      info: core.info,
      activate: async () => Promise.reject(new RealmCrash()),
    } as typeof realm.realm
    await expect(world.enrolment(pending).advance()).rejects.toThrow(RealmCrash)
    expect(enrolment.step).toBe('lay-down')
    const cases = [new RawClient(world, newEscrowId<RegistrationId>(random)), new RawClient(world, pending.statement.registration)]
    for (const each of cases) {
      expect(await codeOf(each.info())).toBe('escrow-refused')
      expect(await codeOf(each.guess())).toBe('escrow-refused')
      expect(await codeOf(each.prove(random.bytes(32)))).toBe('escrow-refused')
    }
    expect(await codeOf(client.prove(random.bytes(32)))).toBe('escrow-refused')
    expect((await client.info()).left).toBe(10)
  })

  it('a wrong tag ends its token, also for the evaluation that it paid for', async () => {
    const { client } = await lone()
    const token = await client.token('evaluate')
    const request = await client.evaluation(token)
    await client.send('evaluate', request, readEvaluate)
    expect(await codeOf(client.prove(random.bytes(32), token))).toBe('escrow-refused')
    expect(await codeOf(client.send('evaluate', request, readEvaluate))).toBe('escrow-refused')
    expect((await client.info()).left).toBe(9)
  })
})

describe('registration (A21)', () => {
  it('PENDING takes the place of nothing, and only the recovery secret activates', async () => {
    const { world, prepared, client, host } = await lone()
    const next = await world.prepare('730418')
    const pending = new RawClient(world, next.statement.registration)
    const deposit = next.deposits[0] as PreparedRegistration['deposits'][number]
    const lay = await pending.request('register', [next.encoded, deposit.share.reveal(), deposit.tagHash, deposit.part])
    expect(await pending.send('register', lay, readStandingAnswer)).toEqual({ state: 'pending', reason: 'none', left: 10, waitMs: 0 })
    expect(await client.info()).toMatchObject({ state: 'active', left: 10 })

    const activation = { account: world.account, registration: next.statement.registration, realm: host.id }
    const body = activationBody(activation)
    const wrongSignatures = [
      sign(prepared.member.sign, labels.activation, body),
      sign(createSigningKey(random), labels.activation, body),
      sign(next.member.sign, labels.statement, body),
      sign(next.member.sign, labels.activation, activationBody({ ...activation, registration: prepared.statement.registration })),
    ]
    for (const signature of wrongSignatures)
      expect(await codeOf(host.core.activate(encodeActivation(activation, signature)))).toBe('escrow-refused')
    const right = encodeActivation(activation, sign(next.member.sign, labels.activation, body))
    expect(
      await codeOf(
        host.core.activate(
          encodeActivation({ ...activation, realm: newEscrowId<RealmId>(random) }, sign(next.member.sign, labels.activation, body)),
        ),
      ),
    ).toBe('escrow-refused')
    expect(await pending.send('activate', right, readStandingAnswer)).toMatchObject({ state: 'active', left: 10 })

    // neither a repeated activation nor a repeated registration gives a guess back
    await pending.guess()
    expect(await pending.send('activate', right, readStandingAnswer)).toMatchObject({ state: 'active', left: 9 })
    expect(await pending.send('register', lay, readStandingAnswer)).toMatchObject({ state: 'active', left: 9 })
    expect(await client.info()).toMatchObject({ state: 'active', left: 10 })
  })

  it('a deposit that does not fit its statement, or a second one under the same name, is refused', async () => {
    const { world, host } = await lone()
    const next = await world.prepare('730418')
    const other = await world.prepare('615204')
    const client = new RawClient(world, next.statement.registration)
    const deposit = next.deposits[0] as PreparedRegistration['deposits'][number]
    const foreign = other.deposits[0] as PreparedRegistration['deposits'][number]
    const fields = [next.encoded, deposit.share.reveal().slice(), deposit.tagHash, deposit.part] as const
    const bad: CborValue[][] = [
      [fields[0], foreign.share.reveal().slice(), fields[2], fields[3]],
      [fields[0], new Uint8Array(32), fields[2], fields[3]],
      [fields[0], new Uint8Array(32).fill(0xff), fields[2], fields[3]],
      [fields[0], fields[1], fields[2], foreign.part],
      [other.encoded, foreign.share.reveal().slice(), foreign.tagHash, foreign.part],
      [fields[0], fields[1], fields[2]],
      [...fields, 1],
    ]
    for (const each of bad)
      expect(await codeOf(client.request('register', each).then((request) => host.core.register(request)))).toBe('escrow-refused')
    expect(await codeOf(client.request('register', [...fields]).then((request) => host.core.register(request)))).toBe('no error')
    // same name, other tag: whoever it is, the first one stands
    expect(
      await codeOf(
        client.request('register', [fields[0], fields[1], random.bytes(32), fields[3]]).then((request) => host.core.register(request)),
      ),
    ).toBe('escrow-refused')
  })

  it('three a day for one code, two in force at a time; others of the account are counted for themselves', async () => {
    const { world, host, prepared } = await lone()
    const second = await world.enrol('730418')
    await expect(world.enrol('615204')).rejects.toThrow('full')
    const endpoints = world.endpoints
    const destroy = (registration: RegistrationId) =>
      new RawClient(world, registration).request('destroy').then((request) => host.core.destroy(request))
    await destroy(prepared.statement.registration)
    await world.enrol('615204')
    await destroy(second.statement.registration)
    await expect(world.enrol('526193')).rejects.toThrow('rate-limited')
    await world.enrol('526193', { slot: newEscrowId(random) })
    world.clock.advance(day)
    await world.enrol('526193')
    expect(endpoints).toHaveLength(1)
  })

  it('what nobody activates is erased after a day, and its late activation is told so', async () => {
    const { world, host } = await lone()
    const next = await world.prepare('730418')
    const client = new RawClient(world, next.statement.registration)
    const deposit = next.deposits[0] as PreparedRegistration['deposits'][number]
    await client.send(
      'register',
      await client.request('register', [next.encoded, deposit.share.reveal(), deposit.tagHash, deposit.part]),
      readStandingAnswer,
    )
    world.clock.advance(day)
    expect(await host.core.sweep()).toBe(1)
    const activation = { account: world.account, registration: next.statement.registration, realm: host.id }
    const late = encodeActivation(activation, sign(next.member.sign, labels.activation, activationBody(activation)))
    expect(await client.send('activate', late, readStandingAnswer)).toMatchObject({ state: 'burned', reason: 'expired' })
  })
})

describe('what trusted devices may do', () => {
  it('see attempts, freeze and thaw, destroy; each once a token, and never raise a count', async () => {
    const { world, prepared, client, host } = await lone()
    const status = async () =>
      client.send('status', await client.request('status', [], await client.token('status', { registration: null })), readStatus)
    expect(await status()).toEqual([
      {
        registration: client.registration,
        slot: prepared.statement.slot,
        state: 'active',
        reason: 'none',
        left: 10,
        waitMs: 0,
        triedAgoMs: null,
      },
    ])
    await client.guess()
    world.clock.advance(5 * minute)
    expect(await status()).toMatchObject([{ left: 9, triedAgoMs: 5 * minute }])

    const freeze = await client.request('freeze')
    expect(await client.send('freeze', freeze, readStandingAnswer)).toMatchObject({ state: 'locked', reason: 'frozen' })
    expect(await client.guess()).toMatchObject({ outcome: 'stands', standing: { state: 'locked', reason: 'frozen', left: 9 } })
    expect(await client.info()).toMatchObject({ state: 'locked', reason: 'frozen', statement: null })
    expect(await client.prove(random.bytes(32))).toMatchObject({ outcome: 'stands' })
    expect(await client.send('thaw', await client.request('thaw'), readStandingAnswer)).toMatchObject({ state: 'active', left: 9 })
    // the old freeze, sent again by somebody on the way, does nothing
    expect(await client.send('freeze', freeze, readStandingAnswer)).toMatchObject({ state: 'active', left: 9 })

    const token = await client.token('destroy')
    expect(await client.send('destroy', await client.request('destroy', [], token), readStandingAnswer)).toMatchObject({
      state: 'burned',
      reason: 'member',
    })
    expect(await status()).toMatchObject([{ state: 'burned', reason: 'member' }])
    expect(host.events.at(-1)).toMatchObject({ type: 'burned', reason: 'member' })
    const unknown = new RawClient(world, newEscrowId<RegistrationId>(random))
    expect(await unknown.send('destroy', await unknown.request('destroy'), readStandingAnswer)).toMatchObject({
      state: 'burned',
      reason: 'none',
    })
  })

  it('a token to recover manages nothing, and one to manage tries nothing', async () => {
    const { client } = await lone()
    for (const kind of ['status', 'destroy', 'freeze', 'thaw'] as const) {
      expect(
        await codeOf(
          client
            .request(kind, [], undefined)
            .then(async () => client.host.core[kind](await client.request(kind, [], await client.token('info')))),
        ),
      ).toBe('escrow-refused')
    }
    expect(await codeOf(client.evaluation(await client.token('destroy')).then((request) => client.host.core.evaluate(request)))).toBe(
      'escrow-refused',
    )
    expect((await client.info()).left).toBe(10)
  })
})

describe('a store that was rolled back (protocol 4.9)', () => {
  it('restored at rest: all records are locked until they are made anew, and the realm says so', async () => {
    const { world, client, host, prepared } = await lone()
    const restore = host.disk.backup()
    for (let i = 0; i < 3; i++) await client.guess()
    restore()
    await host.restart()
    expect(host.events.at(-1)).toMatchObject({ type: 'rolled-back', counter: 3, storeEpoch: 0 })
    expect(await client.info()).toMatchObject({ state: 'locked', reason: 'restored' })
    expect(await client.guess()).toMatchObject({ outcome: 'stands', standing: { state: 'locked', reason: 'restored' } })
    expect(client.evaluations).toBe(3)
    // nothing thaws it
    expect(await client.send('thaw', await client.request('thaw'), readStandingAnswer)).toMatchObject({
      state: 'locked',
      reason: 'restored',
    })
    await host.restart()
    expect(await client.info()).toMatchObject({ state: 'locked' })
    const anew = await world.enrol('730418')
    expect(await new RawClient(world, anew.statement.registration).info()).toMatchObject({ state: 'active', left: 10 })
    expect(anew.statement.slot).toBe(prepared.statement.slot)
  })

  it('restored under a running realm: the next guess is not evaluated', async () => {
    const { client, host } = await lone()
    await client.guess()
    const restore = host.disk.backup()
    await client.guess()
    await client.guess()
    restore()
    expect(await codeOf(client.guess())).toBe('busy')
    expect(client.evaluations).toBe(3)
    expect(await client.info()).toMatchObject({ state: 'locked', reason: 'restored' })
  })

  it('A22: restored again and again, one guess at a time, by whoever holds the backups: no evaluation is gained', async () => {
    const { world, client, host } = await lone()
    const backups = [host.disk.backup()]
    for (let i = 0; i < 12; i++) {
      for (const restore of backups) {
        restore()
        await host.restart()
        await codeOf(client.guess())
        world.clock.advance(day)
      }
      backups.push(host.disk.backup())
      if (backups.length > 4) backups.shift()
    }
    expect(client.evaluations).toBeLessThanOrEqual(10)
  })

  it('a record that was destroyed does not come back, nor one that was pending when the backup was made', async () => {
    const { world, client, host } = await lone()
    const next = await world.prepare('730418')
    const pending = new RawClient(world, next.statement.registration)
    const deposit = next.deposits[0] as PreparedRegistration['deposits'][number]
    await pending.send(
      'register',
      await pending.request('register', [next.encoded, deposit.share.reveal(), deposit.tagHash, deposit.part]),
      readStandingAnswer,
    )
    const restore = host.disk.backup()
    const activation = { account: world.account, registration: next.statement.registration, realm: host.id }
    const recorded = encodeActivation(activation, sign(next.member.sign, labels.activation, activationBody(activation)))
    await pending.send('activate', recorded, readStandingAnswer)
    await client.send('destroy', await client.request('destroy'), readStandingAnswer)
    restore()
    await host.restart()
    expect(await client.info()).toMatchObject({ state: 'locked', reason: 'restored' })
    expect(await pending.send('activate', recorded, readStandingAnswer)).toMatchObject({ state: 'locked', reason: 'restored' })
  })

  it('a counter that is gone under a store in use is taken for a rolled-back store; a fresh pair is not', async () => {
    const { client, host } = await lone()
    await host.restart()
    expect(await client.info()).toMatchObject({ state: 'active' })
    await client.guess()
    host.counter.lose()
    await host.restart()
    expect(await client.info()).toMatchObject({ state: 'locked', reason: 'restored' })
  })

  it('killed between store and counter: the store is the newer one, and nothing is locked', async () => {
    const { client, host } = await lone()
    const { advanceTo } = host.counter
    host.counter.advanceTo = async () => {
      throw new RealmCrash()
    }
    const request = await client.evaluation()
    await expect(client.send('evaluate', request, readEvaluate)).rejects.toThrow(RealmCrash)
    host.counter.advanceTo = advanceTo
    expect(await host.counter.read()).toBe(0)
    await host.restart()
    expect(await host.counter.read()).toBe(1)
    expect(await client.info()).toMatchObject({ state: 'active', left: 9 })
    expect(await client.send('evaluate', request, readEvaluate)).toMatchObject({ outcome: 'evaluated', left: 9 })
  })

  it('while the counter cannot be raised nothing is evaluated, and nothing is charged again', async () => {
    const { client, host } = await lone()
    const { advanceTo } = host.counter
    const evaluated: number[] = []
    host.counter.advanceTo = async () => {
      throw new NokkelError('busy')
    }
    const request = await client.evaluation()
    for (let i = 0; i < 3; i++) expect(await codeOf(client.send('evaluate', request, readEvaluate))).toBe('busy')
    host.counter.advanceTo = (value) => (evaluated.push(value), advanceTo.call(host.counter, value))
    expect(await client.send('evaluate', request, readEvaluate)).toMatchObject({ outcome: 'evaluated', left: 9 })
    expect(evaluated).toContain(1)
    expect((await client.info()).left).toBe(9)
  })

  it('two processes on one store, each counting: no false alarm', async () => {
    const { world, client, host } = await lone(noWaits)
    const first = host.core
    await host.restart()
    const second = host.core
    for (let i = 0; i < 8; i++) {
      const request = await client.evaluation()
      await (i % 2 === 0 ? first : second).evaluate(request)
    }
    const requests = await Promise.all([client.evaluation(), client.evaluation()])
    await Promise.all([first.evaluate(requests[0] as Bytes), second.evaluate(requests[1] as Bytes)])
    expect(host.events.filter(({ type }) => type === 'rolled-back')).toEqual([])
    expect(client.evaluations).toBe(10)
    expect(world.clock.nowMs()).toBeGreaterThan(0)
  })
})
