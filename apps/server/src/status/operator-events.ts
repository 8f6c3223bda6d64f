/**
 * What an operator can say on the status page: post, add to, resolve. Pure steps from a board to the next, used by the command line and by
 * the operator's page, so that both are held to the same limits. Throws `malformed` (what: the field) and `not-found`.
 */
import * as v from 'valibot'
import { NokkelError } from '@nokkel/base'
import { phaseOf } from './decide.ts'
import { eventSchema, services, updateStates, type Bilingual, type Board, type StatusEvent, type StatusUpdate } from './model.ts'

export interface Post {
  readonly services: readonly string[]
  readonly level: string
  readonly title: Bilingual
  readonly text: Bilingual | null
  /** null: now */
  readonly fromMs: number | null
  readonly untilMs: number | null
}

const yearMs = 366 * 24 * 3_600_000
const openMost = 50
const updatesMost = 150

function wrong(what: string): NokkelError {
  return new NokkelError('malformed', { what })
}

/** Words that say nothing are none. */
export function bilingual(en: string | undefined, nb: string | undefined): Bilingual | null {
  const clean = (text: string | undefined): string | null => {
    const trimmed = (text ?? '').replaceAll('\r\n', '\n').trim()
    return trimmed === '' ? null : trimmed
  }
  const text = { en: clean(en), nb: clean(nb) }
  return text.en === null && text.nb === null ? null : text
}

function checked(event: StatusEvent): StatusEvent {
  const parsed = v.safeParse(eventSchema, event)
  if (parsed.success) return parsed.output
  throw wrong((v.getDotPath(parsed.issues[0]) ?? 'event').replaceAll(/\.\d+/g, ''))
}

export function postEvent(board: Board, post: Post, nowMs: number, id: string): Board {
  const startMs = post.fromMs ?? nowMs
  const isMaintenance = post.level === 'maintenance'
  if (post.services.length === 0 || !post.services.every((name) => services.some((known) => known === name))) throw wrong('services')
  if (Math.abs(startMs - nowMs) > yearMs) throw wrong('from')
  // announced work has an end, because nobody remembers to press a button; what is broken has none
  if (isMaintenance ? post.untilMs === null || post.untilMs <= Math.max(startMs, nowMs) : post.untilMs !== null) throw wrong('until')
  if (board.events.filter((event) => phaseOf(event, nowMs) !== 'resolved').length >= openMost) throw new NokkelError('quota-exceeded')
  const event = checked({
    id,
    kind: isMaintenance ? 'maintenance' : 'incident',
    origin: 'operator',
    services: services.filter((name) => post.services.includes(name)),
    level: post.level as StatusEvent['level'],
    title: post.title,
    startMs,
    endMs: post.untilMs,
    resolvedMs: null,
    codes: [],
    updates: [{ timeMs: nowMs, state: isMaintenance || startMs > nowMs ? 'scheduled' : 'investigating', text: post.text }],
  })
  return { ...board, events: [event, ...board.events] }
}

/** The event that an operator means: its id, or the beginning of it. */
export function findEvent(board: Board, id: string): StatusEvent {
  const found = /^[0-9a-f]{4,16}$/.test(id) ? board.events.filter((event) => event.id.startsWith(id)) : []
  if (found.length > 1) throw new NokkelError('ambiguous')
  if (found[0] === undefined) throw new NokkelError('not-found', { what: id.slice(0, 16) })
  return found[0]
}

function extended(board: Board, id: string, update: StatusUpdate, more: Partial<StatusEvent> = {}): Board {
  const event = findEvent(board, id)
  if (phaseOf(event, update.timeMs) === 'resolved') throw new NokkelError('conflict', { what: 'resolved' })
  if (event.updates.length >= updatesMost) throw new NokkelError('quota-exceeded')
  const next = checked({ ...event, ...more, updates: [...event.updates, update] })
  return { ...board, events: board.events.map((each) => (each === event ? next : each)) }
}

export function updateEvent(board: Board, id: string, state: string | undefined, text: Bilingual | null, nowMs: number): Board {
  if (text === null) throw wrong('text')
  const chosen = state ?? findEvent(board, id).updates.at(-1)?.state ?? 'investigating'
  if (chosen === 'resolved' || !updateStates.some((known) => known === chosen)) throw wrong('state')
  return extended(board, id, { timeMs: nowMs, state: chosen as StatusUpdate['state'], text })
}

/** Also what the probes opened: if they still fail, they open another. */
export function resolveEvent(board: Board, id: string, text: Bilingual | null, nowMs: number): Board {
  const event = findEvent(board, id)
  const next = extended(board, id, { timeMs: nowMs, state: 'resolved', text }, { resolvedMs: nowMs })
  const watches = Object.fromEntries(
    Object.entries(next.watches).map(([name, watch]) => [
      name,
      watch.incident === event.id ? { ...watch, incident: null, failures: 0, successes: 0 } : watch,
    ]),
  )
  return { ...next, watches }
}
