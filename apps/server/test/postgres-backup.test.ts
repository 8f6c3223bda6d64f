/** The guide to backup and restore on PostgreSQL, carried out: `pg_dump` beside a running server, `pg_restore`, `nokkel-server restored`. */
import { cpSync, rmSync } from 'node:fs'
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
