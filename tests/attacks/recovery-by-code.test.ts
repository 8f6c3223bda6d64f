/**
 * A device that comes back with a code, and a server or a realm that lies to it (A9, A16, A21, A24, A25, F7): other realms in the list, an old
 * or another record, a changed count, a replayed answer, an evaluation with another key, a shortened circle. Defence: the circle names the
 * realm list and the statement by hash, realms sign what they say with the request in it, and nothing that follows from the code leaves
 * the device before all of that holds. Fails when: `realmsOfHash` compares no hash; `openAnswer` checks no signature or request;
 * the commitment is not compared before the tags go out; `presentDeployment` takes whatever signers the server names.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { fromBase64url, systemRandom, toBase64url } from '@nokkel/base'
import { encodeRealmList, encodeSignedRealmList, signRealmList, type RealmId } from '@nokkel/escrow/realm'
import { decodeCircleEntries, encodeCircleEntries } from '@nokkel/protocol/wire'
import { ed25519Signer } from 'nokkel-server/realm/testing'
import { pass, slotOf } from '../escrow/second-factor.ts'
import type { Exchange } from './evil-proxy.ts'
import { World, codeOf, note, passcode, type TestDevice } from './world.ts'

const email = 'anna@example.org'
let world: World
let anna: TestDevice
let fresh: TestDevice
let slot: string
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', email)
  await anna.client.addItem(note('a'))
  fresh = await world.device('Ny')
  await fresh.signIn(email)
  await pass(world.server, fresh)
  slot = await slotOf(fresh, 'Anna')
})
afterAll(() => world.end())
beforeEach(() => {
  fresh.proxy.honest().heard.splice(0)
  return pass(world.server, fresh)
})

const asked = (device: TestDevice, operation: string): number =>
  device.proxy.heard.filter(({ target }) => target === `/v1/realm/${operation}`).length
const left = async (): Promise<number> => {
  fresh.proxy.honest()
  return (await fresh.client.recoveryStanding(slot)).attemptsLeft
}

/** Refused with `code` before anything that follows from the code has left the device, and without a guess. */
async function expectNothingSpent(code: string): Promise<void> {
  expect(await codeOf(() => fresh.client.recoverWithCode(slot, passcode))).toBe(code)
  expect([asked(fresh, 'evaluate'), asked(fresh, 'prove')]).toEqual([0, 0])
  expect(await fresh.client.state()).toBe('signed-in')
  expect(await left()).toBe(10)
}

/** What a realm says, changed on its way by whoever stands between. */
function editRealm(operation: string, edit: (body: Uint8Array, exchange: Exchange) => Uint8Array): void {
  fresh.proxy.on('every', async (exchange) => {
    const answer = await exchange.forward()
    if (exchange.target !== `/v1/realm/${operation}` || answer.status !== 200) return answer
    return { ...answer, headers: { 'content-type': 'application/cbor' }, body: edit(answer.body, exchange) }
  })
}

/** A list of one realm that the attacker made, signed by keys of the attacker's. */
async function evilList(): Promise<{ list: string; signer: string }> {
  const signer = ed25519Signer(systemRandom.bytes(32))
  const encoded = encodeRealmList([{ id: 'ab'.repeat(16) as RealmId, url: '', signKey: signer.publicKey, keyHolder: 'file' }])
  return {
    list: toBase64url(encodeSignedRealmList(encoded, [await signRealmList(signer, encoded)])),
    signer: toBase64url(signer.publicKey),
  }
}

describe('nothing is spent, and nothing that follows from the code leaves the device', () => {
  it('A25 the server shows realms of its own for the registration', async () => {
    const { list } = await evilList()
    fresh.proxy.editJson('escrow', (value) => ({ ...value, lists: [list] }))
    await expectNothingSpent('realms-unavailable')
  })

  it('A21 the server hides the record, or shows that of another registration', async () => {
    fresh.proxy.editJson('escrow', (value) => ({ ...value, records: [] }))
    await expectNothingSpent('realms-unavailable')
  })

  it('A9 the server swaps the outer lock', async () => {
    fresh.proxy.editJson('escrow', (value) => ({
      ...value,
      records: (value['records'] as { outerLock: string }[]).map((record) => {
        const lock = fromBase64url(record.outerLock)
        lock[lock.length - 1] = (lock.at(-1) as number) ^ 1
        return { ...record, outerLock: toBase64url(lock) }
      }),
    }))
    await expectNothingSpent('open-failed')
  })

  it('F7 what the realm says of the count is changed in any one byte', async () => {
    for (const at of [0, 20, -1, -70, -100]) {
      editRealm('info', (body) => body.map((byte, i) => (i === (at < 0 ? body.length + at : at) ? byte ^ 1 : byte)))
      await expectNothingSpent('realms-unavailable')
    }
  })

  it('A24 an older answer of the realm is shown again, for another request', async () => {
    await fresh.client.recoveryStanding(slot)
    const before = fresh.proxy.heard.find(({ target }) => target === '/v1/realm/info')?.answer?.body as Buffer
    editRealm('info', () => before)
    await expectNothingSpent('realms-unavailable')
  })
})

it('A25 an evaluation that is not the realm’s own costs a guess at the most, and never brings a tag', async () => {
  editRealm('evaluate', (body) => body.map((byte, i) => (i === body.length - 80 ? byte ^ 1 : byte)))
  expect(await codeOf(() => fresh.client.recoverWithCode(slot, passcode))).toBe('realms-unavailable')
  expect(asked(fresh, 'prove')).toBe(0)
  expect(await left()).toBeGreaterThanOrEqual(9)
})

it('A24 the answer to an evaluation is lost, however often: asked again with the same bytes, it is charged once', async () => {
  let lost = 0
  const before = await left()
  fresh.proxy.on('every', async (exchange) => {
    const answer = await exchange.forward()
    if (exchange.target !== '/v1/realm/evaluate' || lost >= 1) return answer
    lost++
    return { status: 503, headers: {}, body: new Uint8Array(0) }
  })
  expect(await codeOf(() => fresh.client.recoverWithCode(slot, '000111'))).toBe('recovery-code-wrong')
  expect([lost, await left()]).toEqual([1, before - 1])
})

it('F2 the server drops the account’s newest entries: the code of an older registration is tried nowhere', async () => {
  const berit = await world.joined('Berit', anna)
  await berit.client.sync()
  await anna.client.changePasscode(passcode, '739164')
  const { seq } = (await anna.look()).requireTrusted().circle
  fresh.proxy.on('recoveryCircle', async ({ forward }) => {
    const answer = await forward()
    return { ...answer, headers: {}, body: encodeCircleEntries(decodeCircleEntries(answer.body).slice(0, seq)) }
  })
  fresh.proxy.heard.splice(0)
  // its record went with the entry that closed it, and its keys at the realm are destroyed
  expect(await codeOf(() => fresh.client.recoverWithCode(slot, passcode))).toBe('realms-unavailable')
  expect(asked(fresh, 'evaluate')).toBe(0)
})

it('A25 realms under other signers than before get nothing from a trusted device, and the person is asked', async () => {
  const { list, signer } = await evilList()
  anna.proxy.editJson('escrow', (value) => ({ ...value, deployment: { list, signers: [signer], needed: 1, threshold: 1 } }))
  anna.proxy.heard.splice(0)
  await anna.client.changePasscode('739164', '284617')
  expect((await anna.client.status()).escrow).toMatchObject({ passcode: 'stale', fault: 'realms-changed' })
  expect((await anna.client.status()).notices.map(({ kind }) => kind)).toContain('realms-changed')
  expect(asked(anna, 'register')).toBe(0)
  anna.proxy.honest()
})

it('B3 F2 a recovery while a removal is under way: refused or whole, and never with the keys from before it', async () => {
  const carl = await world.joined('Carl', anna)
  await carl.client.sync()
  const late = await world.device('Sen')
  await late.signIn(email)
  await pass(world.server, late)
  const of = await slotOf(late, 'Berit')
  // the entry is held until the circle has moved on with new keys
  let removal: Promise<void> | null = null
  late.proxy.on('recover', async ({ forward }) => {
    removal ??= anna.client.removeDevice(await carl.id(), { deleteCopy: false })
    await removal
    return forward()
  })
  await late.client.recoverWithCode(of, passcode)
  expect(late.proxy.exchanges('recover').length).toBeGreaterThan(1)
  const { circle } = (await late.look()).requireTrusted()
  expect(circle.accountKey.generation).toBe(2)
  expect(await late.titles()).toEqual(['a'])
  await late.client.addItem(note('etterpå'))
  await anna.client.sync()
  expect(await anna.titles()).toEqual(['a', 'etterpå'])
})
