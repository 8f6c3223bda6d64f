/**
 * Figure `initial-sync`: an approved device that has nothing takes in 10,000 items: pulled, every batch's signature and the state root
 * verified, every record opened, all stored. Timed in a fresh process each time, from the first step of the synchronisation (approval is
 * over) until the device is up to date. Beside it the yardstick: fetch, open and parse as many blobs.
 * `argv[2]` = `inside`: one such device; `argv[3]` the server, `argv[4]` the home, `argv[5]` the account.
 */
import { createReadStream, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { randomBytes } from 'node:crypto'
import type { RequestId } from '@nokkel/base'
import { openPlain, sealPlain } from './parts/baseline.ts'
import { createVault, newEmail, signInDevice } from './parts/device.ts'
import { alternate, figureOf, peerOf, runs } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { cpuMsSince, inWorld, memoryOf, type World } from './parts/world.ts'

const count = 10_000

async function inside(url: string, home: string, email: string): Promise<void> {
  const client = await signInDevice(url, home, email)
  const { requestId, code } = await client.requestJoin()
  let from = 0
  let before = process.cpuUsage()
  const joined = client.waitForJoin({
    onProgress({ phase }) {
      if (phase !== 'circle' || from !== 0) return
      from = performance.now()
      before = process.cpuUsage()
    },
  })
  process.stdout.write(`${JSON.stringify({ requestId, code })}\n`)
  const { pulled } = await joined
  process.stdout.write(
    `${JSON.stringify({ ms: performance.now() - from, pulled, cpuMs: cpuMsSince(before), peakMb: memoryOf('self', 'VmHWM') })}\n`,
  )
  await client.close()
}

/** One answer with all blobs, opened and parsed in memory; nothing verified, nothing stored. */
async function plainSync(world: World): Promise<{ run(): Promise<number>; stop(): void }> {
  const key = randomBytes(32)
  const sealed = sealPlain(key, loginItems(count))
  let end = 0
  const places = sealed.map(({ length }) => [end, (end += length)] as const)
  const file = join(world.folder, 'blobs')
  writeFileSync(file, Buffer.concat(sealed))
  const http = createServer((_request, response) => void createReadStream(file).pipe(response))
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`
  return {
    async run() {
      const from = performance.now()
      const body = Buffer.from(await (await fetch(url)).arrayBuffer())
      openPlain(
        key,
        places.map(([start, stop]) => body.subarray(start, stop)),
      )
      return performance.now() - from
    },
    stop() {
      http.closeAllConnections()
      http.close()
    },
  }
}

async function measure(world: World): Promise<void> {
  const server = await world.server()
  const email = newEmail()
  const first = await createVault(server.url, world.place(), count, email)
  const plain = await plainSync(world)
  const cpu: number[] = []
  const peaks: number[] = []
  const times = await alternate(runs(), {
    async ours() {
      const device = world.helper(import.meta.filename, ['inside', server.url, world.place(), email])
      const { requestId, code } = await device.line()
      await first.approve(requestId as RequestId, String(code))
      const { ms, cpuMs, pulled, peakMb } = await device.line()
      await device.finished()
      if (Number(pulled) < count) throw new Error(`pulled ${pulled}`)
      cpu.push(Number(cpuMs))
      peaks.push(Number(peakMb))
      return Number(ms)
    },
    plain: plain.run,
  })
  plain.stop()
  await first.close()
  const ours = figureOf('initial-sync', 'ms', times.ours)
  figureOf('initial-sync-cpu', 'ms', cpu.slice(1))
  figureOf('initial-sync-memory', 'MB', peaks.slice(1))
  peerOf(ours, 'fetch + AES-256-GCM + JSON.parse, nothing verified or stored', times.plain)
}

const [mode, url = '', home = '', email = ''] = process.argv.slice(2)
if (mode === 'inside') await inside(url, home, email)
else await inWorld(measure)
