/**
 * A28: a bot has messages sent to numbers that earn somebody money. Defence: no message without sign-in; budgets for an account, a number, an address, a
 * block of numbers, new numbers and all; calling codes; the text message is the last thing that happens.
 * Fails when: one of the budgets is not counted in the transaction that stores the code, or is counted after sending.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isNokkelError } from '@nokkel/base'
import type { Person } from 'nokkel-server/testing'
import type { SessionRow } from 'nokkel-server/verification/testing'
import { startSmsWorld, type SmsWorld } from './sms-parts.ts'

const budgets = { newNumbersPerDay: 120, perBlockPerDay: 20, perDay: 1_000 }
const bots = 40
const requests = 10_000
let world: SmsWorld
const people: Person[] = []
beforeAll(async () => {
  world = await startSmsWorld({
    sms: { callingCodes: ['47'], ...budgets },
  })
  for (let i = 0; i < bots; i++) people.push(await world.person(null))
})
afterAll(() => world.server.dispose())

let asked = 0
/** From an address of its own each time: the address is what a bot has most of. Below HTTP and signatures, which only slow the bot down. */
async function pump(sessions: readonly SessionRow[], number: string): Promise<string> {
  const n = asked++
  const bot = sessions[n % bots] as SessionRow
  const address = `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
  return await world.server.services.verification.sendToNewNumber(bot, 'number-change', number, address).then(
    () => 'sent',
    (error: unknown) => (isNokkelError(error) ? error.code : String(error)),
  )
}

it('A28: 10,000 requests of 40 accounts over adjacent numbers, then over the whole country, in a day: the cost is the budget', async () => {
  const answers: string[] = []
  const together = 20
  const found = await Promise.all(
    people.map(({ accountId, device }) => world.server.services.store.findSessionOfDevice(accountId, device.id)),
  )
  const sessions = found.filter((session) => session !== undefined)
  for (let n = 0; n < requests; n += together) {
    // the first half stays in one block of a thousand numbers, as bought ones lie
    const numberOf = (i: number): string => `+47${n < requests / 2 ? 99_887_000 + ((n + i) % 1_000) : 90_000_000 + (n + i) * 900}`
    answers.push(...(await Promise.all(Array.from({ length: together }, (_, i) => pump(sessions, numberOf(i))))))
    // over eight hours, so that the limits by the hour let go again
    world.later(8 * 3_600_000 * (together / requests))
    if (n === requests / 2 - together) expect((await world.messages()).length).toBeLessThanOrEqual(budgets.perBlockPerDay)
  }
  const sent = await world.messages()
  expect(sent.length).toBeLessThanOrEqual(budgets.newNumbersPerDay)
  expect(answers.filter((answer) => answer === 'sent')).toHaveLength(sent.length)
  expect(new Set(answers)).toEqual(new Set(['sent', 'rate-limited']))
  // the test pumps until the last budget gives out, and not only the smaller ones
  expect(sent.length).toBe(budgets.newNumbersPerDay)
})

it('A28: the budget of others is spent, and a person who is known is still served', async () => {
  const anna = await world.person('+4741000000')
  expect((await world.ask(anna.device, 'verificationSend', { purpose: 'number-test' }, '192.0.2.1')).status).toBe(200)
})

it('A28: no message without sign-in, and none to a country that is not served; the operator sees that nobody types', async () => {
  const before = (await world.messages()).length
  world.later(25 * 3_600_000)
  const dear = await world.ask((people[0] as Person).device, 'numberChange', { number: '+88213000001' }, '192.0.2.2')
  expect(Object.keys(dear.json).sort()).toEqual(['expiresMs', 'id', 'lastDigits', 'resendAfterMs'])
  expect((await world.ask((people[1] as Person).device, 'numberChange', { number: '+4742000000' }, '192.0.2.3')).status).toBe(200)
  expect((await world.messages()).length).toBe(before + 1)
  const { sent, used } = await world.server.services.verification.conversion()
  expect([sent, used]).toEqual([1, 0])
})
