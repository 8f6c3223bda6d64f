/**
 * The HTTP application: one pipeline for every route of the protocol's table (version, session, region, pace, proof, body, handler,
 * answer), and the few pages beside it. Rules of the protocol live in `domain/`, not here.
 */
import type { IncomingMessage } from 'node:http'
import type { HttpBindings } from '@hono/node-server'
import { Hono, type Context } from 'hono'
import { fromBase64url, NokkelError, toHex, type Bytes } from '@nokkel/base'
import { circleAppendBytes, encodeFrame, isSignedBy, labels, limits as sizes, proofHeader, proofWindowMs, requestProofBody, routes, type Route, type RouteName } from '@nokkel/protocol/wire'
import { ensureServed } from '../domain/client-version.ts'
import { callerOf, placeOf, plainAddress } from '../domain/place.ts'
import type { Services } from '../services.ts'
import type { SessionWithAccount } from '../store/store.ts'
import { accountHandlers } from './accounts.ts'
import { activityHandlers } from './activity.ts'
import { ensurePlain, ensureType, parseJson, readAll, readChunks } from './bodies.ts'
import type { CallBase, Handlers } from './call.ts'
import { circleHandlers } from './circle.ts'
import { joinHandlers } from './join.ts'
import { problemResponse, publicError } from './problems.ts'
import { serverInfoHandlers } from './server-info.ts'
import { sessionHandlers } from './session.ts'
import { activeIdleMs, pendingIdleMs, tokenHash, usedGranularityMs } from './sessions.ts'
import { signInHandlers } from './sign-in.ts'
import { systemRoutes } from './system.ts'
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

/** What is refused while the account's region is not offered (A2): everything that would synchronise. */
const pausedRoutes: ReadonlySet<RouteName> = new Set(['circle', 'circleAppend', 'circleKeys', 'log', 'push', 'records', 'joinCreate', 'joinList', 'joinDecline', 'joinSend', 'joinReceive'])

/** One handler, called with what its route promises. The table's types were checked where the handlers were made. */
type AnyHandler = (call: CallBase & { readonly session: SessionWithAccount | null; readonly body: unknown }) => Promise<unknown>

interface Request {
  readonly incoming: IncomingMessage
  readonly method: string
  readonly target: string
  readonly address: string
  readonly place: string
}

export function createApp(services: Services): Hono<AppEnvironment> {
  const handlers: Handlers = {
    ...serverInfoHandlers(services),
    ...accountHandlers(services),
    ...signInHandlers(services),
    ...sessionHandlers(services),
    ...circleHandlers(services),
    ...vaultLogHandlers(services),
    ...joinHandlers(services),
    ...activityHandlers(services),
  }
  const app = new Hono<AppEnvironment>()
  const run = toHex(services.random.bytes(4))
  let requests = 0
  const newRequestId = (): string => `${run}-${++requests}`
  const methodsOf = new Map<string, string[]>()
  for (const [name, route] of Object.entries(routes) as [RouteName, Route][]) {
    const handle = pipeline(services, newRequestId, name, route, handlers[name] as AnyHandler)
    app.on(route.method, route.path, (c) => handle(c))
    methodsOf.set(route.path, [...(methodsOf.get(route.path) ?? []), route.method])
  }
  systemRoutes(app, services)
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

/** The address of the caller. A trusted proxy appends what it saw to x-forwarded-for: only the last element is its word. */
function addressOf(incoming: IncomingMessage, trustProxy: boolean): string {
  const direct = incoming.socket.remoteAddress ?? ''
  if (!trustProxy) return plainAddress(direct)
  const forwarded = incoming.headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim()
  return plainAddress(last === undefined || last === '' ? direct : last)
}

function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value[0] : value
}

function requestOf({ config }: Services, incoming: IncomingMessage): Request {
  const address = addressOf(incoming, config.trustProxy)
  const country = config.trustProxy && config.countryHeader !== null ? headerOf(incoming, config.countryHeader) : undefined
  return { incoming, method: incoming.method ?? '', target: incoming.url ?? '', address, place: placeOf(address, country) }
}

function tokenOf(incoming: IncomingMessage): string {
  const match = /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(incoming.headers.authorization ?? '')
  if (match?.[1] === undefined) throw new NokkelError('session-invalid')
  return match[1]
}

async function sessionOf({ store, clock, limits }: Services, route: Route, request: Request, token: string): Promise<SessionWithAccount> {
  const session = await store.findSession(tokenHash(token))
  const nowMs = clock.nowMs()
  const idleMs = session?.state === 'pending' ? pendingIdleMs : activeIdleMs
  if (session === undefined || (session.state !== 'removed' && nowMs > session.usedMs + idleMs)) {
    await limits.consume('request', callerOf(request.address))
    throw new NokkelError('session-invalid')
  }
  await limits.consume('request', session.deviceId)
  if (session.state === 'removed' && route.removed !== true) throw new NokkelError('device-removed')
  if (session.state === 'pending' && route.auth === 'active') throw new NokkelError('session-pending')
  if (session.state !== 'removed' && nowMs > session.usedMs + usedGranularityMs) await store.touchSession(session.accountId, session.deviceId, nowMs)
  return session
}

/** SPEC API-5. Throws `signature-invalid` or, for a right signature of another time, `clock-skew`. */
function ensureProof({ clock }: Services, request: Request, session: SessionWithAccount, token: string, body: Uint8Array): void {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]{86})$/.exec(headerOf(request.incoming, proofHeader) ?? '')
  const [, time, encoded] = match ?? []
  if (time === undefined || encoded === undefined) throw new NokkelError('signature-invalid')
  const timeMs = Number(time)
  const signed = requestProofBody({ method: request.method, target: request.target, timeMs, body, token })
  if (!isSignedBy({ body: signed, signer: session.deviceId, signature: fromBase64url(encoded) }, labels.request, session.signKey)) throw new NokkelError('signature-invalid')
  if (Math.abs(clock.nowMs() - timeMs) > proofWindowMs) throw new NokkelError('clock-skew', { serverTimeMs: clock.nowMs() })
}

function ensureOffered({ config }: Services, name: RouteName, session: SessionWithAccount | null): void {
  if (config.regions === null || session === null || !pausedRoutes.has(name)) return
  if (session.region === null || !config.regions.includes(session.region)) throw new NokkelError('region-unavailable', { region: session.region ?? '' })
}

async function bodyOf(route: Route, incoming: IncomingMessage): Promise<Bytes> {
  if (route.request === null && route.proof !== true) return new Uint8Array(0)
  return await readAll(incoming, route.request === 'cbor' ? circleAppendBytes : sizes.jsonBytes)
}

const framesPerPushBytes = sizes.framesPerPush * (sizes.frameBytes + encodeFrame(new Uint8Array(0)).length)

function pipeline(services: Services, newRequestId: () => string, name: RouteName, route: Route, handler: AnyHandler): (c: Context<AppEnvironment>) => Promise<Response> {
  const { config, log, metrics, limits } = services
  return async (c) => {
    const startedMs = performance.now()
    const requestId = newRequestId()
    const headers: Record<string, string> = { ...securityHeaders, 'x-request-id': requestId }
    const finished = (status: number, error?: NokkelError): void => {
      const ms = performance.now() - startedMs
      metrics.request(name, status, ms / 1_000)
      const entry = { requestId, route: name, status, ms: Math.round(ms * 10) / 10, code: error?.code }
      if (error?.code === 'internal') log.error({ ...entry, err: error.cause }, 'request')
      else log.info(entry, 'request')
    }
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
      const answer = await handler({ requestId, address: request.address, place: request.place, params: c.req.param(), query, session: session?.session ?? null, body })
      return respond(answer)
    } catch (thrown) {
      const error = publicError(thrown)
      const response = problemResponse(error, unfinished(c.env.incoming) ? { ...headers, connection: 'close' } : headers)
      finished(response.status, error)
      return response
    }

    async function admit(request: Request): Promise<{ session: SessionWithAccount; token: string } | null> {
      if (name !== 'server') ensureServed(headerOf(request.incoming, 'nokkel-client'), headerOf(request.incoming, 'nokkel-protocol'), config.minimumClient)
      if (route.auth === 'none') {
        await limits.consume('request', callerOf(request.address))
        return null
      }
      const token = tokenOf(request.incoming)
      return { session: await sessionOf(services, route, request, token), token }
    }

    function respond(answer: unknown): Response {
      if (route.response === 'frames' && !(answer instanceof Uint8Array)) {
        return new Response(streamOf(answer as AsyncIterator<Bytes>, finished), { headers: { ...headers, 'content-type': 'application/octet-stream' } })
      }
      finished(200)
      if (answer instanceof Uint8Array) {
        return new Response(answer as Bytes, { headers: { ...headers, 'content-type': route.response === 'cbor' ? 'application/cbor' : 'application/octet-stream' } })
      }
      return new Response(JSON.stringify(answer), { headers: { ...headers, 'content-type': 'application/json' } })
    }
  }
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
