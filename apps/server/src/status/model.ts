/**
 * What the status page is about (A1): the services that people know, how each of them stands, and what happened to them. Plain values,
 * parsed when they come from a file. Nothing here knows accounts, keys or the main database.
 */
import * as v from 'valibot'

/** In the order of the page. Names are part of the public interface: ids in `summary.json`. */
export const services = ['sign-in', 'sync', 'approval', 'recovery', 'sms', 'notifications'] as const
export type ServiceName = (typeof services)[number]

/** From good to bad; `maintenance` is announced and beats what is measured meanwhile. */
export const levels = ['available', 'issue', 'outage', 'maintenance'] as const
export type Level = (typeof levels)[number]

/** What a measurement found: `slow` is an answer that came too late to be useful. */
export const outcomes = ['ok', 'slow', 'failed'] as const
export type Outcome = (typeof outcomes)[number]

/** `planned` before its time, `ongoing`, `resolved`. Derived from times: nobody has to press a button at three in the morning. */
export type Phase = 'planned' | 'ongoing' | 'resolved'

export const updateStates = ['investigating', 'identified', 'monitoring', 'resolved', 'scheduled'] as const

const timeMs = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(8_640_000_000_000_000))
const serviceName = v.picklist(services)
/** No control characters but the end of a line, no halves of characters: the same words go into HTML, JSON and XML. */
const plain = /^(?:[^\p{Cc}\p{Cs}\ufffe\uffff]|\n)*$/u
const text = (most: number) => v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(most), v.regex(plain))
/** An operator's words; the second language may be missing, then both readers get the first. */
const bilingual = (most: number) => v.strictObject({ en: v.nullable(text(most)), nb: v.nullable(text(most)) })

export const titleMost = 200
export const textMost = 4_000
/** what a failed probe may say besides: a stable code, never a text */
const code = v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,40}$/))

const update = v.strictObject({
  timeMs,
  state: v.picklist(updateStates),
  /** null: said by the server itself, in its own words */
  text: v.nullable(bilingual(textMost)),
})

export const eventSchema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  kind: v.picklist(['incident', 'maintenance']),
  /** `silence`: nothing was measured any more */
  origin: v.picklist(['probe', 'silence', 'operator']),
  services: v.pipe(v.array(serviceName), v.minLength(1), v.maxLength(services.length)),
  level: v.picklist(['issue', 'outage', 'maintenance']),
  title: v.nullable(bilingual(titleMost)),
  startMs: timeMs,
  /** planned end of a maintenance; with it, it ends by itself */
  endMs: v.nullable(timeMs),
  resolvedMs: v.nullable(timeMs),
  /** what the first failures said, for operators: not on the page */
  codes: v.pipe(v.array(code), v.maxLength(services.length)),
  updates: v.pipe(v.array(update), v.maxLength(200)),
})
export type StatusEvent = v.InferOutput<typeof eventSchema>
export type StatusUpdate = StatusEvent['updates'][number]
export type Bilingual = v.InferOutput<ReturnType<typeof bilingual>>

const watchSchema = v.strictObject({
  failures: v.pipe(v.number(), v.integer(), v.minValue(0)),
  successes: v.pipe(v.number(), v.integer(), v.minValue(0)),
  last: v.picklist(outcomes),
  incident: v.nullable(v.string()),
})
/** One service as measured. */
export type Watch = v.InferOutput<typeof watchSchema>

export const measuredSchema = v.strictObject({
  /** when a report last came in; null: never */
  heardMs: v.nullable(timeMs),
  watches: v.record(serviceName, watchSchema),
})

export interface Board {
  readonly heardMs: number | null
  readonly watches: Readonly<Partial<Record<ServiceName, Watch>>>
  /** newest first */
  readonly events: readonly StatusEvent[]
}

export const emptyBoard: Board = { heardMs: null, watches: {}, events: [] }

/** What a prober sends. Unknown members are refused; the server's clock counts, not the prober's. */
export const reportSchema = v.strictObject({
  results: v.pipe(
    v.record(
      serviceName,
      v.strictObject({
        outcome: v.picklist(outcomes),
        ms: v.pipe(v.number(), v.minValue(0), v.maxValue(3_600_000)),
        code: v.optional(code),
      }),
    ),
    v.check((results) => Object.keys(results).length > 0),
  ),
})
export type Report = v.InferOutput<typeof reportSchema>
