/**
 * The disk of the database is full: changes are refused as such and reads go on; nothing acknowledged is lost, devices keep what they could not send,
 * and with room again everything goes on by itself. The room for the write-ahead log is another matter: without it PostgreSQL stops, as by a power cut.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Client } from '@nokkel/client'
import { createPerson, makeFrame } from 'nokkel-server/testing'
import { Fleet } from './fleet.ts'
import { SmallDisk } from './small-disk.ts'
import { Writer } from './writers.ts'

const disk = SmallDisk.mount(24)

// only the superuser of a machine may mount, and a full disk cannot be had in another way
describe.skipIf(disk === null)('a full disk below PostgreSQL', () => {
  let fleet: Fleet
  let devices: Client[] = []
  let writer: Writer
  const watching = new AbortController()
  const watches: Promise<void>[] = []

  beforeAll(async () => {
    fleet = await Fleet.start(2, disk?.folder)
    devices = await fleet.person('anna', 2)
    for (const client of devices) watches.push(client.watch(() => undefined, { signal: watching.signal }))
    writer = await Writer.create(fleet.url)
  })
  afterAll(async () => {
    watching.abort()
    await Promise.allSettled(watches)
    await Promise.all(devices.map((client) => client.close()))
    await fleet.dispose()
    disk?.unmount()
  })

  /** Rows until there is no room for one more. */
  async function fill(): Promise<void> {
    await fleet.query('create table ballast (bytes text)')
    await fleet.query('alter table ballast alter column bytes set storage external')
    for (const size of [100_000, 4_000])
      for (;;)
        try {
          await fleet.query(`insert into ballast values (repeat('x', ${size}))`)
        } catch (error) {
          expect(error).toMatchObject({ code: '53100' })
          break
        }
  }

  test('changes are refused as such, reads go on, nothing acknowledged is lost, and with room all goes on by itself', async () => {
    const [first, second] = devices as [Client, Client]
    writer.start()
    const person = await createPerson(fleet.url)
    const circle = await person.device.circle()
    await expect.poll(() => writer.acknowledged.length, { timeout: 30_000 }).toBeGreaterThan(5)
    await fill()

    // pages that had room take some more
    let end = { seq: 0, hash: circle.genesisHash }
    let refused: string | undefined
    while (refused === undefined) {
      const made = makeFrame(circle, person.device, person.vault, end, { payloadBytes: 700, count: 20 })
      const reply = await person.device.push(person.vault, made.frame)
      if (reply.status === 200) end = made.end
      else refused = `${reply.status} ${reply.problem.code}`
    }
    expect(refused).toBe('507 disk-full')
    expect((await person.device.changes(person.vault)).flatMap(({ batches }) => batches)).toHaveLength(end.seq)
    const item = {
      kind: 'password' as const,
      fields: new Map([
        ['title', 'Skrevet mens disken var full'],
        ['password', 'x'],
      ]),
    }
    const count = 30
    for (let n = 0; n < count; n++) await first.addItem(item)
    await expect.poll(async () => (await first.status()).items).toBe(count)

    await fleet.query('drop table ballast')
    await expect.poll(async () => (await first.status()).pendingChanges, { timeout: 60_000 }).toBe(0)
    await expect.poll(async () => (await second.status()).items, { timeout: 60_000 }).toBe(count)
    const before = writer.acknowledged.length
    await expect.poll(() => writer.acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(before)
    await writer.stop()
    for (const { url } of fleet.servers) expect(await writer.faultsAt(url)).toBeUndefined()
    expect(writer.refusals).toEqual([])
    const next = makeFrame(circle, person.device, person.vault, end)
    expect((await person.device.push(person.vault, next.frame)).status).toBe(200)
  })
})
