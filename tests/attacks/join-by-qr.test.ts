/**
 * Somebody photographs the QR code of an approval, and the server plays along (A19, JOIN-11). Defence: the code names the keys of the device that
 * shows it, its secret is good for one run and for two minutes, and an approver takes the code of the request that it approves.
 * Fails when: keys other than those named are let in, a second run finds the secret, an old code is taken, or wrong digits typed before keep a QR code
 * from working.
 */
import { afterEach, beforeAll, afterAll, beforeEach, expect, it } from 'vitest'
import { fromBase64url, isNokkelError, systemRandom, toBase64url, type AccountId, type Bytes } from '@nokkel/base'
import type { JoinTicket } from '@nokkel/client'
import { ApplicantRun, createDeviceKeys, joinRules, readJoinQr } from '@nokkel/protocol'
import { jsonAnswer, jsonOf, type EvilProxy } from './evil-proxy.ts'
import { codeOf, dayMs, ShiftedClock, World, type TestDevice } from './world.ts'

const serverClock = new ShiftedClock()
let world: World
let anna: TestDevice
let berit: TestDevice
let ticket: JoinTicket
let count = 0

beforeAll(async () => {
  world = await World.start({}, { clock: serverClock })
  anna = await world.founder('Anna', 'anna@example.org')
})
afterAll(() => world.end())
beforeEach(async () => {
  anna.proxy.honest()
  // another hour and another day, so that no counter of an earlier test is in the way
  serverClock.offsetMs += 3_700_000
  anna.clock.offsetMs += dayMs + 1
  berit = await world.device(`Berit ${++count}`)
  await berit.signIn(anna.email)
  ticket = await berit.client.requestJoin()
})
afterEach(async () => {
  anna.proxy.honest()
  berit.proxy.honest()
  if ((await berit.client.state()) === 'signed-in') await berit.client.withdrawJoin()
})

/** Berit waits; Anna approves by `text`. What came of it on both sides. */
async function run(text: string, requestId = ticket.requestId): Promise<{ anna: string; berit: string }> {
  const abort = new AbortController()
  const waiting = codeOf(() => berit.client.waitForJoin({ signal: abort.signal }))
  const approved = await codeOf(() => anna.client.approveByQr(requestId, text, { timeoutMs: 5_000 }))
  if (approved !== 'accepted') abort.abort()
  return { anna: approved, berit: await waiting }
}

/** Answers in the applicant's place to whatever first message comes. */
function answerAs(proxy: EvilProxy, make: (message1: Bytes) => Bytes): void {
  proxy.on('joinReceive', async ({ forward }) => {
    const value = jsonOf(await forward()) as { messages: { run: string; step: number; body: string }[] }
    const answers = value.messages.flatMap(({ run: id, step, body }) =>
      step === 1 ? [{ run: id, step: 2, body: toBase64url(make(fromBase64url(body))) }] : [],
    )
    return jsonAnswer({ ...value, messages: [...value.messages, ...answers] })
  })
}

it('JOIN-11 the device that shows it is let in by it', async () => {
  const { text, expiresMs } = await berit.client.joinQr()
  expect(expiresMs - berit.clock.nowMs()).toBeLessThanOrEqual(120_000)
  expect((await berit.client.joinQr()).text).toBe(text)
  expect(await run(text)).toEqual({ anna: 'accepted', berit: 'accepted' })
  expect(await berit.client.state()).toBe('trusted')
})

it('JOIN-11 whoever saw it, with the server’s help, cannot put keys of their own in its place', async () => {
  const { text } = await berit.client.joinQr()
  const evil = createDeviceKeys(systemRandom, await berit.id(), 'cli')
  const account = (await anna.client.status()).accountId as AccountId
  const { secret } = readJoinQr(text)
  berit.proxy.on('joinReceive', () => jsonAnswer({}, 500))
  answerAs(
    anna.proxy,
    (message1) => new ApplicantRun(systemRandom, { account, request: ticket.requestId }, secret, evil, message1).message2,
  )
  expect((await run(text)).anna).toBe('join-failed')
  expect((await anna.look()).requireTrusted().circle.devices.has(evil.id)).toBe(false)
})

it('JOIN-11 it is good for one run: the next needs a new one', async () => {
  const { text } = await berit.client.joinQr()
  // the answer is lost on its way, and with it what the secret was good for
  berit.proxy.on('joinSend', () => jsonAnswer({}, 500))
  expect((await run(text)).anna).toBe('applicant-offline')
  berit.proxy.honest()
  expect((await run(text)).anna).toBe('qr-outdated')
  const { text: fresh } = await berit.client.joinQr()
  expect(fresh).not.toBe(text)
  expect(await run(fresh)).toEqual({ anna: 'accepted', berit: 'accepted' })
})

it('JOIN-11 after two minutes there is another, and soon the old one is nothing any more', async () => {
  const { text } = await berit.client.joinQr()
  berit.clock.offsetMs += 150_000
  expect((await run(text)).anna).toBe('qr-outdated')
  expect((await berit.client.joinQr()).text).not.toBe(text)
})

it('JOIN-11 the code of another request, or no such code: refused before anything is sent', async () => {
  const other = await world.device('Cato')
  await other.signIn(anna.email)
  await other.client.requestJoin()
  const { text } = await other.client.joinQr()
  expect((await run(text)).anna).toBe('qr-outdated')
  for (const wrong of ['', 'https://example.org', text.toLowerCase(), `${text}00`, text.slice(0, -2)])
    expect(await codeOf(() => anna.client.approveByQr(ticket.requestId, wrong))).toBe('qr-invalid')
  await other.client.withdrawJoin()
})

it('JOIN-6 a wrong guess at the digits and then the QR code: the guess counts, the QR code does not', async () => {
  const wrong = ticket.code === '111111' ? '222222' : '111111'
  const abort = new AbortController()
  const waiting = codeOf(() => berit.client.waitForJoin({ signal: abort.signal }))
  const guess = async (): Promise<unknown> => {
    try {
      return await anna.client.approve(ticket.requestId, wrong)
    } catch (error) {
      return isNokkelError(error) ? [error.code, error.params.attemptsLeft] : error
    }
  }
  expect(await guess()).toEqual(['code-wrong', joinRules.wrongCodesPerDay - 1])
  abort.abort()
  await waiting
  const { text } = await berit.client.joinQr()
  expect(await run(text)).toEqual({ anna: 'accepted', berit: 'accepted' })
  berit = await world.device('Berit once more')
  await berit.signIn(anna.email)
  ticket = await berit.client.requestJoin()
  const again = codeOf(() => berit.client.waitForJoin({ signal: AbortSignal.timeout(10_000) }))
  expect(await guess()).toEqual(['code-wrong', joinRules.wrongCodesPerDay - 2])
  await berit.client.withdrawJoin()
  await again
})
