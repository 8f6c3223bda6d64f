/**
 * Abuse of a real server process: senders that never finish, floods of connections and of live channels, bodies that are too large or compressed, and
 * one account that asks without pause. In each case an honest device, at the same time, is served.
 */
import { connect, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createPerson, makeFrame, type Person } from 'nokkel-server/testing'
import { startProcess, type ServerProcess } from 'nokkel-server/process/testing'

let folder: string
let server: ServerProcess
let honest: Person
const open: Socket[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-abuse-'))
  server = await startProcess(join(folder, 'data'), { NOKKEL_RATE_LIMITS: 'on', NOKKEL_LIVE_CONNECTIONS: '300' })
  honest = await createPerson(server.url)
})
afterAll(async () => {
  for (const socket of open) socket.destroy()
  server.child.kill('SIGKILL')
  await server.exited
  rmSync(folder, { recursive: true, force: true })
})

function raw(text: string): Promise<{ socket: Socket; said: () => string; closed: () => boolean }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url)
    const socket = connect(Number(port), hostname)
    let said = ''
    let closed = false
    socket.on('data', (data) => (said += data.toString('latin1')))
    socket.on('close', () => (closed = true))
    socket.on('error', reject)
    socket.on('connect', () => {
      socket.on('error', () => undefined)
      socket.write(text)
      open.push(socket)
      resolve({ socket, said: () => said, closed: () => closed })
    })
  })
}

/** The honest device writes and reads, now. */
async function isServed(): Promise<boolean> {
  const circle = await honest.device.circle()
  const pages = await honest.device.changes(honest.vault)
  return pages.length > 0 && circle.isActive(honest.device.id)
}

const post =
  'POST /v1/sign-in/start HTTP/1.1\r\nhost: x\r\nnokkel-client: cli/0.1.0\r\nnokkel-protocol: 1\r\ncontent-type: application/json\r\n'

describe('senders that never finish (slow-loris)', () => {
  test('headers that come one at a time are cut off after 15 s; 200 of them keep nobody out', async () => {
    const slow = await Promise.all(Array.from({ length: 200 }, () => raw('GET /v1/server HTTP/1.1\r\nhost: x\r\n')))
    const silent = await raw('')
    const drip = setInterval(() => {
      for (const { socket } of slow) if (socket.writable) socket.write('x-more: 1\r\n')
    }, 1_000)
    expect(await isServed()).toBe(true)
    await expect.poll(() => slow.every(({ closed }) => closed()), { timeout: 60_000, interval: 500 }).toBe(true)
    clearInterval(drip)
    expect(slow[0]?.said()).toMatch(/^HTTP\/1.1 408/)
    // a browser opens connections in advance, and would take a word on one for the answer to its next request
    await expect.poll(() => silent.closed(), { timeout: 60_000, interval: 500 }).toBe(true)
    expect(silent.said()).toBe('')
    expect(await isServed()).toBe(true)
  })

  test('bodies that do not come hold no other request up', async () => {
    await Promise.all(Array.from({ length: 100 }, () => raw(`${post}content-length: 1000\r\n\r\n{`)))
    expect(await isServed()).toBe(true)
  })
})

describe('bodies', () => {
  test('larger than the route takes: refused before it is read, and the connection ends', async () => {
    const big = await raw(`${post}content-length: 99999999\r\n\r\n${'x'.repeat(70_000)}`)
    await expect.poll(() => big.said(), { timeout: 10_000 }).toMatch(/^HTTP\/1.1 413/)
    await expect.poll(() => big.closed(), { timeout: 10_000 }).toBe(true)
  })

  test('without a length, without an end: cut at the limit', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`
    const endless = await raw(`${post}transfer-encoding: chunked\r\n\r\n${chunk.repeat(6)}`)
    await expect.poll(() => endless.said(), { timeout: 10_000 }).toMatch(/^HTTP\/1.1 413/)
  })

  test('compressed: nothing is unpacked, whatever it would become', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000))
    const answer = await fetch(`${server.url}/v1/sign-in/start`, {
      method: 'POST',
      headers: { 'nokkel-client': 'cli/0.1.0', 'nokkel-protocol': '1', 'content-type': 'application/json', 'content-encoding': 'gzip' },
      body: bomb,
    })
    expect(answer.status).toBe(400)
    expect(await isServed()).toBe(true)
  })
})

describe('floods', () => {
  test('a thousand connections that say nothing keep nobody out', async () => {
    await Promise.all(Array.from({ length: 1_000 }, () => raw('')))
    expect(await isServed()).toBe(true)
  })

  test('live channels beyond the ceiling are told to come later; those without a hello go after five seconds', async () => {
    const upgrade =
      'GET /v1/live HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n'
    const strangers = await Promise.all(Array.from({ length: 1_100 }, () => raw(upgrade)))
    await expect.poll(() => strangers.filter(({ said }) => said() !== '').length, { timeout: 20_000 }).toBe(strangers.length)
    const admitted = strangers.filter(({ said }) => said().startsWith('HTTP/1.1 101'))
    expect(admitted.length).toBeLessThanOrEqual(1_000)
    expect(strangers.filter(({ said }) => said().startsWith('HTTP/1.1 503')).length).toBeGreaterThanOrEqual(100)
    expect(await isServed()).toBe(true)
    await expect.poll(() => strangers.every(({ closed }) => closed()), { timeout: 30_000 }).toBe(true)
  })

  test('one address that guesses runs into its limit; one noisy account runs into its own, and another one is served', async () => {
    const noisy = await createPerson(server.url)
    const answers = await Promise.all(Array.from({ length: 1_500 }, () => noisy.device.call('session')))
    const refused = answers.filter(({ status }) => status === 429)
    expect(refused.length).toBeGreaterThan(200)
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await isServed()).toBe(true)
    const circle = await honest.device.circle()
    const frame = makeFrame(circle, honest.device, honest.vault, { seq: 0, hash: circle.genesisHash })
    expect((await honest.device.push(honest.vault, frame.frame)).status).toBe(200)
  })
})
