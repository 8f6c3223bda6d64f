/** What can be wrong with a command line; the words are in the catalogue under `errors.usage.reasons`. */
import { NokkelError, type ErrorParams } from '@nokkel/base'

export type UsageReason =
  | 'unknown-command'
  | 'unknown-option'
  | 'missing-argument'
  | 'missing-option'
  | 'too-many-arguments'
  | 'option-needs-value'
  | 'option-takes-no-value'
  | 'invalid-value'
  | 'not-together'
  | 'stdin-twice'
  | 'needs-choice'
  | 'nothing-to-change'
  | 'not-editable'

export function usageError(reason: UsageReason, params: ErrorParams = {}): NokkelError {
  return new NokkelError('usage', { reason, ...params })
}
