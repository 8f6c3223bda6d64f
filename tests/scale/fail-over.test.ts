/**
 * A synchronous standby by streaming replication: the primary is killed in the middle of pushes and never comes back, the standby is promoted,
 * and the address of the database leads there, as a proxy or a floating address would. What was acknowledged is there; devices heal by themselves.
 */
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '@nokkel/client'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { Fleet } from './fleet.ts'
import { Writer } from './writers.ts'

let fleet: Fleet
let standby: PostgresInstance
let devices: Client[] = []
const writers: Writer[] = []
const watching = new AbortController()
const watches: Promise<void>[] = []

beforeAll(async () => {
  fleet = await Fleet.start(2)
  const primary = fleet.postgres
  standby = await PostgresInstance.start({ standbyOf: primary })
  // from here on nothing is acknowledged before the standby has it on disk
  await primary.query("alter system set synchronous_standby_names = '*'")
  await primary.query('select pg_reload_conf()')
  while ((await primary.query('select sync_state from pg_stat_replication'))[0]?.['sync_state'] !== 'sync')
    await new Promise((resolve) => setTimeout(resolve, 100))
  devices = await fleet.person('anna', 2)
  for (const client of devices) watches.push(client.watch(() => undefined, { signal: watching.signal }))
  for (let i = 0; i < 4; i++) writers.push(await Writer.create(fleet.url))
})

afterAll(async () => {
  watching.abort()
  await Promise.allSettled(watches)
  await Promise.all(devices.map((client) => client.close()))
  await fleet.dispose()
  await standby.dispose()
})

test('the primary dies, the standby is promoted: 0 acknowledged batches lost, and devices heal by themselves', async () => {
  for (const writer of writers) writer.start()
  await expect.poll(() => writers.every(({ acknowledged }) => acknowledged.length > 10), { timeout: 60_000 }).toBe(true)
  await fleet.postgres.kill()
  const acknowledged = writers.map((writer) => writer.acknowledged.length)
  await devices[0]?.addItem({
    kind: 'password',
    fields: new Map([
      ['title', 'Skrevet mens basen var borte'],
      ['password', 'x'],
    ]),
  })
  standby.promote()
  fleet.toDatabase.upstreams = [standby.port]
  fleet.toDatabase.cut()
  await expect.poll(async () => (await devices[1]?.status())?.items, { timeout: 60_000 }).toBe(1)
  await expect.poll(() => writers.every((writer, i) => writer.acknowledged.length > (acknowledged[i] ?? 0)), { timeout: 60_000 }).toBe(true)
  for (const writer of writers) await writer.stop()
  for (const writer of writers) {
    for (const { url } of fleet.servers) expect(await writer.faultsAt(url)).toBeUndefined()
    expect(writer.refusals).toEqual([])
  }
})
