/** The whole line once, through a real server: account, push, pull, second device, removal. The other files go into each part. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addDevice, createPerson, makeFrame, makeRotationAppend, type Person } from './testing/test-client.ts'
import { startTestServer, type TestServer } from './testing/test-server.ts'

let server: TestServer
let person: Person
beforeAll(async () => {
  server = await startTestServer()
  person = await createPerson(server.url)
})
afterAll(() => server.dispose())

test('A4 A5 B1 B3: an account, a change, a second device that reads it, and its removal', async () => {
  const { device, vault } = person
  const circle = await device.circle()
  const first = makeFrame(circle, device, vault, { seq: 0, hash: circle.genesisHash }, { count: 3 })
  expect((await device.push(vault, first.frame)).json).toEqual({ seq: 1, accepted: 1 })

  const second = await addDevice(person, 'web')
  const [page] = await second.changes(vault)
  expect(page?.headSeq).toBe(1)
  expect(page?.batches).toEqual([first.batch])
  expect(page?.records).toHaveLength(3)

  const removal = await makeRotationAppend(person, device, [second])
  expect((await device.append(removal)).json).toEqual({ seq: 2 })
  expect((await second.call('log', { params: { vault } })).problem).toMatchObject({ status: 403, code: 'device-removed' })
  expect((await second.call('session')).json).toMatchObject({ state: 'removed' })
  expect((await second.circle()).devices.get(second.id)?.status).toBe('removed')
})
