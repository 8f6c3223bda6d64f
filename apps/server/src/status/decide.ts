/**
 * When an incident opens and closes (A1): after 3 failures in a row, after 5 successes in a row. Pure: a board and a report in, the next
 * board out. One slow night must not make a page flicker, and one lucky answer must not end an outage.
 */
import {
  levels,
  services,
  type Board,
  type Level,
  type Outcome,
  type Phase,
  type Report,
  type ServiceName,
  type StatusEvent,
  type Watch,
} from './model.ts'

export const failuresToOpen = 3
export const successesToClose = 5
const eventsKept = 200
const keptMs = 365 * 24 * 3_600_000

const freshWatch: Watch = { failures: 0, successes: 0, last: 'ok', incident: null }

export function phaseOf(event: StatusEvent, nowMs: number): Phase {
  if (event.resolvedMs !== null || (event.endMs !== null && nowMs >= event.endMs)) return 'resolved'
  return nowMs < event.startMs ? 'planned' : 'ongoing'
}

/** When it was over, whichever way it ended; null while it is not. */
export function endOf(event: StatusEvent, nowMs: number): number | null {
  return event.resolvedMs ?? (event.endMs !== null && nowMs >= event.endMs ? event.endMs : null)
}

export function underMaintenance(board: Board, service: ServiceName, nowMs: number): boolean {
  return board.events.some(
    (event) => event.kind === 'maintenance' && event.services.includes(service) && phaseOf(event, nowMs) === 'ongoing',
  )
}

/** The worst of what was measured and what was said, except that an announced maintenance explains everything. */
export function levelOf(board: Board, service: ServiceName, nowMs: number): Level {
  if (underMaintenance(board, service, nowMs)) return 'maintenance'
  let level: Level = 'available'
  const worsen = (other: Level): void => {
    if (levels.indexOf(other) > levels.indexOf(level)) level = other
  }
  const watch = board.watches[service]
  // while it recovers it is no more an outage, and not yet to be relied on
  if (watch !== undefined && watch.incident !== null) worsen(watch.last === 'failed' ? 'outage' : 'issue')
  for (const event of board.events)
    if (event.origin !== 'probe' && event.services.includes(service) && phaseOf(event, nowMs) === 'ongoing') worsen(event.level)
  return level
}

function step(watch: Watch, outcome: Outcome): Watch {
  return outcome === 'ok'
    ? { ...watch, failures: 0, successes: watch.successes + 1, last: outcome }
    : { ...watch, failures: watch.failures + 1, successes: 0, last: outcome }
}

/** `newId` is asked once at most: what breaks in the same minute is one incident. */
export function applyReport(board: Board, { results }: Report, nowMs: number, newId: () => string): Board {
  const watches: Partial<Record<ServiceName, Watch>> = { ...board.watches }
  const opened: ServiceName[] = []
  const codes = new Set<string>()
  let isOutage = false
  for (const service of services) {
    const result = results[service]
    if (result === undefined) continue
    // what fails while it is being worked on says nothing
    if (underMaintenance(board, service, nowMs)) {
      watches[service] = { ...freshWatch, incident: watches[service]?.incident ?? null }
      continue
    }
    const watch = step(watches[service] ?? freshWatch, result.outcome)
    watches[service] = watch
    if (watch.incident === null && watch.failures >= failuresToOpen) {
      opened.push(service)
      isOutage ||= result.outcome === 'failed'
      if (result.code !== undefined) codes.add(result.code)
    } else if (watch.incident !== null && watch.successes >= successesToClose) {
      watches[service] = { ...watch, incident: null }
    }
  }
  let events = closeSilence(board.events, nowMs)
  if (opened.length > 0) {
    const id = newId()
    for (const service of opened) watches[service] = { ...(watches[service] ?? freshWatch), incident: id }
    const event: StatusEvent = {
      id,
      kind: 'incident',
      origin: 'probe',
      services: opened,
      level: isOutage ? 'outage' : 'issue',
      title: null,
      startMs: nowMs,
      endMs: null,
      resolvedMs: null,
      codes: [...codes],
      updates: [{ timeMs: nowMs, state: 'investigating', text: null }],
    }
    events = [event, ...events]
  }
  events = events.map((event) => followWatches(event, watches, nowMs))
  return { heardMs: nowMs, watches, events: prune(events, nowMs) }
}

/** An incident of the probes is monitored while each of its services answers, and resolved when each has recovered. */
function followWatches(event: StatusEvent, watches: Board['watches'], nowMs: number): StatusEvent {
  if (event.origin !== 'probe' || event.resolvedMs !== null) return event
  const still = event.services.filter((service) => watches[service]?.incident === event.id)
  if (still.length === 0) return resolve(event, nowMs)
  const said = event.updates.at(-1)?.state
  const state = still.every((service) => watches[service]?.last === 'ok') ? 'monitoring' : 'investigating'
  // an operator's own words about it stand until it is over
  if (said === state || event.updates.length >= 100 || event.updates.some(({ text }) => text !== null)) return event
  return { ...event, updates: [...event.updates, { timeMs: nowMs, state, text: null }] }
}

function resolve(event: StatusEvent, nowMs: number): StatusEvent {
  return { ...event, resolvedMs: nowMs, updates: [...event.updates, { timeMs: nowMs, state: 'resolved', text: null }] }
}

function closeSilence(events: readonly StatusEvent[], nowMs: number): StatusEvent[] {
  return events.map((event) => (event.origin === 'silence' && event.resolvedMs === null ? resolve(event, nowMs) : event))
}

/**
 * The prober itself fell silent: what is not measured is not called available. Returns the same board when nothing is to be said.
 * `sinceMs`: when measuring was begun, for a prober that never spoke.
 */
export function applySilence(board: Board, nowMs: number, sinceMs: number, silentAfterMs: number, newId: () => string): Board {
  const lastMs = Math.max(board.heardMs ?? 0, sinceMs)
  if (nowMs - lastMs < silentAfterMs) return board
  if (board.events.some((event) => event.origin === 'silence' && event.resolvedMs === null)) return board
  const measured = services.filter((service) => board.watches[service] !== undefined)
  const event: StatusEvent = {
    id: newId(),
    kind: 'incident',
    origin: 'silence',
    services: measured.length === 0 ? services.filter((service) => service !== 'sms') : measured,
    level: 'issue',
    title: null,
    startMs: nowMs,
    endMs: null,
    resolvedMs: null,
    codes: [],
    updates: [{ timeMs: nowMs, state: 'investigating', text: null }],
  }
  return { ...board, events: prune([event, ...board.events], nowMs) }
}

function prune(events: readonly StatusEvent[], nowMs: number): StatusEvent[] {
  return events.filter((event, i) => phaseOf(event, nowMs) !== 'resolved' || (i < eventsKept && nowMs - event.startMs < keptMs))
}
