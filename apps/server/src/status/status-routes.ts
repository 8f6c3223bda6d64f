/**
 * `/status` and what belongs to it. Public, without a session, and without a question to the main database. Answers may be kept for some
 * seconds, and by a proxy in front for a day when this server does not answer at all. One route takes the prober's reports.
 */
import { createHash } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { isNokkelError, NokkelError, type Clock } from '@nokkel/base'
import type { Language } from '@nokkel/messages'
import type { AppEnvironment } from '../http/app.ts'
import { ensurePlain, ensureType, parseJson, readAll } from '../http/bodies.ts'
import { languageOf } from '../http/html.ts'
import { problemResponse, publicError } from '../http/problems.ts'
import { reportSchema, type Report } from './model.ts'
import type { IsProbe } from './probe-token.ts'
import type { StatusBoard } from './status-board.ts'
import { atomFeed, summaryJson, type FeedPlace } from './status-feeds.ts'
import { statusPage, statusStyle } from './status-page.ts'
import { sayBoard, type SaidBoard } from './status-words.ts'

export interface StatusRouteParts {
  readonly board: StatusBoard
  readonly clock: Clock
  readonly serverId: string
  readonly name: () => string
  readonly trustProxy: boolean
  /** null: this process takes no reports */
  readonly isProbe: IsProbe | null
}

const reportBytes = 8_192
const headers = {
  'cache-control': 'public, max-age=10, stale-if-error=86400',
  'content-security-policy': "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  vary: 'accept-language, host',
}
/** Monitors of others may read these from their pages: they say nothing that is not public. */
const open = { ...headers, 'access-control-allow-origin': '*', 'cross-origin-resource-policy': 'cross-origin' }
const closed = { ...headers, 'cache-control': 'no-store' }

/** As the caller named us; a name that cannot be one becomes none, so that nothing of the caller's gets into the answer. */
function originOf(c: Context<AppEnvironment>, trustProxy: boolean): string {
  const host = c.req.header('host') ?? ''
  if (!/^(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?$/.test(host)) return ''
  const forwarded = trustProxy ? c.req.header('x-forwarded-proto') : undefined
  return `${forwarded === 'https' ? 'https' : 'http'}://${host}`
}

export function statusRoutes(app: Hono<AppEnvironment>, parts: StatusRouteParts): void {
  const { board, clock, serverId, trustProxy, isProbe } = parts

  function said(c: Context<AppEnvironment>): SaidBoard {
    const asked = c.req.query('lang')
    const language: Language = asked === 'nb' || asked === 'en' ? asked : languageOf(c.req.header('accept-language'))
    return sayBoard(board.current(), { language, name: parts.name(), nowMs: clock.nowMs(), absent: board.absent })
  }
  const place = (c: Context<AppEnvironment>): FeedPlace => ({ serverId, origin: originOf(c, trustProxy) })

  function answer(c: Context<AppEnvironment>, body: string, type: string, base: Readonly<Record<string, string>>): Response {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 24)}"`
    const all = { ...base, 'content-type': type, etag }
    return c.req.header('if-none-match') === etag ? new Response(null, { status: 304, headers: all }) : new Response(body, { headers: all })
  }

  app.get('/status', (c) => {
    const shown = said(c)
    return answer(c, statusPage(shown, clock.nowMs()), 'text/html; charset=utf-8', { ...headers, 'content-language': shown.language })
  })
  app.get('/status/style.css', (c) => answer(c, statusStyle, 'text/css; charset=utf-8', headers))
  app.get('/status/summary.json', (c) => answer(c, JSON.stringify(summaryJson(said(c), place(c))), 'application/json', open))
  app.get('/status/atom.xml', (c) => answer(c, atomFeed(said(c), place(c)), 'application/atom+xml; charset=utf-8', open))

  if (isProbe !== null)
    app.post('/status/report', async (c) => {
      const { incoming } = c.env
      try {
        // before a byte of the body is read
        if (!isProbe(/^Bearer (\S{43})$/.exec(c.req.header('authorization') ?? '')?.[1])) throw new NokkelError('session-invalid')
        ensurePlain(incoming)
        ensureType(incoming, 'json')
        board.report(parseJson(await readAll(incoming, reportBytes), reportSchema) as Report)
        return new Response(null, { status: 204, headers: closed })
      } catch (thrown) {
        if (!isNokkelError(thrown)) throw thrown
        return problemResponse(publicError(thrown), incoming.complete ? closed : { ...closed, connection: 'close' })
      }
    })
  for (const path of ['/status', '/status/style.css', '/status/summary.json', '/status/atom.xml', '/status/report']) {
    const allow = path === '/status/report' ? 'POST' : 'GET'
    app.all(path, () => problemResponse(new NokkelError('method-not-allowed'), { ...closed, allow }))
  }
}
