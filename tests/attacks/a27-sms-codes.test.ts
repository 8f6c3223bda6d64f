/**
 * A27: a code from an SMS is used twice, by many at once, for something else, by another device or account, too late, or guessed. Defence: the stored
 * hash covers id, account, device, its key and purpose; a try is counted before it is compared, and one conditional update uses the code up.
 * Fails when: a purpose, device or account is not part of the hash and of the row's check; the use is not conditional; tries are counted after comparing.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Device, Person } from 'nokkel-server/testing'
import { startSmsWorld, wrongOf, type SmsWorld } from './sms-parts.ts'

const hourMs = 3_600_000
const number = '+4791000001'
let world: SmsWorld
let anna: Person
let device: Device
beforeAll(async () => {
  world = await startSmsWorld()
  anna = await world.person(number)
  device = await world.waiting(anna)
})
afterAll(() => world.server.dispose())

async function send(from: Device, purpose: string): Promise<{ id: string; code: string }> {
  world.later(hourMs / 4)
  const sent = await world.ask(from, 'verificationSend', { purpose })
  expect(sent.status).toBe(200)
  return { id: String(sent.json['id']), code: await world.codeTo(number) }
}
async function check(from: Device, id: string | null, code: string, purpose: string): Promise<string> {
  const reply = await world.ask(from, 'verificationCheck', { id, code, purpose })
  return reply.status === 200 ? 'right' : String(reply.problem.code)
}
const wrong = 'verification-code-wrong'

it('A27: 500 uses of one code at the same time: one success', async () => {
  const { id, code } = await send(device, 'recover')
  const results = await Promise.all(Array.from({ length: 500 }, () => check(device, id, code, 'recover')))
  expect(results.filter((result) => result === 'right')).toHaveLength(1)
  expect(new Set(results)).toEqual(new Set(['right', wrong]))
})

it('A27: right digits for another purpose, from another device, from another account, or as one shown on a device: none is right', async () => {
  const test = await send(anna.device, 'number-test')
  for (const purpose of ['recover', 'two-factor']) expect(await check(anna.device, test.id, test.code, purpose)).toBe(wrong)
  const other = await world.waiting(anna)
  const stranger = (await world.person('+4792000002')).device
  const { id, code } = await send(device, 'recover')
  expect(await check(other, id, code, 'recover')).toBe(wrong)
  expect(await check(stranger, id, code, 'recover')).toBe(wrong)
  expect(await check(device, null, code, 'recover')).toBe(wrong)
  expect(await check(device, test.id, code, 'recover')).toBe(wrong)
  expect((await world.ask(anna.device, 'numberConfirm', { id, code })).problem.code).toBe(wrong)
  // the attempts of others cost the one who asked no try
  expect(await check(device, id, code, 'recover')).toBe('right')
})

it('A27: again, after a newer one, and after ten minutes', async () => {
  const first = await send(device, 'recover')
  expect(await check(device, first.id, first.code, 'recover')).toBe('right')
  expect(await check(device, first.id, first.code, 'recover')).toBe(wrong)
  const older = await send(device, 'recover')
  world.later(31_000)
  const sent = await world.ask(device, 'verificationSend', { purpose: 'recover' })
  expect(await check(device, older.id, older.code, 'recover')).toBe(wrong)
  const newest = await world.codeTo(number)
  world.later(600_000)
  expect(await check(device, String(sent.json['id']), newest, 'recover')).toBe(wrong)
})

it('A27: guesses at the same time count before they are compared: three a code, and the right one after them is late', async () => {
  const { id, code } = await send(device, 'recover')
  await Promise.all(Array.from({ length: 50 }, () => check(device, id, wrongOf(code), 'recover')))
  expect(await check(device, id, code, 'recover')).toBe(wrong)
  const row = await world.server.services.store.verification.findCode(anna.accountId, id)
  expect(row?.tries).toBe(3)
})

it('A27: a device that signs in again with other keys has not passed, and neither has another device of the account', async () => {
  const { hasPassed } = await import('nokkel-server/verification/testing')
  const { store } = world.server.services
  const { id, code } = await send(device, 'recover')
  expect(await check(device, id, code, 'recover')).toBe('right')
  const session = await store.findSessionOfDevice(anna.accountId, device.id)
  if (session === undefined) throw new Error('no session')
  expect(await hasPassed(store, session, 'recover', world.now())).toBe(true)
  expect(await hasPassed(store, session, 'two-factor', world.now())).toBe(false)
  expect(await hasPassed(store, { ...session, signKey: new Uint8Array(32) }, 'recover', world.now())).toBe(false)
  world.later(31 * 60_000)
  expect(await hasPassed(store, session, 'recover', world.now())).toBe(false)
})
