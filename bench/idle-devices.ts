/**
 * Figure `idle-devices`: what a connected device that says nothing costs the server: growth of its resident memory over 10,000 live
 * connections, four to a session, after two rounds of heartbeats. Memory of the kernel for the sockets is not in it. The
 * yardstick is the WebSocket library alone with as many connections.
 * `argv[2]` = `devices`: a process that holds connections, told which on its input. `argv[2]` = `bare`: the library alone.
 */
import { createInterface } from 'node:readline'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { livePath } from '@nokkel/protocol/wire'
import { createPerson } from 'nokkel-server/testing'
import { figure, note, numberOption, peerOf } from './parts/figures.ts'
import { inWorld, memoryOf, type Helper, type World } from './parts/world.ts'

/** file descriptors of one process; both ends are counted by the system for each its own process */
const perProcess = 2_500
const opening = 50
/** connections with the same session: to make as many accounts as devices would take longer than all the rest */
const perSession = 4
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
  const data = world.place('server')
  const first = await world.server(data)
  const tokens: string[] = []
  const from = performance.now()
  while (tokens.length < connections) {
    const { device } = await createPerson(first.url)
    for (let at = 0; at < perSession && tokens.length < connections; at++) tokens.push(device.token ?? '')
  }
  note(`${Math.ceil(connections / perSession)} accounts in ${((performance.now() - from) / 1_000).toFixed(0)} s`)
  // what the sign-ups left in its memory would hide what the connections take
  await first.stop()
  const server = await world.server(data)
  const ours = figure('idle-devices', 'KB', await growth(world, server.pid, server.url, tokens), connections)
  await server.stop()
  const bare = world.helper(import.meta.filename, ['bare'])
  const { url } = await bare.line()
  peerOf(ours, 'ws alone', [await growth(world, bare.pid, String(url), tokens)])
  await bare.stop()
}

const [mode] = process.argv.slice(2)
if (mode === 'devices') await holdDevices()
else if (mode === 'bare') serveBare()
else await inWorld(measure)
