/**
 * A44: an attacker learns from how a refusal looks, or how long it takes, which part of a guess was right. Defence: one answer for each
 * proof (passcode, sign-in, code, opening), whatever the reason inside; secrets are compared in full.
 * Fails when: a cause of refusal has a code of its own; a comparison ends at the first difference.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  decodeCbor,
  encodeCbor,
  equalBytes,
  isNokkelError,
  newId,
  systemRandom,
  toBase64url,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type RequestId,
} from '@nokkel/base'
import { openClient } from '@nokkel/client'
import { createKemKey, openFrom, openOnce, openRandom, sealOnce, sealRandom, sealTo } from '@nokkel/crypto'
import { ApplicantRun, ApproverRun } from '@nokkel/protocol'
import { createMessages } from '@nokkel/messages'
import { World, codeOf, passcode, password, strangerKeys, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
})
afterAll(() => world.end())

/** All that a caller or a person gets to see of a refusal. */
async function refusalOf(action: () => unknown): Promise<unknown> {
  try {
    await action()
  } catch (error) {
    if (!isNokkelError(error)) throw error
    const { code, params, group, message } = error
    const words = (['nb', 'en'] as const).map((language) => createMessages(language).errorText(code, params))
    return { code, params, group, message, words }
  }
  return 'accepted'
}

async function expectOneAnswer(code: string, actions: Readonly<Record<string, () => unknown>>): Promise<void> {
  const refusals = await Promise.all(Object.entries(actions).map(async ([name, action]) => ({ name, refusal: await refusalOf(action) })))
  for (const { name, refusal } of refusals) expect({ name, refusal }).toEqual({ name, refusal: refusals[0]?.refusal })
  expect(refusals[0]?.refusal).toMatchObject({ code })
}

describe('A44: one answer', () => {
  it('the passcode: wrong by a letter, by everything, by its length, or right on another salt or commitment', async () => {
    const row = decodeCbor(anna.disk.rows('meta').get('passcode') as Bytes, 1_024) as readonly CborValue[]
    const withRow = async (at: number | null, typed: string): Promise<void> => {
      const disk = anna.disk.copy()
      if (at !== null)
        disk.rows('meta').set('passcode', encodeCbor(row.map((part, i) => (i === at ? systemRandom.bytes((part as Bytes).length) : part))))
      await openClient(await disk.open(), anna.platform()).unlock(typed)
    }
    await expectOneAnswer('passcode-wrong', {
      'by its last digit': () => withRow(null, `${passcode.slice(0, -1)}0`),
      'by everything': () => withRow(null, 'something else entirely'),
      empty: () => withRow(null, ''),
      'on another salt': () => withRow(4, passcode),
      'on another commitment': () => withRow(5, passcode),
    })
  })

  it('signing in: wrong password, unknown address, a server that answers with another record, with noise, or as another server', async () => {
    const attempt = async (
      email: string,
      secret: string,
      edit?: (value: Record<string, unknown>) => unknown,
      info?: (value: Record<string, unknown>) => unknown,
    ): Promise<void> => {
      const device = await world.device('asking')
      if (edit !== undefined) device.proxy.editJson('signInStart', edit)
      if (info !== undefined) device.proxy.editJson('server', info)
      await device.signIn(email, secret)
    }
    await expectOneAnswer('sign-in-failed', {
      'wrong password': () => attempt('anna@example.org', 'not her password'),
      'unknown address': () => attempt('nobody@example.org', password),
      'noise for an answer': () =>
        attempt('anna@example.org', password, (value) => ({ ...value, loginResponse: toBase64url(systemRandom.bytes(320)) })),
      'an answer cut short': () =>
        attempt('anna@example.org', password, (value) => ({ ...value, loginResponse: String(value['loginResponse']).slice(0, 40) })),
      'another account': () => attempt('anna@example.org', password, (value) => ({ ...value, accountId: newId<AccountId>(systemRandom) })),
      'another server': () =>
        attempt('anna@example.org', password, undefined, (value) => ({ ...value, serverId: newId<AccountId>(systemRandom) })),
    })
  })

  it('opening: another key, another place, a changed tag, text or nonce, too short, empty', async () => {
    const [key, other] = [systemRandom.bytes(32), systemRandom.bytes(32)]
    const [place, elsewhere] = [systemRandom.bytes(20), systemRandom.bytes(20)]
    const flip = (bytes: Uint8Array, at: number): Uint8Array => bytes.slice().with(at, (bytes.at(at) as number) ^ 1)
    for (const [seal, open] of [
      [(text: Uint8Array) => sealOnce(key, place, text), openOnce],
      [(text: Uint8Array) => sealRandom(systemRandom, key, place, text), openRandom],
    ] as const) {
      const sealed = seal(systemRandom.bytes(100))
      await expectOneAnswer('open-failed', {
        'another key': () => open(other, place, sealed),
        'a key of another length': () => open(key.slice(0, 31), place, sealed),
        'another place': () => open(key, elsewhere, sealed),
        'the first byte': () => open(key, place, flip(sealed, 0)),
        'the last byte': () => open(key, place, flip(sealed, sealed.length - 1)),
        cut: () => open(key, place, sealed.slice(0, -1)),
        'shorter than a tag': () => open(key, place, sealed.slice(0, 10)),
        nothing: () => open(key, place, new Uint8Array(0)),
      })
    }
    const kem = createKemKey(systemRandom)
    const shared = sealTo(systemRandom, kem.publicKey, place, place, systemRandom.bytes(32))
    await expectOneAnswer('open-failed', {
      'another key': () => openFrom(createKemKey(systemRandom), place, place, shared),
      'another place': () => openFrom(kem, place, elsewhere, shared),
      'another purpose': () => openFrom(kem, elsewhere, place, shared),
      'the encapsulated key': () => openFrom(kem, place, place, flip(shared, 3)),
      'the sealed part': () => openFrom(kem, place, place, flip(shared, shared.length - 1)),
      nothing: () => openFrom(kem, place, place, new Uint8Array(0)),
    })
  })

  it('the code: another code, another request, another account, noise in every part of the answer', async () => {
    const place = { account: newId<AccountId>(systemRandom), request: newId<RequestId>(systemRandom) }
    const data = { device: newId<DeviceId>(systemRandom), circleSeq: 0, circleHead: new Uint8Array(32), genesisHash: new Uint8Array(32) }
    const keys = strangerKeys()
    const approver = new ApproverRun(systemRandom, place, '123456', data)
    const answer = (code: string, at = place): Bytes => new ApplicantRun(systemRandom, at, code, keys, approver.message1).message2
    const parts = decodeCbor(answer('123456'), 16_384) as readonly CborValue[]
    const noisy = (at: number): Bytes => encodeCbor(parts.map((part, i) => (i === at ? systemRandom.bytes((part as Bytes).length) : part)))
    const receive = (message: Bytes) => () => approver.receive2(message, place.account)
    await expectOneAnswer('code-wrong', {
      'another code': receive(answer('123457')),
      'another request': receive(answer('123456', { ...place, request: newId<RequestId>(systemRandom) })),
      'another account': receive(answer('123456', { ...place, account: newId<AccountId>(systemRandom) })),
      'noise for its share': receive(noisy(1)),
      'noise for its name': receive(noisy(2)),
      'noise for its proof': receive(noisy(3)),
    })
    // what is sealed behind the right proof can be opened by both or has been changed on the way
    expect(await codeOf(receive(noisy(4)))).toBe('open-failed')
  })
})

describe('A44: one time', () => {
  /** Probability that the one takes longer than the other, folded to 0 … 0.5: a half where nothing can be told. */
  const overlap = (one: readonly number[], two: readonly number[]): number => {
    let below = 0
    for (const a of one) for (const b of two) below += a < b ? 1 : a === b ? 0.5 : 0
    const share = below / (one.length * two.length)
    return Math.min(share, 1 - share)
  }
  const measure = (one: () => unknown, two: () => unknown, rounds = 400): number => {
    const times: [number[], number[]] = [[], []]
    for (let n = 0; n < rounds * 2; n++) {
      const which = n % 2 === 0 ? 0 : 1
      const began = process.hrtime.bigint()
      for (let i = 0; i < 20; i++) (which === 0 ? one : two)()
      times[which].push(Number(process.hrtime.bigint() - began))
    }
    return overlap(times[0], times[1])
  }

  it('comparing secrets: a difference in the first byte takes as long as one in the last', () => {
    const secret = systemRandom.bytes(4_096)
    const [early, late] = [secret.slice(), secret.slice()]
    early[0] = (early[0] as number) ^ 1
    late[4_095] = (late[4_095] as number) ^ 1
    const share = measure(
      () => equalBytes(secret, early),
      () => equalBytes(secret, late),
    )
    console.log(`equalBytes: overlap ${share.toFixed(3)}`)
    // 0 when it stops at the first difference: then one takes a thousand times as long
    expect(share).toBeGreaterThan(0.02)
  })

  it('opening: a wrong first byte takes as long as a wrong tag', () => {
    const key = systemRandom.bytes(32)
    const place = systemRandom.bytes(20)
    const sealed = sealOnce(key, place, systemRandom.bytes(16_384))
    const bent = (at: number): Bytes => sealed.slice().with(at, (sealed.at(at) as number) ^ 1) as Bytes
    const [first, last] = [bent(0), bent(sealed.length - 1)]
    const attempt = (bytes: Bytes): void => {
      try {
        openOnce(key, place, bytes)
      } catch {
        // refused, as it should be
      }
    }
    const share = measure(
      () => attempt(first),
      () => attempt(last),
      60,
    )
    console.log(`open: overlap ${share.toFixed(3)}`)
    expect(share).toBeGreaterThan(0.02)
  })
})
