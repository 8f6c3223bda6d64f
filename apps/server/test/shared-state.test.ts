/** What must hold whichever server answers: a sign-in is finished once, and a limit is one limit. Two servers' parts on one PostgreSQL. */
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isNokkelError, newId, NokkelError, Secret, systemRandom, type AccountId } from '@nokkel/base'
import { ManualClock } from '@nokkel/base/testing'
import { checkConfig } from '../src/config.ts'
import { createLog } from '../src/log/log.ts'
import { sharedRateLimits } from '../src/limits/rate-limits.ts'
import { sharedLoginStates } from '../src/sign-in/shared-login-states.ts'
import type { Board } from '../src/status/model.ts'
import { postEvent, resolveEvent } from '../src/status/operator-events.ts'
import { sharedStatus } from '../src/status/shared-status.ts'
import { StatusBoard } from '../src/status/status-board.ts'
import { statusFile, StatusStore } from '../src/status/status-store.ts'
import { openPostgresDatabase, openPostgresStore, type PostgresDatabase } from '../src/store/open-postgres.ts'
import { sweepShared } from '../src/store/prune.ts'
import { PostgresInstance } from '../src/testing/postgres.ts'
import { addDevice, createPerson, Device, makeFrame, makeRotationAppend } from '../src/testing/test-client.ts'
import { startTestServer, testFolder } from '../src/testing/test-server.ts'

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

/** As an operator says it. */
const post = (id: string) => (board: Board) =>
  postEvent(
    board,
    { services: ['sync'], level: 'issue', title: { en: id, nb: null }, text: null, fromMs: null, untilMs: null },
    1_000_000,
    id,
  )

describe('STA-5 the status of the deployment', () => {
  const clock = new ManualClock(1_000_000)
  const log = createLog('silent', undefined)
  const boards = () =>
    servers.map(({ db }, at) => ({
      board: new StatusBoard({ store: null, clock, random: systemRandom, log, everyMs: 1_000, own: {}, absent: new Set() }),
      shared: sharedStatus(db, clock, `server-${at}`),
    }))
  type Side = ReturnType<typeof boards>[number]
  const exchange = async ({ board, shared }: Side): Promise<void> => void board.adopt(await shared.exchange(board.current()))
  const shown = ({ board }: Side) => board.current().events.map(({ id, resolvedMs }) => [id, resolvedMs])
  test('what is said at either is shown at both, also when both speak at once and one was away', async () => {
    const [a, b] = boards() as [Side, Side]
    a.board.change(post('00000000000000aa'))
    b.board.change(post('00000000000000bb'))
    await Promise.all([exchange(a), exchange(b)])
    await Promise.all([exchange(a), exchange(b)])
    expect(shown(a)).toHaveLength(2)
    expect(shown(b)).toEqual(shown(a))
    for (let i = 0; i < 3; i++) a.board.report({ results: { sync: { outcome: 'failed', ms: 1 } } })
    b.board.change((board) => resolveEvent(board, '00000000000000aa', null, clock.nowMs()))
    await exchange(a)
    await exchange(b)
    await exchange(a)
    expect(shown(a)).toHaveLength(3)
    expect(shown(a)).toContainEqual(['00000000000000aa', clock.nowMs()])
    expect(shown(b)).toEqual(shown(a))
    expect(b.board.current().watches.sync?.incident).not.toBeNull()
    // a server that comes later knows it all, and silence noticed by both is one event
    const [late] = boards() as [Side]
    await exchange(late)
    expect(shown(late)).toEqual(shown(a))
    clock.advance(60_000)
    for (const side of [a, b]) side.board.checkSilence()
    await Promise.all([exchange(a), exchange(b)])
    await exchange(a)
    expect(shown(a)).toHaveLength(4)
    expect(shown(b)).toEqual(shown(a))
  })

  test('twenty that speak at once: nothing is lost', async () => {
    const sides = Array.from({ length: 10 }, boards).flat()
    for (const [at, side] of sides.entries()) side.board.change(post((0x100 + at).toString(16).padStart(16, '0')))
    const all = sides.map((side) => side.board.current().events[0]?.id)
    // who was too slow five times waits for its next turn
    for (let turn = 0; turn < 20; turn++) await Promise.all(sides.map((side) => exchange(side).catch(ignoreConflict)))
    for (const side of sides) expect(shown(side).map(([id]) => id)).toEqual(expect.arrayContaining(all))
  })

  test('one of them measures, and another when that one has not asked in time', async () => {
    const [a, b] = boards() as [Side, Side]
    const first = await Promise.all([a.shared.mayProbe(1_000), b.shared.mayProbe(1_000)])
    expect(first.filter(Boolean)).toHaveLength(1)
    const [holder, other] = first[0] === true ? [a, b] : [b, a]
    clock.advance(900)
    expect(await other.shared.mayProbe(1_000)).toBe(false)
    expect(await holder.shared.mayProbe(1_000)).toBe(true)
    clock.advance(1_000)
    expect(await other.shared.mayProbe(1_000)).toBe(true)
    expect(await holder.shared.mayProbe(1_000)).toBe(false)
  })
})

describe('STA-5 two servers as they are started', () => {
  test('what is said in the data folder of one is on the page of the other; with the database away each shows what it knows', async () => {
    const folders = [testFolder(), testFolder()] as const
    const settings = { database: { url: postgres.url(await postgres.createDatabase()), passwordFile: postgres.passwordFile } }
    const a = await startTestServer({ ...settings, data: folders[0] })
    // all have one key, as operators copy it
    copyFileSync(join(folders[0], 'server.key'), join(folders[1], 'server.key'))
    const b = await startTestServer({ ...settings, data: folders[1] })
    const summary = async (url: string): Promise<string> => (await fetch(`${url}/status/summary.json`)).text()
    try {
      // as `nokkel-server status post` does it
      const file = new StatusStore(statusFile(folders[0]))
      file.change((board) => ({ ...post('00000000000000aa')(board) }))
      file.close()
      for (let i = 0; i < 100 && !(await summary(b.url)).includes('00000000000000aa'); i++)
        await new Promise((done) => setTimeout(done, 100))
      expect(await summary(b.url)).toContain('00000000000000aa')
      expect(await summary(a.url)).toContain('00000000000000aa')
      await postgres.stop()
      for (const { url } of [a, b]) expect(await summary(url)).toContain('00000000000000aa')
      await postgres.resume()
    } finally {
      await a.dispose()
      await b.dispose()
    }
  })
})

describe('a push at one server, after its session ended at another', () => {
  test.each([
    ['signed out', 'session-invalid'],
    ['removed by another device', 'device-removed'],
  ] as const)('%s: refused, and nothing is stored, though the server had seen the session a moment before', async (how, code) => {
    const folders = [testFolder(), testFolder()] as const
    const settings = { database: { url: postgres.url(await postgres.createDatabase()), passwordFile: postgres.passwordFile } }
    const a = await startTestServer({ ...settings, data: folders[0] })
    copyFileSync(join(folders[0], 'server.key'), join(folders[1], 'server.key'))
    const b = await startTestServer({ ...settings, data: folders[1] })
    const at = (device: Device, url: string): Device => Object.assign(new Device(url, 'cli', device.keys), { token: device.token })
    try {
      const person = await createPerson(a.url)
      const second = await addDevice(person)
      const circle = await person.device.circle()
      let end = { seq: 0, hash: circle.genesisHash }
      const push = async () => {
        const made = makeFrame(circle, second, person.vault, end)
        const reply = await second.push(person.vault, made.frame)
        if (reply.status === 200) end = made.end
        return reply
      }
      for (let n = 0; n < 3; n++) expect((await push()).status).toBe(200)
      const ended =
        how === 'signed out'
          ? await at(second, b.url).call('signOut')
          : await at(person.device, b.url).append(await makeRotationAppend(person, person.device, [second]))
      expect(ended.status).toBe(200)
      expect((await push()).problem.code).toBe(code)
      expect((await person.device.changes(person.vault)).flatMap(({ batches }) => batches)).toHaveLength(3)
    } finally {
      await a.dispose()
      await b.dispose()
    }
  })
})

function ignoreConflict(error: unknown): void {
  if (!isNokkelError(error, 'conflict')) throw error
}
