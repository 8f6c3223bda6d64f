/**
 * A9: the server names cheaper parameters for the stretching of the password, or smuggles them in anywhere. Defence: the parameters are
 * constants of the client; no field of any answer is read for them.
 * Fails when: a parameter of either stretching is not the constant.
 */
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import type { RouteName } from '@nokkel/protocol/wire'
import { World, codeOf, passcode, password } from './world.ts'

/** What reached the two places where Argon2id runs; both run for real. */
const seen = vi.hoisted(() => ({ opaque: [] as unknown[], argon2: [] as unknown[] }))

vi.mock('@serenity-kit/opaque', async (original) => {
  const real = await original<typeof import('@serenity-kit/opaque')>()
  const client: typeof real.client = {
    ...real.client,
    finishRegistration(params) {
      seen.opaque.push(params.keyStretching)
      return real.client.finishRegistration(params)
    },
    finishLogin(params) {
      seen.opaque.push(params.keyStretching)
      return real.client.finishLogin(params)
    },
  }
  return { ...real, client }
})

vi.mock('node:crypto', async (original) => {
  const real = await original<typeof import('node:crypto')>()
  const argon2: typeof real.argon2 = (algorithm, parameters, callback) => {
    const { memory, passes, parallelism, tagLength } = parameters
    seen.argon2.push([algorithm, memory, passes, parallelism, tagLength, Buffer.from(parameters.nonce as Uint8Array).length])
    real.argon2(algorithm, parameters, callback)
  }
  return { ...real, argon2, default: { ...real, argon2 } }
})

let world: World
beforeAll(async () => {
  world = await World.start()
  await world.founder('Anna', 'anna@example.org')
})
beforeEach(() => {
  seen.opaque.length = 0
  seen.argon2.length = 0
})
afterAll(() => world.end())

/** RFC 9106 §4, second recommended option, by the library's name for it: 64 MiB, three passes, four lanes. */
const passwordStretching = 'memory-constrained'
const passcodeStretching = ['argon2id', 65_536, 3, 1, 64, 16]
/** The same for a code that is laid down with realms (ESC-1). */
const codeStretching = ['argon2id', 65_536, 3, 1, 32, 16]

const cheap = {
  kdf: { type: 'argon2id', iterations: 1, memory: 8, parallelism: 1 },
  kdfIterations: 1,
  iterations: 1,
  memory: 8,
  memoryKiB: 8,
  passes: 1,
  parallelism: 1,
  keyStretching: { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } },
  kdfType: 0,
  salt: 'AAAAAAAAAAAAAAAAAAAAAA',
  params: { keyStretching: 'none' },
  config: { kdf: 'pbkdf2', iterations: 1 },
}

/** `value` with the cheap parameters added on every level. */
function laced(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(laced)
  if (typeof value !== 'object' || value === null) return value
  return { ...cheap, ...Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, laced(inner)])) }
}

const jsonRoutes: readonly RouteName[] = [
  'server',
  'accountStart',
  'accountFinish',
  'signInStart',
  'signInFinish',
  'session',
  'joinCreate',
  'joinReceive',
  'joinList',
  'escrow',
  'escrowTokens',
  'verification',
  'push',
  'circleAppend',
]

it('A9: every answer laced with cheaper parameters: signing up, signing in and joining stretch as ever', async () => {
  const eve = await world.device('Eve')
  for (const route of jsonRoutes) eve.proxy.editJson(route, (value) => laced(value))
  await eve.create('eve@example.org')
  const fay = await world.device('Fay')
  for (const route of jsonRoutes) fay.proxy.editJson(route, (value) => laced(value))
  await fay.signIn('eve@example.org')
  await fay.joinBy(eve)
  expect(await fay.client.state()).toBe('trusted')
  expect(seen.opaque).toEqual([passwordStretching, passwordStretching])
  // each device once for its passcode, and once for laying it down
  expect(seen.argon2).toEqual([passcodeStretching, codeStretching, passcodeStretching, codeStretching])
  await fay.client.checkPasscode(passcode)
  await fay.client.changePasscode(passcode, 'another 27 code')
  const [, , , , ...later] = seen.argon2
  expect(later).toEqual([passcodeStretching, passcodeStretching, passcodeStretching, codeStretching])
})

it('A9: the parameters put in place of what belongs there: refused, and still not used', async () => {
  const replacements: readonly ((value: Record<string, unknown>) => unknown)[] = [
    () => cheap,
    (value) => ({ ...value, loginResponse: cheap.keyStretching }),
    (value) => ({ ...value, accountId: 'argon2id$m=8,t=1,p=1' }),
    (value) => [value, cheap],
    () => null,
  ]
  for (const edit of replacements) {
    const gro = await world.device('Gro')
    gro.proxy.editJson('signInStart', edit)
    expect(await codeOf(() => gro.signIn('anna@example.org'))).toBe('malformed')
    await gro.stop()
  }
  // a well-formed answer of another record, as for a password stretched otherwise
  const other = await world.device('Gyda')
  await other.signIn('anna@example.org')
  const answer = other.proxy.exchanges('signInStart').at(-1)?.answer?.body as Buffer
  const ida = await world.device('Ida')
  ida.proxy.editJson('signInStart', () => JSON.parse(answer.toString('utf8')) as unknown)
  expect(await codeOf(() => ida.signIn('anna@example.org', password))).toBe('sign-in-failed')
  expect(new Set(seen.opaque)).toEqual(new Set([passwordStretching]))
  expect(new Set(seen.argon2.map(String))).toEqual(new Set([String(passcodeStretching)]))
})
