/** Servers on SQLite and on PostgreSQL beside each other, with devices of as many accounts, and what a request costs there. */
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import type { Request } from 'autocannon'
import type { NatsInstance } from 'nokkel-server/nats/testing'
import type { PostgresInstance } from 'nokkel-server/postgres/testing'
import { closedLoop, PushQueue, type Asker, type Taken } from './closed-loop.ts'
import { figure, figureOf, median, peerOf } from './figures.ts'
import { processorMs } from './processor-time.ts'
import { createAccounts, emptyPull, signInStarts, type Account } from './protocol-load.ts'
import type { RunningServer, World } from './world.ts'

export type Kind = 'pull' | 'push' | 'sign-in'
export const kinds: readonly Kind[] = ['pull', 'push', 'sign-in']

export interface Deployment {
  readonly name: string
  readonly servers: readonly RunningServer[]
  /** of the database, where it is a process of its own */
  readonly databasePid: number | null
  readonly accounts: readonly Account[]
  readonly queues: readonly PushQueue[]
  readonly signIns: readonly Request[]
}

export async function deployment(
  name: string,
  servers: readonly RunningServer[],
  devices: number,
  databasePid: number | null = null,
): Promise<Deployment> {
  const accounts = await createAccounts(servers[0]?.url ?? '', devices)
  const queues = accounts.map((account) => new PushQueue(account))
  return { name, servers, databasePid, accounts, queues, signIns: await signInStarts(accounts) }
}

export const onPostgres = (postgres: PostgresInstance, database: string, nats: NatsInstance): Record<string, string> => ({
  NOKKEL_DATABASE: postgres.url(database),
  NOKKEL_DATABASE_PASSWORD_FILE: postgres.passwordFile,
  NOKKEL_NATS: nats.url,
})

/** So many servers of one deployment, with one key. */
export async function startServers(
  world: World,
  count: number,
  settings: Record<string, string>,
  first = world.place('server'),
): Promise<RunningServer[]> {
  const servers: RunningServer[] = []
  for (let i = 0; i < count; i++) {
    const data = i === 0 ? first : world.place('server')
    if (i > 0) cpSync(join(first, 'server.key'), join(data, 'server.key'))
    servers.push(await world.server(data, settings))
  }
  return servers
}

export interface Cost extends Taken {
  /** processor time of the servers, and of the database, for one request */
  readonly serverMs: number
  readonly databaseMs: number
}

function askersOf({ servers, accounts, queues, signIns }: Deployment, kind: Kind, ms: number): Asker[] {
  if (kind === 'push') for (const queue of queues) queue.prepare(ms)
  return accounts.map((account, i) => {
    const url = servers[i % servers.length]?.url ?? ''
    const queue = queues[i] as PushQueue
    if (kind === 'push') return { url, next: () => queue.next() }
    const fixed = kind === 'pull' ? emptyPull({ ...account, end: { ...account.end, seq: queue.seq } }) : (signIns[i] as Request)
    return { url, next: () => fixed }
  })
}

export async function measure(each: Deployment, kind: Kind, ms: number): Promise<Cost> {
  const askers = askersOf(each, kind, ms)
  const serverPids = each.servers.map(({ pid }) => pid)
  const databasePids = each.databasePid === null ? [] : [each.databasePid]
  const [servers, database] = [processorMs(serverPids), processorMs(databasePids)]
  const taken = await closedLoop(askers, ms)
  const per = (now: number, before: number): number => (now - before) / taken.count
  return { ...taken, serverMs: per(processorMs(serverPids), servers), databaseMs: per(processorMs(databasePids), database) }
}

export interface Rounds {
  readonly runs: number
  readonly ms: number
}

/** Every deployment in turn, round after round, so that whatever else the machine does falls on all alike; a first round is not counted. */
export async function compare(title: string, deployments: readonly Deployment[], { runs, ms }: Rounds): Promise<void> {
  const costs = new Map<string, Cost[]>()
  for (let round = 0; round <= runs; round++)
    for (const each of deployments)
      for (const kind of kinds) {
        const cost = await measure(each, kind, ms)
        const key = `${kind} ${each.name}`
        if (round > 0) costs.set(key, [...(costs.get(key) ?? []), cost])
      }
  const [first] = deployments
  for (const kind of kinds)
    for (const each of deployments) {
      const values = costs.get(`${kind} ${each.name}`) ?? []
      const name = `load-${title}-${kind}-${each.name}`
      const of = (pick: (cost: Cost) => number, from = values): number[] => from.map(pick)
      const rate = figureOf(
        name,
        '/s',
        of(({ rate: perSecond }) => perSecond),
      )
      if (first !== undefined && each !== first)
        peerOf(
          rate,
          first.name,
          of(({ rate: perSecond }) => perSecond, costs.get(`${kind} ${first.name}`)),
        )
      const shown = (what: string, pick: (cost: Cost) => number): void =>
        void figure(`${name}-${what}`, 'ms', median(of(pick)), values.length)
      shown('p50', ({ p50 }) => p50)
      shown('p99', ({ p99 }) => p99)
      shown('server-cpu', ({ serverMs }) => serverMs)
      if (each.databasePid !== null) shown('database-cpu', ({ databaseMs }) => databaseMs)
    }
}
