/** What cannot be undone is confirmed by typing the account's address: a habit of pressing y does not do it (D3, D4). */
import { NokkelError } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import type { Context } from './context.ts'
import { usageError } from './usage.ts'

type Warning =
  | 'warn.account-delete'
  | 'warn.off-everywhere-keep'
  | 'warn.off-everywhere-delete'
  | 'warn.reset-device'
  | 'warn.reset-empty'
  | 'warn.reset-local'

/** Throws `cancelled` unless `given`, or what is typed, is the account's address. */
export async function confirmByEmail(context: Context, client: Client, given: string | undefined, warning: Warning): Promise<void> {
  const { email } = await client.status()
  const { messages, out, prompt } = context
  if (given === undefined && !prompt.interactive) throw usageError('missing-option', { option: '--confirm' })
  if (given === undefined) out.note(messages.t(warning))
  const typed = given ?? (await prompt.line(messages.t('ask.confirm-email', { email: email ?? '' })))
  if (email === null || typed.trim().toLowerCase() !== email.toLowerCase()) throw new NokkelError('cancelled')
}
