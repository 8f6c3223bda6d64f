/**
 * Typing a six-digit code (A5, F2, F8): one that came by SMS, sent again on an empty line with the reason that is known, or one that a trusted
 * device shows. Where nobody can be asked, the code is read from standard input: it is used up at once, and is never an argument.
 */
import { isNokkelError } from '@nokkel/base'
import type { Client, SentVerification } from '@nokkel/client'
import type { Context } from './context.ts'

const triesPerCode = 3
const inputBytesMax = 64

async function typed({ prompt, messages }: Context): Promise<string> {
  if (prompt.interactive) return (await prompt.line(messages.t('ask.verification-code'))).trim()
  return new TextDecoder().decode(await prompt.readAll(inputBytesMax)).trim()
}

async function tellDelivery({ messages, out }: Context, client: Client, id: string): Promise<void> {
  const { state, reason } = await client.verificationStatus(id)
  const what = messages.label('sms', state)
  out.note(reason === null ? what : messages.t('verification.state', { state: what, reason: messages.label('sms-reason', reason) }))
}

interface Attempt {
  readonly send: () => Promise<SentVerification>
  readonly check: (id: string, code: string) => Promise<void>
}

/** Sends, and asks until a code is right. Throws `verification-code-wrong` after three, and what sending throws. */
export async function typeSentCode(context: Context, client: Client, { send, check }: Attempt): Promise<void> {
  const { messages, out, prompt } = context
  let sent = await send()
  out.note(messages.t('verification.sent', { lastDigits: sent.lastDigits }))
  if (prompt.interactive) out.note(messages.t('verification.again'))
  for (let attempt = 1; ;) {
    const code = await typed(context)
    if (code === '' && prompt.interactive) {
      await tellDelivery(context, client, sent.id)
      try {
        sent = await send()
        out.note(messages.t('verification.sent', { lastDigits: sent.lastDigits }))
        attempt = 1
      } catch (error) {
        if (!isNokkelError(error, 'rate-limited')) throw error
        out.note(messages.errorText(error.code, error.params).message)
      }
      continue
    }
    try {
      return await check(sent.id, code)
    } catch (error) {
      if (!isNokkelError(error, 'verification-code-wrong')) throw error
      // what is wrong may be the way of the message and not the code (F8)
      if (!prompt.interactive) await tellDelivery(context, client, sent.id)
      if (!prompt.interactive || attempt >= triesPerCode) throw error
      attempt++
      out.note(messages.errorText(error.code).message)
    }
  }
}

/** A code that a trusted device shows; empty for none. */
export async function typeShownCode(context: Context, client: Client): Promise<boolean> {
  const { prompt, messages, out } = context
  for (let attempt = 1; ; attempt++) {
    const code = await typed(context)
    if (code === '') return false
    try {
      await client.checkVerification(null, code, 'recover')
      return true
    } catch (error) {
      if (!isNokkelError(error, 'verification-code-wrong') || !prompt.interactive || attempt >= triesPerCode) throw error
      out.note(messages.errorText(error.code).message)
    }
  }
}
