/** An error as it may cross to the extension's own pages: its code, and what the words for it need. What is no error of ours says nothing of itself. */
import { isNokkelError } from '@nokkel/base'
import type { Failure } from '../protocol.ts'

export function failureOf(error: unknown): Failure {
  return isNokkelError(error) ? { code: error.code, params: error.params } : { code: 'internal', params: {} }
}
