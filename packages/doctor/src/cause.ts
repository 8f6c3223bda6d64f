/**
 * One cause: what it looks at, when it is there, and what helps. `find` is a pure function of what was observed, so that a check can be
 * read, tested and moved without the rest. It must not guess: what its observations do not show, it does not say.
 */
import type { CauseCode } from './causes/codes.ts'
import type { Confidence, Evidence, Severity } from './finding.ts'
import type { ObservationName, Seen } from './observations.ts'
import type { ActionId, StepId, Surface } from './remedy.ts'
import type { Symptom } from './symptom.ts'

export interface Context {
  readonly surface: Surface
  /** of the app, `0.1.0` */
  readonly version: string
  /** null: no symptom was named, everything is looked at */
  readonly symptom: Symptom | null
}

export interface Found {
  readonly evidence: readonly Evidence[]
  readonly confidence: Confidence
}

interface CauseText {
  readonly code: CauseCode
  /** `all`: looked at whatever the person sees, as the article begins with the system status and the region */
  readonly symptoms: readonly Symptom[] | 'all'
  readonly severity: Severity
  readonly steps: readonly StepId[]
  readonly action?: ActionId
  /** Answers a question rather than naming a fault: looked at only when one of its symptoms was named. */
  readonly onlyAsked?: true
  /** Where one of these was found, this is its consequence and is not said beside it. */
  readonly explainedBy?: readonly CauseCode[]
}

export interface Cause extends CauseText {
  readonly observes: readonly ObservationName[]
  readonly find: (seen: Seen, context: Context) => Found | null
}

export function defineCause<const Name extends ObservationName>(
  cause: CauseText & {
    readonly observes: readonly Name[]
    readonly find: (seen: Pick<Seen, Name>, context: Context) => Found | null
  },
): Cause {
  return cause
}

export function found(evidence: readonly Evidence[] = [], confidence: Confidence = 'certain'): Found {
  return { evidence, confidence }
}

/** For conditions that need no evidence. */
export function foundIf(condition: boolean, evidence: readonly Evidence[] = [], confidence: Confidence = 'certain'): Found | null {
  return condition ? found(evidence, confidence) : null
}
