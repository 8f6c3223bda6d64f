/**
 * Figure `server-growth`: what one, two and three servers on one PostgreSQL answer together, each held to a tenth of a core so that it is they and not
 * the machine that is full; then the same with the database held to a sixteenth, so that it is the database. `busy` is the share of what each was allowed
 * that it used: near 1 is the limit. 32 devices of 32 accounts. Needs control groups of Linux and the superuser. `--ms` a measurement (3,000).
 */
import { NatsInstance } from 'nokkel-server/nats/testing'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { deployment, measure, onPostgres, startServers, type Cost, type Kind } from './parts/deployments.ts'
import { figure, figureOf, median, note, numberOption, peerOf, runs } from './parts/figures.ts'
import { holdTo } from './parts/processor-share.ts'
import { inWorld } from './parts/world.ts'

const devices = 32
const ms = numberOption('ms', 3_000)
const serverShare = 0.1
const databaseShares = { enough: 1, small: 0.0625 } as const
const counts = [1, 2, 3] as const
const measured: readonly Kind[] = ['push', 'pull']

await inWorld(async (world) => {
  const [postgres, nats] = await Promise.all([
    PostgresInstance.start({ onDisk: true, settings: { shared_buffers: '256MB' } }),
    NatsInstance.start(),
  ])
  try {
    const servers = await startServers(world, counts.length, onPostgres(postgres, await postgres.createDatabase(), nats))
    const all = await deployment('growth', servers, devices, postgres.pid)
    const limits = servers.map(({ pid }) => holdTo(serverShare, pid))
    if (limits.includes(null)) return note('no control groups, or not the superuser: nothing can be said on one machine')
    for (const [size, share] of Object.entries(databaseShares)) {
      const limit = holdTo(share, postgres.pid)
      for (const kind of measured) {
        const costs = new Map<number, Cost[]>(counts.map((count) => [count, []]))
        for (let round = 0; round <= runs(); round++)
          for (const count of counts) {
            const cost = await measure({ ...all, servers: servers.slice(0, count) }, kind, ms)
            if (round > 0) costs.get(count)?.push(cost)
          }
        for (const count of counts) {
          const values = costs.get(count) ?? []
          const name = `server-growth-${kind}-${count}-${size}-database`
          const rates = values.map(({ rate }) => rate)
          const ours = figureOf(name, '/s', rates)
          if (count > 1)
            peerOf(
              ours,
              'one server',
              (costs.get(1) ?? []).map(({ rate }) => rate),
            )
          const busy = (what: string, of: (cost: Cost) => number): void =>
            void figure(`${name}-${what}-busy`, 'share', median(values.map(of)), values.length)
          busy('server', ({ rate, serverMs }) => (rate * serverMs) / 1_000 / (count * serverShare))
          busy('database', ({ rate, databaseMs }) => (rate * databaseMs) / 1_000 / share)
        }
      }
      limit?.lift()
    }
    for (const limit of limits) limit?.lift()
  } finally {
    await postgres.dispose()
    await nats.kill()
  }
})
