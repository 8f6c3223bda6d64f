/** Backup of a running server under load, restore, and what both refuse. */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createPerson, Device, makeFrame, signIn } from '../testing/test-client.ts'
import { runCommand } from '../testing/server-process.ts'
import { startTestServer, testFolder } from '../testing/test-server.ts'

const folders: string[] = []
const newFolder = (): string => {
  const folder = testFolder()
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('backup and restore', () => {
  test('a backup made under load is whole; restored, it has a new incarnation, and passwords and sessions work', async () => {
    const server = await startTestServer()
    const person = await createPerson(server.url)
    const { device, vault } = person
    const circle = await device.circle()
    let end = { seq: 0, hash: circle.genesisHash }
    let writing = true
    let acknowledged = 0
    const write = (async () => {
      while (writing) {
        const frame = makeFrame(circle, device, vault, end)
        expect((await device.push(vault, frame.frame)).status).toBe(200)
        ;({ end } = frame)
        acknowledged++
      }
    })()
    while (acknowledged < 20) await new Promise((resolve) => setTimeout(resolve, 5))
    const before = acknowledged
    const file = join(newFolder(), 'backup.db')
    expect(await runCommand(['backup', '--data', server.folder, '--to', file])).toMatchObject({ status: 0, stderr: '' })
    writing = false
    await write
    expect(statSync(file).mode & 0o077).toBe(0)
    expect(statSync(`${file}.key`).mode & 0o777).toBe(0o600)

    const target = join(newFolder(), 'restored')
    expect(await runCommand(['restore', '--from', file, '--data', target])).toMatchObject({ status: 0, stderr: '' })
    const restored = await startTestServer({ data: target })
    try {
      const { store } = restored.services
      expect(store.serverId).toBe(server.services.store.serverId)
      expect(store.incarnation).not.toBe(server.services.store.incarnation)
      const copy = new Device(restored.url, 'cli', device.keys)
      copy.token = device.token
      const pages = await copy.changes(vault)
      const batches = pages.flatMap((page) => page.batches)
      expect(batches.length).toBeGreaterThanOrEqual(before)
      expect(batches.length).toBeLessThanOrEqual(acknowledged)
      expect(pages.at(-1)?.headSeq).toBe(batches.length)
      expect(
        (await copy.call('log', { params: { vault }, query: { after: '1', incarnation: server.services.store.incarnation } })).problem.code,
      ).toBe('cursor-gone')
      expect((await signIn(copy, person.email, person.password)).json).toMatchObject({ state: 'active' })
    } finally {
      await restored.dispose()
      await server.dispose()
    }
  })

  test('refuses: over an existing database, over a running server, from what is no backup', async () => {
    const server = await startTestServer()
    const file = join(newFolder(), 'backup.db')
    await runCommand(['backup', '--data', server.folder, '--to', file])
    expect(await runCommand(['restore', '--from', file, '--data', server.folder, '--force'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('in use'),
    })
    await server.stop()
    const original = readFileSync(join(server.folder, 'nokkel.db'))
    expect(await runCommand(['restore', '--from', file, '--data', server.folder])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('--force'),
    })
    const junk = join(newFolder(), 'junk.db')
    writeFileSync(junk, Buffer.alloc(9_000, 'x'))
    writeFileSync(`${junk}.key`, '{}')
    expect(await runCommand(['restore', '--from', junk, '--data', server.folder, '--force'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('damaged'),
    })
    expect(await runCommand(['restore', '--from', join(server.folder, 'nothing.db'), '--data', server.folder])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('not found'),
    })
    expect(readFileSync(join(server.folder, 'nokkel.db')).equals(original)).toBe(true)
    expect(await runCommand(['restore', '--from', file, '--data', server.folder, '--force'])).toMatchObject({ status: 0 })
    expect(await runCommand(['backup', '--data', newFolder(), '--to', file])).toMatchObject({ status: 2 })
    expect(existsSync(`${file}.new`)).toBe(false)
    rmSync(server.folder, { recursive: true, force: true })
  })
})
