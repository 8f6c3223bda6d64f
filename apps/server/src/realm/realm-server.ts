/** `nokkel-server realm`: one realm as a process of its own, by an operator of its own. Knows no accounts, no sign-in and no keychains. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { Hono } from 'hono'
import type { DestinationStream } from 'pino'
import { fromBase64url, NokkelError, systemClock, systemRandom, type Clock } from '@nokkel/base'
import type { EscrowPolicy } from '@nokkel/escrow/realm'
import type { Config } from '../config.ts'
import { securityHeaders, type AppEnvironment } from '../http/app.ts'
import { problemResponse } from '../http/problems.ts'
import { memoryRateLimits } from '../limits/rate-limits.ts'
import { createLog, type Log } from '../log/log.ts'
import { createMetrics } from '../metrics/metrics.ts'
import { answerNoRequest, finish, httpLimits, listen } from '../http/listening.ts'
import { PostgresRealmStore } from './postgres-realm-store.ts'
import { embeddedPaths, openRealm, type RealmHost, type RealmHostParts } from './realm-host.ts'
import { realmRoutes } from './realm-http.ts'

export interface RealmServerParts {
  readonly clock?: Clock
  readonly logTo?: DestinationStream
  readonly policy?: EscrowPolicy
}

export interface RunningRealm {
  readonly url: string
  readonly host: RealmHost
  stop(): Promise<void>
}

/** A database of the realm's own, or the file in its data folder. */
function storeOf({ database }: Config, log: Log): Pick<RealmHostParts, 'openStore'> {
  const { url = null, passwordFile = null, connections = 10 } = database
  if (url === null) return {}
  const onIdleError = (error: unknown): void => log.warn({ err: error }, 'a connection to the database ended')
  return { openStore: (id) => PostgresRealmStore.open({ url, passwordFile, connections }, id, onIdleError) }
}

export async function startRealmServer(config: Config, parts: RealmServerParts = {}): Promise<RunningRealm> {
  const log = createLog(config.logLevel, parts.logTo)
  const metrics = createMetrics({ process: true })
  const issuers = config.realm.issuers ?? []
  if (issuers.length === 0)
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_REALM_ISSUERS', expected: 'the public key of a sign-in server' })
  const host = await openRealm(embeddedPaths(config.data, config.realm.key ?? null, config.realm.counter ?? null), {
    clock: parts.clock ?? systemClock,
    random: systemRandom,
    tokenIssuers: issuers.map(fromBase64url),
    notify(event) {
      metrics.realmEvent(event.type)
      if (event.type === 'rolled-back') log.error({ event }, 'an older state of the realm was found: all its records are locked')
    },
    onSweepError: (error) => log.error({ err: error }, 'sweep'),
    ...storeOf(config, log),
    ...(parts.policy === undefined ? {} : { policy: parts.policy }),
  })
  const app = new Hono<AppEnvironment>()
  realmRoutes(app, { realm: host.core, config, limits: memoryRateLimits(config.rateLimits), metrics, log })
  app.get('/healthz', () => new Response('ok\n', { headers: { ...securityHeaders, 'content-type': 'text/plain' } }))
  app.notFound(() => problemResponse(new NokkelError('not-found'), securityHeaders))
  const listener = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false })
  const http = createServer(httpLimits, (incoming, outgoing) => void listener(incoming, outgoing))
  answerNoRequest(http)
  let address: AddressInfo
  try {
    address = await listen(http, config)
  } catch (error) {
    await host.close()
    throw error
  }
  const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address
  let stopping: Promise<void> | undefined
  return {
    url: `http://${shownHost}:${address.port}`,
    host,
    stop: () => (stopping ??= finish(http).then(() => host.close())),
  }
}
