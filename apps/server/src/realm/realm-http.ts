/**
 * A realm behind HTTP: `POST /v1/realm/:operation`, CBOR bytes in and out. Open to every origin, because web apps and extensions of other
 * servers ask it too: nothing here goes by cookies, and every request carries a token that the caller signed for. Whatever is wrong
 * with a request ends in the one answer `escrow-refused` (house rule 11).
 */
import type { IncomingMessage } from 'node:http'
import type { Hono } from 'hono'
import { NokkelError, type ErrorCode } from '@nokkel/base'
import { escrowLimits, realmOperations, type Realm, type RealmOperation } from '@nokkel/escrow/realm'
import { callerOf } from '../domain/place.ts'
import { requestOf } from '../http/admission.ts'
import type { AppEnvironment } from '../http/app.ts'
import { ensurePlain, ensureType, readAll } from '../http/bodies.ts'
import { problemResponse, publicError } from '../http/problems.ts'
import type { Config } from '../config.ts'
import type { RateLimits } from '../limits/rate-limits.ts'
import type { Log } from '../log/log.ts'
import type { Metrics } from '../metrics/metrics.ts'

export interface RealmHttpParts {
  readonly realm: Realm
  readonly config: Pick<Config, 'trustProxy' | 'countryHeader'>
  readonly limits: RateLimits
  readonly metrics: Metrics
  readonly log: Log
}

const headers: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'retry-after',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'cross-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}
const preflight = {
  ...headers,
  'access-control-allow-methods': 'POST',
  'access-control-allow-headers': 'content-type',
  'access-control-max-age': '600',
}
const told: readonly ErrorCode[] = [
  'escrow-refused',
  'rate-limited',
  'conflict',
  'quota-exceeded',
  'busy',
  'disk-full',
  'server-unavailable',
  'timeout',
]

/** What a caller may learn: that it may try again, or how often it may register, and otherwise nothing. */
function shownError(thrown: unknown): NokkelError {
  const error = publicError(thrown)
  if (told.includes(error.code)) return error
  return error.code === 'internal' ? new NokkelError('server-unavailable', {}, { cause: thrown }) : new NokkelError('escrow-refused')
}

export function realmRoutes(app: Hono<AppEnvironment>, { realm, config, limits, metrics, log }: RealmHttpParts): void {
  async function answer(incoming: IncomingMessage, operation: RealmOperation): Promise<Uint8Array<ArrayBuffer>> {
    const { address } = requestOf({ config }, incoming)
    await limits.consume('realm', callerOf(address))
    ensurePlain(incoming)
    ensureType(incoming, 'binary')
    return await realm[operation](await readAll(incoming, escrowLimits.requestBytes))
  }

  for (const operation of realmOperations) {
    const path = `/v1/realm/${operation}`
    const name = `realm-${operation}`
    app.post(path, async (c) => {
      const startedMs = performance.now()
      const { incoming } = c.env
      try {
        const bytes = await answer(incoming, operation)
        metrics.request(name, 200, (performance.now() - startedMs) / 1_000)
        return new Response(bytes, { headers: { ...headers, 'content-type': 'application/cbor' } })
      } catch (thrown) {
        const error = shownError(thrown)
        if (error.code === 'server-unavailable') log.error({ err: error.cause, operation }, 'realm')
        const response = problemResponse(error, incoming.complete ? headers : { ...headers, connection: 'close' })
        metrics.request(name, response.status, (performance.now() - startedMs) / 1_000)
        return response
      }
    })
    app.options(path, () => new Response(null, { status: 204, headers: preflight }))
    app.all(path, () => problemResponse(new NokkelError('method-not-allowed'), { ...headers, allow: 'POST, OPTIONS' }))
  }
}
