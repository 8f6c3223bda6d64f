/**
 * Connections to PostgreSQL that died without a word (a router that forgot them, a machine that moved): whoever waits on one would wait for the longest
 * time limit. A query that takes long is looked up over a new connection: where the database says that it answered, or knows no such session, nobody
 * will ever answer here, and the connection is broken off. A query that is really being worked on is left to its own time limit. Knows nothing of what is asked.
 */
import pg from 'pg'

/** far beyond any query of ours; then it is looked up */
const longMs = 2_000
const sweepEveryMs = 500
/** The database says so since then: its answer must have been here. */
const answeredSinceMs = 1_000
const lookWithinMs = 2_000

interface Waiting {
  readonly sinceMs: number
  readonly pid: number
  readonly breakOff: () => void
}

interface Session {
  readonly pid: number
  readonly state: string | null
  readonly ms: number | null
}

/** Absent where a pooler stands between, whose sessions have other numbers: then nothing can be told. */
async function sessionsOf(config: pg.ClientConfig, pids: readonly number[]): Promise<ReadonlyMap<number, Session> | undefined> {
  const client = new pg.Client({ ...config, connectionTimeoutMillis: lookWithinMs, query_timeout: lookWithinMs })
  client.on('error', () => undefined)
  try {
    await client.connect()
    const { rows } = await client.query<Session>(
      `select pid, state, extract(epoch from clock_timestamp() - state_change)::float8 * 1000 as ms
         from pg_stat_activity where pid = any($1::int[]) or pid = pg_backend_pid()`,
      [pids],
    )
    const sessions = new Map(rows.map((row) => [row.pid, row]))
    return sessions.has(pidOf(client)) ? sessions : undefined
  } finally {
    // not waited for: this one may be dying as well
    void client.end().catch(() => undefined)
  }
}

/** The number by which the database knows a session; the driver keeps it and does not type it. */
export function pidOf(client: object): number {
  return 'processID' in client && typeof client.processID === 'number' ? client.processID : 0
}

export class SilentConnections {
  readonly #config: pg.ClientConfig
  readonly #waiting = new Set<Waiting>()
  readonly #onBroken: () => void
  #timer: NodeJS.Timeout | undefined
  #isLooking = false
  /** Connections that were last heard before are not to be used again: one of their age was dead. */
  distrustedBeforeMs = Number.NEGATIVE_INFINITY

  constructor(config: pg.ClientConfig, onBroken: () => void) {
    this.#config = config
    this.#onBroken = onBroken
  }

  /** Watches one query; returns what to call when it was answered or has failed. */
  watch(pid: number, breakOff: () => void): () => void {
    const waiting = { sinceMs: performance.now(), pid, breakOff }
    this.#waiting.add(waiting)
    this.#timer ??= setInterval(() => void this.#sweep(), sweepEveryMs).unref()
    return () => void this.#waiting.delete(waiting)
  }

  async #sweep(): Promise<void> {
    if (this.#waiting.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
      return
    }
    const long = [...this.#waiting].filter(({ sinceMs }) => performance.now() - sinceMs > longMs)
    if (long.length === 0 || this.#isLooking) return
    this.#isLooking = true
    try {
      const sessions = await sessionsOf(this.#config, [...new Set(long.map(({ pid }) => pid))])
      if (sessions === undefined) return
      for (const waiting of long) {
        const session = sessions.get(waiting.pid)
        const isDead = session === undefined || (session.state !== 'active' && (session.ms ?? 0) > answeredSinceMs)
        if (!isDead || !this.#waiting.delete(waiting)) continue
        this.distrustedBeforeMs = Math.max(this.distrustedBeforeMs, waiting.sinceMs)
        waiting.breakOff()
        this.#onBroken()
      }
    } catch {
      // the database is not there for a new connection either: the next sweep looks again
    } finally {
      this.#isLooking = false
    }
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#waiting.clear()
  }
}
