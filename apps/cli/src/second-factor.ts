/** The second factor of a device that wants to come back by itself (F2, F3): a six-digit code, typed here. */
import { NokkelError } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import type { Context } from './context.ts'

export function showSecondFactor(_context: Context, _client: Client): Promise<void> {
  return Promise.reject(new NokkelError('verification-needed'))
}
