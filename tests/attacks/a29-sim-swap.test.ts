/**
 * A29: somebody has the telephone number, by a second SIM card. Defence: a code by SMS opens a gate and nothing else: before it stands the password,
 * behind it the passcode or security code; the devices hear of it at once. A number changes only on a trusted device.
 * Fails when: the gate is taken for membership anywhere; a session that passed it can read, change the number, or turn two factors off.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { toBase64url } from '@nokkel/base'
import { makeTwoFactor } from '@nokkel/protocol'
import { routes, type Route, type RouteName } from '@nokkel/protocol/wire'
import { Device, signIn, type Person } from 'nokkel-server/testing'
import { encodingsIn } from './canaries.ts'
import { startSmsWorld, type SmsWorld } from './sms-parts.ts'

const number = '+4791000029'
let world: SmsWorld
let anna: Person
beforeAll(async () => {
  world = await startSmsWorld()
  anna = await world.person(number)
})
afterAll(() => world.server.dispose())

it('A29: with the number alone nothing is sent and nothing answered', async () => {
  const thief = new Device(world.server.url)
  await signIn(thief, anna.email, 'not her password')
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    if (route.auth === 'none') continue
    const body = route.method === 'GET' ? {} : { json: {} }
    const reply = await thief.call(name, { token: toBase64url(new Uint8Array(32)), params: { id: '0'.repeat(32) }, ...body })
    expect({ name, code: reply.problem.code }).toEqual({ name, code: 'session-invalid' })
  }
  expect((await thief.call('verification', {})).problem.code).toBe('session-invalid')
})

it('A29: with number and password: the gate opens, every device hears, and no key, no item and no change comes of it', async () => {
  const thief = await world.waiting(anna)
  const sent = await world.ask(thief, 'verificationSend', { purpose: 'recover' })
  const code = await world.codeTo(number)
  expect((await world.ask(thief, 'verificationCheck', { id: sent.json['id'], code, purpose: 'recover' })).status).toBe(200)
  const { notices } = (await anna.device.call('notices')).json as { notices: { kind: string }[] }
  expect(notices.map(({ kind }) => kind)).toEqual(['new-sign-in', 'recovery-verified'])
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    if (route.auth !== 'active') continue
    const body = route.method === 'GET' ? {} : { json: {} }
    const params = { vault: anna.vault, request: '0'.repeat(32) }
    const reply = await thief.call(name, { params, proofTimeMs: world.now(), ...body })
    expect({ name, code: reply.problem.code }).toEqual({ name, code: 'session-pending' })
    expect(encodingsIn(Buffer.from(reply.bytes))).toEqual([])
  }
  expect((await world.ask(thief, 'numberChange', { number: '+4791999999' })).problem.code).toBe('session-pending')
  const off = makeTwoFactor(thief.keys, { account: anna.accountId, counter: 1, on: false, timeMs: 1 })
  expect((await world.ask(thief, 'twoFactorSet', { statement: toBase64url(off) })).problem.code).toBe('session-pending')
  expect((await anna.device.call('account')).json).toMatchObject({ phone: number, twoFactor: true })
})

it('A29, A20: a hundred sign-ins with the password tire nobody: five notices and five mails an hour', async () => {
  for (let i = 0; i < 100; i++) await world.waiting(anna)
  const { notices } = (await anna.device.call('notices')).json as { notices: { kind: string }[] }
  expect(notices.filter(({ kind }) => kind === 'new-sign-in')).toHaveLength(5)
})

it('F8: whose number it is, or whether it is anybody’s, shows in no answer and no time', async () => {
  await world.person('+4791222222')
  const ask = async (to: string): Promise<{ keys: string; ms: number }> => {
    // an account and an hour for each: the pace is not what is measured
    const own = await world.person(null)
    const began = performance.now()
    const reply = await world.ask(own.device, 'numberChange', { number: to }, `198.51.100.${Math.floor(Math.random() * 250)}`)
    const ms = performance.now() - began
    expect(reply.status).toBe(200)
    return { keys: `${Object.keys(reply.json).sort().join()} ${reply.bytes.length}`, ms }
  }
  const times = { known: [] as number[], free: [] as number[] }
  const shapes = new Set<string>()
  for (let i = 0; i < 16; i++) {
    const known = await ask('+4791222222')
    const free = await ask(`+47930${String(i * 4_000).padStart(5, '0')}`)
    shapes.add(known.keys).add(free.keys)
    times.known.push(known.ms)
    times.free.push(free.ms)
    world.later(3_700_000)
  }
  expect(shapes.size).toBe(1)
  const below = times.known.flatMap((a) => times.free.map((b) => (a < b ? 1 : 0))).reduce<number>((sum, one) => sum + one, 0)
  const overlap = below / (times.known.length * times.free.length)
  console.log(`known before free in ${(overlap * 100).toFixed(0)} % of pairs`)
  expect(overlap).toBeGreaterThan(0.15)
  expect(overlap).toBeLessThan(0.85)
})
