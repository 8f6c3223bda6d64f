/** A1 H1: the gateway's health, from real sends to a gateway that fails on purpose. */
import { expect, test } from 'vitest'
import { SmsError, type SmsGateway, type SmsReason } from './sms-gateway.ts'
import { SmsHealth } from './sms-health.ts'

test('A1: the gateway’s own failures count, one number’s do not, and no traffic says nothing', async () => {
  let failing: SmsReason | null = null
  const gateway: SmsGateway = {
    name: 'test',
    send: () => (failing === null ? Promise.resolve({ messageId: '1' }) : Promise.reject(new SmsError(failing))),
    onReceipt: () => undefined,
    close: () => Promise.resolve(),
  }
  const health = new SmsHealth()
  const watched = health.watch(gateway)
  const send = () =>
    watched.send({ to: '+4791234567', text: 'x' }).then(
      () => 'sent',
      (error: SmsError) => error.reason,
    )
  expect(health.takeOutcome()).toBeNull()
  expect(await send()).toBe('sent')
  expect([health.takeOutcome(), health.takeOutcome()]).toEqual([{ outcome: 'ok' }, null])
  failing = 'number-invalid'
  expect(await send()).toBe('number-invalid')
  expect(health.takeOutcome()).toBeNull()
  failing = 'gateway-unavailable'
  expect(await send()).toBe('gateway-unavailable')
  expect(health.takeOutcome()).toEqual({ outcome: 'failed', code: 'sms-gateway-unavailable' })
  expect(health.figures()).toEqual({ sent: 1, failed: 1, lastReason: 'gateway-unavailable' })
})
