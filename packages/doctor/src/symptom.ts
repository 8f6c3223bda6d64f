/**
 * What people see: every heading of the reference article is a symptom, and a person starts from one of them. Codes are stable; the words
 * are in `packages/messages` (`symptom.CODE`). Where nothing is wrong, the symptom's guidance says how the thing is done (C1, E5, F2).
 */
import type { StepId } from './remedy.ts'

export const symptoms = [
  'not-turning-on',
  'new-device',
  'not-syncing',
  'see-password',
  'items-missing',
  'passwords-not-filled',
  'cards-not-filled',
  'site-not-saved',
  'sms-not-arriving',
  'number-not-changing',
  'code-forgotten',
  'code-too-many',
] as const
export type Symptom = (typeof symptoms)[number]

export function isSymptom(text: string): text is Symptom {
  return (symptoms as readonly string[]).includes(text)
}

/** Asked for one of these, the doctor also looks at what the browser extension sees. */
export const browserSymptoms: readonly Symptom[] = ['passwords-not-filled', 'cards-not-filled', 'site-not-saved']

export const guidance: Readonly<Record<Symptom, readonly StepId[]>> = {
  'not-turning-on': ['turn-on', 'approve-elsewhere'],
  'new-device': ['ask-approval', 'approve-elsewhere'],
  'not-syncing': ['sync-now'],
  'see-password': ['see-unlock', 'see-item'],
  'items-missing': ['look-deleted', 'check-account'],
  'passwords-not-filled': ['fill-by-hand', 'look-at-why-not'],
  'cards-not-filled': ['card-choose', 'card-code'],
  'site-not-saved': ['look-at-why-not'],
  'sms-not-arriving': ['two-factor-instead'],
  'number-not-changing': ['two-factor-instead'],
  'code-forgotten': ['two-factor-instead'],
  'code-too-many': ['two-factor-instead'],
}
