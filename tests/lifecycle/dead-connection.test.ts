/**
 * Kept connections that died without a word, as when a device wakes in another network: what it asks next is answered over a new one, and no request has
 * to wait until it gives up.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Client } from '@nokkel/client'
import { openNodeClient } from '@nokkel/client/node'
import { startTestServer, type TestServer } from 'nokkel-server/server/testing'
import { FaultProxy } from 'nokkel-server/fault-proxy/testing'

let folder: string
let server: TestServer
let line: FaultProxy
let client: Client

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-dead-'))
  server = await startTestServer()
  line = await FaultProxy.start(server.port)
  client = await openNodeClient({ home: join(folder, 'home'), clientVersion: '0.1.0' })
  await client.createAccount({
    server: `http://127.0.0.1:${line.port}`,
    email: 'kari@example.org',
    password: 'riktig hest batteri stift',
    passcode: '482915',
    deviceName: 'laptop',
  })
})
afterAll(async () => {
  await client.close()
  await line.close()
  await server.dispose()
  rmSync(folder, { recursive: true, force: true })
})

test('a round, and a change that is sent, go on over new connections', async () => {
  await client.sync()
  line.freeze()
  await client.sync()
  line.freeze()
  const fields = new Map([
    ['title', 'written after waking'],
    ['password', 'x'],
  ])
  await client.addItem({ kind: 'password', fields })
  expect((await client.status()).pendingChanges).toBe(0)
  expect(line.frozen).toBeGreaterThan(1)
})
