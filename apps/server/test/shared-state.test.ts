/** What must hold whichever server answers: a sign-in is finished once, and a limit is one limit. Two servers' parts on one PostgreSQL. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { newId, NokkelError, Secret, systemRandom, type AccountId } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { checkConfig } from '../src/config.ts'
import { sharedRateLimits } from '../src/limits/rate-limits.ts'
import { sharedLoginStates } from '../src/sign-in/shared-login-states.ts'
import { openPostgresDatabase, openPostgresStore, type PostgresDatabase } from '../src/store/open-postgres.ts'
import { sweepShared } from '../src/store/prune.ts'
import { PostgresInstance } from '../src/testing/postgres.ts'

const secret = new Secret(new Uint8Array(32).fill(7))
let postgres: PostgresInstance
let database: string
let servers: readonly [PostgresDatabase, PostgresDatabase]

beforeAll(async () => {
  postgres = await PostgresInstance.start()
  database = await postgres.createDatabase()
  const place = { url: postgres.url(database), passwordFile: postgres.passwordFile, connections: 5 }
  servers = [openPostgresDatabase(place, () => undefined), openPostgresDatabase(place, () => undefined)]
  // begun together on an empty database: both come up, with one identity
  const stores = await Promise.all(servers.map((each) => openPostgresStore(each, systemRandom)))
  expect(stores[0]?.serverId).toBe(stores[1]?.serverId)
  expect(stores[0]?.incarnation).toBe(stores[1]?.incarnation)
  expect(await Promise.all(stores.map((store, i) => store.claimMeta('claimed', String(i))))).toEqual([
    expect.any(String),
    expect.any(String),
  ])
  expect(await stores[0]?.claimMeta('claimed', 'late')).toBe(await stores[1]?.claimMeta('claimed', 'later'))
})
afterAll(async () => {
  await Promise.all(servers.map(({ db }) => db.destroy()))
  await postgres.dispose()
})

describe('sign-ins between their two messages', () => {
  const clock = new ManualClock(1_000_000)
  const states = () => servers.map(({ db }) => sharedLoginStates(db, clock, systemRandom, secret))
  const state = { accountId: newId<AccountId>(systemRandom), decoy: false, serverLoginState: 'what finishes it', expiresMs: 1_120_000 }

  test('begun at one server, finished at another, once', async () => {
    const [a, b] = states()
    await a?.put('1', state)
    const taken = await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? a : b)?.take('1')))
    expect(taken.filter((each) => each !== undefined)).toEqual([state])
  })

  test('late, unknown, of another key: nothing', async () => {
    const [a, b] = states()
    await a?.put('2', { ...state, expiresMs: clock.nowMs() })
    expect(await b?.take('2')).toBeUndefined()
    expect(await b?.take('3')).toBeUndefined()
    const stranger = sharedLoginStates(servers[0].db, clock, systemRandom, new Secret(new Uint8Array(32)))
    await a?.put('4', state)
    await expect(stranger.take('4')).rejects.toThrow()
  })

  test('what finishes a sign-in does not stand in the database, and nothing stays', async () => {
    const [a] = states()
    await a?.put('5', state)
    const rows = await postgres.query('select * from sign_in_states', database)
    expect(rows).toHaveLength(1)
    expect(JSON.stringify(rows)).not.toContain(state.serverLoginState)
    await sweepShared(servers[0].db, state.expiresMs)
    expect(await postgres.query('select * from sign_in_states', database)).toEqual([])
  })
})

describe('pace', () => {
  const config = checkConfig({ rateLimits: { signInPerHourPerAccount: 20, requestsPerMinute: 100, pushFramesPerMinutePerDevice: 10 } })
  const limits = () => servers.map(({ pool }) => sharedRateLimits(config.rateLimits, pool.raw, secret))
  const allowed = async (kind: 'sign-in-account' | 'request' | 'push', key: string, calls: number) => {
    const both = limits()
    const answers = await Promise.all(Array.from({ length: calls }, (_, i) => both[i % 2]?.allows(kind, key)))
    return answers.filter((each) => each === true).length
  }

  test('a limit on an account is one, whichever server is asked', async () => {
    expect(await allowed('sign-in-account', 'somebody', 60)).toBe(20)
    expect(await allowed('sign-in-account', 'somebody else', 10)).toBe(10)
  })

  test('counted by the handful, never more than the limit is given out, and at least nine tenths', async () => {
    const given = await allowed('request', 'a device', 300)
    expect(given).toBeLessThanOrEqual(100)
    expect(given).toBeGreaterThanOrEqual(90)
    expect(await allowed('push', 'a device', 40)).toBe(10)
  })

  test('a right proof gives back; a refusal says how long to wait; no name stands in the database', async () => {
    const [a, b] = limits()
    for (let i = 0; i < 40; i++) {
      await (i % 2 === 0 ? a : b)?.consume('sign-in-account', 'right every time')
      await (i % 2 === 0 ? b : a)?.forgive('sign-in-account', 'right every time')
    }
    const refused = await a?.consume('sign-in-account', 'somebody').catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(NokkelError)
    expect((refused as NokkelError).params['retryAfterSeconds']).toBeGreaterThan(1)
    expect(JSON.stringify(await postgres.query('select key from pace', database))).not.toMatch(/somebody|device|right/)
  })
})
