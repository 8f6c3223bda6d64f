/** The two secrets of the person: the password of the account and the passcode of the device. From the environment in scripts, else asked for without echo. */
import { NokkelError } from '@nokkel/base'
import type { Context } from '../context.ts'
import { usageError } from '../usage.ts'

type Variable =
  | 'NOKKEL_RECOVERY_KEY'
  | 'NOKKEL_PASSWORD'
  | 'NOKKEL_NEW_PASSWORD'
  | 'NOKKEL_PASSCODE'
  | 'NOKKEL_NEW_PASSCODE'
  | 'NOKKEL_DEVICE_PASSCODE'
  | 'NOKKEL_SECURITY_CODE'

export function fromEnvironment({ env }: Context, name: Variable): string | undefined {
  const value = env[name]
  return value === undefined || value === '' ? undefined : value
}

export async function accountPassword(context: Context): Promise<string> {
  const { messages, prompt } = context
  return (
    fromEnvironment(context, 'NOKKEL_PASSWORD') ??
    (prompt.interactive ? prompt.hidden(messages.t('ask.password')) : missing('NOKKEL_PASSWORD'))
  )
}

export async function newAccountPassword(context: Context): Promise<string> {
  return chooseSecret(context, 'NOKKEL_PASSWORD', 'ask.new-password')
}

export async function anotherAccountPassword(context: Context): Promise<string> {
  return chooseSecret(context, 'NOKKEL_NEW_PASSWORD', 'ask.new-password')
}

/** The passcode of this device for something that needs the person's fresh proof. `locked` where nobody can give it. */
export async function passcode(context: Context): Promise<string> {
  const { messages, prompt } = context
  const given = fromEnvironment(context, 'NOKKEL_PASSCODE')
  if (given !== undefined) return given
  if (!prompt.interactive) throw new NokkelError('locked')
  return prompt.hidden(messages.t('ask.passcode'))
}

/** From the paper; without echo, since somebody may look on. */
export async function recoveryKey(context: Context): Promise<string> {
  const { messages, prompt } = context
  return (
    fromEnvironment(context, 'NOKKEL_RECOVERY_KEY') ??
    (prompt.interactive ? prompt.hidden(messages.t('ask.recovery-key')) : missing('NOKKEL_RECOVERY_KEY'))
  )
}

/** Of another device of the person's, which may be lost. */
export async function devicePasscode(context: Context, name: string): Promise<string> {
  const { messages, prompt } = context
  return (
    fromEnvironment(context, 'NOKKEL_DEVICE_PASSCODE') ??
    (prompt.interactive ? prompt.hidden(messages.t('ask.device-passcode', { name })) : missing('NOKKEL_DEVICE_PASSCODE'))
  )
}

export async function securityCode(context: Context): Promise<string> {
  const { messages, prompt } = context
  return (
    fromEnvironment(context, 'NOKKEL_SECURITY_CODE') ??
    (prompt.interactive ? prompt.hidden(messages.t('ask.security-code')) : missing('NOKKEL_SECURITY_CODE'))
  )
}

export async function newSecurityCode(context: Context): Promise<string> {
  return chooseSecret(context, 'NOKKEL_SECURITY_CODE', 'ask.new-security-code')
}

export async function choosePasscode(context: Context): Promise<string> {
  return chooseSecret(context, 'NOKKEL_PASSCODE', 'ask.choose-passcode')
}

export async function newPasscode(context: Context): Promise<string> {
  return chooseSecret(context, 'NOKKEL_NEW_PASSCODE', 'ask.new-passcode')
}

/** Typed twice, because a slip would lock the person out. */
async function chooseSecret(
  context: Context,
  variable: Variable,
  key: 'ask.new-password' | 'ask.choose-passcode' | 'ask.new-passcode' | 'ask.new-security-code',
): Promise<string> {
  const given = fromEnvironment(context, variable)
  if (given !== undefined) return given
  const { messages, out, prompt } = context
  if (!prompt.interactive) return missing(variable)
  for (;;) {
    const first = await prompt.hidden(messages.t(key))
    if (first === (await prompt.hidden(messages.t('ask.again')))) return first
    out.note(messages.t('ask.differs'))
  }
}

function missing(option: Variable): never {
  throw usageError('missing-option', { option })
}
