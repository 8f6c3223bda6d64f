/**
 * What the doctor says: a stable code, how bad it is, how sure it is, and the evidence, typed so that each surface can write it in its
 * language and a report can leave out what is personal. Never free text, never a secret.
 */
import type { CauseCode } from './causes/codes.ts'
import type { ActionId, StepId } from './remedy.ts'

/** `problem`: something does not work. `attention`: somebody should act or wait. `note`: nothing is broken; this answers the question. */
export type Severity = 'problem' | 'attention' | 'note'
/** `certain`: seen here, or verified by a signature. `likely`: the server's word, or what several signs together say. */
export type Confidence = 'certain' | 'likely'

/** How a value is written for people, and whether it may stand in a report. */
export const evidenceTypes = {
  time: { personal: false },
  duration: { personal: false },
  count: { personal: false },
  bytes: { personal: false },
  version: { personal: false },
  region: { personal: false },
  /** one of our error codes */
  error: { personal: false },
  /** a word of the doctor's own, said as `value.CODE` */
  word: { personal: false },
  host: { personal: true },
  'device-name': { personal: true },
  /** why a gateway could not deliver, said as `sms-reason.CODE` */
  'sms-reason': { personal: false },
  /** text that somebody else wrote, such as the title of an incident */
  quote: { personal: false },
  /** the last digits of a telephone number */
  digits: { personal: true },
} as const
export type EvidenceType = keyof typeof evidenceTypes

export interface Evidence {
  /** placeholder in the words */
  readonly name: string
  readonly type: EvidenceType
  readonly value: string | number
}

export interface Finding {
  readonly code: CauseCode
  readonly severity: Severity
  readonly confidence: Confidence
  readonly evidence: readonly Evidence[]
  readonly steps: readonly StepId[]
  /** what the app can do about it, when the person says so */
  readonly action: ActionId | null
}
