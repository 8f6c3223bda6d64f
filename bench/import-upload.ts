/**
 * Figure `import-upload`: 10,000 items from a file into the keychain and to the server: read, checked, stored, sealed, signed, pushed,
 * each batch acknowledged after the server's disk has it. Each run is a fresh process with a fresh account.
 * `argv[2]` = `inside`: one such run; `argv[3]` the server, `argv[4]` the home.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { sealPlain } from './parts/baseline.ts'
import { createDevice, importItems } from './parts/device.ts'
import { alternate, figure, figureOf, peerOf, runs } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { cpuMsSince, inWorld, memoryOf } from './parts/world.ts'

const count = 10_000
const perBatch = 100

async function inside(url: string, home: string): Promise<void> {
  const client = await createDevice(url, home)
  const before = process.cpuUsage()
  const from = performance.now()
  await importItems(client, count)
  process.stdout.write(
    `${JSON.stringify({ ms: performance.now() - from, cpuMs: cpuMsSince(before), peakMb: memoryOf('self', 'VmHWM') })}\n`,
  )
  await client.close()
}

/** Seal, sign a hundred at a time, send, one synchronised append a batch: no store of its own, no checks, no retries. */
async function plain(url: string): Promise<number> {
  const items = loginItems(count)
  const key = randomBytes(32)
  const { privateKey } = generateKeyPairSync('ed25519')
  const from = performance.now()
  const sealed = sealPlain(key, items)
  for (let at = 0; at < count; at += perBatch) {
    const body = Buffer.concat(sealed.slice(at, at + perBatch))
    const response = await fetch(`${url}/append`, { method: 'POST', body: Buffer.concat([sign(null, body, privateKey), body]) })
    await response.json()
  }
  return performance.now() - from
}

const [mode, url = '', home = ''] = process.argv.slice(2)
if (mode === 'inside') await inside(url, home)
else
  await inWorld(async (world) => {
    const server = await world.server()
    const bare = world.helper(fileURLToPath(new URL('./parts/bare-server.ts', import.meta.url)), [join(world.folder, 'appended')])
    const { url: bareUrl } = await bare.line()
    const cpu: number[] = []
    const peaks: number[] = []
    const times = await alternate(runs(), {
      ours: async () => {
        const { ms, cpuMs, peakMb } = await world.ask(import.meta.filename, ['inside', server.url, world.place()])
        cpu.push(Number(cpuMs))
        peaks.push(Number(peakMb))
        return Number(ms)
      },
      plain: () => plain(String(bareUrl)),
    })
    const ours = figureOf('import-upload', 'ms', times.ours)
    figureOf('import-upload-cpu', 'ms', cpu.slice(1))
    figureOf('import-upload-memory', 'MB', peaks.slice(1))
    figure('import-upload-rate', 'items/s', (count / ours.value) * 1_000, times.ours.length)
    peerOf(ours, 'AES-256-GCM + Ed25519 + bare Hono route with fsync', times.plain)
    await bare.stop()
  })
