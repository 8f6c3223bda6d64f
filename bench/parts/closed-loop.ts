/**
 * Devices that ask again as soon as they were answered, for a given time: each has one connection, and its next request is ready before it is
 * wanted, so that making requests is in no answer time. What was sent is always waited for, so a log goes on where it ended.
 */
import { Agent, request as httpRequest } from 'node:http'
import type { Request } from 'autocannon'
import { quantile } from './figures.ts'
import { pushes, type Account } from './protocol-load.ts'

/** Pushes made ahead: more than a device gets answered in the time of a measurement on this kind of machine. */
const aheadPerSecond = 60

export interface Taken {
  readonly count: number
  /** answers a second */
  readonly rate: number
  readonly p50: number
  readonly p99: number
}

/** The pushes of one account, across measurements. */
export class PushQueue {
  readonly #account: Account
  readonly #made: Request[] = []

  constructor(account: Account) {
    this.#account = account
  }

  prepare(ms: number): void {
    const missing = Math.ceil((aheadPerSecond * ms) / 1_000) - this.#made.length
    if (missing > 0) this.#made.push(...pushes(this.#account, missing))
  }

  next(): Request | undefined {
    return this.#made.shift()
  }

  /** The end of the log as far as it was sent. */
  get seq(): number {
    return this.#account.end.seq - this.#made.length
  }
}

export interface Asker {
  readonly url: string
  /** undefined: it has nothing more to ask */
  readonly next: () => Request | undefined
  /** between an answer and the next request */
  readonly pauseMs?: number
}

/** One answer, to its last byte: its status. */
function ask(agent: Agent, url: string, { method, path, headers, body }: Request): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(new URL(path ?? '/', url), { agent, method: method ?? 'GET', headers: { ...headers } }, (answer) => {
      answer.on('data', () => undefined)
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.on('error', reject)
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

/** `mayRefuse`: answers of 429 are counted as answers; without it anything but 200 ends the run. */
export async function closedLoop(askers: readonly Asker[], ms: number, { mayRefuse = false } = {}): Promise<Taken> {
  const times: number[] = []
  const from = performance.now()
  await Promise.all(
    askers.map(async ({ url, next, pauseMs }) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      try {
        while (performance.now() - from < ms) {
          const request = next()
          if (request === undefined) break
          const at = performance.now()
          const status = await ask(agent, url, request)
          if (status !== 200 && !(mayRefuse && status === 429)) throw new Error(`${request.method} ${request.path}: ${status}`)
          times.push(performance.now() - at)
          if (pauseMs !== undefined) await new Promise((resolve) => setTimeout(resolve, pauseMs))
        }
      } finally {
        agent.destroy()
      }
    }),
  )
  const seconds = (performance.now() - from) / 1_000
  return { count: times.length, rate: times.length / seconds, p50: quantile(times, 0.5), p99: quantile(times, 0.99) }
}
