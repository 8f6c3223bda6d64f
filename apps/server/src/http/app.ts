/**
 * The HTTP application: one pipeline for every route of the protocol's table (version, session, region, pace, proof, body, handler,
 * answer), and the few pages beside it. Rules of the protocol live in `domain/`, not here.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Hono, type Context } from 'hono'
import { NokkelError, toHex, type Bytes } from '@nokkel/base'
import { circleAppendBytes, encodeFrame, limits as sizes, routes, type Route, type RouteName } from '@nokkel/protocol/wire'
import { ensureServed } from '../domain/client-version.ts'
import { callerOf } from '../domain/place.ts'
import { twilioCallback } from '../sms/twilio-callback.ts'
import { requestLogOf } from '../log/log.ts'
import { RefusedSessions } from '../limits/refused-sessions.ts'
import { Turns } from '../limits/turns.ts'
import { realmRoutes } from '../realm/realm-http.ts'
import type { Services } from '../services.ts'
import type { SessionWithAccount } from '../store/store.ts'
import { accountHandlers } from './accounts.ts'
import { activityHandlers } from './activity.ts'
import { ensureOffered, ensureProof, headerOf, requestOf, sessionOf, tokenOf, type CallerRequest, type Callers } from './admission.ts'
import { ensurePlain, ensureType, parseJson, readAll, readChunks } from './bodies.ts'
import type { CallBase, Handlers } from './call.ts'
import { circleHandlers } from './circle.ts'
import { escrowHandlers } from './escrow.ts'
import { joinHandlers } from './join.ts'
import { lifecycleHandlers } from './lifecycle.ts'
import { passwordHandlers } from './password.ts'
import { operatorPageRoutes } from '../operator/operator-page-routes.ts'
import { OperatorSessions } from '../operator/operator-sessions.ts'
import { operatorRoutes } from '../operator/operator-http.ts'
import { outboxPage } from './outbox-page.ts'
import { problemResponse, publicError } from './problems.ts'
import { pushHandlers } from './push.ts'
import { RecentSessions } from './recent-sessions.ts'
import { recoveryBundleHandlers } from './recovery-bundles.ts'
import { serverInfoHandlers } from './server-info.ts'
import { sessionHandlers } from './session.ts'
import { signInHandlers } from './sign-in.ts'
import { probeHeader } from '../status/probe-token.ts'
import { statusRoutes } from '../status/status-routes.ts'
import { siteDataRoutes } from '../site-data/site-data-routes.ts'
import { systemRoutes } from './system.ts'
import { furtherNumberHandlers } from './further-numbers.ts'
import { verificationHandlers } from './verification.ts'
import { vaultLogHandlers } from './vault-log.ts'

export interface AppEnvironment {
  Bindings: HttpBindings
}

/** On every answer. Nothing of ours may be cached, framed, guessed or referred from. */
export const securityHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** One handler, called with what its route promises. The table's types were checked where the handlers were made. */
type AnyHandler = (call: CallBase & { readonly session: SessionWithAccount | null; readonly body: unknown }) => Promise<unknown>

export function createApp(services: Services): Hono<AppEnvironment> {
  const handlers: Handlers = {
    ...serverInfoHandlers(services),
    ...accountHandlers(services),
    ...signInHandlers(services),
    ...sessionHandlers(services),
    ...circleHandlers(services),
    ...vaultLogHandlers(services),
    ...joinHandlers(services),
    ...lifecycleHandlers(services),
    ...passwordHandlers(services),
    ...recoveryBundleHandlers(services),
    ...escrowHandlers(services),
    ...activityHandlers(services),
    ...verificationHandlers(services),
    ...furtherNumberHandlers(services),
    ...pushHandlers(services),
  }
  const app = new Hono<AppEnvironment>()
  const callers = { refused: new RefusedSessions(), recent: new RecentSessions(), turns: new Turns() }
  const run = toHex(services.random.bytes(4))
  let requests = 0
  const newRequestId = (): string => `${run}-${++requests}`
  const methodsOf = new Map<string, string[]>()
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handle = pipeline(services, callers, newRequestId, name, route, handlers[name] as AnyHandler)
    app.on(route.method, route.path, (c) => handle(c))
    methodsOf.set(route.path, [...(methodsOf.get(route.path) ?? []), route.method])
  }
  systemRoutes(app, services)
  siteDataRoutes(app, services, securityHeaders)
  const operatorSessions = new OperatorSessions(services.clock, services.random)
  operatorRoutes(app, services, operatorSessions)
  operatorPageRoutes(app, services, operatorSessions)
  outboxPage(app, services)
  if (services.twilioToken !== null) twilioCallback(app, services, services.twilioToken)
  statusRoutes(app, {
    board: services.status,
    clock: services.clock,
    serverId: services.store.serverId,
    name: () => services.config.name ?? '',
    trustProxy: services.config.trustProxy === true,
    isProbe: services.isProbe,
  })
  if (services.recovery.host !== null) realmRoutes(app, { ...services, realm: services.recovery.host.core })
  for (const [path, methods] of methodsOf) {
    app.all(path, () => problemResponse(new NokkelError('method-not-allowed'), { ...securityHeaders, allow: methods.join(', ') }))
  }
  app.notFound(() => problemResponse(new NokkelError('not-found'), securityHeaders))
  app.onError((error) => {
    services.log.error({ err: error }, 'outside the pipeline')
    return problemResponse(new NokkelError('internal'), securityHeaders)
  })
  return app
}

async function bodyOf(route: Route, incoming: IncomingMessage): Promise<Bytes> {
  if (route.request === null && route.proof !== true) return new Uint8Array(0)
  return await readAll(incoming, route.request === 'cbor' ? circleAppendBytes : sizes.jsonBytes)
}

const framesPerPushBytes = sizes.framesPerPush * (sizes.frameBytes + encodeFrame(new Uint8Array(0)).length)

function pipeline(
  services: Services,
  callers: Callers & { readonly turns: Turns },
  newRequestId: () => string,
  name: RouteName,
  route: Route,
  handler: AnyHandler,
): (c: Context<AppEnvironment>) => Promise<Response> {
  const { offer, log, metrics, limits, traces } = services
  const noteRequest = requestLogOf(log)
  return async (c) => {
    const startedMs = performance.now()
    const requestId = newRequestId()
    const headers: Record<string, string> = { ...securityHeaders, 'x-request-id': requestId }
    const finished = (status: number, error?: NokkelError): void => {
      const ms = performance.now() - startedMs
      metrics.request(name, status, ms / 1_000)
      traces.request({
        route: name,
        method: route.method,
        status,
        code: error?.code,
        requestId,
        startedMs: performance.timeOrigin + startedMs,
        tookMs: ms,
        traceparent: headerOf(c.env.incoming, 'traceparent'),
      })
      const entry = { requestId, route: name, status, ms: Math.round(ms * 10) / 10, code: error?.code }
      if (error?.code === 'internal') log.error({ ...entry, err: error.cause }, 'request')
      else noteRequest(entry)
    }
    let endTurn = (): void => undefined
    try {
      const request = requestOf(services, c.env.incoming)
      const { incoming } = request
      const session = await admit(request)
      ensureOffered(services, name, session?.session ?? null)
      if (route.request !== null) {
        ensurePlain(incoming)
        ensureType(incoming, route.request === 'cbor' || route.request === 'frames' ? 'binary' : 'json')
      }
      let body: unknown
      if (route.request === 'frames') {
        body = readChunks(incoming, framesPerPushBytes)
      } else {
        const bytes = await bodyOf(route, incoming)
        if (route.proof === true && session !== null) ensureProof(services, request, session.session, session.token, bytes)
        body = route.request === null ? null : route.request === 'cbor' ? bytes : parseJson(bytes, route.request)
      }
      const query: Record<string, string | undefined> = {}
      for (const key of route.query ?? []) query[key] = c.req.query(key)
      const answer = await handler({
        requestId,
        address: request.address,
        place: request.place,
        isProbe: services.isProbe(headerOf(request.incoming, probeHeader)),
        params: c.req.param(),
        query,
        session: session?.session ?? null,
        body,
      })
      return respond(answer)
    } catch (thrown) {
      const error = publicError(thrown)
      const response = problemResponse(error, unfinished(c.env.incoming) ? { ...headers, connection: 'close' } : headers)
      finished(response.status, error)
      return response
    } finally {
      endTurn()
    }

    async function admit(request: CallerRequest): Promise<{ session: SessionWithAccount; token: string } | null> {
      if (name !== 'server')
        ensureServed(headerOf(request.incoming, 'nokkel-client'), headerOf(request.incoming, 'nokkel-protocol'), offer().minimumClient)
      if (route.auth === 'none') {
        await limits.consume('request', callerOf(request.address))
        return null
      }
      const token = tokenOf(request.incoming)
      endTurn = await callers.turns.take(token)
      return { session: await sessionOf(services, callers, route, request, token), token }
    }

    function respond(answer: unknown): Response {
      if (route.response === 'frames' && !(answer instanceof Uint8Array)) {
        return new Response(streamOf(answer as AsyncIterator<Bytes>, finished), {
          headers: { ...headers, 'content-type': 'application/octet-stream' },
        })
      }
      finished(200)
      const { outgoing } = c.env
      if (!(answer instanceof Uint8Array))
        return sendWhole(outgoing, { ...headers, 'content-type': 'application/json' }, JSON.stringify(answer))
      const type = route.response === 'cbor' ? 'application/cbor' : 'application/octet-stream'
      return sendWhole(outgoing, { ...headers, 'content-type': type }, answer)
    }
  }
}

/**
 * An answer that stands in memory as it is, straight to the connection: as a Response of the platform, whose body is a stream to be read again, it would
 * cost as much as the rest of a pull that brings nothing.
 */
function sendWhole(
  outgoing: Pick<ServerResponse, 'writeHead' | 'end'>,
  headers: Record<string, string>,
  body: string | Uint8Array,
): Response {
  outgoing.writeHead(200, { ...headers, 'content-length': Buffer.byteLength(body) })
  outgoing.end(body)
  return RESPONSE_ALREADY_SENT
}

/** A body that was not read to its end cannot be followed by another request on the same connection. */
function unfinished(incoming: IncomingMessage): boolean {
  return !incoming.complete
}

/** Pull by pull: a slow reader holds up its own pages and nothing else. */
function streamOf(frames: AsyncIterator<Bytes>, finished: (status: number, error?: NokkelError) => void): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const next = await frames.next()
          if (next.done === true) {
            controller.close()
            finished(200)
          } else {
            controller.enqueue(next.value)
          }
        } catch (thrown) {
          // the status line is out: cutting the stream is the only honest end, and the client sees an unfinished body
          finished(200, publicError(thrown))
          controller.error(new Error('aborted'))
        }
      },
      async cancel() {
        await frames.return?.()
        finished(499)
      },
    },
    { highWaterMark: 0 },
  )
}
