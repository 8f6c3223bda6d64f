/**
 * `nokkel-server status …`: the operator's hand on the status page. Works on the page's own file, so it needs neither the running server nor
 * the main database; whoever may write that file is the operator. `status serve` is the page alone, for when the server is down.
 */
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import { NokkelError, systemClock, systemRandom, toHex } from '@nokkel/base'
import type { Config } from '../config.ts'
import type { AppEnvironment } from '../http/app.ts'
import { answerNoRequest, finish, httpLimits, listen } from '../http/listening.ts'
import { problemResponse } from '../http/problems.ts'
import { createLog } from '../log/log.ts'
import { prepareFolder } from '../store/data-folder.ts'
import { phaseOf } from './decide.ts'
import type { Board, ServiceName } from './model.ts'
import { bilingual, postEvent, resolveEvent, updateEvent } from './operator-events.ts'
import { openProbeToken } from './probe-token.ts'
import { StatusBoard } from './status-board.ts'
import { statusRoutes } from './status-routes.ts'
import { statusFile, StatusStore } from './status-store.ts'
import { sayBoard } from './status-words.ts'

export interface StatusFlags {
  readonly services?: string | undefined
  readonly level?: string | undefined
  readonly title?: string | undefined
  readonly 'title-nb'?: string | undefined
  readonly text?: string | undefined
  readonly 'text-nb'?: string | undefined
  readonly state?: string | undefined
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly json?: boolean | undefined
}

/** Local time without a zone is a trap on a server: an offset or Z must be there. */
function timeOf(text: string | undefined, flag: string): number | null {
  if (text === undefined) return null
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(ms)) throw new NokkelError('usage', { reason: `${flag}: expected a time such as 2026-11-30T22:00Z` })
  return ms
}

function required(value: string | undefined, flag: string): string {
  if (value === undefined || value === '') throw new NokkelError('usage', { reason: `${flag} is missing` })
  return value
}

function print(board: Board, json: boolean): void {
  const nowMs = systemClock.nowMs()
  const said = sayBoard(board, { language: 'en', name: '', nowMs, absent: new Set() })
  if (json) return void process.stdout.write(`${JSON.stringify({ services: said.services, events: board.events })}\n`)
  for (const { name, levelText } of said.services) process.stdout.write(`${name.padEnd(14)} ${levelText}\n`)
  const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16)
  for (const event of said.events) {
    const stored = board.events.find(({ id }) => id === event.id)
    const codes = stored === undefined || stored.codes.length === 0 ? '' : ` [${stored.codes.join(', ')}]`
    process.stdout.write(
      `${event.id}  ${event.phase.padEnd(8)}  ${iso(event.startMs)}  ${event.level.padEnd(11)}  ${event.title}${codes}\n`,
    )
  }
}

/** `action` is the word after `status`, `id` the one after that. */
export async function statusCommand(action: string, id: string | undefined, config: Config, flags: StatusFlags): Promise<void> {
  if (action === 'serve') return await serveStatus(config)
  const nowMs = systemClock.nowMs()
  const text = bilingual(flags.text, flags['text-nb'])
  const decide = (): ((board: Board) => Board) => {
    switch (action) {
      case 'list':
        return (board) => board
      case 'post': {
        const title = bilingual(flags.title, flags['title-nb'])
        if (title === null) throw new NokkelError('usage', { reason: '--title is missing' })
        const post = {
          services: required(flags.services, '--services').split(','),
          level: required(flags.level, '--level'),
          title,
          text,
          fromMs: timeOf(flags.from, '--from'),
          untilMs: timeOf(flags.until, '--until'),
        }
        return (board) => postEvent(board, post, nowMs, toHex(systemRandom.bytes(8)))
      }
      case 'update':
        return (board) => updateEvent(board, required(id, 'the id of an event'), flags.state, text, nowMs)
      case 'resolve':
        return (board) => resolveEvent(board, required(id, 'the id of an event'), text, nowMs)
      default:
        throw new NokkelError('usage', { reason: `unknown: status ${action}` })
    }
  }
  const change = decide()
  prepareFolder(config.data)
  const store = new StatusStore(statusFile(config.data))
  try {
    const after = store.change(change)
    const open = after.events.filter((event) => phaseOf(event, nowMs) !== 'resolved')
    print(action === 'list' ? after : { ...after, events: open }, flags.json === true)
  } catch (error) {
    if (error instanceof NokkelError && error.code === 'malformed')
      throw new NokkelError('usage', { reason: `--${error.params['what']}: not valid` }, { cause: error })
    throw error
  } finally {
    store.close()
  }
}

/** The page and its feeds by themselves, and the prober's reports: what a proxy falls back to when the server does not answer. */
async function serveStatus(config: Config): Promise<void> {
  prepareFolder(config.data)
  const log = createLog(config.logLevel, undefined)
  const store = new StatusStore(statusFile(config.data))
  const board = new StatusBoard({
    store,
    clock: systemClock,
    random: systemRandom,
    log,
    everyMs: (config.status.everySeconds ?? 60) * 1_000,
    own: {},
    absent: new Set<ServiceName>(config.sms.gateway === 'outbox' ? ['sms'] : []),
  })
  const app = new Hono<AppEnvironment>()
  statusRoutes(app, {
    board,
    clock: systemClock,
    // the main database knows the server's id, and this must not ask it
    serverId: 'status',
    name: () => config.name ?? '',
    trustProxy: config.trustProxy === true,
    isProbe: openProbeToken(config.data, systemRandom),
  })
  app.notFound(() => problemResponse(new NokkelError('not-found'), { 'cache-control': 'no-store' }))
  const listener = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false })
  const http = createServer(httpLimits, (incoming, outgoing) => void listener(incoming, outgoing))
  answerNoRequest(http)
  const { port, address, family } = await listen(http, config)
  const watching = setInterval(() => board.checkSilence(), 5_000)
  const stop = (): void => {
    clearInterval(watching)
    void finish(http).then(() => {
      store.close()
      process.exit(0)
    })
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
  process.stdout.write(`Nøkkelring status: http://${family === 'IPv6' ? `[${address}]` : address}:${port}/status\n`)
}
