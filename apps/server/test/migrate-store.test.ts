/** `nokkel-server migrate-store`: a live server on SQLite becomes one on PostgreSQL, interrupted on the way, and its devices do not notice. */
import { cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { recordHash } from '@nokkel/protocol/wire'
import { PostgresInstance } from '../src/testing/postgres.ts'
import { launcher, runCommand } from '../src/testing/server-process.ts'
import { addDevice, createPerson, Device, makeFrame, signIn, type Person } from '../src/testing/test-client.ts'
import { startTestServer, testFolder, type TestServer } from '../src/testing/test-server.ts'

const people = 12

let postgres: PostgresInstance
let source: TestServer
const everybody: Person[] = []
const batches = new Map<Person, Uint8Array[]>()

beforeAll(async () => {
  postgres = await PostgresInstance.start()
  source = await startTestServer()
  for (let i = 0; i < people; i++) {
    const person = await createPerson(source.url)
    await addDevice(person)
    const circle = await person.device.circle()
    let end = { seq: 0, hash: circle.genesisHash }
    const pushed: Uint8Array[] = []
    for (let batch = 0; batch <= i; batch++) {
      const made = makeFrame(circle, person.device, person.vault, end, { count: 30, payloadBytes: 272 })
      expect((await person.device.push(person.vault, made.frame)).status).toBe(200)
      ;({ end } = made)
      pushed.push(made.batch)
    }
    batches.set(person, pushed)
    everybody.push(person)
  }
})
afterAll(async () => {
  await source.dispose()
  await postgres.dispose()
})

const env = (): Record<string, string> => ({ NOKKEL_DATABASE_PASSWORD_FILE: postgres.passwordFile })
const move = (database: string, ...more: string[]) =>
  runCommand(['migrate-store', '--from', `sqlite:${source.folder}`, '--to', postgres.url(database), ...more], env())

async function pushOf(person: Person, url = source.url) {
  const device = new Device(url, 'cli', person.device.keys)
  device.token = person.device.token
  const circle = await device.circle()
  const pushed = batches.get(person) ?? []
  const made = makeFrame(circle, device, person.vault, { seq: pushed.length, hash: recordHash(pushed.at(-1) as Uint8Array) })
  return { reply: await device.push(person.vault, made.frame), made }
}

describe('moving a store', () => {
  test('refuses what is no source, no target, or somebody else’s database', async () => {
    const database = await postgres.createDatabase()
    expect(await runCommand(['migrate-store', '--from', source.folder, '--to', 'x'], env())).toMatchObject({ status: 2 })
    expect(await runCommand(['migrate-store', '--from', `sqlite:${testFolder()}`, '--to', postgres.url(database)], env())).toMatchObject({
      status: 2,
    })
    const other = await startTestServer({ database: { url: postgres.url(database), passwordFile: postgres.passwordFile } })
    await other.dispose()
    expect(await move(database)).toMatchObject({ status: 1, stderr: expect.stringContaining('holds something else') })
    expect((await pushOf(everybody[0] as Person)).reply.status).toBe(200)
    batches
      .get(everybody[0] as Person)
      ?.push((await everybody[0]?.device.changes((everybody[0] as Person).vault))?.flatMap((page) => page.batches).at(-1) as Uint8Array)
  })

  test('killed on the way, started again, and verified; reading goes on, writing is refused; devices go on at the new place', async () => {
    const database = await postgres.createDatabase()
    const args = ['migrate-store', '--from', `sqlite:${source.folder}`, '--to', postgres.url(database)]
    const child = spawn(process.execPath, [launcher, ...args], { env: { PATH: process.env['PATH'] ?? '', ...env() }, stdio: 'ignore' })
    await expect
      .poll(async () => Number((await postgres.query('select count(*) as n from accounts', database).catch(() => [{ n: 0 }]))[0]?.['n']), {
        interval: 1,
        timeout: 30_000,
      })
      .toBeGreaterThan(2)
    child.kill('SIGKILL')
    await once(child, 'exit')

    const [first] = everybody as [Person]
    expect((await pushOf(first)).reply).toMatchObject({ status: 503, problem: { code: 'server-unavailable' } })
    expect((await first.device.changes(first.vault)).flatMap((page) => page.batches)).toHaveLength(batches.get(first)?.length ?? -1)
    // half a store serves nobody
    const settings = { url: postgres.url(database), passwordFile: postgres.passwordFile }
    const data = testFolder()
    cpSync(join(source.folder, 'server.key'), join(data, 'server.key'))
    await expect(startTestServer({ data, database: settings })).rejects.toMatchObject({ code: 'conflict' })

    // and what was damaged meanwhile is found
    await postgres.query("update records set record = '\\x00' where ctid = (select min(ctid) from records)", database)
    const finished = await move(database)
    expect(finished).toMatchObject({ status: 0, stderr: '' })
    const report = JSON.parse(finished.stdout) as { accounts: number; copied: number; rows: number }
    expect(report.accounts).toBe(people)
    expect(report.copied).toBeLessThan(people)
    expect(report.rows).toBeGreaterThan(people * 10)

    const moved = await startTestServer({ data, database: settings })
    expect(moved.services.store.serverId).toBe(source.services.store.serverId)
    expect(moved.services.store.incarnation).toBe(source.services.store.incarnation)
    for (const person of everybody) {
      const { reply, made } = await pushOf(person, moved.url)
      expect(reply.status).toBe(200)
      const device = new Device(moved.url, 'cli', person.device.keys)
      device.token = person.device.token
      const stored = (await device.changes(person.vault)).flatMap((page) => page.batches)
      expect(stored.map(recordHash)).toEqual([...(batches.get(person) ?? []), made.batch].map(recordHash))
    }
    const again = new Device(moved.url, 'cli', first.device.keys)
    expect((await signIn(again, first.email, first.password)).json).toMatchObject({ state: 'active' })
    await moved.dispose()
    rmSync(data, { recursive: true, force: true })
    // the old place does not write again, not even after a restart, until somebody says so
    expect((await pushOf(first)).reply.status).toBe(503)
    expect(await runCommand(['migrate-store', '--from', `sqlite:${source.folder}`, '--abandon'])).toMatchObject({ status: 0 })
    expect((await pushOf(first)).reply.status).toBe(200)
  })
})
