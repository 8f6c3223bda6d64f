/** The process: start, stop, commands, the lock, and the launcher on an older Node. */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { encodeFrame, livePath } from '@nokkel/protocol/wire'
import { call, createPerson, makeFrame } from './testing/test-client.ts'
import { runCommand, startProcess } from './testing/server-process.ts'
import { testFolder } from './testing/test-server.ts'

const folders: string[] = []
const newFolder = (): string => {
  const folder = testFolder()
  folders.push(folder)
  return folder
}
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

describe('commands', () => {
  test('version, help, config check, and what is no command', async () => {
    expect(await runCommand(['version'])).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
    expect((await runCommand(['help'])).stdout).toContain('nokkel-server backup')
    const check = await runCommand(['config', 'check'], { NOKKEL_PORT: '1234' })
    expect(JSON.parse(check.stdout)).toMatchObject({ port: 1234 })
    expect(await runCommand(['config', 'check'], { NOKKEL_PORT: 'x' })).toMatchObject({
      status: 2,
      stderr: 'nokkel-server: NOKKEL_PORT: expected a number\n',
    })
    expect(await runCommand(['dance'])).toMatchObject({ status: 2, stderr: expect.stringContaining('unknown command dance') })
    expect(await runCommand(['--dance'])).toMatchObject({ status: 2 })
    expect(await runCommand(['backup', '--data', newFolder()])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--to is missing'),
    })
  })
})

describe('serve', () => {
  test('a folder of its own, 0700, key 0600; SIGTERM and SIGINT end it with 0', async () => {
    const folder = join(newFolder(), 'deep', 'data')
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      const server = await startProcess(folder)
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
      expect(statSync(folder).mode & 0o777).toBe(0o700)
      expect(statSync(join(folder, 'server.key')).mode & 0o777).toBe(0o600)
      expect(statSync(join(folder, 'nokkel.db')).mode & 0o077).toBe(0)
      server.child.kill(signal)
      expect(await server.exited).toBe(0)
    }
  })

  test('two servers never share a folder, and a crash leaves no lock behind', async () => {
    const folder = newFolder()
    const server = await startProcess(folder)
    expect(await runCommand(['--port', '0', '--data', folder])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('in use by another server'),
    })
    server.child.kill('SIGKILL')
    await server.exited
    const again = await startProcess(folder)
    again.child.kill('SIGTERM')
    expect(await again.exited).toBe(0)
  })

  test('a port that is taken', async () => {
    const server = await startProcess(newFolder())
    const { port } = new URL(server.url)
    expect(await runCommand(['--port', port, '--data', newFolder()])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('NOKKEL_PORT: expected a port that is free'),
    })
    server.child.kill('SIGTERM')
    await server.exited
  })

  test('a key that is missing or another server’s stops the start', async () => {
    const folder = newFolder()
    const other = newFolder()
    for (const each of [folder, other]) {
      const server = await startProcess(each)
      server.child.kill('SIGTERM')
      await server.exited
    }
    const file = join(folder, 'server.key')
    for (const content of [readFileSync(join(other, 'server.key')), 'junk', '{}']) {
      writeFileSync(file, content)
      expect(await runCommand(['--port', '0', '--data', folder])).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('server.key'),
      })
    }
    rmSync(file)
    expect(await runCommand(['--port', '0', '--data', folder])).toMatchObject({ status: 1, stderr: expect.stringContaining('server.key') })
    expect(existsSync(file)).toBe(false)
  })

  test('stopping: live connections hear it, a request under way is finished, new ones are refused', async () => {
    const server = await startProcess(newFolder())
    const { device, vault } = await createPerson(server.url)
    const circle = await device.circle()
    const made = makeFrame(circle, device, vault, { seq: 0, hash: circle.genesisHash })
    const socket = new WebSocket(server.url.replace('http', 'ws') + livePath)
    await new Promise((resolve) => {
      socket.on('open', () => socket.send(JSON.stringify({ token: device.token })))
      socket.once('message', resolve)
    })
    const closed = new Promise((resolve) => socket.on('close', resolve))
    const frame = encodeFrame(made.frame)
    let finish: () => void = () => undefined
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(frame.slice(0, 100))
        finish = () => {
          controller.enqueue(frame.slice(100))
          controller.close()
        }
      },
    })
    const push = call(device, 'push', { params: { vault }, body })
    await new Promise((resolve) => setTimeout(resolve, 200))
    server.child.kill('SIGTERM')
    expect(await closed).toBe(1001)
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow()
    finish()
    expect((await push).json).toEqual({ seq: 1, accepted: 1 })
    expect(await server.exited).toBe(0)
    // the developer's outbox says loudly that it is one; there is nothing else to say
    const lines = server.stderr().split('\n')
    expect(lines.filter((line) => line !== '' && !line.includes('NOT FOR PRODUCTION'))).toEqual([])
  })

  test('started by an older Node it continues on the pinned one', async () => {
    const old = ['/usr/local/bin/node', '/usr/bin/node'].find(
      (path) => existsSync(path) && /^v(20|22)\./.test(execFileSync(path, ['--version'], { encoding: 'utf8' })),
    )
    if (old === undefined) return
    const server = await startProcess(newFolder(), {}, old)
    expect((await fetch(`${server.url}/readyz`)).status).toBe(200)
    server.child.kill('SIGTERM')
    expect(await server.exited).toBe(0)
    expect(await runCommand(['config', 'check'], { NOKKEL_PORT: 'x' }, old)).toMatchObject({ status: 2 })
  })
})
