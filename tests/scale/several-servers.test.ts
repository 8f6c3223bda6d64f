/**
 * Three server processes, PostgreSQL, NATS, a load balancer, people with devices, and four more that push without pause: each part is
 * killed, stopped, cut off or slowed in turn. Nothing acknowledged is lost, and after each fault every device of a person has what the others wrote
 * during it, by itself. Twenty devices: five people with four each (NOKKEL_TEST_PEOPLE, NOKKEL_TEST_DEVICES), each with a client, a database and
 * connections of its own. NOKKEL_TEST_ROUNDS sets how often all faults come, NOKKEL_TEST_TIMES prints how long each took to heal.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '@nokkel/client'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { Fleet } from './fleet.ts'
import { Writer } from './writers.ts'

const setting = (name: string, otherwise: number): number => Number(process.env[`NOKKEL_TEST_${name}`] ?? otherwise)
const people = setting('PEOPLE', 5)
const devicesEach = setting('DEVICES', 4)
const rounds = setting('ROUNDS', 1)
/** bounds a hang; how fast they really are is measured, not tested */
const healedWithinMs = 60_000
const writeMs = 2_000
const lettingInMs = 600_000
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

let fleet: Fleet
let groups: Client[][] = []
const writers: Writer[] = []
const watching = new AbortController()
const watches: Promise<void>[] = []
const online = new Map<Client, boolean>()
let written = 0

beforeAll(async () => {
  fleet = await Fleet.start(3)
  groups = await Promise.all(Array.from({ length: people }, (_, i) => fleet.person(`person-${i}`, devicesEach)))
  for (const client of groups.flat()) {
    const onChange = (change: { readonly type: string }): void => {
      if (change.type === 'online' || change.type === 'offline') online.set(client, change.type === 'online')
    }
    watches.push(client.watch(onChange, { signal: watching.signal }))
  }
  for (let i = 0; i < 4; i++) writers.push(await Writer.create(fleet.url))
  for (const writer of writers) writer.start()
}, lettingInMs)

afterAll(async () => {
  watching.abort()
  await Promise.allSettled(watches)
  await Promise.all(groups.flat().map((client) => client.close()))
  await fleet.dispose()
})

/** Each device writes; saved on the device whatever the servers do. */
async function everybodyWrites(): Promise<void> {
  written++
  await Promise.all(
    groups.flatMap((group) =>
      group.map((client, i) =>
        client.addItem({
          kind: 'password',
          fields: new Map([
            ['title', `${written} by ${i}`],
            ['password', 'x'],
          ]),
        }),
      ),
    ),
  )
}

/** Every device of a person shows all items of that person, has sent all of its own, and is connected. */
async function healed(): Promise<boolean> {
  for (const group of groups)
    for (const client of group) {
      const { items, pendingChanges } = await client.status()
      if (items !== written * devicesEach || pendingChanges !== 0 || online.get(client) !== true) return false
    }
  return true
}

async function heals(fault: () => Promise<void>, mend: () => Promise<void>): Promise<number> {
  const before = writers.map(({ acknowledged }) => acknowledged.length)
  await fault()
  const writing = everybodyWrites()
  // saved on the device by then, and still trying where nothing answers
  await Promise.race([writing, pause(writeMs)])
  await mend()
  const from = performance.now()
  // twenty databases are looked into each time: more often would be a load of its own
  await expect.poll(healed, { timeout: healedWithinMs, interval: 200 }).toBe(true)
  const tookMs = Math.round(performance.now() - from)
  await writing
  // and those that push go on
  await expect
    .poll(() => writers.every(({ acknowledged }, i) => acknowledged.length > (before[i] ?? 0)), { timeout: healedWithinMs })
    .toBe(true)
  if (process.env['NOKKEL_TEST_TIMES'] !== undefined) process.stderr.write(`${expect.getState().currentTestName}: ${tookMs} ms\n`)
  return tookMs
}

const nothing = (): Promise<void> => Promise.resolve()

describe.each(Array.from({ length: rounds }, (_, i) => i + 1))('round %i: nothing acknowledged is lost, live again by itself', () => {
  test('no fault', async () => {
    expect(await heals(nothing, nothing)).toBeGreaterThanOrEqual(0)
  })

  test('a server is killed (kill -9), and started again', async () => {
    await heals(() => fleet.killServer(0, 'SIGKILL'), nothing)
    await fleet.startServer(0)
    expect(await heals(nothing, nothing)).toBeGreaterThanOrEqual(0)
  })

  test('a server is stopped in order, and started again', async () => {
    expect(
      await heals(
        () => fleet.killServer(1, 'SIGTERM'),
        () => fleet.startServer(1),
      ),
    ).toBeGreaterThanOrEqual(0)
  })

  test('NATS is killed, and started again', async () => {
    expect(
      await heals(
        () => fleet.nats.kill(),
        () => fleet.nats.resume(),
      ),
    ).toBeGreaterThanOrEqual(0)
  })

  test('PostgreSQL is killed as by a power cut, and started again', async () => {
    expect(
      await heals(
        () => fleet.postgres.kill(),
        () => fleet.postgres.resume(),
      ),
    ).toBeGreaterThanOrEqual(0)
  })

  test('the network to the database stalls, then breaks', async () => {
    const stall = async (): Promise<void> => {
      fleet.toDatabase.fault = { kind: 'stall' }
      await pause(1_000)
    }
    const mend = async (): Promise<void> => {
      fleet.toDatabase.fault = { kind: 'none' }
      fleet.toDatabase.cut()
    }
    expect(await heals(stall, mend)).toBeGreaterThanOrEqual(0)
  })

  test('connections to the database end in the middle of what they say', async () => {
    const cut = async (): Promise<void> => {
      fleet.toDatabase.fault = { kind: 'truncate', afterBytes: 20_000 }
      fleet.toDatabase.cut()
      await pause(1_500)
    }
    const mend = async (): Promise<void> => void (fleet.toDatabase.fault = { kind: 'none' })
    expect(await heals(cut, mend)).toBeGreaterThanOrEqual(0)
  })

  test('connections of devices end in the middle of what they say', async () => {
    const cut = async (): Promise<void> => {
      fleet.balancer.fault = { kind: 'truncate', afterBytes: 3_000 }
      fleet.balancer.cut()
      await pause(1_500)
    }
    const mend = async (): Promise<void> => void (fleet.balancer.fault = { kind: 'none' })
    expect(await heals(cut, mend)).toBeGreaterThanOrEqual(0)
  })

  test('a slow network, a fifth of a second each way', async () => {
    const slow = async (): Promise<void> => {
      fleet.balancer.fault = { kind: 'delay', ms: 200 }
      await pause(500)
    }
    const mend = async (): Promise<void> => void (fleet.balancer.fault = { kind: 'none' })
    expect(await heals(slow, mend)).toBeGreaterThanOrEqual(0)
  })

  test('a fourth server whose clock is two minutes ahead', async () => {
    let skewed: TestServer | undefined
    const data = fleet.dataOf(3)
    const join = async (): Promise<void> => {
      const { settings } = fleet
      skewed = await startTestServer(
        {
          data,
          database: { url: settings['NOKKEL_DATABASE'] as string, passwordFile: settings['NOKKEL_DATABASE_PASSWORD_FILE'] as string },
          live: { nats: [settings['NOKKEL_NATS'] as string] },
        },
        { clock: { nowMs: () => Date.now() + 120_000 } },
      )
      fleet.balance(skewed.port)
      fleet.balancer.cut()
    }
    const leave = async (): Promise<void> => {
      fleet.balance()
      await skewed?.stop()
    }
    expect(await heals(join, leave)).toBeGreaterThanOrEqual(0)
  })
})

test('what was acknowledged is there, at every server', async () => {
  for (const writer of writers) await writer.stop()
  for (const writer of writers) {
    for (const { url } of fleet.servers) expect(await writer.faultsAt(url)).toBeUndefined()
    expect(writer.refusals).toEqual([])
    expect(writer.acknowledged.length).toBeGreaterThan(20)
  }
})
