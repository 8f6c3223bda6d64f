/** The server's half of OPAQUE on its threads: it leaves the server's own thread free, has an end to what waits, and fails closed. */
import { client, ready } from '@serenity-kit/opaque'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, Secret, systemRandom, type AccountId } from '@nokkel/base'
import { identifiersOf } from './opaque-identifiers.ts'
import { createOpaqueSetup, opaqueServer, type OpaqueServer } from './opaque.ts'

const serverId = 'ab'.repeat(16)
const account = newId<AccountId>(systemRandom)
const keyStretching = { 'argon2id-custom': { iterations: 1, memory: 8, parallelism: 1 } } as const
const errors: unknown[] = []
let opaque: OpaqueServer
let record: string

async function start(threads: number): Promise<OpaqueServer> {
  const setup = (await createOpaqueSetup())()
  return await opaqueServer({ serverId, setup, decoy: new Secret(new Uint8Array(32)), threads, onError: (error) => errors.push(error) })
}

async function register(server: OpaqueServer, password: string): Promise<string> {
  const { clientRegistrationState, registrationRequest } = client.startRegistration({ password })
  const registrationResponse = await server.registrationResponse(account, registrationRequest)
  const identifiers = identifiersOf(account, serverId)
  return client.finishRegistration({ password, clientRegistrationState, registrationResponse, identifiers, keyStretching })
    .registrationRecord
}

beforeAll(async () => {
  await ready
  opaque = await start(1)
  record = await register(opaque, 'correct')
})
afterAll(() => opaque.close())

async function signIn(password: string, of: string | null): Promise<boolean> {
  const { clientLoginState, startLoginRequest } = client.startLogin({ password })
  const { serverLoginState, loginResponse } = await opaque.startLogin(account, of, startLoginRequest)
  const identifiers = identifiersOf(account, serverId)
  const finished = client.finishLogin({ password, clientLoginState, loginResponse, identifiers, keyStretching })
  return finished !== undefined && opaque.finishLogin(account, serverLoginState, finished.finishLoginRequest)
}

describe('the steps of a sign-in', () => {
  test('the right password signs in; another one, and an account that is none, do not', async () => {
    expect(await signIn('correct', record)).toBe(true)
    expect(await signIn('wrong', record)).toBe(false)
    expect(await signIn('correct', null)).toBe(false)
  })

  test('what is no message of OPAQUE is malformed at each step, and the thread lives on', async () => {
    const { startLoginRequest } = client.startLogin({ password: 'correct' })
    const malformed = { code: 'malformed' }
    await expect(opaque.registrationResponse(account, 'AAAA')).rejects.toMatchObject(malformed)
    await expect(opaque.startLogin(account, record, '')).rejects.toMatchObject(malformed)
    await expect(opaque.startLogin(account, 'AAAA', startLoginRequest)).rejects.toMatchObject(malformed)
    await expect(opaque.ensureUsableRecord(account, 'AAAA')).rejects.toMatchObject(malformed)
    await opaque.ensureUsableRecord(account, record)
    expect(errors).toEqual([])
  })
})

describe('a flood of sign-ins', () => {
  test('leaves the thread of the server free', async () => {
    const { startLoginRequest } = client.startLogin({ password: 'correct' })
    let turns = 0
    let done = false
    const turn = (): void => {
      turns++
      if (!done) setImmediate(turn)
    }
    setImmediate(turn)
    await Promise.all(Array.from({ length: 32 }, () => opaque.startLogin(account, record, startLoginRequest)))
    done = true
    // worked out here, all of them would be done before anything else has its turn
    expect(turns).toBeGreaterThan(1)
  })

  test('has an end: who comes after those that wait is told to come again, and they are answered', async () => {
    const { startLoginRequest } = client.startLogin({ password: 'correct' })
    const all = await Promise.allSettled(Array.from({ length: 600 }, () => opaque.startLogin(account, record, startLoginRequest)))
    const refused = all.flatMap((each) => (each.status === 'rejected' ? [each.reason as unknown] : []))
    expect(refused.length).toBeGreaterThanOrEqual(600 - 512 - 1)
    expect(refused.length).toBeLessThan(600 - 500)
    for (const each of refused) expect(each).toMatchObject({ code: 'rate-limited', params: { retryAfterSeconds: 1 } })
    expect(await signIn('correct', record)).toBe(true)
  })
})
