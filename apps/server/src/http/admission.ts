/** Who is calling, and may they: address, token, session, region and proof of a request, before anything of it is acted on. */
import type { IncomingMessage } from 'node:http'
import { fromBase64url, NokkelError } from '@nokkel/base'
import { isSignedBy, labels, proofHeader, proofWindowMs, requestProofBody, type Route, type RouteName } from '@nokkel/protocol/wire'
import { callerOf, placeOf, plainAddress } from '../domain/place.ts'
import type { Config } from '../config.ts'
import type { RefusedSessions } from '../limits/refused-sessions.ts'
import type { Services } from '../services.ts'
import type { SessionWithAccount } from '../store/store.ts'
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

/** The others are kept for one answer only: why they are none any more. */
function maySignIn(state: SessionWithAccount['state']): boolean {
  return state === 'pending' || state === 'active'
}

export async function sessionOf(
  { store, clock, limits }: Services,
  refused: RefusedSessions,
  route: Route,
  request: CallerRequest,
  token: string,
): Promise<SessionWithAccount> {
  const hash = tokenHash(token)
  await refused.ensureNone(hash)
  const session = await store.findSession(hash)
  const nowMs = clock.nowMs()
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
  if (session.state === 'removed' && route.removed !== true) throw new NokkelError('device-removed')
  if (session.state === 'ended' && route.removed !== true) throw new NokkelError('keychain-ended')
  if (session.state === 'pending' && route.auth === 'active') throw new NokkelError('session-pending')
  if (maySignIn(session.state) && nowMs > session.usedMs + usedGranularityMs)
    await store.touchSession(session.accountId, session.deviceId, nowMs)
  return session
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
