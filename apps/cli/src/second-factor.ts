/** The second factor of a device that wants to come back by itself (F2, F3): a six-digit code, typed here. */
import { NokkelError } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import type { Context } from './context.ts'
import { typeSentCode, typeShownCode } from './verification-code.ts'

/**
 * A code that a trusted device shows, if somebody has one at hand; else one by SMS, unless only the shown one is `wanted`. Throws
 * `number-missing` where there is neither. `toEnd`: straight to the trusted number that ends so.
 */
export async function showSecondFactor(context: Context, client: Client, wanted: 'shown' | 'any' = 'any', toEnd?: string): Promise<void> {
  const { messages, out, prompt } = context
  const { on, numberEnd, further } = await client.twoFactor()
  // with two factors off there is one number (F3)
  const others = on ? further : []
  if (toEnd === undefined && (prompt.interactive || numberEnd === null || wanted === 'shown')) {
    out.note(
      numberEnd === null ? messages.t('verification.shown-only') : messages.t('verification.shown-or-sent', { lastDigits: numberEnd }),
    )
    if (await typeShownCode(context, client)) return
    if (numberEnd === null) throw new NokkelError('number-missing')
    if (wanted === 'shown') throw new NokkelError('verification-needed')
  }
  const to = await chooseNumber(context, numberEnd, others, toEnd)
  await typeSentCode(context, client, {
    send: () => client.sendVerification('recover', to),
    check: (id, code) => client.checkVerification(id, code, 'recover'),
  })
}

/** The further number to send to; null for the account's own. Throws `not-found`. */
async function chooseNumber(
  { messages, prompt }: Context,
  own: string | null,
  others: readonly { readonly id: string; readonly end: string }[],
  wanted: string | undefined,
): Promise<string | null> {
  let end = wanted
  if (end === undefined && prompt.interactive && others.length > 0 && own !== null) {
    const ends = [own, ...others.map((other) => other.end)].join(', ')
    end = (await prompt.line(messages.t('number.which', { ends, first: own }))).trim()
  }
  if (end === undefined || end === '' || end === own) return null
  const found = others.find((other) => other.end === end)
  if (found === undefined) throw new NokkelError('not-found', { what: 'number' })
  return found.id
}
