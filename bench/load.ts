/**
 * Figure `load`: the server under real requests of 32 devices of 32 accounts, on SQLite and on PostgreSQL beside each other in one run, with one, two and
 * three servers on PostgreSQL: rates, answer times, processor time a request, hints; growth with accounts and items; bytes on disk; one account that
 * asks without pause beside others; ten thousand idle devices. Everything (load, servers, database) shares the machine. Bounded by time: some ten
 * minutes on two cores. `--ms` a measurement (2,000), `--runs` (3), `--accounts` (10,000), `--items` (50,000), `--idle` (10,000, of the accounts).
 */
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { NatsInstance } from 'nokkel-server/nats/testing'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { closedLoop, type Asker } from './parts/closed-loop.ts'
import { compare, deployment, onPostgres, startServers, type Deployment } from './parts/deployments.ts'
import { figure, note, numberOption } from './parts/figures.ts'
import { idleDevices, liveLatency } from './parts/listeners.ts'
import { createAccounts, emptyPull, load, pushes } from './parts/protocol-load.ts'
import { seedPostgres, seedSqlite } from './parts/seeded-accounts.ts'
import { inWorld, type World } from './parts/world.ts'

const devices = 32
const ms = numberOption('ms', 2_000)
const runs = numberOption('runs', 3)
const mostAccounts = numberOption('accounts', 10_000)
const mostItems = numberOption('items', 50_000)
const idle = Math.min(mostAccounts - 1, numberOption('idle', 10_000))
const recordsPerBatch = 100
const liveSamples = 100

async function growItems({ name, servers }: Deployment): Promise<number> {
  const url = servers[0]?.url ?? ''
  const [account] = await createAccounts(url, 1)
  if (account === undefined) throw new Error('no account')
  let items = 0
  for (const wanted of [100, 10_000, 50_000].filter((count) => count <= mostItems)) {
    const batches = (wanted - items) / recordsPerBatch
    const made = pushes(account, batches, recordsPerBatch)
    const pushed = await load(url, 1, batches, () => made)
    if (items > 0) figure(`load-import-${name}-${wanted}`, 'items/s', (wanted - items) / pushed.duration, batches)
    items = wanted
    const edits = pushes(account, 100)
    const edit = await load(url, 1, edits.length, () => edits)
    figure(`load-edit-${name}-at-${wanted}-items-p50`, 'ms', edit.latency.p50, edits.length)
    const pull = await load(url, 1, 200, () => [emptyPull(account)])
    figure(`load-empty-pull-${name}-at-${wanted}-items-p50`, 'ms', pull.latency.p50, 200)
  }
  return items
}

/** Others push and pull at a walking pace, alone and beside one account on 64 connections that asks without pause. */
async function noisyNeighbour(world: World, name: string, settings: Record<string, string>): Promise<void> {
  const [server] = await startServers(world, 1, { ...settings, NOKKEL_RATE_LIMITS: 'on' })
  if (server === undefined) throw new Error('no server')
  const { accounts, queues } = await deployment(name, [server], 9)
  const { url } = server
  const [noisy] = accounts
  if (noisy === undefined) throw new Error('no account')
  const others = queues.slice(1).map((queue): Asker => ({ url, next: () => queue.next(), pauseMs: 200 }))
  const noise = Array.from({ length: 64 }, (): Asker => ({ url, next: () => emptyPull(noisy) }))
  for (const beside of [false, true]) {
    for (const queue of queues) queue.prepare(ms * 2)
    const [quiet, loud] = await Promise.all([
      closedLoop(others, ms * 2),
      beside ? closedLoop(noise, ms * 2, { mayRefuse: true }) : undefined,
    ])
    const title = `load-push-${name}-${beside ? 'beside-a-noisy-account' : 'alone'}`
    figure(`${title}-p50`, 'ms', quiet.p50, quiet.count)
    figure(`${title}-p99`, 'ms', quiet.p99, quiet.count)
    if (loud !== undefined) note(`${name}: the noisy account was answered ${Math.round(loud.rate)} times a second`)
  }
  await server.stop()
}

const sizeOf = async (postgres: PostgresInstance, database: string): Promise<number> =>
  Number((await postgres.query(`select pg_database_size('${database}') as size`))[0]?.['size'])

await inWorld(async (world) => {
  const [postgres, nats] = await Promise.all([
    PostgresInstance.start({ onDisk: true, settings: { shared_buffers: '256MB' } }),
    NatsInstance.start(),
  ])
  const from = performance.now()
  const done = (what: string): void => note(`${Math.round((performance.now() - from) / 1_000)} s: ${what}`)
  try {
    const sqliteData = world.place('sqlite')
    const file = join(sqliteData, 'nokkel.db')
    const sqlite = await deployment('sqlite', [await world.server(sqliteData)], devices)
    const database = await postgres.createDatabase()
    const settings = onPostgres(postgres, database, nats)
    const postgresData = world.place('server')
    const servers = await startServers(world, 3, settings, postgresData)
    const three = await deployment('postgres-3', servers, devices, postgres.pid)
    const one = { ...three, name: 'postgres-1', servers: servers.slice(0, 1) }
    const two = { ...three, name: 'postgres-2', servers: servers.slice(0, 2) }

    await compare('base', [sqlite, one, two, three], { runs, ms })
    done('throughput')
    for (const each of [sqlite, one, two]) await liveLatency(each, liveSamples)
    done('live')
    const before = { sqlite: statSync(file).size, postgres: await sizeOf(postgres, database) }
    const items = (await growItems(sqlite)) + 300
    await growItems(one)
    const flush = new DatabaseSync(file)
    flush.exec('pragma wal_checkpoint(truncate)')
    flush.close()
    figure('load-bytes-per-item-sqlite', 'bytes', (statSync(file).size - before.sqlite) / items, items)
    figure('load-bytes-per-item-postgres', 'bytes', ((await sizeOf(postgres, database)) - before.postgres) / items, items)
    done('items')
    for (let accounts = 100, seeded = 1; accounts <= mostAccounts; seeded = accounts, accounts *= 10) {
      seedSqlite(file, seeded, accounts)
      await seedPostgres(postgres, database, seeded, accounts)
      await compare(`accounts-${accounts}`, [sqlite, one], { runs, ms: ms / 2 })
    }
    done('accounts')
    for (const server of servers.slice(1)) await server.stop()
    await noisyNeighbour(world, 'sqlite', {})
    await noisyNeighbour(world, 'postgres', onPostgres(postgres, await postgres.createDatabase(), nats))
    done('noisy neighbour')
    for (const [name, running, data, more] of [
      ['sqlite', sqlite.servers[0], sqliteData, {}],
      ['postgres', servers[0], postgresData, settings],
    ] as const) {
      // what was asked of it before would hide what the connections take
      await running?.stop()
      const server = await world.server(data, more)
      await idleDevices(world, name, server, idle)
      await server.stop()
    }
    done('idle devices')
  } finally {
    await postgres.dispose()
    await nats.kill()
  }
})
