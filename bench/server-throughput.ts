/**
 * Figure `server-throughput`: what one server process answers per second, and how late, on SQLite and on PostgreSQL in the same run, to 32 devices of
 * 32 accounts that ask again as soon as they were answered: pulls that bring nothing, pushes that are on disk when acknowledged (one batch with one
 * record of 700 bytes each), and first steps of a sign-in. Load, server and database share the same two cores, as they would not in life. Yardsticks: a
 * bare Hono route, what this disk synchronises one after another, and SQLite for PostgreSQL. `--percent`: of the requests of a run (100).
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Request, Result } from 'autocannon'
import { NatsInstance } from 'nokkel-server/nats/testing'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { diskSyncs } from './parts/baseline.ts'
import { onPostgres } from './parts/deployments.ts'
import { alternate, figureOf, median, numberOption, peerOf, runs } from './parts/figures.ts'
import { createAccounts, emptyPull, load, pushes, recordBytes, signInStarts, type Account } from './parts/protocol-load.ts'
import { inWorld, type World } from './parts/world.ts'

const devices = 32
const percent = numberOption('percent', 100)
const share = (amount: number): number => Math.ceil((amount * percent) / 100 / devices) * devices
const amounts = { pull: share(20_000), push: share(4_096), 'sign-in': share(4_096) } as const
type Kind = keyof typeof amounts
const kinds = Object.keys(amounts) as Kind[]
const stores = ['sqlite', 'postgres'] as const
type Measured = `${(typeof stores)[number] | 'bare'} ${Kind}` | 'disk'

await inWorld(async (world) => {
  const [postgres, nats] = await Promise.all([
    PostgresInstance.start({ onDisk: true, settings: { shared_buffers: '256MB' } }),
    NatsInstance.start(),
  ])
  try {
    await measure(world, { sqlite: {}, postgres: onPostgres(postgres, await postgres.createDatabase(), nats) })
  } finally {
    await postgres.dispose()
    await nats.kill()
  }
})

async function measure(world: World, settings: Record<(typeof stores)[number], Record<string, string>>): Promise<void> {
  const results = new Map<Measured, Result[]>()
  const measurements: { [Each in Measured]?: () => Promise<number> | number } = {}
  const take = (name: Measured, kind: Kind, url: string, requestsOf: () => (connection: number) => readonly Request[]): void => {
    measurements[name] = async () => {
      // made before the clock runs
      const requests = requestsOf()
      const result = await load(url, devices, amounts[kind], requests)
      results.set(name, [...(results.get(name) ?? []), result])
      return amounts[kind] / result.duration
    }
  }

  const bare = world.helper(fileURLToPath(new URL('./parts/bare-server.ts', import.meta.url)), [join(world.folder, 'appended')])
  const bareUrl = String((await bare.line())['url'])
  let signIn: Request | undefined
  for (const store of stores) {
    const { url } = await world.server(world.place('server'), settings[store])
    const accounts = await createAccounts(url, devices)
    const signIns = await signInStarts(accounts)
    signIn ??= signIns[0]
    take(`${store} pull`, 'pull', url, () => (at) => [emptyPull(accounts[at] as Account)])
    take(`${store} push`, 'push', url, () => {
      const made = accounts.map((account) => pushes(account, amounts.push / devices))
      return (at) => made[at] ?? []
    })
    take(`${store} sign-in`, 'sign-in', url, () => (at) => [signIns[at] as Request])
  }
  const bareRequest = (path: string, body?: Request['body']): Request => ({
    method: body === undefined ? 'GET' : 'POST',
    path,
    headers: {},
    ...(body !== undefined && { body }),
  })
  take('bare pull', 'pull', bareUrl, () => () => [bareRequest('/empty')])
  take('bare push', 'push', bareUrl, () => () => [bareRequest('/append', Buffer.alloc(recordBytes + 400))])
  take('bare sign-in', 'sign-in', bareUrl, () => () => [bareRequest('/json', signIn?.body)])
  measurements.disk = () => 1_000 / median(diskSyncs(world.folder, 200))

  const rates = await alternate<Measured>(runs(), measurements)
  const late = (name: Measured, which: 'p50' | 'p99'): number[] => (results.get(name) ?? []).slice(1).map(({ latency }) => latency[which])
  const bareName = (kind: Kind): string => (kind === 'push' ? 'bare Hono route, append and fsync each' : 'bare Hono route')
  for (const store of stores)
    for (const kind of kinds) {
      const name = `server-throughput-${kind}-${store}`
      const ours = figureOf(name, '/s', rates[`${store} ${kind}`])
      peerOf(ours, bareName(kind), rates[`bare ${kind}`])
      if (store === 'postgres') peerOf(ours, 'sqlite', rates[`sqlite ${kind}`])
      if (kind === 'push') peerOf(ours, 'write + fdatasync of this disk, one after another', rates.disk)
      figureOf(`${name}-p50`, 'ms', late(`${store} ${kind}`, 'p50'))
      const slow = figureOf(`${name}-p99`, 'ms', late(`${store} ${kind}`, 'p99'))
      peerOf(slow, bareName(kind), late(`bare ${kind}`, 'p99'))
      if (store === 'postgres') peerOf(slow, 'sqlite', late(`sqlite ${kind}`, 'p99'))
    }
}
