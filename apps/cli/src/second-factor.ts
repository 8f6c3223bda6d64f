/** The second factor of a device that wants to come back by itself (F2, F3): a six-digit code, typed here. */
import { NokkelError } from '@nokkel/base'
import type { Client } from '@nokkel/client'
import type { Context } from './context.ts'
import { typeSentCode, typeShownCode } from './verification-code.ts'

/**
 * A code that a trusted device shows, if somebody has one at hand; else one by SMS, unless only the shown one is `wanted`. Throws
 * `number-missing` where there is neither.
 */
export async function showSecondFactor(context: Context, client: Client, wanted: 'shown' | 'any' = 'any'): Promise<void> {
  const { messages, out, prompt } = context
  const { numberEnd } = await client.twoFactor()
  if (prompt.interactive || numberEnd === null || wanted === 'shown') {
    out.note(
      numberEnd === null ? messages.t('verification.shown-only') : messages.t('verification.shown-or-sent', { lastDigits: numberEnd }),
    )
    if (await typeShownCode(context, client)) return
    if (numberEnd === null) throw new NokkelError('number-missing')
    if (wanted === 'shown') throw new NokkelError('verification-needed')
  }
  await typeSentCode(context, client, {
    send: () => client.sendVerification('recover'),
    check: (id, code) => client.checkVerification(id, code, 'recover'),
  })
}
