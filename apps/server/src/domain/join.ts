/** Rules of the approval relay (A5). Pure: the server passes messages on and can read none of them. */
import { NokkelError, type DeviceId } from '@nokkel/base'
import { joinRules } from '@nokkel/protocol/wire'
import type { JoinMessageRow, JoinRow } from '../store/store.ts'

export type ShownJoinState = 'pending' | 'approved' | 'declined' | 'expired'

/** Body text of all messages of a request, base64url characters. */
export const joinTextPerRequest = 65_536
const hourMs = 3_600_000

/** undefined: withdrawn or replaced, nobody sees it any more. */
export function shownState(request: JoinRow, nowMs: number): ShownJoinState | undefined {
  if (request.state === 'withdrawn') return undefined
  if (request.state === 'pending' && nowMs >= request.createdMs + joinRules.requestLifetimeMs) return 'expired'
  return request.state
}

/**
 * Seconds until another request may be made; 0 when one may be made now. Replaced requests count, or replacing would be free; approved
 * ones do not: somebody stood behind each of them with the code, and setting up a whole family in an evening is no attack (A20).
 */
export function secondsUntilNextRequest(requests: readonly JoinRow[], nowMs: number): number {
  const recent = requests.flatMap(({ state, createdMs }) => (state !== 'approved' && createdMs > nowMs - hourMs ? [createdMs] : []))
  if (recent.length < joinRules.requestsPerHour) return 0
  const oldestThatCounts = recent.sort((a, b) => b - a)[joinRules.requestsPerHour - 1] as number
  return Math.max(1, Math.ceil((oldestThatCounts + hourMs - nowMs) / 1_000))
}

/** The runs that still live, each with its messages; a run dies ten minutes after its first message. */
export function liveMessages(messages: readonly JoinMessageRow[], nowMs: number): JoinMessageRow[] {
  const started = new Map<string, number>()
  for (const message of messages) started.set(message.run, Math.min(started.get(message.run) ?? Infinity, message.createdMs))
  return messages.filter((message) => nowMs < (started.get(message.run) ?? 0) + joinRules.runLifetimeMs)
}

export interface NewJoinMessage {
  readonly run: string
  readonly step: 1 | 2 | 3
  readonly body: string
}

/**
 * Steps 1 and 3 are the approving device's, step 2 the applicant's; each once, in order, 1 and 3 from one and the same device.
 * Returns `repeat` for a message that is already there, word for word.
 */
export function decideMessage(
  request: JoinRow,
  messages: readonly JoinMessageRow[],
  sender: DeviceId,
  message: NewJoinMessage,
  nowMs: number,
): 'store' | 'repeat' {
  const isApplicant = sender === request.deviceId
  if ((message.step === 2) !== isApplicant) throw new NokkelError('conflict', { what: 'step' })
  const run = messages.filter((known) => known.run === message.run)
  const [first] = run
  const existing = run.find((known) => known.step === message.step)
  if (existing !== undefined) {
    if (existing.sender === sender && existing.body === message.body) return 'repeat'
    throw new NokkelError('conflict', { what: 'step' })
  }
  const state = shownState(request, nowMs)
  if (state === 'expired') throw new NokkelError('request-expired')
  if (state === 'declined') throw new NokkelError('request-declined')
  if (first !== undefined && nowMs >= first.createdMs + joinRules.runLifetimeMs) throw new NokkelError('request-expired', { what: 'run' })
  if (message.step === 1) {
    if (new Set(messages.map((known) => known.run)).size >= joinRules.runsPerRequest) throw new NokkelError('code-attempts-used')
  } else {
    if (!run.some((known) => known.step === message.step - 1)) throw new NokkelError('conflict', { what: 'step' })
    if (message.step === 3 && first?.sender !== sender) throw new NokkelError('conflict', { what: 'step' })
  }
  const total = messages.reduce((sum, known) => sum + known.body.length, message.body.length)
  if (total > joinTextPerRequest) throw new NokkelError('quota-exceeded', { limitBytes: joinTextPerRequest })
  return 'store'
}
