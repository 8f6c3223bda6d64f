/**
 * Three server processes, PostgreSQL, NATS, a load balancer, people with devices, and four more that push without pause: each part is
 * killed, stopped, cut off or slowed in turn. Nothing acknowledged is lost, and after each fault every device of a person has what the others wrote
 * during it, by itself. Twenty devices: five people with four each (NOKKEL_TEST_PEOPLE, NOKKEL_TEST_DEVICES), each with a client, a database and
 * connections of its own. NOKKEL_TEST_ROUNDS sets how often all faults come. How fast it heals is what `npm run bench -- healing` measures, and what
 * the longest waits are what the tests beside `reconnect.ts`, `live-line.ts`, `ask-again.ts` and `silent-connections.ts` hold.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults, type Fault } from './faults.ts'
import { Fleet } from './fleet.ts'
import { People } from './people.ts'
import { Writer } from './writers.ts'

const setting = (name: string, otherwise: number): number => Number(process.env[`NOKKEL_TEST_${name}`] ?? otherwise)
const rounds = setting('ROUNDS', 1)
/** bounds a hang; how fast they really are is measured, not tested */
const within = { timeout: 60_000, interval: 200 }
const writeMs = 2_000
const lettingInMs = 600_000

let fleet: Fleet
let people: People
const writers: Writer[] = []

beforeAll(async () => {
  fleet = await Fleet.start(3)
  people = await People.start(fleet, setting('PEOPLE', 5), setting('DEVICES', 4))
  for (let i = 0; i < 4; i++) writers.push(await Writer.create(fleet.url))
  for (const writer of writers) writer.start()
}, lettingInMs)

afterAll(async () => {
  await people.end()
  await fleet.dispose()
})

async function heals({ begin, mend, after }: Fault): Promise<void> {
  const before = writers.map(({ acknowledged }) => acknowledged.length)
  await begin(fleet)
  const writing = people.write()
  // saved on the device by then, and still trying where nothing answers
  await Promise.race([writing, new Promise((resolve) => setTimeout(resolve, writeMs))])
  await mend(fleet)
  await expect.poll(() => people.healed(), within).toBe(true)
  await writing
  // and those that push go on
  await expect.poll(() => writers.every(({ acknowledged }, i) => acknowledged.length > (before[i] ?? 0)), within).toBe(true)
  await after?.(fleet)
}

describe.each(Array.from({ length: rounds }, (_, i) => i + 1))('round %i: nothing acknowledged is lost, live again by itself', () => {
  test.each(faults)('$title', async (fault) => {
    await heals(fault)
    expect(await people.healed()).toBe(true)
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
