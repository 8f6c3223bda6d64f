/**
 * Figure `get-one`: one password out of 10,000 and out of 50,000 by its title, the whole process `nokkel show … --field password` with
 * the passcode stretched anew (Argon2id, 64 MiB, three passes). Nothing is asked of the server.
 */
import { createVault, passcode } from './parts/device.ts'
import { alternate, figureOf, peerOf, runs } from './parts/figures.ts'
import { loginItems } from './parts/items.ts'
import { keePassXc } from './parts/peers.ts'
import { cliProgram, inWorld, type Command, type World } from './parts/world.ts'

async function getOne(world: World, url: string, count: number): Promise<void> {
  const items = loginItems(count)
  const home = world.place()
  await (await createVault(url, home, count)).close()
  const wanted = items[Math.floor(count * 0.7)]
  if (wanted === undefined) throw new Error('no items')
  const args = [cliProgram, 'show', wanted.name, '--field', 'password']
  const show: Command = { file: process.execPath, args, env: { NOKKEL_HOME: home, NOKKEL_PASSCODE: passcode } }
  const { stdout } = await world.timed(show)
  if (stdout.trim() !== wanted.login.password) throw new Error('the wrong password was shown')
  const peer = await keePassXc(world, items)
  const theirs = peer?.run('show', '-s', '-a', 'Password', wanted.name)

  const timed = async (command: Command): Promise<number> => (await world.timed(command)).ms
  const times = await alternate(runs(), { ours: () => timed(show), ...(theirs && { theirs: () => timed(theirs) }) })
  const ours = figureOf(`get-one-${count / 1_000}k`, 'ms', times.ours)
  if (peer !== undefined) peerOf(ours, `${peer.name} show, KDF of 0.1 s`, times.theirs)
  const own = await world.costs(show, runs())
  if (own.peakMb.length === 0) return
  const cpu = figureOf(`get-one-${count / 1_000}k-cpu`, 'ms', own.cpuMs)
  const memory = figureOf(`get-one-${count / 1_000}k-memory`, 'MB', own.peakMb)
  if (peer === undefined || theirs === undefined) return
  const other = await world.costs(theirs, runs())
  peerOf(cpu, `${peer.name} show, KDF of 0.1 s`, other.cpuMs)
  peerOf(memory, `${peer.name} show, KDF of 0.1 s`, other.peakMb)
}

await inWorld(async (world) => {
  const server = await world.server()
  for (const count of [10_000, 50_000]) await getOne(world, server.url, count)
})
