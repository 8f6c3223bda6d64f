/**
 * What holds synchronisation up until somebody acts, while nothing is lost: answers of a server that is there and will not synchronise for
 * now (A2, A3), and a device that has no room.
 */
import { isNokkelError } from '@nokkel/base'
import type { Paused } from './facade.ts'

const pausing = [
  'region-unavailable',
  'client-too-old',
  'server-too-old',
  'quota-exceeded',
  'disk-full',
  'io-failed',
] as const satisfies readonly Paused['code'][]

export function pausedBy(error: unknown): Paused | null {
  if (!isNokkelError(error, ...pausing)) return null
  return { code: error.code as Paused['code'], params: error.params }
}
