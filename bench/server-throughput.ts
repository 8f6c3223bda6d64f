/**
 * Figure `server-throughput`: what one server process on SQLite answers per second, and how late, to 32 devices of 32 accounts that ask
 * again as soon as they were answered: pulls that bring nothing, pushes that are on disk when acknowledged (one batch with one record of
 * 700 bytes each), and first steps of a sign-in. The load comes from a second process on the same two cores, as it would not in life.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Request, Result } from 'autocannon'
import { diskSyncs } from './parts/baseline.ts'
import { alternate, figureOf, median, note, peerOf, runs } from './parts/figures.ts'
import { createAccounts, emptyPull, load, pushes, recordBytes, signInStarts, type Account } from './parts/protocol-load.ts'
import { inWorld } from './parts/world.ts'

const devices = 32
const amounts = { pull: 20_000, push: 4_096, signIn: 4_096 }

await inWorld(async (world) => {
  const server = await world.server()
  const bare = world.helper(fileURLToPath(new URL('./parts/bare-server.ts', import.meta.url)), [join(world.folder, 'appended')])
  const bareUrl = String((await bare.line())['url'])
  const accounts = await createAccounts(server.url, devices)
  const signIns = await signInStarts(accounts)
  const accountAt = (at: number): Account => accounts[at] as Account
  const bareRequest = (path: string, body?: Buffer): Request => ({
    method: body === undefined ? 'GET' : 'POST',
    path,
    headers: {},
    ...(body && { body }),
  })

  const results: Record<string, Result[]> = {}
  const rate = async (name: string, amount: number, run: () => Promise<Result>): Promise<number> => {
    const result = await run()
    const taken = (results[name] ??= [])
    taken.push(result)
    return amount / result.duration
  }
  const rates = await alternate(runs(), {
    pull: () => rate('pull', amounts.pull, () => load(server.url, devices, amounts.pull, (at) => [emptyPull(accountAt(at))])),
    barePull: () => rate('barePull', amounts.pull, () => load(bareUrl, devices, amounts.pull, () => [bareRequest('/empty')])),
    push: () => {
      const made = accounts.map((account) => pushes(account, amounts.push / devices))
      return rate('push', amounts.push, () => load(server.url, devices, amounts.push, (at) => made[at] ?? []))
    },
    barePush: () =>
      rate('barePush', amounts.push, () =>
        load(bareUrl, devices, amounts.push, () => [bareRequest('/append', Buffer.alloc(recordBytes + 400))]),
      ),
    signIn: () => rate('signIn', amounts.signIn, () => load(server.url, devices, amounts.signIn, (at) => [signIns[at] as Request])),
    bareSignIn: () =>
      rate('bareSignIn', amounts.signIn, () => load(bareUrl, devices, amounts.signIn, () => [bareRequest('/json', signIns[0]?.body)])),
    disk: () => 1_000 / median(diskSyncs(world.folder, 200)),
  })

  const late = (name: string, which: 'p50' | 'p99'): number[] => (results[name] ?? []).slice(1).map(({ latency }) => latency[which])
  for (const [name, own, peer] of [
    ['server-throughput-pull', 'pull', 'barePull'],
    ['server-throughput-push', 'push', 'barePush'],
    ['server-throughput-sign-in', 'signIn', 'bareSignIn'],
  ] as const) {
    const ours = figureOf(name, '/s', rates[own])
    peerOf(ours, peer === 'barePush' ? 'bare Hono route, append and fsync each' : 'bare Hono route', rates[peer])
    if (own === 'push') peerOf(ours, 'write + fdatasync of this disk, one after another', rates.disk)
    figureOf(`${name}-p50`, 'ms', late(own, 'p50'))
    const slow = figureOf(`${name}-p99`, 'ms', late(own, 'p99'))
    peerOf(slow, 'bare Hono route', late(peer, 'p99'))
  }
  note('SQLite; `load` has the same on PostgreSQL, beside it')
})
