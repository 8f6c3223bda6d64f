/** Who is calling, and may they: address, token, session, region and proof of a request, before anything of it is acted on. */
import type { IncomingMessage } from 'node:http'
import { equalBytes, fromBase64url, NokkelError } from '@nokkel/base'
import { isSignedBy, labels, proofHeader, proofWindowMs, requestProofBody, type Route, type RouteName } from '@nokkel/protocol/wire'
import { callerOf, placeOf, plainAddress } from '../domain/place.ts'
import type { Config } from '../config.ts'
import type { RefusedSessions } from '../limits/refused-sessions.ts'
import type { Services } from '../services.ts'
import type { SessionRow, SessionWithAccount, StoreReads } from '../store/store.ts'
import type { RecentSessions } from './recent-sessions.ts'
import { activeIdleMs, pendingIdleMs, tokenHash, usedGranularityMs } from './sessions.ts'

/** What is refused while the account's region is not offered (A2): everything that would synchronise. */
const pausedRoutes: ReadonlySet<RouteName> = new Set([
  'circle',
  'circleAppend',
  'circleKeys',
  'log',
  'push',
  'records',
  'joinCreate',
  'joinList',
  'joinDecline',
  'joinSend',
  'joinReceive',
  'keychainReplace',
  'recoveryCircle',
  'recoveryBundles',
  'recoveryBundle',
  'recover',
])

export interface CallerRequest {
  readonly incoming: IncomingMessage
  readonly method: string
  readonly target: string
  readonly address: string
  readonly place: string
}

/** The address of the caller. A trusted proxy appends what it saw to x-forwarded-for: only the last element is its word. */
function addressOf(incoming: IncomingMessage, trustProxy: boolean): string {
  const direct = incoming.socket.remoteAddress ?? ''
  if (!trustProxy) return plainAddress(direct)
  const forwarded = incoming.headers['x-forwarded-for']
  const last = (Array.isArray(forwarded) ? forwarded.at(-1) : forwarded)?.split(',').at(-1)?.trim()
  return plainAddress(last === undefined || last === '' ? direct : last)
}

export function headerOf(incoming: IncomingMessage, name: string): string | undefined {
  const value = incoming.headers[name]
  return Array.isArray(value) ? value[0] : value
}

export function requestOf(
  { config }: { readonly config: Pick<Config, 'trustProxy' | 'countryHeader'> },
  incoming: IncomingMessage,
): CallerRequest {
  const address = addressOf(incoming, config.trustProxy)
  const country = config.trustProxy && config.countryHeader !== null ? headerOf(incoming, config.countryHeader) : undefined
  return { incoming, method: incoming.method ?? '', target: incoming.url ?? '', address, place: placeOf(address, country) }
}

export function tokenOf(incoming: IncomingMessage): string {
  const match = /^Bearer ([A-Za-z0-9_-]{43})$/i.exec(incoming.headers.authorization ?? '')
  if (match?.[1] === undefined) throw new NokkelError('session-invalid')
  return match[1]
}

/** What of other callers a request is judged by. */
export interface Callers {
  readonly refused: RefusedSessions
  readonly recent: RecentSessions
}

/** The others are kept for one answer only: why they are none any more. */
function maySignIn(state: SessionWithAccount['state']): boolean {
  return state === 'pending' || state === 'active'
}

export async function sessionOf(
  { store, clock, limits }: Services,
  { refused, recent }: Callers,
  route: Route,
  request: CallerRequest,
  token: string,
): Promise<SessionWithAccount> {
  const hash = tokenHash(token)
  await refused.ensureNone(hash)
  const nowMs = clock.nowMs()
  // a push looks at its session again where it is stored (vault-log.ts)
  const known = route.request === 'frames' && store.appendsAtOnce ? recent.find(hash, nowMs) : undefined
  const session = known ?? (await store.findSession(hash))
  const idleMs = session?.state === 'pending' ? pendingIdleMs : activeIdleMs
  if (session === undefined || (maySignIn(session.state) && nowMs > session.usedMs + idleMs)) {
    await limits.consume('request', callerOf(request.address))
    throw new NokkelError('session-invalid')
  }
  try {
    await limits.consume('request', session.deviceId)
  } catch (error) {
    refused.note(hash, error)
    throw error
  }
  ensureStanding(session.state, route)
  if (known === undefined && store.appendsAtOnce && session.state === 'active') recent.note(hash, session, nowMs)
  if (maySignIn(session.state) && nowMs > session.usedMs + usedGranularityMs)
    await store.touchSession(session.accountId, session.deviceId, nowMs)
  return session
}

function ensureStanding(state: SessionRow['state'], { removed, auth }: Pick<Route, 'removed' | 'auth'>): void {
  if (state === 'removed' && removed !== true) throw new NokkelError('device-removed')
  if (state === 'ended' && removed !== true) throw new NokkelError('keychain-ended')
  if (state === 'pending' && auth === 'active') throw new NokkelError('session-pending')
}

/** Looks at a session again in the transaction that acts for it. Throws what `sessionOf` would have thrown. */
export async function ensureStillActive(
  reads: Pick<StoreReads, 'findSessionOfDevice'>,
  session: Pick<SessionRow, 'accountId' | 'deviceId' | 'tokenHash'>,
): Promise<void> {
  const now = await reads.findSessionOfDevice(session.accountId, session.deviceId)
  if (now === undefined || !equalBytes(now.tokenHash, session.tokenHash)) throw new NokkelError('session-invalid')
  ensureStanding(now.state, { auth: 'active' })
}

/** SPEC API-5. Throws `signature-invalid` or, for a right signature of another time, `clock-skew`. */
export function ensureProof(
  { clock }: Services,
  request: CallerRequest,
  session: SessionWithAccount,
  token: string,
  body: Uint8Array,
): void {
  const match = /^(\d{1,15})\.([A-Za-z0-9_-]{86})$/.exec(headerOf(request.incoming, proofHeader) ?? '')
  const [, time, encoded] = match ?? []
  if (time === undefined || encoded === undefined) throw new NokkelError('signature-invalid')
  const timeMs = Number(time)
  const signed = requestProofBody({ method: request.method, target: request.target, timeMs, body, token })
  if (!isSignedBy({ body: signed, signer: session.deviceId, signature: fromBase64url(encoded) }, labels.request, session.signKey))
    throw new NokkelError('signature-invalid')
  if (Math.abs(clock.nowMs() - timeMs) > proofWindowMs) throw new NokkelError('clock-skew', { serverTimeMs: clock.nowMs() })
}

export function ensureOffered({ offer }: Services, name: RouteName, session: SessionWithAccount | null): void {
  const { regions } = offer()
  if (regions === null || session === null || !pausedRoutes.has(name)) return
  if (session.region === null || !regions.includes(session.region))
    throw new NokkelError('region-unavailable', { region: session.region ?? '' })
}
