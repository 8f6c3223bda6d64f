/**
 * The guide to backup and restore on PostgreSQL, carried out: `pg_dump` beside a running server and `pg_restore`; a base backup and the archived
 * write-ahead log; `nokkel-server restored` after each.
 */
import { chmodSync, cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { PostgresInstance } from '../src/testing/postgres.ts'
import { runCommand } from '../src/testing/server-process.ts'
import { createPerson, Device, makeFrame, signIn } from '../src/testing/test-client.ts'
import { startTestServer, testFolder } from '../src/testing/test-server.ts'

const postgres = await PostgresInstance.start()
afterAll(() => postgres.dispose())

test('a dump made while the server runs, restored: another incarnation, sessions and passwords work, what came later is sent again', async () => {
  const { passwordFile } = postgres
  const database = await postgres.createDatabase()
  const server = await startTestServer({ database: { url: postgres.url(database), passwordFile } })
  const person = await createPerson(server.url)
  const circle = await person.device.circle()
  const first = makeFrame(circle, person.device, person.vault, { seq: 0, hash: circle.genesisHash })
  expect((await person.device.push(person.vault, first.frame)).status).toBe(200)
  const dump = postgres.tool('pg_dump', ['-Fc', '-d', postgres.url(database)])
  const later = makeFrame(circle, person.device, person.vault, first.end)
  expect((await person.device.push(person.vault, later.frame)).status).toBe(200)
  const { serverId, incarnation } = server.services.store
  await server.stop()

  const restored = await postgres.createDatabase()
  postgres.tool('pg_restore', ['--no-owner', '-d', postgres.url(restored)], dump)
  const env = { NOKKEL_DATABASE: postgres.url(restored), NOKKEL_DATABASE_PASSWORD_FILE: passwordFile }
  expect(await runCommand(['restored'], env)).toMatchObject({ status: 0, stderr: '' })
  expect(await runCommand(['restored'])).toMatchObject({ status: 2 })

  const data = testFolder()
  cpSync(join(server.folder, 'server.key'), join(data, 'server.key'))
  const again = await startTestServer({ data, database: { url: postgres.url(restored), passwordFile } })
  expect(again.services.store.serverId).toBe(serverId)
  expect(again.services.store.incarnation).not.toBe(incarnation)
  const device = new Device(again.url, 'cli', person.device.keys)
  device.token = person.device.token
  // a client with a cursor from before is told that history went back
  const log = { params: { vault: person.vault } }
  expect((await device.call('log', { ...log, query: { after: '2', incarnation } })).problem.code).toBe('cursor-gone')
  expect((await device.changes(person.vault)).flatMap((page) => page.batches)).toHaveLength(1)
  expect((await device.push(person.vault, later.frame)).status).toBe(200)
  expect((await signIn(device, person.email, person.password)).json).toMatchObject({ state: 'active' })
  await again.dispose()
  rmSync(server.folder, { recursive: true, force: true })
})

test('a base backup and the archive of the write-ahead log: everything up to the last archived piece, and devices send again what came later', async () => {
  const folder = testFolder()
  const [base, archive] = [join(folder, 'base'), join(folder, 'archive')]
  chmodSync(folder, 0o755)
  for (const each of [base, archive]) mkdirSync(each, { mode: 0o777 })
  chmodSync(archive, 0o777)
  const primary = await PostgresInstance.start({
    settings: { archive_mode: 'on', archive_command: `'test ! -f ${archive}/%f && cp %p ${archive}/%f'` },
  })
  const database = await primary.createDatabase()
  const server = await startTestServer({ database: { url: primary.url(database), passwordFile: primary.passwordFile } })
  const person = await createPerson(server.url)
  const circle = await person.device.circle()
  const push = async (frame: Uint8Array): Promise<number> => (await person.device.push(person.vault, frame)).status
  const first = makeFrame(circle, person.device, person.vault, { seq: 0, hash: circle.genesisHash })
  expect(await push(first.frame)).toBe(200)
  primary.backUp(base)
  const second = makeFrame(circle, person.device, person.vault, first.end)
  expect(await push(second.frame)).toBe(200)
  const [switched] = await primary.query('select pg_walfile_name(pg_switch_wal()) as file')
  await expect
    .poll(async () => String((await primary.query('select last_archived_wal as file from pg_stat_archiver'))[0]?.['file']), {
      timeout: 30_000,
    })
    .toBe(switched?.['file'])
  const third = makeFrame(circle, person.device, person.vault, second.end)
  expect(await push(third.frame)).toBe(200)
  // the machine is gone, with what was not archived yet
  await server.stop()
  await primary.dispose()

  const restored = await PostgresInstance.start({ restoredFrom: { base, archive } })
  await expect.poll(async () => (await restored.query('select pg_is_in_recovery() as is'))[0]?.['is'], { timeout: 30_000 }).toBe(false)
  const place = { url: restored.url(database), passwordFile: restored.passwordFile }
  const env = { NOKKEL_DATABASE: place.url, NOKKEL_DATABASE_PASSWORD_FILE: place.passwordFile }
  expect(await runCommand(['restored'], env)).toMatchObject({ status: 0, stderr: '' })
  const again = await startTestServer({ data: server.folder, database: place })
  const device = new Device(again.url, 'cli', person.device.keys)
  device.token = person.device.token
  expect((await device.changes(person.vault)).flatMap((page) => page.batches)).toEqual([first.batch, second.batch])
  expect((await device.push(person.vault, third.frame)).status).toBe(200)
  await again.dispose()
  await restored.dispose()
  rmSync(folder, { recursive: true, force: true })
})
