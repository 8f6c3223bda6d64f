/**
 * Exit statuses, part of the public interface (README): derived from the group of the error, with the exceptions named here.
 *   0 done · 1 failed · 2 usage · 3 locked · 4 not trusted · 5 offline · 6 refused (policy, quota, version) · 128 + n signal n
 */
import { constants } from 'node:os'
import type { ErrorCode, ErrorGroup, NokkelError } from '@nokkel/base'

const byGroup: Readonly<Record<ErrorGroup, number>> = {
  usage: 2,
  proof: 1,
  locked: 3,
  trust: 4,
  offline: 5,
  refused: 6,
  join: 1,
  alarm: 1,
  conflict: 1,
  local: 1,
}

const byCode: Partial<Readonly<Record<ErrorCode, number>>> = {
  // without the right passcode the keychain stays locked, which is what a script wants to know
  'passcode-wrong': 3,
  'passcode-throttled': 3,
  // both mean that this program is too old for the data
  'update-needed': 6,
  'store-too-new': 6,
  cancelled: 130,
}

export function exitCodeOf(error: NokkelError): number {
  return byCode[error.code] ?? byGroup[error.group]
}

export function exitCodeOfSignal(signal: NodeJS.Signals): number {
  return 128 + constants.signals[signal]
}
