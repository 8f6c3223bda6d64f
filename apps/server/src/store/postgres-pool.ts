/**
 * Connections to PostgreSQL for Kysely: prepared statements, bounded waits, and no connection used again after it broke. What the
 * network or a restarting database throws becomes `server-unavailable` here, so that a caller tries again and nobody is blamed.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import pg from 'pg'
import { parseIntoClientConfig } from 'pg-connection-string'
import { NokkelError, type Bytes } from '@nokkel/base'
import { pidOf, SilentConnections } from './silent-connections.ts'

export interface PostgresPlace {
  /** postgres://user@host:port/database, without a password */
  readonly url: string
  /** read at each new connection, so that a password can be changed without a restart */
  readonly passwordFile: string | null
  readonly connections: number
}

/** Texts that get a prepared statement. This server has fewer; more would only be texts that vary, which gain nothing. */
const preparedTexts = 400
/** Until one of the pool is free: beyond that this server has more to do than it can, and says so (503). */
const turnWithinMs = 5_000
/** Until a new connection is there. One that began while the network was away is not waited for much longer than the network. */
const connectWithinMs = 2_000
/** Longer than any query here takes: what answers later is gone or stuck. */
const queryWithinMs = 15_000
/** A server that died in a transaction must not hold an account's row. */
const idleInTransactionMs = 15_000
const lockWithinMs = 10_000
const keepAliveAfterMs = 10_000
/**
 * Every statement here is answered by an index, on few rows, whatever its parameters and however small a table was when the plan was made; so each
 * is planned once a connection. Planning the append anew for each push took longer than running it.
 */
const planning = '-c plan_cache_mode=force_generic_plan -c enable_seqscan=off -c jit=off'

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const classesOfLostConnections = ['08', '57']
const readOnlyTransaction = '25006'
const diskFull = '53100'
const lockNotAvailable = '55P03'
const queryCanceled = '57014'
const invalidText = '22021'
const insufficientResources = '53'

function sqlStateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^[0-9A-Z]{5}$/.test(error.code)
    ? error.code
    : undefined
}

/** What callers see of a failed query, and whether its connection may serve another one. */
function judged(error: unknown): { readonly shown: unknown; readonly isLost: boolean } {
  const state = sqlStateOf(error)
  const as = (code: 'server-unavailable' | 'disk-full' | 'busy' | 'malformed'): NokkelError => new NokkelError(code, {}, { cause: error })
  // no SQLSTATE: the socket, or a time limit of the driver
  if (state === undefined) return { shown: as('server-unavailable'), isLost: true }
  if (state === diskFull) return { shown: as('disk-full'), isLost: false }
  if (state === invalidText) return { shown: as('malformed'), isLost: false }
  if (state === lockNotAvailable || state === queryCanceled) return { shown: as('busy'), isLost: false }
  // a standby, or a primary that was put aside: another connection may lead to the right one
  if (state === readOnlyTransaction) return { shown: as('server-unavailable'), isLost: true }
  if (state.startsWith(insufficientResources)) return { shown: as('busy'), isLost: false }
  if (classesOfLostConnections.includes(state.slice(0, 2))) return { shown: as('server-unavailable'), isLost: true }
  return { shown: error, isLost: false }
}

/** 64-bit integers as numbers: all of ours are counts, sizes and times below 2^53. Blobs as plain bytes. */
function parserOf(oid: number, format?: string): (value: string) => unknown {
  if (oid === pg.types.builtins.INT8) return Number
  if (oid === pg.types.builtins.BYTEA) {
    const parse = pg.types.getTypeParser(oid, 'text') as (value: string) => Buffer
    return (value): Bytes => {
      const buffer = parse(value)
      return new Uint8Array(buffer.buffer as ArrayBuffer, buffer.byteOffset, buffer.length)
    }
  }
  return pg.types.getTypeParser(oid, format === 'binary' ? 'binary' : 'text') as (value: string) => unknown
}

const statementNames = new Map<string, string>()

function statementName(text: string): string | undefined {
  const known = statementNames.get(text)
  if (known !== undefined || statementNames.size >= preparedTexts) return known
  const name = createHash('sha256').update(text).digest('hex').slice(0, 20)
  statementNames.set(text, name)
  return name
}

function passwordFrom(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '')
  } catch (error) {
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_DATABASE_PASSWORD_FILE', expected: 'a readable file' }, { cause: error })
  }
}

/** Ends the socket under a query that nobody will answer: the driver then fails it at once. */
function breakOff(client: pg.PoolClient): void {
  if ('connection' in client) (client.connection as pg.Connection).stream.destroy()
}

export interface PostgresConnections extends PostgresPool {
  readonly raw: pg.Pool
}

/** `onIdleError`: a connection that nobody used broke; the pool has dropped it already. */
export function postgresPool(
  { url, passwordFile, connections }: PostgresPlace,
  onIdleError: (error: unknown) => void,
): PostgresConnections {
  const given = parseIntoClientConfig(url)
  const config: pg.ClientConfig = {
    ...given,
    options: [given.options, planning].filter((option) => option !== undefined && option !== '').join(' '),
    ...(passwordFile !== null && { password: () => passwordFrom(passwordFile) }),
    application_name: 'nokkel-server',
    query_timeout: queryWithinMs,
    statement_timeout: queryWithinMs,
    lock_timeout: lockWithinMs,
    idle_in_transaction_session_timeout: idleInTransactionMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: keepAliveAfterMs,
    types: { getTypeParser: parserOf as typeof pg.types.getTypeParser },
  }
  // the pool's own limit is for a turn and for a new connection alike; and it hides the password in what it would hand on
  const Client = class extends pg.Client {
    constructor() {
      super({ ...config, connectionTimeoutMillis: connectWithinMs })
    }
  }
  const raw = new pg.Pool({ ...config, Client, max: connections, connectionTimeoutMillis: turnWithinMs })
  const silent = new SilentConnections(config, () => onIdleError(new NokkelError('server-unavailable', { what: 'silent' })))
  const heardMs = new WeakMap<pg.PoolClient, number>()
  raw.on('error', onIdleError)
  // between two queries of a transaction nobody else listens, and an error without a listener ends the process
  raw.on('connect', (client) => client.on('error', onIdleError))
  async function checkOut(): Promise<pg.PoolClient> {
    for (;;) {
      let client: pg.PoolClient
      try {
        client = await raw.connect()
      } catch (error) {
        throw error instanceof NokkelError ? error : new NokkelError('server-unavailable', {}, { cause: error })
      }
      // new ones were not heard of yet
      if ((heardMs.get(client) ?? Number.POSITIVE_INFINITY) >= silent.distrustedBeforeMs) return client
      client.release(true)
    }
  }
  return {
    raw,
    options: raw.options,
    async connect(): Promise<PostgresPoolClient> {
      const client = await checkOut()
      const pid = pidOf(client)
      let isLost = false
      const query = async (text: string, values: readonly unknown[]): Promise<unknown> => {
        // a rollback would wait behind the query that has no answer
        if (isLost) throw new NokkelError('server-unavailable')
        const name = statementName(text)
        const answered = silent.watch(pid, () => breakOff(client))
        try {
          const result = await client.query({ text, values: values as unknown[], ...(name !== undefined && { name }) })
          heardMs.set(client, performance.now())
          return result
        } catch (error) {
          const verdict = judged(error)
          isLost ||= verdict.isLost
          throw verdict.shown
        } finally {
          answered()
        }
      }
      return { query: query as PostgresPoolClient['query'], release: (discard) => client.release(discard === true || isLost) }
    },
    end: () => {
      silent.end()
      return raw.end()
    },
  }
}
