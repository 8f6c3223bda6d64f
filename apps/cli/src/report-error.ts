/** What went wrong, for a person on standard error or for a script on standard output, and the one place that turns foreign errors into ours. */
import { isErrorCode, NokkelError, type ErrorCode } from '@nokkel/base'
import type { Command } from './command.ts'
import type { Context } from './context.ts'

const systemErrors: Readonly<Record<string, ErrorCode>> = { ENOSPC: 'disk-full', EDQUOT: 'disk-full' }

export function toNokkelError(error: unknown, signal: AbortSignal): NokkelError {
  if (error instanceof NokkelError) return error
  if (signal.aborted && error instanceof Error && error.name === 'AbortError') return new NokkelError('cancelled', {}, { cause: error })
  if (isSystemError(error))
    return new NokkelError(systemErrors[error.code] ?? 'io-failed', error.path === undefined ? {} : { path: error.path }, { cause: error })
  return new NokkelError('internal', {}, { cause: error })
}

function isSystemError(error: unknown): error is Error & { code: string; path?: string } {
  return (
    error instanceof Error &&
    'code' in error &&
    typeof error.code === 'string' &&
    /^E[A-Z0-9]+$/.test(error.code) &&
    !isErrorCode(error.code) &&
    'syscall' in error
  )
}

/** Hints for the command line where it has its own; the general ones otherwise. */
export function errorWords({ messages }: Context, error: NokkelError): { message: string; hint: string } {
  const { message, hint } = messages.errorText(error.code, error.params)
  const names = [`${error.code}.${String(error.params['reason'])}`, error.code]
  const own = names.map((name) => ({ name, text: messages.label('hint', name) })).find(({ name, text }) => text !== name)
  return { message, hint: own?.text ?? hint }
}

/** `asked`: the command whose usage is shown where the line was wrong. */
export async function reportError(
  context: Context,
  error: NokkelError,
  asked?: { readonly name: string; readonly command: Command },
): Promise<void> {
  const { out, messages } = context
  const { message, hint } = errorWords(context, error)
  // a script that has had its document already gets the error beside it, so that standard output stays one document
  if (context.json && !out.documentWritten) out.json({ error: { code: error.code, message, hint, params: error.params } })
  else if (error.code === 'cancelled' && (out.documentWritten || !out.errorToTerminal))
    return // the person knows, and the script has the exit status
  else if (context.json) out.errorJson({ error: { code: error.code, message, hint, params: error.params } })
  else {
    out.note(`${out.bad('nokkel:')} ${message}`)
    if (error.code !== 'usage') out.note(hint)
    else if (asked === undefined || asked.name.startsWith('__')) out.note(messages.t('hint.see-help', { command: 'nokkel help' }))
    else {
      const { usageOf } = await import('./help-text.ts')
      out.note(`${messages.t('help.usage')}: ${usageOf(asked.name, asked.command)}`)
      out.note(messages.t('hint.see-help', { command: `nokkel help ${asked.name}` }))
    }
  }
  if (context.env['NOKKEL_DEBUG'] === '1') out.note(describe(error))
}

/** For reports of defects; off unless asked for, because foreign errors may quote what they were working on. */
function describe(error: NokkelError): string {
  const lines = [error.stack ?? String(error)]
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) lines.push(`caused by ${cause.stack ?? String(cause)}`)
  return lines.join('\n')
}
