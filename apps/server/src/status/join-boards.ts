/**
 * Two boards of one deployment become one, whoever asks and in whichever order (STA-5): each server goes on with its own file when the database
 * is away, and what was said or measured meanwhile is not lost when it is back. Nothing but values in and a value out.
 */
import * as v from 'valibot'
import { eventSchema, measuredSchema, services, type Board, type StatusEvent, type StatusUpdate, type Watch } from './model.ts'

const eventsMost = 1_000
const updatesMost = 200

/** A total order, so that a choice between equals is the same everywhere. */
const text = (value: unknown): string => JSON.stringify(value)
const laterOf = <T>(a: T, b: T, timeOf: (value: T) => number): T =>
  timeOf(a) === timeOf(b) ? (text(a) >= text(b) ? a : b) : timeOf(a) > timeOf(b) ? a : b

function joinUpdates(a: readonly StatusUpdate[], b: readonly StatusUpdate[]): StatusUpdate[] {
  const all = new Map([...a, ...b].map((update) => [text(update), update]))
  return [...all.entries()]
    .sort(([left, { timeMs: from }], [right, { timeMs: to }]) => from - to || (left < right ? -1 : 1))
    .map(([, update]) => update)
    .slice(-updatesMost)
}

function joinEvents(a: StatusEvent, b: StatusEvent): StatusEvent {
  const ends = [a.resolvedMs, b.resolvedMs].filter((ms) => ms !== null)
  const newest = laterOf(a, b, ({ updates }) => updates.at(-1)?.timeMs ?? 0)
  return { ...newest, resolvedMs: ends.length === 0 ? null : Math.min(...ends), updates: joinUpdates(a.updates, b.updates) }
}

/** What was measured is one server's series: two are not mixed, the later one counts. */
function joinMeasured(a: Board, b: Board): Pick<Board, 'heardMs' | 'watches'> {
  const of = ({ heardMs, watches }: Board): Pick<Board, 'heardMs' | 'watches'> => ({ heardMs, watches })
  return laterOf(of(a), of(b), ({ heardMs }) => heardMs ?? -1)
}

/** An incident that an operator ended at another server is over for whoever measures too (`resolveEvent`). */
function follow(watch: Watch, open: ReadonlySet<string>): Watch {
  return watch.incident === null || open.has(watch.incident) ? watch : { ...watch, incident: null, failures: 0, successes: 0 }
}

/** Members and lists in one order, so that equal boards are equal texts. */
function inOrder({ heardMs, watches, events }: Board): Board {
  const sorted = Object.fromEntries(services.flatMap((name) => (watches[name] === undefined ? [] : [[name, watches[name]]])))
  return {
    ...v.parse(measuredSchema, { heardMs, watches: sorted }),
    events: events
      .map((event) => v.parse(eventSchema, event))
      .sort((a, b) => b.startMs - a.startMs || (a.id < b.id ? -1 : 1))
      .slice(0, eventsMost),
  }
}

/** Commutative, associative, idempotent, as far as the ceilings are not reached. */
export function joinBoards(a: Board, b: Board): Board {
  const [left, right] = [inOrder(a), inOrder(b)]
  const events = new Map<string, StatusEvent>()
  for (const event of [...left.events, ...right.events]) {
    const known = events.get(event.id)
    events.set(event.id, known === undefined ? event : joinEvents(known, event))
  }
  const { heardMs, watches } = joinMeasured(left, right)
  const open = new Set([...events.values()].filter(({ resolvedMs }) => resolvedMs === null).map(({ id }) => id))
  const followed = Object.fromEntries(Object.entries(watches).map(([name, watch]) => [name, follow(watch, open)]))
  return inOrder({ heardMs, watches: followed, events: [...events.values()] })
}

export function isSameBoard(a: Board, b: Board): boolean {
  return a === b || text(inOrder(a)) === text(inOrder(b))
}

/** Throws what the schemas throw. */
export function parseBoard(document: string): Board {
  const { events, ...measured } = v.parse(v.looseObject({ events: v.array(eventSchema) }), JSON.parse(document))
  return { ...v.parse(measuredSchema, measured), events }
}
