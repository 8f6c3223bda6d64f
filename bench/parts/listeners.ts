/** Devices on the live channel: how late a hint is, and what ten thousand that say nothing take of a server's memory. */
import { livePath } from '@nokkel/protocol/wire'
import { closedLoop, type PushQueue } from './closed-loop.ts'
import type { Deployment } from './deployments.ts'
import { figure, figureOf, note } from './figures.ts'
import { seededToken } from './seeded-accounts.ts'
import { memoryOf, type RunningServer, type World } from './world.ts'

const perProcess = 2_500
const hintWithinMs = 10_000
/** the server pings each half minute, and a first ping makes buffers that stay */
const settleMs = 35_000

const liveUrl = (server: RunningServer): string => `${server.url.replace('http', 'ws')}${livePath}`

/** Opens the channel; `onHint` is called for each hint of a log. */
function listen(server: RunningServer, token: string, onHint: () => void): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(liveUrl(server))
    let greeted = false
    socket.addEventListener('open', () => socket.send(JSON.stringify({ token })))
    socket.addEventListener('message', ({ data }) => {
      if (greeted && String(data).includes('"log"')) return onHint()
      greeted = true
      resolve(socket)
    })
    socket.addEventListener('close', () => reject(new Error('the live channel closed')))
  })
}

/** A push at one server, until its hint is at a device that is connected to the last one: with one server the same, with more by the bus. */
export async function liveLatency({ name, servers, accounts, queues }: Deployment, samples: number): Promise<void> {
  const [at, from] = [servers[0], servers.at(-1)]
  const [account, queue] = [accounts[0], queues[0]]
  if (at === undefined || from === undefined || account === undefined || queue === undefined) return
  let heard = (): void => undefined
  const socket = await listen(from, account.person.device.token ?? '', () => heard())
  const times: number[] = []
  queue.prepare(samples * 50)
  for (let n = 0; n < samples; n++) {
    let late: NodeJS.Timeout | undefined
    const hint = new Promise<void>((resolve, reject) => {
      heard = resolve
      late = setTimeout(() => reject(new Error('a hint was lost')), hintWithinMs)
    })
    const sentMs = performance.now()
    await Promise.all([pushOnce(at, queue), hint]).finally(() => clearTimeout(late))
    times.push(performance.now() - sentMs)
  }
  socket.close()
  figureOf(`load-live-${name}-p50`, 'ms', times)
  figureOf(`load-live-${name}-p99`, 'ms', times, 0.99)
}

async function pushOnce({ url }: RunningServer, queue: PushQueue): Promise<void> {
  let sent = false
  const next = () => {
    if (sent) return undefined
    sent = true
    queue.prepare(1_000)
    return queue.next()
  }
  await closedLoop([{ url, next }], 60_000)
}

/** So many devices, each of a seeded account of its own, at one process. */
export async function idleDevices(world: World, name: string, server: RunningServer, devices: number): Promise<void> {
  const before = memoryOf(server.pid, 'VmRSS')
  const holders = []
  for (let at = 1; at <= devices; at += perProcess) {
    const holder = world.helper(new URL('../idle-devices.ts', import.meta.url).pathname, ['devices'])
    const tokens = Array.from({ length: Math.min(perProcess, devices + 1 - at) }, (_, i) => seededToken(at + i))
    holder.say({ url: liveUrl(server), tokens })
    await holder.line()
    holders.push(holder)
  }
  await new Promise((resolve) => setTimeout(resolve, settleMs))
  for (const holder of holders) {
    holder.say('count')
    const { closed } = await holder.line()
    if (closed !== 0) throw new Error(`${closed} connections were lost`)
  }
  const after = memoryOf(server.pid, 'VmRSS')
  note(`${name}: ${before.toFixed(0)} MB, ${after.toFixed(0)} MB with ${devices} devices of as many accounts`)
  figure(`load-idle-${name}`, 'KB/device', ((after - before) * 1_024) / devices, devices)
  for (const holder of holders) await holder.stop()
}
