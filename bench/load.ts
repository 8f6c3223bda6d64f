/**
 * Figure `load`: the server under real requests of 32 devices of 32 accounts, on SQLite and on PostgreSQL beside each other in one run, with
 * one, two and three servers on PostgreSQL; how that changes with accounts in the database and with items in the account; bytes on disk.
 * Everything (load, servers, database) shares the machine. Bounded: `--amount` requests a measurement (2,000), `--accounts` (10,000), `--items` (50,000).
 */
import { cpSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Request, Result } from 'autocannon'
import { NatsInstance } from 'nokkel-server/nats/testing'
import { PostgresInstance } from 'nokkel-server/postgres/testing'
import { figure, figureOf, median, note, numberOption, peerOf } from './parts/figures.ts'
import { createAccounts, emptyPull, load, pushes, signInStarts, type Account } from './parts/protocol-load.ts'
import { inWorld, type RunningServer, type World } from './parts/world.ts'

const devices = 32
const amount = numberOption('amount', 2_048)
const mostAccounts = numberOption('accounts', 10_000)
const mostItems = numberOption('items', 50_000)
const rounds = numberOption('runs', 5)
const recordsPerBatch = 100

type Kind = 'pull' | 'push' | 'sign-in'
const kinds: readonly Kind[] = ['pull', 'push', 'sign-in']

interface Deployment {
  readonly name: string
  readonly servers: readonly RunningServer[]
  readonly accounts: Account[]
  readonly signIns: readonly Request[]
}

async function deployment(name: string, servers: readonly RunningServer[]): Promise<Deployment> {
  const accounts = await createAccounts(servers[0]?.url ?? '', devices)
  return { name, servers, accounts, signIns: await signInStarts(accounts) }
}

/** The devices spread over the servers; all run at the same time. Requests a second in all, and the answer times of the slowest. */
async function measure({ servers, accounts, signIns }: Deployment, kind: Kind): Promise<{ rate: number; p50: number; p99: number }> {
  const each = Math.ceil(amount / devices)
  const plan = accounts.map((account, i): readonly Request[] =>
    kind === 'pull' ? [emptyPull(account)] : kind === 'push' ? pushes(account, each) : [signIns[i] as Request],
  )
  const groups = servers.map((_, s) => plan.filter((_requests, i) => i % servers.length === s))
  const from = performance.now()
  const results: Result[] = await Promise.all(
    servers.map(({ url }, s) => {
      const own = groups[s] ?? []
      return load(url, own.length, own.length * each, (connection) => own[connection] ?? [])
    }),
  )
  const seconds = (performance.now() - from) / 1_000
  const worst = (which: 'p50' | 'p99'): number => Math.max(...results.map(({ latency }) => latency[which]))
  return { rate: (each * devices) / seconds, p50: worst('p50'), p99: worst('p99') }
}

/** Every deployment in turn, round after round, so that whatever else the machine does falls on all alike. */
async function compare(title: string, deployments: readonly Deployment[], wanted: readonly Kind[] = kinds): Promise<void> {
  const taken = new Map<string, { rate: number; p50: number; p99: number }[]>()
  for (let round = 0; round <= rounds; round++)
    for (const each of deployments)
      for (const kind of wanted) {
        const result = await measure(each, kind)
        const key = `${kind} ${each.name}`
        if (round > 0) taken.set(key, [...(taken.get(key) ?? []), result])
      }
  const [first] = deployments
  for (const kind of wanted)
    for (const each of deployments) {
      const values = taken.get(`${kind} ${each.name}`) ?? []
      const name = `load-${title}-${kind}-${each.name}`
      const rate = figureOf(
        name,
        '/s',
        values.map((value) => value.rate),
      )
      if (first !== undefined && each !== first)
        peerOf(
          rate,
          first.name,
          (taken.get(`${kind} ${first.name}`) ?? []).map((value) => value.rate),
        )
      figure(`${name}-p50`, 'ms', median(values.map(({ p50 }) => p50)), values.length)
      figure(`${name}-p99`, 'ms', median(values.map(({ p99 }) => p99)), values.length)
    }
}

/** Accounts that nobody asks for, each with a session and five records of a common size: what makes tables and indexes as large as in life. */
function seedSqlite(file: string, from: number, to: number): void {
  const database = new DatabaseSync(file)
  database.exec(`pragma busy_timeout = 20000; begin immediate`)
  const numbers = `with recursive n(i) as (select ${from} union all select i + 1 from n where i + 1 < ${to})`
  const id = `printf('%032x', i)`
  database.exec(`${numbers} insert into accounts (account_id, email, email_key, registration_record, bind, genesis_hash, circle_seq, circle_head, record_count, stored_bytes, batch_count, activity_n, created_ms)
    select ${id}, ${id}, ${id}, ${id}, zeroblob(32), zeroblob(32), 0, zeroblob(32), 5, 5000, 1, 0, 0 from n`)
  database.exec(`${numbers} insert into sessions select ${id}, ${id}, unhex(${id}), 'cli', zeroblob(32), 'active', 1e13, 1e13 from n`)
  database.exec(`${numbers} insert into vaults select ${id}, ${id}, 1, zeroblob(32), 5 from n`)
  for (let record = 0; record < 5; record++)
    database.exec(`${numbers} insert into records select ${id}, ${id}, printf('%032x', ${record}), 1, 900, randomblob(900) from n`)
  database.exec('commit; analyze')
  database.close()
}

async function seedPostgres(postgres: PostgresInstance, database: string, from: number, to: number): Promise<void> {
  const id = `lpad(to_hex(i), 32, '0')`
  const blob = `decode(repeat('00', 32), 'hex')`
  const numbers = `from generate_series(${from}, ${to - 1}) as g(i)`
  await postgres.query(
    `insert into accounts (account_id, email, email_key, registration_record, bind, genesis_hash, circle_seq, circle_head, record_count, stored_bytes, batch_count, activity_n, created_ms)
       select ${id}, ${id}, ${id}, ${id}, ${blob}, ${blob}, 0, ${blob}, 5, 5000, 1, 0, 0 ${numbers};
     insert into sessions select ${id}, ${id}, decode(${id}, 'hex'), 'cli', ${blob}, 'active', 10000000000000, 10000000000000 ${numbers};
     insert into vaults select ${id}, ${id}, 1, ${blob}, 5 ${numbers};
     insert into records select ${id}, ${id}, lpad(r::text, 32, '0'), 1, 900, decode(repeat(md5(i::text || r::text), 56), 'hex')
       from generate_series(${from}, ${to - 1}) as g(i), generate_series(0, 4) as h(r);
     analyze`,
    database,
  )
}

async function growAccounts(
  sqlite: Deployment,
  postgres: Deployment,
  file: string,
  instance: PostgresInstance,
  database: string,
): Promise<void> {
  let seeded = 1
  for (let accounts = 100; accounts <= mostAccounts; accounts *= 10) {
    seedSqlite(file, seeded, accounts)
    await seedPostgres(instance, database, seeded, accounts)
    seeded = accounts
    await compare(`accounts-${accounts}`, [sqlite, postgres])
  }
}

async function growItems(deployments: readonly Deployment[]): Promise<void> {
  for (const { name, servers } of deployments) {
    const url = servers[0]?.url ?? ''
    const [account] = await createAccounts(url, 1)
    if (account === undefined) throw new Error('no account')
    let items = 0
    for (const wanted of [100, 10_000, 50_000].filter((count) => count <= mostItems)) {
      const batches = (wanted - items) / recordsPerBatch
      const from = performance.now()
      const made = pushes(account, batches, recordsPerBatch)
      const pushed = await load(url, 1, batches, () => made)
      if (items > 0) figure(`load-import-${name}-${wanted}`, 'items/s', (wanted - items) / pushed.duration, batches)
      items = wanted
      const single = pushes(account, 100)
      const one = await load(url, 1, 100, () => single)
      figure(`load-edit-${name}-at-${wanted}-items-p50`, 'ms', one.latency.p50, 100)
      const pull = await load(url, 1, 200, () => [emptyPull(account)])
      figure(`load-empty-pull-${name}-at-${wanted}-items-p50`, 'ms', pull.latency.p50, 200)
      note(`${name}: ${wanted} items after ${Math.round(performance.now() - from)} ms`)
    }
  }
}

const settingsOf = (postgres: PostgresInstance, database: string, nats: NatsInstance): Record<string, string> => ({
  NOKKEL_DATABASE: postgres.url(database),
  NOKKEL_DATABASE_PASSWORD_FILE: postgres.passwordFile,
  NOKKEL_NATS: nats.url,
})

async function withServers(
  world: World,
  count: number,
  settings: Record<string, string>,
  keyFrom?: string,
): Promise<{ servers: RunningServer[]; folder: string }> {
  const servers: RunningServer[] = []
  let folder = keyFrom
  for (let i = 0; i < count; i++) {
    const data = world.place('server')
    if (folder !== undefined) cpSync(join(folder, 'server.key'), join(data, 'server.key'))
    servers.push(await world.server(data, settings))
    folder ??= data
  }
  return { servers, folder: folder ?? '' }
}

await inWorld(async (world) => {
  const [postgres, nats] = await Promise.all([PostgresInstance.start({ settings: { shared_buffers: '256MB' } }), NatsInstance.start()])
  try {
    const sqliteData = world.place('sqlite')
    const sqlite = await deployment('sqlite', [await world.server(sqliteData)])
    const database = await postgres.createDatabase()
    const settings = settingsOf(postgres, database, nats)
    const { servers, folder } = await withServers(world, 1, settings)
    const one = await deployment('postgres-1', servers)
    const more = await withServers(world, 2, settings, folder)
    const two = { ...one, name: 'postgres-2', servers: [...servers, ...more.servers.slice(0, 1)] }
    const three = { ...one, name: 'postgres-3', servers: [...servers, ...more.servers] }
    await compare('base', [sqlite, one, two, three])
    const file = join(sqliteData, 'nokkel.db')
    const before = { sqlite: statSync(file).size, postgres: await sizeOf(postgres, database) }
    await growItems([sqlite, one])
    new DatabaseSync(file).exec('pragma wal_checkpoint(truncate)')
    const items = mostItems + 300
    figure('load-bytes-per-item-sqlite', 'bytes', (statSync(file).size - before.sqlite) / items, items)
    figure('load-bytes-per-item-postgres', 'bytes', ((await sizeOf(postgres, database)) - before.postgres) / items, items)
    await growAccounts(sqlite, one, file, postgres, database)
    note(`records of 700 bytes; ${devices} devices; ${amount} requests a measurement`)
  } finally {
    await postgres.dispose()
    await nats.kill()
  }
})

async function sizeOf(postgres: PostgresInstance, database: string): Promise<number> {
  return Number((await postgres.query(`select pg_database_size('${database}') as size`))[0]?.['size'])
}
