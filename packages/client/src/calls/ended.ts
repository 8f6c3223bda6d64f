/** A session that is over needs no ending. */
import { isNokkelError } from '@nokkel/base'

export function ignoreEnded(error: unknown): void {
  if (!isNokkelError(error, 'session-invalid', 'device-removed', 'keychain-ended')) throw error
}
