/**
 * Figure `cli-start`: the command line from a cold process to its end, timed from outside. `--version` is answered by the launcher;
 * `help` loads the program itself, as every real command does. Beside it plain Node, which is the floor, and other people's command lines.
 */
import { alternate, figureOf, peerOf, runs } from './parts/figures.ts'
import { findProgram } from './parts/peers.ts'
import { cliProgram, inWorld, type Command } from './parts/world.ts'

await inWorld(async (world) => {
  const node = process.execPath
  const ours: Record<string, Command> = {
    'cli-start': { file: node, args: [cliProgram, '--version'] },
    'cli-start-program': { file: node, args: [cliProgram, 'help'] },
  }
  const peers: Record<string, Command> = { 'node -e 0': { file: node, args: ['-e', '0'] } }
  for (const name of ['bw', 'keepassxc-cli']) {
    const file = findProgram(name)
    if (file !== undefined) peers[`${name} --version`] = { file, args: ['--version'], env: { QT_QPA_PLATFORM: 'offscreen' } }
  }
  const all = { ...ours, ...peers }
  // a start is short and the machine is not quiet: more of them
  const times = await alternate(
    runs() * 3,
    Object.fromEntries(Object.entries(all).map(([name, command]) => [name, async () => (await world.timed(command)).ms])),
  )
  for (const name of Object.keys(ours)) {
    const figure = figureOf(name, 'ms', times[name] ?? [])
    for (const peer of Object.keys(peers)) peerOf(figure, peer, times[peer] ?? [])
  }
  const costs = new Map<string, Awaited<ReturnType<typeof world.costs>>>()
  for (const [name, command] of Object.entries(all)) costs.set(name, await world.costs(command, runs()))
  for (const name of Object.keys(ours)) {
    const own = costs.get(name)?.peakMb ?? []
    if (own.length === 0) return
    const figure = figureOf(`${name}-memory`, 'MB', own)
    for (const peer of Object.keys(peers)) peerOf(figure, peer, costs.get(peer)?.peakMb ?? [])
  }
})
