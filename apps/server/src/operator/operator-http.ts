/**
 * The support's requests: `POST /v1/operator/support-…`, JSON, signed by an operator, from this machine alone and through no proxy. What they can do is
 * listed here in full: open, approve, cancel and list cases, and a code for the operators' page. Nothing reads or changes an account otherwise.
 */
import type { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import * as v from 'valibot'
import { NokkelError } from '@nokkel/base'
import { isLoopback } from '../domain/place.ts'
import { headerOf } from '../http/admission.ts'
import type { AppEnvironment } from '../http/app.ts'
import { ensurePlain, ensureType, readAll } from '../http/bodies.ts'
import { problemResponse, publicError } from '../http/problems.ts'
import type { Services } from '../services.ts'
import type { OperatorSessions } from './operator-sessions.ts'
import { operatorHeader, OperatorRequests } from './operators.ts'

const bodyBytesMax = 4_096
const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'content-security-policy': "default-src 'none'" }

const caseId = v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/))
const bodies = {
  'support-open': v.strictObject({
    email: v.pipe(v.string(), v.maxLength(254)),
    number: v.pipe(v.string(), v.regex(/^\+[1-9][0-9]{5,14}$/)),
  }),
  'support-approve': v.strictObject({ case: caseId }),
  'support-cancel': v.strictObject({ case: caseId }),
  'support-list': v.strictObject({}),
  'page-open': v.strictObject({}),
} as const
type Action = keyof typeof bodies

/** From this machine itself: a proxy on it also comes from loopback, and says for whom. */
export function isLocal({ socket, headers: given }: IncomingMessage): boolean {
  return isLoopback(socket.remoteAddress ?? '') && given['x-forwarded-for'] === undefined && given.forwarded === undefined
}

export function operatorRoutes(
  app: Hono<AppEnvironment>,
  { support, operators, store, clock, log }: Services,
  sessions: OperatorSessions,
): void {
  const requests = new OperatorRequests(operators, store.serverId)

  async function act(action: Action, operator: string, body: unknown): Promise<unknown> {
    const parsed = v.safeParse(bodies[action], body)
    if (!parsed.success) throw new NokkelError('malformed')
    switch (action) {
      case 'support-open': {
        const { email, number } = parsed.output as v.InferOutput<(typeof bodies)['support-open']>
        return await support.open(operator, email, number)
      }
      case 'support-approve':
        return await support.approve(operator, (parsed.output as { case: string }).case)
      case 'support-cancel':
        await support.cancel(operator, (parsed.output as { case: string }).case)
        return {}
      case 'support-list':
        return { cases: await support.list() }
      case 'page-open':
        return { code: sessions.issueCode(operator) }
    }
  }

  for (const action of Object.keys(bodies) as Action[]) {
    const path = `/v1/operator/${action}`
    app.post(path, async (c) => {
      const { incoming } = c.env
      try {
        if (!isLocal(incoming)) throw new NokkelError('not-found')
        ensurePlain(incoming)
        ensureType(incoming, 'json')
        const bytes = await readAll(incoming, bodyBytesMax)
        const operator = requests.operatorOf(headerOf(incoming, operatorHeader), path, bytes, clock.nowMs())
        let body: unknown
        try {
          body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
        } catch {
          throw new NokkelError('malformed')
        }
        const answer = await act(action, operator, body)
        log.info({ operator, action }, 'support')
        return new Response(JSON.stringify(answer), { headers: { ...headers, 'content-type': 'application/json' } })
      } catch (thrown) {
        const error = publicError(thrown)
        log.warn({ action, code: error.code, ...(error.code === 'internal' && { err: error.cause }) }, 'support request refused')
        return problemResponse(error, incoming.complete ? headers : { ...headers, connection: 'close' })
      }
    })
    app.all(path, () => problemResponse(new NokkelError('method-not-allowed'), { ...headers, allow: 'POST' }))
  }
}
