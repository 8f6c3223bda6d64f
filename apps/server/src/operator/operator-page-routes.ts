/**
 * `/operator`: from this machine alone and through no proxy, like the support's requests; from elsewhere through a tunnel. What a form does goes
 * into the audit log before it shows. Every form carries the session's token, and the cookie is not sent by other sites.
 */
import type { Context, Hono } from 'hono'
import { isNokkelError, NokkelError, toHex, type AccountId } from '@nokkel/base'
import type { AppEnvironment } from '../http/app.ts'
import { ensurePlain, readAll } from '../http/bodies.ts'
import { languageOf } from '../http/html.ts'
import { problemResponse, publicError } from '../http/problems.ts'
import type { Services } from '../services.ts'
import type { Board } from '../status/model.ts'
import { bilingual, postEvent, resolveEvent, updateEvent } from '../status/operator-events.ts'
import { sayBoard } from '../status/status-words.ts'
import { isLocal } from './operator-http.ts'
import { operatorPage, operatorStyle } from './operator-page.ts'
import { isSameToken, type OperatorSession, type OperatorSessions } from './operator-sessions.ts'

const formBytesMax = 32_768
const auditShown = 100
const cookie = 'nokkel-operator'
/** transactions are of one account, and this one is nobody's */
const auditAccount = '0'.repeat(64) as AccountId
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
}

function cookieOf(c: Context<AppEnvironment>): string {
  return new RegExp(`(?:^|;\\s*)${cookie}=([A-Za-z0-9_-]{43})(?:;|$)`).exec(c.req.header('cookie') ?? '')?.[1] ?? ''
}

const seeOther = (location: string, more: Readonly<Record<string, string>> = {}): Response =>
  new Response(null, { status: 303, headers: { ...headers, location, ...more } })

/** `datetime-local` has no zone; the page says that it is UTC. */
function timeOf(text: string | null, what: string): number | null {
  if (text === null || text === '') return null
  const ms = /^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text) ? Date.parse(`${text}Z`) : Number.NaN
  if (Number.isNaN(ms)) throw new NokkelError('malformed', { what })
  return ms
}

export function operatorPageRoutes(app: Hono<AppEnvironment>, services: Services, sessions: OperatorSessions): void {
  const { status, store, support, clock, random, audit, config, smsFigures, log } = services

  function sessionOf(c: Context<AppEnvironment>): OperatorSession {
    const session = isLocal(c.env.incoming) ? sessions.find(cookieOf(c)) : undefined
    // to strangers there is nothing here
    if (session === undefined) throw new NokkelError('not-found')
    return session
  }

  async function formOf(c: Context<AppEnvironment>, session: OperatorSession): Promise<URLSearchParams> {
    const { incoming } = c.env
    ensurePlain(incoming)
    const form = new URLSearchParams(new TextDecoder().decode(await readAll(incoming, formBytesMax)))
    if (!isSameToken(form.get('formToken') ?? '', session.formToken)) throw new NokkelError('signature-invalid')
    return form
  }

  /** Decided once for the log and once for the board: between them somebody else may have changed it, and then it is refused there. */
  async function carryOut(operator: string, action: string, decide: (board: Board) => Board, subject: string): Promise<void> {
    decide(status.current())
    await audit.exclusively(() =>
      store.transaction(auditAccount, (tx) => audit.append(tx, { timeMs: clock.nowMs(), operator, action, subject, detail: '' })),
    )
    status.change(decide)
    log.info({ operator, action, event: subject }, 'status: said by an operator')
  }

  const deeds: Readonly<Record<string, (form: URLSearchParams, operator: string) => Promise<void>>> = {
    async post(form, operator) {
      const title = bilingual(form.get('titleEn') ?? '', form.get('titleNb') ?? '')
      if (title === null) throw new NokkelError('malformed', { what: 'title' })
      const post = {
        services: form.getAll('services'),
        level: form.get('level') ?? '',
        title,
        text: bilingual(form.get('textEn') ?? '', form.get('textNb') ?? ''),
        fromMs: timeOf(form.get('from'), 'from'),
        untilMs: timeOf(form.get('until'), 'until'),
      }
      const id = toHex(random.bytes(8))
      await carryOut(operator, 'status-post', (board) => postEvent(board, post, clock.nowMs(), id), id)
    },
    async update(form, operator) {
      const [id, text] = [form.get('id') ?? '', bilingual(form.get('textEn') ?? '', form.get('textNb') ?? '')]
      await carryOut(operator, 'status-update', (board) => updateEvent(board, id, form.get('state') ?? undefined, text, clock.nowMs()), id)
    },
    async resolve(form, operator) {
      const [id, text] = [form.get('id') ?? '', bilingual(form.get('textEn') ?? '', form.get('textNb') ?? '')]
      await carryOut(operator, 'status-resolve', (board) => resolveEvent(board, id, text, clock.nowMs()), id)
    },
  }

  const guarded = (work: (c: Context<AppEnvironment>) => Promise<Response>) => async (c: Context<AppEnvironment>) => {
    try {
      return await work(c)
    } catch (thrown) {
      const error = publicError(thrown)
      if (error.code === 'internal') log.error({ err: error.cause }, 'operator page')
      return problemResponse(error, c.env.incoming.complete ? headers : { ...headers, connection: 'close' })
    }
  }

  app.get(
    '/operator',
    guarded(async (c) => {
      const code = c.req.query('code')
      if (code !== undefined) {
        if (!isLocal(c.env.incoming)) throw new NokkelError('not-found')
        const token = sessions.signIn(code)
        // the code is spent, and the address without it is what stays in the history
        return seeOther('/operator', { 'set-cookie': `${cookie}=${token}; HttpOnly; SameSite=Strict; Path=/operator; Max-Age=1800` })
      }
      const { operator, formToken } = sessionOf(c)
      const language = languageOf(c.req.header('accept-language'))
      const refused = c.req.query('refused')
      const entries = await store.audit.entries()
      const nowMs = clock.nowMs()
      const html = operatorPage({
        language,
        operator,
        formToken,
        board: sayBoard(status.current(), { language, name: config.name ?? '', nowMs, absent: status.absent }),
        nowMs,
        cases: await support.list(),
        accounts: await store.countAccounts(),
        sms: smsFigures(),
        audit: entries.slice(-auditShown).reverse(),
        refused: refused !== undefined && /^[a-z]{1,20}$/.test(refused) ? refused : null,
      })
      return new Response(html, { headers: { ...headers, 'content-type': 'text/html; charset=utf-8' } })
    }),
  )
  app.get('/operator/style.css', () => new Response(operatorStyle, { headers: { ...headers, 'content-type': 'text/css; charset=utf-8' } }))
  for (const [name, deed] of Object.entries(deeds))
    app.post(
      `/operator/${name}`,
      guarded(async (c) => {
        const session = sessionOf(c)
        const form = await formOf(c, session)
        try {
          await deed(form, session.operator)
        } catch (error) {
          if (!isNokkelError(error, 'malformed', 'not-found', 'conflict', 'quota-exceeded')) throw error
          const what = /^[a-z]+/.exec(String(error.params['what'] ?? ''))?.[0] ?? 'event'
          return seeOther(`/operator?refused=${what}`)
        }
        return seeOther('/operator')
      }),
    )
  app.post(
    '/operator/sign-out',
    guarded(async (c) => {
      await formOf(c, sessionOf(c))
      sessions.signOut(cookieOf(c))
      return seeOther('/status', { 'set-cookie': `${cookie}=; HttpOnly; SameSite=Strict; Path=/operator; Max-Age=0` })
    }),
  )
}
