/**
 * The examination: makes the observations that the causes need, all at once and each within its deadline, then asks every cause. The order
 * of the answer is that of rank and never of time. An observation that fails silences what rests on it and nothing else, and that is said.
 */
import { isNokkelError } from '@nokkel/base'
import type { Cause, Context } from './cause.ts'
import { causes as allCauses } from './causes/index.ts'
import type { CauseCode } from './causes/codes.ts'
import type { Finding } from './finding.ts'
import { observationNames, type ObservationName, type Observe, type Seen } from './observations.ts'
import type { StepId } from './remedy.ts'
import { guidance } from './symptom.ts'

export type Outcome = 'clear' | 'found' | 'unobserved'

export interface Unobserved {
  readonly observation: ObservationName
  /** an error code of ours, or `timeout` */
  readonly reason: string
}

export interface Examination extends Context {
  readonly madeMs: number
  readonly tookMs: number
  /** first the cause to begin with */
  readonly findings: readonly Finding[]
  /** what could not be looked at, and why: nothing is said about the causes that rest on it */
  readonly unobserved: readonly Unobserved[]
  readonly checks: readonly { readonly code: CauseCode; readonly outcome: Outcome }[]
  /** how the thing that was asked about is done, for when nothing is wrong */
  readonly guidance: readonly StepId[]
}

export interface ExamineOptions extends Context {
  readonly observe: Observe
  readonly nowMs: () => number
  /** resolves after `ms`, or at once when the signal aborts */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
  /** each cause as soon as it is known, for those who watch */
  readonly onCheck?: (check: { readonly code: CauseCode; readonly outcome: Outcome }, known: number, total: number) => void
  readonly causes?: readonly Cause[]
}

/** After this an observation is asked to answer with what it has … */
const patienceMs = 2_400
/** … and after this it is left. Together with what follows a whole examination ends within three seconds. */
const deadlineMs = 2_700

type Answer = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: string }

export async function examine(options: ExamineOptions): Promise<Examination> {
  const { surface, version, symptom, observe, nowMs, pause, onCheck } = options
  const context: Context = { surface, version, symptom }
  const chosen = (options.causes ?? allCauses).filter((cause) => isAskedFor(cause, context))
  const madeMs = nowMs()
  const end = new AbortController()
  const patience = new AbortController()
  const leave = pause(deadlineMs, end.signal)
  void pause(patienceMs, end.signal).then(() => patience.abort())
  const observations = observe(patience.signal)
  const answers = new Map<ObservationName, Promise<Answer>>()
  const answerOf = (name: ObservationName): Promise<Answer> => {
    const known = answers.get(name)
    if (known !== undefined) return known
    const answer = Promise.race([
      // within an async function, so that an observation that throws at once is one that failed
      (async (): Promise<unknown> => observations[name]())().then((value): Answer => ({ ok: true, value }), failed),
      leave.then((): Answer => ({ ok: false, reason: 'timeout' })),
    ])
    answers.set(name, answer)
    return answer
  }

  let known = 0
  const judged = await Promise.all(
    chosen.map(async (cause) => {
      const seen: Partial<Record<ObservationName, unknown>> = {}
      let outcome: Outcome = 'clear'
      let finding: Finding | null = null
      for (const [at, answer] of (await Promise.all(cause.observes.map(answerOf))).entries()) {
        if (answer.ok) seen[cause.observes[at] as ObservationName] = answer.value
        else outcome = 'unobserved'
      }
      if (outcome !== 'unobserved') {
        try {
          // what was not observed for this cause is not there, and its type does not let it look
          finding = findingOf(cause, seen as Seen, context)
          if (finding !== null) outcome = 'found'
        } catch {
          outcome = 'unobserved'
        }
      }
      onCheck?.({ code: cause.code, outcome }, ++known, chosen.length)
      return { cause, outcome, finding }
    }),
  )
  end.abort()
  const unobserved: Unobserved[] = []
  for (const name of observationNames) {
    const answer = await answers.get(name)
    if (answer?.ok === false) unobserved.push({ observation: name, reason: answer.reason })
  }
  return {
    ...context,
    madeMs,
    tookMs: Math.max(0, nowMs() - madeMs),
    findings: withoutConsequences(judged),
    unobserved,
    checks: outcomesByCode(judged),
    guidance: symptom === null ? [] : guidance[symptom],
  }
}

function isAskedFor({ symptoms, onlyAsked, observes }: Cause, { symptom, surface }: Context): boolean {
  // without a named symptom nobody asks about a page; with one, it is said that only the extension can see it
  if (symptom === null) return onlyAsked !== true && (surface === 'extension' || !observes.includes('browser'))
  return symptoms === 'all' || symptoms.includes(symptom)
}

function failed(error: unknown): Answer {
  return { ok: false, reason: isNokkelError(error) ? error.code : 'internal' }
}

function findingOf(cause: Cause, seen: Seen, context: Context): Finding | null {
  const hit = cause.find(seen, context)
  if (hit === null) return null
  const { code, severity, steps, action = null } = cause
  return { code, severity, confidence: hit.confidence, evidence: hit.evidence, steps, action }
}

/** Where a cause is looked for in two ways, what was found counts most and what was not seen more than what was clear. */
function outcomesByCode(judged: readonly { readonly cause: Cause; readonly outcome: Outcome }[]): Examination['checks'] {
  const outcomes = new Map<CauseCode, Outcome>()
  for (const { cause, outcome } of judged) {
    const earlier = outcomes.get(cause.code)
    if (earlier === undefined || outcome === 'found' || (outcome === 'unobserved' && earlier === 'clear')) outcomes.set(cause.code, outcome)
  }
  return [...outcomes].map(([code, outcome]) => ({ code, outcome }))
}

/** A cause that is found in two ways is said once, by the surer of them; what another cause explains is not said beside it. */
function withoutConsequences(judged: readonly { readonly cause: Cause; readonly finding: Finding | null }[]): Finding[] {
  const hits = judged.flatMap(({ cause, finding }) => (finding === null ? [] : [{ cause, finding }]))
  const codes = new Set(hits.map(({ finding }) => finding.code))
  const kept = new Map<CauseCode, Finding>()
  for (const { cause, finding } of hits) {
    if (cause.explainedBy?.some((code) => codes.has(code)) === true) continue
    const earlier = kept.get(finding.code)
    if (earlier === undefined || (earlier.confidence === 'likely' && finding.confidence === 'certain')) kept.set(finding.code, finding)
  }
  return [...kept.values()]
}
