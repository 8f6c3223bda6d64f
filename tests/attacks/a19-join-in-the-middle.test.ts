/**
 * A19: the server stands in the middle of an approval: it passes on its own keys, changes messages, or plays each side to the other.
 * Defence: the six-digit code is run through CPace, so that each run lets an active attacker test one code, and both sides count runs.
 * Fails when: the confirmation is not compared; the code is cut short; the transcript leaves the devices' own words out; runs are not
 * counted; the admitted device need not be the one that was shown.
 */
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  CborReader,
  encodeCbor,
  fromBase64url,
  idToBytes,
  newId,
  NokkelError,
  systemRandom,
  toBase64url,
  toHex,
  utf8,
  type AccountId,
  type Bytes,
  type DeviceId,
  type RequestId,
} from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { generatorString, lvCat, sessionKey } from '@nokkel/crypto'
import { platformBackend as backend } from '@nokkel/crypto/backends'
import { ristretto255_hasher } from '@noble/curves/ed25519.js'
import {
  ApplicantRun,
  ApproverRun,
  createDeviceKeys,
  deviceRecordOf,
  joinRules,
  labels,
  limits,
  makeReverseSignature,
} from '@nokkel/protocol'
import { jsonAnswer, jsonOf, type EvilProxy, type Exchange } from './evil-proxy.ts'
import { ShiftedClock, World, codeOf, dayMs, strangerKeys, type TestDevice } from './world.ts'

const guesses = Number(process.env['NOKKEL_GUESSES'] ?? 10_000)

describe('A19: on the wire', () => {
  const serverClock = new ShiftedClock()
  let world: World
  let anna: TestDevice
  let berit: TestDevice
  let ticket: { readonly requestId: RequestId; readonly code: string }

  beforeAll(async () => {
    world = await World.start({}, { clock: serverClock })
    anna = await world.founder('Anna', 'anna@example.org')
    berit = await world.device('Berit')
    await berit.signIn('anna@example.org')
  })
  beforeEach(async () => {
    for (const { proxy } of [anna, berit]) proxy.honest()
    // another hour and another day, so that no counter of an earlier test is in the way
    serverClock.offsetMs += 3_700_000
    anna.clock.offsetMs += dayMs + 1
    await berit.signIn('anna@example.org')
    ticket = await berit.client.requestJoin()
  })
  afterAll(() => world.end())

  /** Both sides at once; what each of them says at the end. */
  async function run(code = ticket.code, timeoutMs = 5_000): Promise<{ anna: string; berit: string }> {
    const abort = new AbortController()
    const waiting = codeOf(() => berit.client.waitForJoin({ signal: abort.signal }))
    const approved = await codeOf(() => anna.client.approve(ticket.requestId, code, { timeoutMs }))
    // what comes to Berit afterwards, if anything, she has seen when she has looked a few times more
    const looked = berit.proxy.exchanges('joinReceive').length
    let over = false
    void waiting.then(() => (over = true))
    while (!over && berit.proxy.exchanges('joinReceive').length < looked + 5) await new Promise((resolve) => setTimeout(resolve, 10))
    abort.abort()
    return { anna: approved, berit: await waiting }
  }

  const nobodyWasLetIn = async (): Promise<void> => {
    const active = (await anna.client.devices()).filter(({ status }) => status === 'active')
    expect(active.map(({ id }) => id)).toEqual([await anna.id()])
    expect(await berit.client.state()).toBe('signed-in')
    expect((await berit.look()).accountKeys.size).toBe(0)
  }

  /** Messages of `step` as they pass, changed by `edit`. */
  const onMessages = (proxy: EvilProxy, step: number, edit: (body: Bytes) => Uint8Array): void => {
    proxy.on('joinReceive', async ({ forward }) => {
      const answer = await forward()
      if (answer.status !== 200) return answer
      const value = jsonOf(answer) as { messages: { step: number; body: string }[] }
      return jsonAnswer({
        ...value,
        messages: value.messages.map((message) =>
          message.step === step ? { ...message, body: toBase64url(edit(fromBase64url(message.body))) } : message,
        ),
      })
    })
  }

  it('the first message changed in the share, or in what the trusted device says of itself: the code is wrong, nobody is let in', async () => {
    for (const at of [30, -5]) {
      onMessages(berit.proxy.honest(), 1, (body) => flipped(body, at < 0 ? body.length + at : at))
      // a share that is no point any more is not answered at all
      expect((await run(ticket.code, 2_000)).anna).toMatch(/^(code-wrong|applicant-offline)$/)
      await nobodyWasLetIn()
    }
  })

  it('any bit of the second message: the code is wrong, nobody is let in', async () => {
    const random = new SeededRandom(20)
    onMessages(anna.proxy, 2, (body) => flipped(body, random.below(body.length)))
    expect((await run()).anna).toBe('code-wrong')
    await nobodyWasLetIn()
  })

  it('the new device’s keys exchanged for the server’s, in whatever it says about the device: not one of them counts', async () => {
    const evil = strangerKeys()
    const deviceId = await berit.id()
    for (const route of ['joinList', 'joinReceive'] as const)
      anna.proxy.editJson(route, (value) => JSON.parse(JSON.stringify(value).replaceAll(deviceId, evil.id)) as unknown)
    // the code was right, and the device behind it is not the one that the server showed
    expect((await run()).anna).toBe('join-failed')
    await nobodyWasLetIn()
  })

  it('the server answers in the new device’s place, with its own keys and a guess', async () => {
    const evil = createDeviceKeys(systemRandom, await berit.id(), 'cli')
    const account = (await anna.client.status()).accountId as AccountId
    const guess = ticket.code === '111111' ? '222222' : '111111'
    berit.proxy.on('joinReceive', () => jsonAnswer({}, 500))
    onMessagesOf(
      anna.proxy,
      (message1) => new ApplicantRun(systemRandom, { account, request: ticket.requestId }, guess, evil, message1).message2,
    )
    expect((await run()).anna).toBe('code-wrong')
    await nobodyWasLetIn()
  })

  it('and with the code it would work: the guess is all that is missing', async () => {
    // what the test before shows is worth something only if this goes through
    const evil = createDeviceKeys(systemRandom, await berit.id(), 'cli')
    const account = (await anna.client.status()).accountId as AccountId
    berit.proxy.on('joinReceive', () => jsonAnswer({}, 500))
    onMessagesOf(
      anna.proxy,
      (message1) => new ApplicantRun(systemRandom, { account, request: ticket.requestId }, ticket.code, evil, message1).message2,
    )
    expect((await run()).anna).toBe('accepted')
    const { circle } = (await anna.look()).requireTrusted()
    expect(toHex(circle.devices.get(evil.id)?.signKey ?? new Uint8Array(0))).toBe(toHex(evil.sign.publicKey))
    // the impostor has the place; Berit sees that it is not she who was let in
    berit.proxy.honest()
    await anna.client.removeDevice(evil.id, { deleteCopy: false })
    expect(await codeOf(() => berit.client.waitForJoin({ signal: AbortSignal.timeout(500) }))).not.toBe('accepted')
    berit = await world.device('Berit again')
    await berit.signIn('anna@example.org')
  })

  it('the server plays the trusted device towards the new one, three guesses long, and is then out', async () => {
    const account = (await anna.client.status()).accountId as AccountId
    const place = { account, request: ticket.requestId }
    const data = { device: await anna.id(), circleSeq: 0, circleHead: systemRandom.bytes(32), genesisHash: systemRandom.bytes(32) }
    const runs = Array.from({ length: joinRules.runsPerRequest + 1 }, (_, i) => new ApproverRun(systemRandom, place, `00000${i}`, data))
    const answered = new Map<string, Bytes>()
    berit.proxy.on('joinReceive', async ({ forward }) => {
      const value = jsonOf(await forward()) as { request: unknown }
      // one more each time that the last one was answered
      const shown = runs
        .slice(0, answered.size + 1)
        .map(({ run: id, message1 }) => ({ run: toHex(id), step: 1, body: toBase64url(message1) }))
      return jsonAnswer({ ...value, messages: shown })
    })
    berit.proxy.on('joinSend', ({ body }: Exchange) => {
      const message = JSON.parse(body.toString('utf8')) as { run: string; body: string }
      answered.set(message.run, fromBase64url(message.body))
      return jsonAnswer({})
    })
    expect(await codeOf(() => berit.client.waitForJoin())).toBe('code-attempts-used')
    expect(answered.size).toBe(joinRules.runsPerRequest)
    for (const evil of runs) {
      const message2 = answered.get(toHex(evil.run))
      if (message2 !== undefined) expect(await codeOf(() => evil.receive2(message2, account))).toBe('code-wrong')
    }
    // counted on the device, so also after a restart, and with it the code is gone
    await berit.restart()
    expect((await berit.client.status()).joinRequest).toBeNull()
    await nobodyWasLetIn()
  })

  it('the last message comes from somebody who does not know the code: the new device stays outside', async () => {
    berit.proxy.on('joinReceive', async ({ forward }) => {
      const value = jsonOf(await forward()) as { messages: { run: string; step: number; body: string }[] }
      const forged = encodeCbor([1, systemRandom.bytes(64), systemRandom.bytes(80)])
      const messages = value.messages.filter(({ step }) => step < 3)
      return jsonAnswer({
        ...value,
        messages: [
          ...messages,
          ...messages.filter(({ step }) => step === 1).map(({ run: id }) => ({ run: id, step: 3, body: toBase64url(forged) })),
        ],
      })
    })
    const said = await run()
    expect(said).toEqual({ anna: 'accepted', berit: 'cancelled' })
    expect(await berit.client.state()).toBe('signed-in')
    expect((await berit.look()).accountKeys.size).toBe(0)
    // the true one is still there
    berit.proxy.honest()
    await berit.client.waitForJoin()
    expect(await berit.client.state()).toBe('trusted')
  })

  /** Shows the approver a second message of our own for its first one. */
  function onMessagesOf(proxy: EvilProxy, answer: (message1: Bytes) => Bytes): void {
    let shown: { run: string; step: number; body: string }[] = []
    proxy.on('joinSend', async ({ body, forward }) => {
      const message = JSON.parse(body.toString('utf8')) as { run: string; step: number; body: string }
      if (message.step === 1) shown = [{ run: message.run, step: 2, body: toBase64url(answer(fromBase64url(message.body))) }]
      return message.step === 3 ? jsonAnswer({}) : forward()
    })
    proxy.on('joinReceive', async ({ forward }) => jsonAnswer({ ...jsonOf(await forward()), messages: shown }))
  }
})

function flipped(body: Uint8Array, at: number): Uint8Array {
  const changed = body.slice()
  changed[at] = (changed[at] as number) ^ 1
  return changed
}

describe('A19: counted', () => {
  const place = { account: newId<AccountId>(systemRandom), request: newId<RequestId>(systemRandom) }
  const data = { device: newId<DeviceId>(systemRandom), circleSeq: 0, circleHead: new Uint8Array(32), genesisHash: new Uint8Array(32) }
  const evil = strangerKeys()
  const record = deviceRecordOf(evil)

  /** The cheapest attacker there is: its scalar is one, and it sends nothing but a guess. */
  function guessAgainst(message1: Bytes, guess: string): Bytes {
    const reader = CborReader.decode(message1, limits.joinMessageBytes, 'join')
    reader.literal(1)
    const run = reader.bytes(16)
    const ya = reader.bytes(32)
    const ada = reader.bytesUpTo(256)
    const channel = encodeCbor([labels.join, idToBytes(place.account), idToBytes(place.request)])
    const derive = ristretto255_hasher.deriveToCurve as NonNullable<typeof ristretto255_hasher.deriveToCurve>
    const yb = derive(backend.sha512(generatorString(utf8(guess), channel, run))).toBytes() as Bytes
    const adb = encodeCbor([idToBytes(record.id)])
    const isk = sessionKey(run, ya, { initiatorShare: ya, initiatorData: ada, responderShare: yb, responderData: adb })
    const mac = backend.hmacSha512(backend.sha512(lvCat(utf8('CPaceMac'), run, isk)), lvCat(yb, adb))
    return encodeCbor([1, yb, adb, mac, new Uint8Array(32)])
  }

  /** Did the approver take the guess for the code? What is inside the sealed part comes later and is nothing here. */
  function hit(approver: ApproverRun, message2: Bytes): boolean {
    try {
      approver.receive2(message2, place.account)
      return true
    } catch (error) {
      if (error instanceof NokkelError && error.code === 'code-wrong') return false
      if (error instanceof NokkelError && error.code === 'open-failed') return true
      throw error
    }
  }

  it('the attacker of this test is a real one: with the code it is believed', () => {
    const approver = new ApproverRun(systemRandom, place, '314159', data)
    expect(hit(approver, guessAgainst(approver.message1, '314159'))).toBe(true)
    expect(hit(approver, guessAgainst(approver.message1, '314158'))).toBe(false)
    expect(makeReverseSignature(place.account, evil, new Uint8Array(32))).toHaveLength(64)
  })

  it(`${guesses} guesses at six digits: as many successes as luck allows`, () => {
    const random = new SeededRandom(19_000_000)
    let hits = 0
    for (let done = 0; done < guesses;) {
      const code = random.below(1_000_000).toString().padStart(6, '0')
      const approver = new ApproverRun(random, place, code, data)
      // a hundred guesses against one run: a hundred times what the product grants
      for (let n = 0; n < 100 && done < guesses; n++, done++)
        if (hit(approver, guessAgainst(approver.message1, random.below(1_000_000).toString().padStart(6, '0')))) hits++
    }
    // 10,000 guesses at 1/10^6: more than two have a chance of 1 in six million
    expect(hits).toBeLessThanOrEqual(2)
  })

  it('at two digits the share of successes is one in a hundred: one run tests one code, no more and no less', () => {
    const random = new SeededRandom(19_000_001)
    const runs = 1_200
    let hits = 0
    for (let n = 0; n < runs; n++) {
      const approver = new ApproverRun(random, place, random.below(100).toString(), data)
      if (hit(approver, guessAgainst(approver.message1, random.below(100).toString()))) hits++
    }
    // 12 expected, standard deviation 3.4: the seed is fixed, and the bounds are five of them
    expect(hits).toBeGreaterThan(0)
    expect(hits).toBeLessThan(30)
  })

  it('without the defence, a short code over exchanged keys: found every time, at the desk, without a single try on anybody', () => {
    // the naive way: both sides show H(keys as received) shortened; the one in the middle looks for keys that give the same
    const shown = (a: Uint8Array, b: Uint8Array): number => createHash('sha256').update(a).update(b).digest().readUInt32BE(0) % 100_000
    const random = new SeededRandom(19_000_002)
    let found = 0
    let tries = 0
    for (let attack = 0; attack < 3; attack++) {
      const [annasKey, beritsKey] = [random.bytes(32), random.bytes(32)]
      const toAnna = random.bytes(32)
      const wanted = shown(annasKey, toAnna)
      for (let n = 0; n < 2_000_000; n++, tries++) {
        const toBerit = random.bytes(32)
        if (shown(toBerit, beritsKey) !== wanted) continue
        found++
        break
      }
    }
    expect(found).toBe(3)
    expect(tries).toBeLessThan(6_000_000)
  })
})
