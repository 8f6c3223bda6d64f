/**
 * What the doctor looks at (G): the real state of this device and of its account, question by question, so that one without an answer does
 * not silence the others. Everything here reads; nothing is changed, repaired or decided. What the server says is told apart from
 * what this device holds or has verified. Throws `NokkelError`; `offline` when the server gave no answer.
 */
import { isNokkelError, type Bytes, type Clock, type DeviceId, type ItemId } from '@nokkel/base'
import { findDuplicates } from '@nokkel/keychain'
import { describeEntry, keySlotOf } from '@nokkel/protocol'
import type { JsonResponse } from '@nokkel/protocol/wire'
import { sessionOf, vaultKeyName, type LocalKeychain, type ServerApi } from '@nokkel/sync'
import { passcodeStanding, type PasscodeStanding } from './escrow-care.ts'
import type { EscrowParts } from './escrow-realms.ts'
import type { DeviceState } from './facade.ts'
import { isVisible } from './item-views.ts'
import { networkFailureOf, type NetworkFailure } from './network-failure.ts'
import { recoveryStanding, waysBack } from './recover-by-code.ts'
import { readTwoFactorSetting } from './two-factor.ts'
import { readJoinEnded, readRestored, type JoinEnded, type Restored } from './traces.ts'

export interface DeviceObservation {
  readonly state: DeviceState
  readonly nowMs: number
  /** null while locked, and before there is anything */
  readonly keychain: KeychainObservation | null
  /** settings were brought back from a device backup, and the keychain was not turned on since (D1) */
  readonly restored: Restored | null
}

/** Counts and times alone: no titles, no names of sites, no secrets. */
export interface KeychainObservation {
  readonly server: string | null
  readonly items: number
  /** in "recently deleted" */
  readonly deleted: number
  readonly pendingChanges: number
  /** items here that stand on no record of the log: kept from before joining, or never sent */
  readonly unconfirmed: number
  readonly quarantined: number
  /** groups of items for the same site and user name */
  readonly duplicates: number
  /** items in which an edit lost against another device's within `recentMs` */
  readonly conflicts: number
  readonly lastSyncMs: number | null
  /** let in, and the first synchronisation has not come to its end (A7) */
  readonly settlingIn: boolean
  /** the circle speaks of a key that this device does not hold */
  readonly keyMissing: boolean
  readonly activeDevices: number
  readonly recoveryKey: boolean
  /** alarms that the person has not marked as seen */
  readonly alarms: readonly { readonly code: string; readonly timeMs: number }[]
  /** whether this device's own passcode brings a new one back (F2) */
  readonly ownPasscode: PasscodeStanding
  /** the account has a security code (F3) */
  readonly securityCode: boolean
  /** a record of recovery was destroyed or locked, nothing has taken its place, and the person has not marked that as seen (F7) */
  readonly recoveryNews: { readonly what: 'burned' | 'locked'; readonly timeMs: number } | null
  readonly removal: { readonly byName: string; readonly timeMs: number; readonly disposition: 'keep' | 'delete' } | null
  readonly joinRequest: { readonly expiresMs: number } | null
  /** how this device's last request ended without letting it in */
  readonly joinEnded: JoinEnded | null
  /** the keychain took the place of an older one (D4) */
  readonly replacedMs: number | null
  /** a reset was begun here and its end was never heard of */
  readonly resetUnfinished: boolean
}

export type ServerObservation =
  | { readonly reached: true; readonly info: JsonResponse<'server'>; readonly tookMs: number; readonly skewMs: number }
  | { readonly reached: false; readonly why: NetworkFailure; readonly tookMs: number }

export interface SessionObservation {
  /** `unknown`: the server does not know this session (any more) */
  readonly state: JsonResponse<'session'>['state'] | 'unknown'
  readonly end: { readonly kind: 'reset' | 'off'; readonly timeMs: number } | null
}

/** Number, two factors, and the support's case (F1, F4, F5). */
export interface VerificationObservation {
  readonly twoFactor: boolean
  /** by a signature that this device holds; otherwise as the server says */
  readonly verified: boolean
  readonly numberEnd: string | null
  readonly supportCase: { readonly state: 'opened' | 'waiting' | 'open'; readonly dueMs: number | null } | null
  /** the newest code that this device had sent by SMS and that was not typed, as the server's gateway tells it (F8) */
  readonly lastSms: JsonResponse<'verification'>['lastSms']
}

/** A code that could bring this device back, as the realms see it now (F7). */
export interface CodeObservation {
  readonly kind: 'passcode' | 'security-code'
  readonly state: 'open' | 'burned' | 'locked' | 'unreachable'
  readonly attemptsLeft: number
  readonly waitMs: number
}

export type RequestObservation = Omit<JsonResponse<'joinList'>['requests'][number], 'place'>

export interface Observer {
  device(): Promise<DeviceObservation>
  /** Without `url`, this device's server; null when there is none. `silent` when `signal` ends the wait. */
  server(url?: string, signal?: AbortSignal): Promise<ServerObservation | null>
  /** null where this device has no session to ask with */
  session(): Promise<SessionObservation | null>
  /** Can the server tell this device of news? null without a trusted session. */
  live(signal: AbortSignal): Promise<boolean | null>
  /** This device's own request for approval; null when it has none that the server knows. */
  ownRequest(): Promise<RequestObservation | null>
  /** Requests that this device may answer; null unless it is trusted. */
  requests(): Promise<readonly RequestObservation[] | null>
  account(): Promise<JsonResponse<'account'> | null>
  verification(): Promise<VerificationObservation | null>
  /** For a device that waits to be let in; null for others, and before the second factor was shown. No guess is spent. */
  codes(): Promise<readonly CodeObservation[] | null>
  /** The account's region, where the server says or refuses it; null when neither. */
  region(): Promise<string | null>
  /**
   * How far the server's clock was ahead of other devices' clocks when they last changed the circle: signed by them, written down by the
   * server. Says whose clock is wrong when this device and the server disagree.
   */
  witnesses(): Promise<readonly number[]>
}

const recentMs = 7 * 86_400_000
/** items opened to look for lost edits; beyond that the newest count */
const openedMost = 200
const alarmsMost = 20
const witnessesMost = 5

export interface ObservedClient {
  readonly clock: Clock
  readonly state: () => Promise<DeviceState>
  /** null while locked */
  readonly keychain: () => LocalKeychain | null
  readonly connect: (server: string) => ServerApi
  /** the file of the passcode's name, which stands outside of what is sealed */
  readonly passcodeName: () => Promise<Bytes | null>
  /** null where there is nothing to ask the realms with */
  readonly escrow: () => EscrowParts | null
}

export function createObserver(client: ObservedClient): Observer {
  let connected: { readonly server: string; readonly api: ServerApi } | null = null
  const apiOf = (server: string): ServerApi => {
    if (connected?.server !== server) connected = { server, api: client.connect(server) }
    return connected.api
  }
  /** What to ask with; null without a session. */
  const asking = () => {
    const identity = client.keychain()?.identity ?? null
    if (identity === null || identity.token === null) return null
    return { identity, api: apiOf(identity.server), session: sessionOf(identity) }
  }
  const trusted = () => {
    const found = asking()
    return found?.identity.mode === 'trusted' ? found : null
  }

  return {
    async device() {
      const state = await client.state()
      const keychain = client.keychain()
      const nowMs = client.clock.nowMs()
      if (keychain === null) return { state, nowMs, keychain: null, restored: null }
      if (keychain.identity === null) return { state, nowMs, keychain: null, restored: await readRestored(keychain) }
      return { state, nowMs, keychain: await observeKeychain(keychain, await client.passcodeName()), restored: null }
    },

    async server(url, signal) {
      const server = url ?? client.keychain()?.identity?.server
      if (server === undefined) return null
      const from = client.clock.nowMs()
      try {
        const info = await apiOf(server).server({ signal })
        const nowMs = client.clock.nowMs()
        // the answer is as old as half its way
        return { reached: true, info, tookMs: nowMs - from, skewMs: info.timeMs - Math.round((from + nowMs) / 2) }
      } catch (error) {
        const tookMs = client.clock.nowMs() - from
        if (isNokkelError(error, 'cancelled')) return { reached: false, why: 'silent', tookMs }
        const why = networkFailureOf(error)
        if (why === null) throw error
        return { reached: false, why, tookMs }
      }
    },

    async session() {
      const found = asking()
      if (found === null) {
        // a member whose session this device has dropped, or never got an answer for
        return client.keychain()?.identity?.mode === 'trusted' ? { state: 'unknown', end: null } : null
      }
      try {
        const { state, end } = await found.api.session(found.session)
        return { state, end: end === null ? null : { kind: end.kind, timeMs: end.timeMs } }
      } catch (error) {
        if (isNokkelError(error, 'session-invalid')) return { state: 'unknown', end: null }
        throw error
      }
    },

    async live(signal) {
      const found = trusted()
      if (found === null) return null
      try {
        const channel = await found.api.live(found.session, { onEvent: () => undefined, onClose: () => undefined }, { signal })
        channel.close()
        return true
      } catch (error) {
        if (isNokkelError(error) && error.group === 'offline') return false
        throw error
      }
    },

    async ownRequest() {
      const found = asking()
      const join = client.keychain()?.join ?? null
      if (found === null || found.identity.mode !== 'pending' || join === null) return null
      try {
        return (await found.api.joinReceive(found.session, join.requestId, null)).request
      } catch (error) {
        if (isNokkelError(error, 'request-not-found')) return null
        throw error
      }
    },

    async requests() {
      const found = trusted()
      return found === null ? null : (await found.api.joinList(found.session)).requests
    },

    async account() {
      const found = trusted()
      return found === null ? null : found.api.account(found.session)
    },

    async verification() {
      const found = asking()
      const keychain = client.keychain()
      if (found === null || keychain === null) return null
      const { twoFactor, numberEnd, supportCase, lastSms } = await found.api.verification(found.session)
      const verified = found.identity.mode === 'trusted'
      return { twoFactor: verified ? await readTwoFactorSetting(keychain) : twoFactor, verified, numberEnd, supportCase, lastSms }
    },

    async codes() {
      const parts = client.escrow()
      if (asking()?.identity.mode !== 'pending' || parts === null) return null
      const { ways, passed } = await waysBack(parts)
      if (!passed) return null
      return Promise.all(ways.flatMap(({ kind, slot }) => (kind === 'recovery-key' ? [] : [observeCode(parts, kind, slot)])))
    },

    async region() {
      const found = asking()
      if (found === null) return null
      if (found.identity.mode === 'trusted') return (await found.api.account(found.session)).region
      try {
        // an applicant is not told of its account's region, but it is refused because of it
        const join = client.keychain()?.join ?? null
        if (join !== null) await found.api.joinReceive(found.session, join.requestId, null)
        return null
      } catch (error) {
        if (isNokkelError(error, 'region-unavailable')) return String(error.params.region ?? '')
        if (isNokkelError(error, 'request-not-found')) return null
        throw error
      }
    },

    async witnesses() {
      const found = trusted()
      const keychain = client.keychain()
      if (found === null || keychain === null) return []
      const { events } = await found.api.activity(found.session)
      return witnessesIn(keychain, found.identity.keys.id, events)
    },
  }
}

async function observeCode(parts: EscrowParts, kind: CodeObservation['kind'], slot: string): Promise<CodeObservation> {
  const closed = (state: CodeObservation['state']): CodeObservation => ({ kind, state, attemptsLeft: 0, waitMs: 0 })
  try {
    const { attemptsLeft, waitMs } = await recoveryStanding(parts, slot)
    return { kind, state: 'open', attemptsLeft, waitMs }
  } catch (error) {
    if (isNokkelError(error, 'recovery-burned', 'recovery-unknown')) return closed('burned')
    if (isNokkelError(error, 'recovery-locked')) return closed('locked')
    if (isNokkelError(error, 'realms-unavailable')) return closed('unreachable')
    throw error
  }
}

async function observeKeychain(keychain: LocalKeychain, passcodeName: Bytes | null): Promise<KeychainObservation> {
  const { identity, circle, log, join } = keychain
  const entries = [...keychain.index.values()]
  const visible = entries.filter(isVisible)
  const state = keychain.store
  const epoch = log === null ? undefined : circle?.vaults.get(log.vault)?.epochs.at(-1)?.epoch
  return {
    server: identity?.server ?? null,
    items: visible.filter(({ summary }) => summary.removal === 'none').length,
    deleted: visible.filter(({ summary }) => summary.removal === 'deleted').length,
    pendingChanges: keychain.dirty.size,
    unconfirmed: entries.filter((entry) => entry.unconfirmed).length,
    quarantined: entries.filter((entry) => entry.state === 'quarantined').length,
    duplicates: findDuplicates(visible.map(({ summary }) => summary)).length,
    conflicts: await countConflicts(
      keychain,
      visible.map(({ summary }) => summary),
    ),
    lastSyncMs: log?.lastSyncMs ?? null,
    settlingIn: (await state.get('state', 'admission')) !== undefined,
    keyMissing:
      identity?.mode === 'trusted' && log !== null && epoch !== undefined && !keychain.vaultKeys.has(vaultKeyName(log.vault, epoch)),
    activeDevices: circle?.activeDevices().length ?? 0,
    recoveryKey: circle?.recoveries.has(keySlotOf(circle.account)) ?? false,
    alarms: keychain.notices
      .filter(({ kind, seen }) => kind === 'alarm' && !seen)
      .slice(-alarmsMost)
      .map(({ params, timeMs }) => ({ code: String(params['code'] ?? ''), timeMs })),
    ownPasscode: await passcodeStanding({ keychain }, passcodeName),
    securityCode: [...(circle?.recoveries.keys() ?? [])].some((slot) => (slot as string) === (circle?.account as string)),
    recoveryNews: recoveryNewsIn(keychain),
    removal:
      identity === null || identity.removal === null
        ? null
        : { byName: identity.removal.byName, timeMs: identity.removal.timeMs, disposition: identity.removal.disposition },
    joinRequest: join === null ? null : { expiresMs: join.expiresMs },
    joinEnded: await readJoinEnded(keychain),
    replacedMs: replacedMs(keychain),
    resetUnfinished: (await state.get('state', 'reset')) !== undefined,
  }
}

async function countConflicts(
  keychain: LocalKeychain,
  summaries: readonly { readonly id: ItemId; readonly modifiedMs: number }[],
): Promise<number> {
  const since = keychain.nowMs() - recentMs
  const recent = summaries
    .filter(({ modifiedMs }) => modifiedMs >= since)
    .sort((a, b) => b.modifiedMs - a.modifiedMs)
    .slice(0, openedMost)
  const items = await keychain.readItems(recent.map(({ id }) => id))
  return items.filter((held) => held?.item.history.some(({ reason, hlc }) => reason === 'conflict' && hlc.ms >= since) === true).length
}

function replacedMs({ circleEntries }: LocalKeychain): number | null {
  const [genesis] = circleEntries
  if (genesis === undefined) return null
  const { entry } = describeEntry(genesis)
  return entry.payload.type === 'genesis' && entry.payload.replaces !== null ? entry.timeMs : null
}

/** News of a record that was laid down anew or revoked since is over, whether or not the person has seen it. */
function recoveryNewsIn({ notices, circle }: LocalKeychain): KeychainObservation['recoveryNews'] {
  const present = new Set([...(circle?.recoveries.values() ?? [])].map(({ registration }) => registration))
  const newest = notices.findLast(
    ({ kind, seen, params }) =>
      !seen &&
      (kind === 'recovery-burned' || kind === 'recovery-locked') &&
      (params['registration'] === undefined || present.has(String(params['registration']))),
  )
  return newest === undefined ? null : { what: newest.kind === 'recovery-burned' ? 'burned' : 'locked', timeMs: newest.timeMs }
}

type Events = JsonResponse<'activity'>['events']

function witnessesIn(keychain: LocalKeychain, self: DeviceId, events: Events): number[] {
  // each device is added once, so the two accounts of the same act find each other by its id
  const told = new Map(
    events.flatMap(({ kind, deviceId, timeMs }) => (kind === 'device-added' && deviceId !== null ? [[deviceId, timeMs]] : [])),
  )
  const offsets: number[] = []
  for (const bytes of keychain.circleEntries) {
    const { entry, signer } = describeEntry(bytes)
    if (entry.payload.type !== 'add' || signer === self) continue
    const serverMs = told.get(entry.payload.device.id)
    if (serverMs !== undefined) offsets.push(serverMs - entry.timeMs)
  }
  return offsets.slice(-witnessesMost)
}
