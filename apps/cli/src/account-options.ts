/** What creating an account and signing in have in common. */
import type { OptionSpecs, ParsedArgs } from './command.ts'
import type { Context } from './context.ts'
import { usageError } from './usage.ts'

export const accountOptions = {
  server: { type: 'string', value: 'URL', about: 'option.server' },
  email: { type: 'string', value: 'E-MAIL', about: 'option.email' },
  'device-name': { type: 'string', value: 'NAME', about: 'option.device-name' },
} as const satisfies OptionSpecs

export function requireAccount(
  { env }: Context,
  values: ParsedArgs<typeof accountOptions>['values'],
): { readonly server: string; readonly email: string } {
  const server = values.server ?? env['NOKKEL_SERVER']
  if (server === undefined || server === '') throw usageError('missing-option', { option: '--server' })
  if (values.email === undefined) throw usageError('missing-option', { option: '--email' })
  return { server, email: values.email }
}
