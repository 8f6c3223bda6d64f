/**
 * Figure `idle-devices`: what a connected device that says nothing costs the server, on SQLite and on PostgreSQL with NATS: growth of its resident memory
 * over 10,000 live connections of as many accounts, after two rounds of heartbeats. Memory of the kernel for the sockets is not in it. The
 * yardstick is the WebSocket library alone with as many connections. `--connections` (10,000).
 * `argv[2]` = `devices`: a process that holds connections, told which on its input. `argv[2]` = `bare`: the library alone.
 */
import { createInterface } from 'node:readline'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { livePath } from '@nokkel/protocol/wire'
import { NatsInstance } from 'nokkel-server/nats/testing'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { onPostgres } from './parts/deployments.ts'
import { figure, note, numberOption, peerOf } from './parts/figures.ts'
import { seededToken, seedPostgres, seedSqlite } from './parts/seeded-accounts.ts'
import { inWorld, memoryOf, type Helper, type World } from './parts/world.ts'

/** file descriptors of one process; both ends are counted by the system for each its own process */
const perProcess = 2_500
const opening = 50
/** the server pings each half minute, and a first ping makes buffers that stay */
const settleMs = 65_000
const say = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

interface Order {
  readonly url: string
  readonly tokens: readonly string[]
}

function connect(url: string, token: string, onClose: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => socket.send(JSON.stringify({ token })))
    socket.addEventListener('message', () => resolve(), { once: true })
    socket.addEventListener('error', () => reject(new Error('refused')))
    socket.addEventListener('close', () => {
      onClose()
      reject(new Error('closed'))
    })
  })
}

async function holdDevices(): Promise<void> {
  let closed = 0
  for await (const line of createInterface({ input: process.stdin })) {
    if (line === '"count"') say({ closed })
    else {
      const { url, tokens } = JSON.parse(line) as Order
      for (let at = 0; at < tokens.length; at += opening)
        await Promise.all(tokens.slice(at, at + opening).map((token) => connect(url, token, () => closed++)))
      say({ connected: tokens.length })
    }
  }
  process.exit(0)
}

interface BareSocket {
  once(event: 'message', listener: () => void): void
  on(event: 'error', listener: () => void): void
  send(text: string): void
}

function serveBare(): void {
  const { WebSocketServer } = createRequire(new URL('../apps/server/package.json', import.meta.url))('ws') as {
    WebSocketServer: new (options: object) => { on(event: 'connection', listener: (socket: BareSocket) => void): void }
  }
  const http = createServer()
  new WebSocketServer({ server: http, perMessageDeflate: false }).on('connection', (socket) => {
    socket.on('error', () => undefined)
    socket.once('message', () => socket.send('{"type":"ready"}'))
  })
  http.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
    say({ url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }),
  )
}

/** KB a connection. */
async function growth(world: World, pid: number, url: string, tokens: readonly string[]): Promise<number> {
  const before = memoryOf(pid, 'VmRSS')
  const holders: Helper[] = []
  for (let at = 0; at < tokens.length; at += perProcess) {
    const holder = world.helper(import.meta.filename, ['devices'])
    holder.say({ url: `${url.replace('http', 'ws')}${livePath}`, tokens: tokens.slice(at, at + perProcess) } satisfies Order)
    await holder.line()
    holders.push(holder)
  }
  const connected = memoryOf(pid, 'VmRSS')
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  for (const holder of holders) {
    holder.say('count')
    const { closed } = await holder.line()
    if (closed !== 0) throw new Error(`${closed} connections were lost`)
  }
  const after = memoryOf(pid, 'VmRSS')
  note(`${before.toFixed(0)} MB, ${connected.toFixed(0)} MB when connected, ${after.toFixed(0)} MB after ${settleMs / 1_000} s`)
  for (const holder of holders) await holder.stop()
  return ((after - before) * 1_024) / tokens.length
}

async function measure(world: World): Promise<void> {
  const connections = numberOption('connections', 10_000)
  const tokens = Array.from({ length: connections }, (_, at) => seededToken(at + 1))
  const [postgres, nats] = await Promise.all([PostgresInstance.start({ onDisk: true }), NatsInstance.start()])
  try {
    const database = await postgres.createDatabase()
    const places = { sqlite: world.place('server'), postgres: world.place('server') }
    const settings = { sqlite: {}, postgres: onPostgres(postgres, database, nats) }
    const ours = []
    for (const store of ['sqlite', 'postgres'] as const) {
      // the first start makes the tables; what follows has none of it in its memory
      await (await world.server(places[store], settings[store])).stop()
      if (store === 'sqlite') seedSqlite(join(places.sqlite, 'nokkel.db'), 1, connections + 1)
      else await seedPostgres(postgres, database, 1, connections + 1)
      const server = await world.server(places[store], settings[store])
      ours.push(figure(`idle-devices-${store}`, 'KB', await growth(world, server.pid, server.url, tokens), connections))
      await server.stop()
    }
    const bare = world.helper(import.meta.filename, ['bare'])
    const { url } = await bare.line()
    const alone = await growth(world, bare.pid, String(url), tokens)
    for (const each of ours) peerOf(each, 'ws alone', [alone])
    await bare.stop()
  } finally {
    await postgres.dispose()
    await nats.kill()
  }
}

const [mode] = process.argv.slice(2)
if (mode === 'devices') await holdDevices()
else if (mode === 'bare') serveBare()
else await inWorld(measure)
