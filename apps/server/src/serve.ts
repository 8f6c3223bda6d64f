/** Puts the server together, starts it, and takes it down without losing an answer. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import type { DestinationStream } from 'pino'
import { NokkelError, systemClock, systemRandom, toHex, type Clock, type Random, type Secret } from '@nokkel/base'
import { Circles } from './circles.ts'
import type { Config } from './config.ts'
import { createApp } from './http/app.ts'
import { answerNoRequest, finish, httpLimits, listen } from './http/listening.ts'
import { loadWebApp } from './http/web-app.ts'
import { activeIdleMs, pendingIdleMs, removedKeptMs } from './http/sessions.ts'
import { memoryRateLimits, sharedRateLimits } from './limits/rate-limits.ts'
import { memoryLiveChannel, type LiveChannel } from './live/channel.ts'
import { createLiveEndpoint } from './live/endpoint.ts'
import { natsLiveChannel } from './live/nats-channel.ts'
import { createLog, type Log } from './log/log.ts'
import { createMetrics, type Metrics } from './metrics/metrics.ts'
import { smsCodeText } from '@nokkel/messages'
import { createOffer } from './offer.ts'
import type { EscrowPolicy, RealmEvent } from '@nokkel/escrow/realm'
import { destroyRegistrations } from './realm/destroy-registrations.ts'
import { openPushKey } from './push/push-key.ts'
import { createPushSender } from './push/push-sender.ts'
import { openRecovery, type Recovery } from './realm/recovery-setup.ts'
import type { Services } from './services.ts'
import { SmsHealth } from './sms/sms-health.ts'
import type { ServiceName } from './status/model.ts'
import { startProbeRunner } from './status/probe-runner.ts'
import { openProbeToken } from './status/probe-token.ts'
import { sharedStatus, type SharedStatus } from './status/shared-status.ts'
import { StatusBoard } from './status/status-board.ts'
import { statusFile, StatusStore } from './status/status-store.ts'
import { memoryLoginStates } from './sign-in/login-states.ts'
import { sharedLoginStates } from './sign-in/shared-login-states.ts'
import { createOpaqueSetup, opaqueServer, type OpaqueServer } from './sign-in/opaque.ts'
import { keyFile, lockFolder, openServerKey, prepareFolder, type ServerKey } from './store/data-folder.ts'
import { sweepShared } from './store/prune.ts'
import { noTraces, otlpTraces, type Traces } from './traces/traces.ts'
import { openStore, type OpenedStore } from './store/open-store.ts'
import { AuditLog, auditEndFile, auditKey } from './audit/audit-log.ts'
import { Delivery } from './outgoing/delivery.ts'
import { languageOf } from './outgoing/news.ts'
import { readOperators } from './operator/operators.ts'
import { openOutgoing, type Outgoing, type OutgoingSecrets } from './outgoing/open-outgoing.ts'
import { Support } from './support/support.ts'
import { verificationKey } from './verification/codes.ts'
import { fetchFilesFrom } from './site-data/fetch-files.ts'
import { noSiteData, startSiteData, type SiteData } from './site-data/site-data.ts'
import { Verification } from './verification/verification.ts'
import type { Store } from './store/store.ts'

export interface ServeParts {
  readonly clock?: Clock
  readonly random?: Random
  /** where the log goes; the process's stderr by default */
  readonly logTo?: DestinationStream
  /** figures of the process itself (memory, event loop) beside ours */
  readonly processMetrics?: boolean
  /** folder of the built web app; none is served without */
  readonly webApp?: string
  /** what the built-in realm did, for notices to the person's devices; after the fact, must not throw */
  readonly onRealmEvent?: (event: RealmEvent) => void
  /** what gateway and mail server ask for; in memory, and in no setting */
  readonly secrets?: OutgoingSecrets
  /** tests alone */
  readonly escrowPolicy?: EscrowPolicy
}

export interface RunningServer {
  readonly url: string
  readonly port: number
  readonly services: Services
  /** Takes the settings that may change (A2, A3) from what `read` gives; a wrong configuration is logged and changes nothing. */
  reload(read: () => Config): boolean
  /** Refuses new work, finishes what runs (up to ten seconds), closes the database. */
  stop(): Promise<void>
}

const statusWatchMs = 5_000
const statusExchangeMs = 2_000
/** how long after its next look another server waits for the one that measures; silence is noticed later */
const probeLeaseMs = 30_000
const pruneEveryMs = 3_600_000
const sweepEveryMs = 60_000
const deletionsPerRun = 100
const hourMs = 3_600_000

export const serverVersion: string = (JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string })
  .version

/**
 * The key must be the one that this database was begun with: another one would make every password wrong. Of servers that begin together on
 * an empty database one wins, and the others are told to take its key.
 */
async function openOwnKey(store: Store, folder: string, random: Random): Promise<ServerKey> {
  const known = await store.findMeta('server-key')
  const hadFile = existsSync(keyFile(folder))
  const key = openServerKey(folder, known === undefined, random, await createOpaqueSetup())
  if ((await store.claimMeta('server-key', key.fingerprint)) === key.fingerprint) return key
  if (!hadFile) rmSync(keyFile(folder), { force: true })
  throw new NokkelError('store-damaged', { what: 'server-key' })
}

export async function startServer(config: Config, parts: ServeParts = {}): Promise<RunningServer> {
  const { clock = systemClock, random = systemRandom } = parts
  const log = createLog(config.logLevel, parts.logTo)
  prepareFolder(config.data)
  const lock = lockFolder(config.data)
  let store: Store | undefined
  let recovery: Recovery | undefined
  let outgoing: Outgoing | undefined
  let opaque: OpaqueServer | undefined
  const statusStore = openStatus(config, log)
  try {
    const opened = await openStore(config, random, log)
    store = opened.store
    const key = await openOwnKey(store, config.data, random)
    let stopping = false
    const metrics = createMetrics({ process: parts.processMetrics === true })
    recovery = await openRecovery(config, key.decoy, {
      clock,
      random,
      notify(event) {
        metrics.realmEvent(event.type)
        if (event.type === 'rolled-back') log.error({ event }, 'an older state of the realm was found: all its records are locked')
        parts.onRealmEvent?.(event)
      },
      onSweepError: (error) => log.error({ err: error }, 'realm sweep'),
      onUnavailable: (error) => log.error({ err: error }, 'the realm was not opened: see docs/guide/recovery-realms.md'),
      onNone: () => log.warn('no realms are named (NOKKEL_REALMS): nobody can recover by a code'),
      ...(parts.escrowPolicy === undefined ? {} : { policy: parts.escrowPolicy }),
    })
    const openedRecovery = recovery
    outgoing = await openOutgoing(config, parts.secrets ?? {}, () => clock.nowMs())
    const openedOutgoing = outgoing
    const { mail, outbox } = outgoing
    const smsHealth = new SmsHealth()
    const sms = smsHealth.watch(outgoing.sms)
    if (outbox !== null)
      log.warn('NOT FOR PRODUCTION: codes and notices are written to the outbox in the data folder and not sent (NOKKEL_SMS, NOKKEL_MAIL)')
    const live = liveChannel(config, store, metrics, log)
    const { host: messageHost } = new URL(config.publicUrl ?? 'http://localhost')
    const delivery = new Delivery({ store, clock, sms, mail, serverName: config.name, log, onOutcome: metrics.message })
    const audit = new AuditLog(auditKey(key.decoy), auditEndFile(config.data))
    const support = new Support({
      store,
      clock,
      random,
      audit,
      onTold(account) {
        live.publish(account, { type: 'notice' }, 'members')
        delivery.wake()
      },
    })
    const verification = new Verification({
      store,
      clock,
      random,
      sms,
      key: verificationKey(key.decoy),
      settings: { ...config.sms, callingCodes: config.sms.callingCodes ?? null, host: messageHost },
      text: (code, phone) => smsCodeText(languageOf({ region: null, phone }), code),
    })
    const offer = createOffer(config, log)
    const openedOpaque = await opaqueServer({
      serverId: store.serverId,
      setup: key.opaqueSetup,
      decoy: key.decoy,
      threads: config.signIn.threads ?? null,
      onError: (error) => log.error({ err: error }, 'a thread of the sign-in ended'),
    })
    opaque = openedOpaque
    const services: Services = {
      config,
      offer: offer.current,
      version: serverVersion,
      clock,
      random,
      store,
      circles: new Circles(),
      opaque,
      ...acrossServers(opened, key.decoy, { clock, random }, config),
      live,
      verification,
      delivery,
      sms,
      twilioToken: outgoing.twilioToken,
      operators: readOperators(config.operators ?? null),
      audit,
      support,
      outbox,
      metrics,
      push: createPushSender({
        key: openPushKey(config.data),
        contact: config.push.contact,
        endpoints: config.push.endpoints,
        store,
        clock,
        log,
      }),
      log,
      traces: tracesOf(config, random, log),
      webApp: parts.webApp === undefined ? null : loadWebApp(parts.webApp, remoteOrigins(recovery)),
      recovery,
      status: new StatusBoard({
        store: statusStore,
        clock,
        random,
        log,
        everyMs: config.status.probe === true ? (config.status.everySeconds ?? 60) * 1_000 : null,
        own: { sms: () => smsHealth.takeOutcome() },
        // an outbox sends nothing to anybody
        absent: new Set<ServiceName>(config.sms.gateway === 'outbox' ? ['sms'] : []),
      }),
      siteData: openSiteData(config, { store, clock, log, metrics }),
      smsFigures: () => (config.sms.gateway === 'outbox' ? null : smsHealth.figures()),
      isProbe: openProbeToken(config.data, random),
      isStopping: () => stopping,
    }
    const app = createApp(services)
    const listener = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false })
    const http = createServer(httpLimits, (incoming, response) => void listener(incoming, response))
    answerNoRequest(http)
    const endpoint = createLiveEndpoint(http, services)
    const address = await listen(http, config)
    const housekeeping = startHousekeeping(services)
    const sweeping = setInterval(() => {
      if (opened.shared !== null)
        sweepShared(opened.shared.db, clock.nowMs()).catch((error: unknown) => log.warn({ err: error }, 'what servers share was not swept'))
    }, sweepEveryMs)
    sweeping.unref()
    delivery.start()
    const shared = opened.shared === null ? null : sharedStatus(opened.shared.db, clock, toHex(random.bytes(8)))
    const watchingStatus = watchStatus(services, shared)
    const port = address.port
    const shownHost = address.family === 'IPv6' ? `[${address.address}]` : address.address
    const used = store
    const url = `http://${shownHost}:${port}`
    const probe =
      config.status.probe === true
        ? startProbeRunner({
            url: config.status.url ?? url,
            reportTo: url,
            data: config.data,
            everyMs: (config.status.everySeconds ?? 60) * 1_000,
            log,
            ...(shared !== null && { mayRun: () => mayProbe(shared, (config.status.everySeconds ?? 60) * 1_000, log) }),
          })
        : null
    log.info({ port, serverId: store.serverId, version: serverVersion }, 'listening')
    return {
      url,
      port,
      services,
      reload: offer.reload,
      async stop() {
        if (stopping) return
        stopping = true
        clearInterval(housekeeping)
        clearInterval(sweeping)
        watchingStatus.stop()
        services.siteData.stop()
        probe?.stop()
        endpoint.close()
        await finish(http)
        await openedOpaque.close()
        await delivery.stop()
        await verification.settle()
        await openedOutgoing.sms.close()
        await openedOutgoing.mail.close()
        await services.push.settled()
        await openedRecovery.host?.close()
        await services.live.close()
        await services.traces.close()
        await used.close()
        statusStore?.close()
        lock.release()
        log.info('stopped')
      },
    }
  } catch (error) {
    await opaque?.close()
    await outgoing?.sms.close()
    await outgoing?.mail.close()
    await recovery?.host?.close()
    await store?.close()
    statusStore?.close()
    lock.release()
    throw error
  }
}

function openSiteData(
  { siteData: { url = null, everyHours = 24 } }: Config,
  parts: { readonly store: Store; readonly clock: Clock; readonly log: Log; readonly metrics: Metrics },
): SiteData {
  if (url === null) return noSiteData
  return startSiteData({ ...parts, url, everyMs: everyHours * hourMs, fetchFile: fetchFilesFrom(url, `nokkel-server/${serverVersion}`) })
}

/** Silence of the prober, and what other servers of the deployment said and measured. */
function watchStatus({ status, log }: Services, shared: SharedStatus | null): { stop(): void } {
  const watching = setInterval(() => status.checkSilence(), statusWatchMs)
  watching.unref()
  if (shared === null) return { stop: () => clearInterval(watching) }
  let running = false
  let complained = false
  const exchange = async (): Promise<void> => {
    if (running) return
    running = true
    try {
      status.adopt(await shared.exchange(status.current()))
      complained = false
    } catch (error) {
      // this server's page goes on with what it has
      if (!complained) log.warn({ err: error }, 'the status was not exchanged with the other servers')
      complained = true
    } finally {
      running = false
    }
  }
  void exchange()
  const exchanging = setInterval(() => void exchange(), statusExchangeMs)
  exchanging.unref()
  return {
    stop() {
      clearInterval(watching)
      clearInterval(exchanging)
    },
  }
}

/** Whoever cannot ask looks for itself: that nobody can is what the page must say. */
async function mayProbe(shared: SharedStatus, everyMs: number, log: Log): Promise<boolean> {
  try {
    return await shared.mayProbe(everyMs + probeLeaseMs)
  } catch (error) {
    log.warn({ err: error }, 'which server measures could not be asked')
    return true
  }
}

/** What must hold whichever server answers. */
function acrossServers(
  { shared }: OpenedStore,
  secret: Secret,
  { clock, random }: { readonly clock: Clock; readonly random: Random },
  config: Config,
): Pick<Services, 'loginStates' | 'limits'> {
  if (shared === null) return { loginStates: memoryLoginStates(clock), limits: memoryRateLimits(config.rateLimits) }
  return {
    loginStates: sharedLoginStates(shared.db, clock, random, secret),
    limits: sharedRateLimits(config.rateLimits, shared.pool.raw, secret),
  }
}

function tracesOf({ traces: { endpoint = null, service = 'nokkel-server' } }: Config, random: Random, log: Log): Traces {
  if (endpoint === null) return noTraces
  const onError = (error: unknown): void => log.warn({ err: error }, 'traces were not taken')
  return otlpTraces({ endpoint, service, version: serverVersion, random, onError })
}

function liveChannel(config: Config, { serverId }: Store, metrics: Metrics, log: Log): LiveChannel {
  const { nats = null, natsCredentials = null } = config.live
  if (nats === null) return memoryLiveChannel()
  return natsLiveChannel(
    { servers: nats, credentialsFile: natsCredentials },
    {
      serverId,
      onState(isConnected) {
        metrics.busConnected(isConnected)
        if (!isConnected) log.warn('the bus between servers is away: devices of other servers hear of changes late')
      },
      onError: (error) => log.error({ err: error }, 'the bus between servers'),
    },
  )
}

/** The page works without its file, and the server without the page. */
function openStatus(config: Config, log: Log): StatusStore | null {
  try {
    return new StatusStore(statusFile(config.data))
  } catch (error) {
    log.error({ err: error }, 'the status file cannot be opened; the page goes on from memory')
    return null
  }
}

/** Realms at other addresses, which the web app must be let to ask. */
function remoteOrigins({ deployment }: Recovery): string[] {
  return (deployment?.realms ?? []).flatMap(({ url }) => (url === '' ? [] : [new URL(url).origin]))
}

/** Below this share of codes that are typed, once there are enough to tell, the operator hears of it (A28). */
const conversionLeast = 0.3
const conversionFloor = 20

function startHousekeeping({ store, clock, random, recovery, metrics, log, verification, support }: Services): NodeJS.Timeout {
  const run = async (): Promise<void> => {
    const now = clock.nowMs()
    await store.prune({
      activeUsedBeforeMs: now - activeIdleMs - hourMs,
      pendingUsedBeforeMs: now - pendingIdleMs - hourMs,
      removedUsedBeforeMs: now - removedKeptMs,
      joinsCreatedBeforeMs: now - 72 * hourMs,
    })
    for (const account of await store.dueDeletions(now, deletionsPerRun)) {
      // asked again inside: taken back meanwhile, or done by another server
      const erased = await store.transaction(account, async (tx) => {
        const dueMs = await tx.deletionDue(account)
        if (dueMs === undefined || dueMs > now) return null
        const rows = await tx.escrowRecords(account)
        await tx.eraseAccount(account)
        return rows
      })
      if (erased === null) continue
      await destroyRegistrations({ recovery, clock, random, onError: (error) => log.warn({ err: error }, 'realm') }, account, erased)
      log.info('an account was erased, as its owner asked')
    }
    metrics.accounts(await store.countAccounts())
    const { sent, used } = await verification.conversion()
    metrics.smsConversion(sent, used)
    if (sent >= conversionFloor && used / sent < conversionLeast)
      log.warn(
        { sent, used },
        'few of the codes that go out by SMS are ever typed: somebody may be pumping messages (docs/guide/verification.md)',
      )
  }
  const guarded = (): void => {
    run().catch((error: unknown) => log.error({ err: error }, 'housekeeping'))
    support.run().catch((error: unknown) => log.error({ err: error }, 'support cases'))
  }
  guarded()
  const timer = setInterval(guarded, pruneEveryMs)
  timer.unref()
  return timer
}
