/**
 * Figure `client-memory`: a process that holds an unlocked keychain of 10,000 items, listed and searched once: what it holds when at rest,
 * and the most it took on the way there, Argon2id of 64 MiB included. Beside it the same items as plain objects in bare Node.
 * `argv[2]` = `inside`: one such process, on the home in `argv[3]`.
 */
import { createVault, openDevice, passcode } from './parts/device.ts'
import { figureOf, peerOf, runs } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { kdbxFile, keePassXc, loadKdbx } from './parts/peers.ts'
import { inWorld, memoryOf, type World } from './parts/world.ts'

const count = 10_000
const restMs = 1_000

async function inside(what: string, home: string): Promise<void> {
  let held: unknown
  if (what === 'ours') {
    const client = await openDevice(home)
    await client.unlock(passcode)
    const listed = (await client.items()).length
    await client.items({ text: 'bank' })
    if (listed < count) throw new Error(`${listed} items`)
    held = client
  } else held = what === 'plain' ? loginItems(count) : await loadKdbx(home)
  await new Promise((resolve) => setTimeout(resolve, restMs))
  process.stdout.write(`${JSON.stringify({ heldMb: memoryOf('self', 'VmRSS'), peakMb: memoryOf('self', 'VmHWM'), held: typeof held })}\n`)
  process.exit(0)
}

async function memories(
  world: World,
  what: string,
  home: string,
  env: Readonly<Record<string, string>> = {},
): Promise<{ held: number[]; peak: number[] }> {
  const held: number[] = []
  const peak: number[] = []
  for (let run = 0; run < runs(); run++) {
    const { heldMb, peakMb } = await world.ask(import.meta.filename, ['inside', what, home], env)
    held.push(Number(heldMb))
    peak.push(Number(peakMb))
  }
  return { held, peak }
}

async function measure(world: World): Promise<void> {
  const server = await world.server()
  const home = world.place()
  await (await createVault(server.url, home, count)).close()
  await server.stop()
  const ours = await memories(world, 'ours', home)
  const plain = await memories(world, 'plain', home)
  const held = figureOf('client-memory', 'MB', ours.held)
  const peak = figureOf('client-memory-peak', 'MB', ours.peak)
  peerOf(held, 'node with the items as plain objects', plain.held)
  const kdbx = await kdbxFile(world, loginItems(count))
  if (kdbx !== undefined) {
    const theirs = await memories(world, 'kdbxweb', kdbx, { NODE_PATH: process.env['NODE_PATH'] ?? '' })
    peerOf(held, 'kdbxweb load', theirs.held)
    peerOf(peak, 'kdbxweb load', theirs.peak)
  }
  const peer = await keePassXc(world, loginItems(count))
  const theirs = peer === undefined ? [] : (await world.costs(peer.run('ls'), runs())).peakMb
  if (peer !== undefined && theirs.length > 0) peerOf(peak, `${peer.name} ls`, theirs)
}

const [mode, what = '', home = ''] = process.argv.slice(2)
if (mode === 'inside') await inside(what, home)
else await inWorld(measure)
