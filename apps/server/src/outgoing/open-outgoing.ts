/** Which gateway and which mail server, by configuration. Secrets come from a file or the environment, are handed over once, and are in no log. */
import { readFileSync, statSync } from 'node:fs'
import { NokkelError } from '@nokkel/base'
import type { Config } from '../config.ts'
import type { SmsGateway } from '../sms/sms-gateway.ts'
import type { MailSender } from './mail.ts'
import { twilioCallbackPath } from '../sms/twilio-callback.ts'
import { Outbox, outboxMail, outboxSms } from './outbox.ts'

/** What stands in NOKKEL_SMS_SECRET and NOKKEL_MAIL_SECRET. */
export interface OutgoingSecrets {
  readonly sms?: string | undefined
  readonly mail?: string | undefined
}

export interface Outgoing {
  readonly sms: SmsGateway
  readonly mail: MailSender
  readonly outbox: Outbox | null
  /** checks that a callback is Twilio's; null for other gateways */
  readonly twilioToken: string | null
}

const timeoutMs = 15_000
const secretBytesMax = 4_096
const othersMayRead = 0o077

function secretOf(setting: string, file: string | null, given: string | undefined): string | null {
  if (given !== undefined && given !== '') return given
  if (file === null) return null
  try {
    const { mode, size } = statSync(file)
    if (process.platform !== 'win32' && (mode & othersMayRead) !== 0)
      throw new NokkelError('config-invalid', { setting, expected: 'a file that its owner alone may read (mode 0600)' })
    if (size <= secretBytesMax) return readFileSync(file, 'utf8').trim()
  } catch (error) {
    if (error instanceof NokkelError) throw error
  }
  throw new NokkelError('config-invalid', { setting, expected: 'a readable file with the secret alone in it' })
}

function needed<T>(value: T | null, setting: string): T {
  if (value === null) throw new NokkelError('config-invalid', { setting, expected: 'a value, for the gateway that is chosen' })
  return value
}

/** Throws `config-invalid`. */
export async function openOutgoing(config: Config, secrets: OutgoingSecrets, nowMs: () => number): Promise<Outgoing> {
  const { sms, mail } = config
  const outbox = sms.gateway === 'outbox' || mail.transport === 'outbox' ? new Outbox(config.data, nowMs) : null
  const smsSecret = secretOf('NOKKEL_SMS_SECRET_FILE', sms.secretFile ?? null, secrets.sms)
  return {
    sms: await openSms(config, smsSecret, outbox),
    mail: await openMail(config, secretOf('NOKKEL_MAIL_SECRET_FILE', mail.secretFile ?? null, secrets.mail), outbox),
    outbox,
    twilioToken: sms.gateway === 'twilio' ? smsSecret : null,
  }
}

async function openSms({ sms, publicUrl }: Config, secret: string | null, outbox: Outbox | null): Promise<SmsGateway> {
  if (sms.gateway === 'twilio') {
    const { twilioGateway } = await import('../sms/twilio-gateway.ts')
    return twilioGateway({
      accountSid: needed(sms.twilioAccount ?? null, 'NOKKEL_TWILIO_ACCOUNT'),
      authToken: needed(secret, 'NOKKEL_SMS_SECRET_FILE'),
      from: sms.from,
      timeoutMs,
      callbackUrl: publicUrl?.startsWith('https://') === true ? `${publicUrl}${twilioCallbackPath}` : null,
      ...(sms.twilioOrigin !== null && { origin: sms.twilioOrigin }),
    })
  }
  if (sms.gateway === 'smpp') {
    const { smppGateway } = await import('../sms/smpp-gateway.ts')
    return smppGateway({
      host: needed(sms.smppHost ?? null, 'NOKKEL_SMPP_HOST'),
      port: sms.smppPort,
      tls: sms.smppTls,
      systemId: needed(sms.smppSystemId ?? null, 'NOKKEL_SMPP_SYSTEM_ID'),
      password: needed(secret, 'NOKKEL_SMS_SECRET_FILE'),
      from: sms.from,
      timeoutMs,
    })
  }
  return outboxSms(needed(outbox, 'NOKKEL_SMS'))
}

async function openMail({ mail }: Config, password: string | null, outbox: Outbox | null): Promise<MailSender> {
  if (mail.transport === 'outbox') return outboxMail(needed(outbox, 'NOKKEL_MAIL'))
  const { smtpMail } = await import('./smtp-mail.ts')
  const { tls, port, from, user } = mail
  const host = needed(mail.host ?? null, 'NOKKEL_MAIL_HOST')
  if (tls === 'none' && !['localhost', '127.0.0.1', '::1'].includes(host))
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_MAIL_TLS', expected: 'implicit or starttls, for a server elsewhere' })
  if (user !== null && password === null)
    throw new NokkelError('config-invalid', { setting: 'NOKKEL_MAIL_SECRET_FILE', expected: 'the password of the mail user' })
  return smtpMail({ host, port, tls, from, user: user ?? null, password, timeoutMs })
}
