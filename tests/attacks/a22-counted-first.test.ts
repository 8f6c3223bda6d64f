/**
 * A22, A23 for the counters that exist now (passcode, approval code): two tries for one count, by racing or by pulling the plug between
 * the try and the count. Defence: each try is counted in the store before it is evaluated, one by one.
 * Fails when: a try is counted after it was evaluated; the count is written without looking whether somebody else wrote meanwhile.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isNokkelError, type RequestId } from '@nokkel/base'
import { openClient, type Client } from '@nokkel/client'
import { joinRules } from '@nokkel/protocol'
import { SimulatedCrash, type MemoryDisk } from '@nokkel/store'
import { ShiftedClock, World, codeOf, dayMs, passcode, type TestDevice } from './world.ts'

let world: World
const serverClock = new ShiftedClock()
let anna: TestDevice
beforeAll(async () => {
  world = await World.start({}, { clock: serverClock })
  anna = await world.founder('Anna', 'anna@example.org')
})
afterAll(() => world.end())

describe('the passcode', () => {
  const wrong = '719203'
  const opened = async (disk: MemoryDisk): Promise<Client> => openClient(await disk.open(), anna.platform())

  it('A22: twelve wrong passcodes at the same moment: five are tried, the others wait', async () => {
    const disk = anna.disk.copy()
    const clients = await Promise.all(Array.from({ length: 12 }, () => opened(disk)))
    const codes = await Promise.all(clients.map((client) => codeOf(() => client.unlock(wrong))))
    // the fifth in a row sets the first delay
    expect(codes.filter((code) => code === 'passcode-wrong')).toHaveLength(5)
    expect(codes.filter((code) => code === 'passcode-throttled')).toHaveLength(7)
  })

  it('A23: the plug is pulled after the count: it stays counted, also when the passcode was right', async () => {
    const disk = anna.disk.copy()
    for (let n = 1; n <= 5; n++) {
      disk.faults = { atCommit: () => 'crash-after' }
      await expect((await opened(disk)).unlock(n % 2 === 0 ? passcode : wrong)).rejects.toBeInstanceOf(SimulatedCrash)
    }
    disk.faults = undefined
    expect(await codeOf(async () => (await opened(disk)).unlock(passcode))).toBe('passcode-throttled')
  })

  it('A23: a count that cannot be written is no try', async () => {
    const disk = anna.disk.copy()
    disk.faults = { atCommit: () => 'disk-full' }
    // with the disk full, wrong and right look the same, however often
    for (const guess of [wrong, passcode, wrong]) expect(await codeOf(async () => (await opened(disk)).unlock(guess))).toBe('disk-full')
  })

  it('A22: every way that asks for the passcode counts on the same counter, across restarts', async () => {
    const disk = anna.disk.copy()
    const ways: ((client: Client) => Promise<unknown>)[] = [
      (client) => client.unlock(wrong),
      (client) => client.checkPasscode(wrong),
      (client) => client.changePasscode(wrong, 'something new 1'),
      (client) => client.signIn({ server: anna.proxy.url, email: anna.email, password: 'x', passcode: wrong, deviceName: 'x' }),
      (client) => client.createAccount({ server: anna.proxy.url, email: anna.email, password: 'x', passcode: wrong, deviceName: 'x' }),
    ]
    for (const [n, way] of ways.entries()) {
      const error = await way(await opened(disk)).then(
        () => undefined,
        (thrown: unknown) => thrown,
      )
      expect(isNokkelError(error, 'passcode-wrong') && error.params.attempts).toBe(n + 1)
    }
    for (const way of ways) expect(await codeOf(async () => way(await opened(disk)))).toBe('passcode-throttled')
    expect(await codeOf(async () => (await opened(disk)).unlock(passcode))).toBe('passcode-throttled')
  })
})

describe('the approval code', () => {
  let waiting: Promise<unknown>
  let abort = new AbortController()

  /** A device that asks and answers; Anna types what she is told. */
  async function applicant(name: string): Promise<{ device: TestDevice; requestId: RequestId; code: string; wrong: string }> {
    // another hour, so that the server takes the request
    serverClock.offsetMs += 3_700_000
    const device = await world.device(name)
    await device.signIn('anna@example.org')
    const { requestId, code } = await device.client.requestJoin()
    abort = new AbortController()
    waiting = codeOf(() => device.client.waitForJoin({ signal: abort.signal }))
    return { device, requestId, code, wrong: code === '000000' ? '000001' : '000000' }
  }
  const attempts = async (): Promise<unknown> => (await anna.look()).store.get('state', 'approve-attempts')

  it('A23: the plug is pulled between the count and the look at the answer: it stays counted', async () => {
    const { requestId, code } = await applicant('Berit')
    const before = await attempts()
    anna.disk.faults = {
      atCommit: ({ ops }) => (ops.some((op) => op.op === 'put' && op.key === 'approve-attempts') ? 'crash-after' : undefined),
    }
    // even the right code: until it was looked at nobody knows that
    await expect(anna.client.approve(requestId, code)).rejects.toBeInstanceOf(SimulatedCrash)
    anna.disk.faults = undefined
    await anna.restart()
    expect(await attempts()).not.toEqual(before)
    expect((await anna.client.devices()).length).toBe(1)
    abort.abort()
    await waiting
  })

  it('A23: a count that cannot be written is no try', async () => {
    const { requestId, code, wrong } = await applicant('Bodil')
    anna.disk.faults = {
      atCommit: ({ ops }) => (ops.some((op) => op.op === 'put' && op.key === 'approve-attempts') ? 'disk-full' : undefined),
    }
    for (const typed of [wrong, code]) expect(await codeOf(() => anna.client.approve(requestId, typed))).toBe('disk-full')
    anna.disk.faults = undefined
    expect((await anna.client.devices()).length).toBe(1)
    abort.abort()
    await waiting
  })

  it(`A22: more wrong codes at the same moment than a day allows: never more than ${joinRules.wrongCodesPerDay} are looked at`, async () => {
    const codes: string[] = []
    anna.clock.offsetMs += 2 * dayMs
    serverClock.offsetMs += 2 * dayMs
    for (const name of ['Carl', 'Dora', 'Emma', 'Erna', 'Elin']) {
      const { requestId, wrong } = await applicant(name)
      const type = (): Promise<string> => codeOf(() => anna.client.approve(requestId, wrong))
      // three runs a request is all that an applicant answers; the third wrong one ends the request for the others
      codes.push(...(await Promise.all(Array.from({ length: joinRules.runsPerRequest }, type))))
      abort.abort()
      await waiting
      if (codes.includes('code-attempts-used')) break
    }
    expect(codes.filter((code) => code === 'code-wrong')).toHaveLength(joinRules.wrongCodesPerDay)
    expect(codes.filter((code) => !['code-wrong', 'code-attempts-used', 'request-declined'].includes(code))).toEqual([])
    // and after a restart, and with the right code
    await anna.restart()
    const { requestId, code } = await applicant('Frida')
    expect(await codeOf(() => anna.client.approve(requestId, code))).toBe('code-attempts-used')
    abort.abort()
    await waiting
    // the next day it is a person again
    anna.clock.offsetMs += dayMs + 1
    serverClock.offsetMs += dayMs + 1
    const again = await applicant('Gerd')
    await anna.client.approve(again.requestId, again.code)
    expect(await waiting).toBe('accepted')
  })
})
