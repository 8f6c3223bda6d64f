/**
 * Figure `unlock-list`: from the local key to a sorted list of all 10,000 items, the key derivation left out. Each run is a fresh
 * process, so nothing is warm; what is timed inside it is opening the store, opening the keychain and listing. Beside it the whole
 * process `nokkel list` while an agent holds the key, as a person meets it after `nokkel unlock`.
 * `argv[2]` = `inside`: one such run on the home in `argv[3]`, or of a yardstick.
 */
import { randomBytes } from 'node:crypto'
import { fromHex, Secret, toHex } from '@nokkel/base'
import { openPlain, sealPlain } from './parts/baseline.ts'
import { createVault, openDevice, passcode } from './parts/device.ts'
import { alternate, figureOf, peerOf, runs } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { kdbxFile, keePassXc, loadKdbx } from './parts/peers.ts'
import { cliProgram, inWorld, type Command, type World } from './parts/world.ts'

const count = 10_000
const answer = (ms: number, items: number): void => void process.stdout.write(`${JSON.stringify({ ms, items })}\n`)

async function inside(what: string, place: string): Promise<void> {
  if (what === 'ours') {
    const key = new Secret(fromHex(process.env['BENCH_KEY'] ?? ''))
    const from = performance.now()
    const client = await openDevice(place)
    await client.unlockWithKey(key)
    const items = await client.items()
    answer(performance.now() - from, items.length)
    await client.close()
  } else if (what === 'plain') {
    const key = randomBytes(32)
    const sealed = sealPlain(key, loginItems(count))
    const from = performance.now()
    const items = openPlain(key, sealed)
    answer(performance.now() - from, items.length)
  } else {
    const from = performance.now()
    const entries = [...(await loadKdbx(place)).getDefaultGroup().allEntries()]
    answer(performance.now() - from, entries.length)
  }
}

async function measure(world: World): Promise<void> {
  const server = await world.server()
  const home = world.place()
  const client = await createVault(server.url, home, count)
  const key = toHex(client.unlockKey().reveal())
  await client.close()
  const ask = async (what: string, place: string, env: Readonly<Record<string, string>> = {}): Promise<number> => {
    const { ms, items } = await world.ask(import.meta.filename, ['inside', what, place], env)
    if (Number(items) < count) throw new Error(`${what}: ${items} items`)
    return Number(ms)
  }
  const nodePath = { NODE_PATH: process.env['NODE_PATH'] ?? '' }
  const kdbx = await kdbxFile(world, loginItems(count))
  const times = await alternate(runs(), {
    ours: () => ask('ours', home, { BENCH_KEY: key }),
    plain: () => ask('plain', home),
    ...(kdbx !== undefined && { kdbx: () => ask('kdbxweb', kdbx, nodePath) }),
  })
  const unlocked = figureOf('unlock-list', 'ms', times.ours)
  peerOf(unlocked, 'node:crypto AES-256-GCM + JSON.parse, one blob an item', times.plain)
  if (times.kdbx.length > 0) peerOf(unlocked, 'kdbxweb load, one KDF round', times.kdbx)
  await measureProcess(world, home)
}

/** The whole command, while an agent holds the key. */
async function measureProcess(world: World, home: string): Promise<void> {
  const nokkel = (word: string): Command => ({
    file: process.execPath,
    args: [cliProgram, word],
    env: { NOKKEL_HOME: home, NOKKEL_PASSCODE: passcode },
  })
  const list: Command = { file: process.execPath, args: [cliProgram, 'list', '--json'], env: { NOKKEL_HOME: home } }
  const peer = await keePassXc(world, loginItems(count))
  const theirs = peer?.run('ls')
  const timed = async (command: Command): Promise<number> => (await world.timed(command)).ms
  await world.timed(nokkel('unlock'))
  try {
    const times = await alternate(runs(), { ours: () => timed(list), ...(theirs && { theirs: () => timed(theirs) }) })
    const whole = figureOf('unlock-list-process', 'ms', times.ours)
    if (peer !== undefined) peerOf(whole, `${peer.name} ls, its KDF of 0.1 s included`, times.theirs)
  } finally {
    await world.timed(nokkel('lock'))
  }
}

const [mode, what = '', place = ''] = process.argv.slice(2)
if (mode === 'inside') await inside(what, place)
else await inWorld(measure)
