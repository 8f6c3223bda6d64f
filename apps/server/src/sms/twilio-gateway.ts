/** Twilio's REST API through its own library, which is loaded when the first message is sent. Callbacks come in by `twilio-callback.ts`. */
import type { Twilio } from 'twilio'
import { SmsError, type SmsGateway, type SmsReason, type SmsReceipt } from './sms-gateway.ts'

export interface TwilioSettings {
  readonly accountSid: string
  readonly authToken: string
  readonly from: string
  readonly timeoutMs: number
  /** where Twilio tells what became of a message; null: it is asked instead */
  readonly callbackUrl: string | null
  /** another origin in the place of https://api.twilio.com, for tests and proxies */
  readonly origin?: string
}

const officialOrigin = 'https://api.twilio.com'
const tooManyRequests = 429
const serverErrors = 500

/** Twilio's error codes (https://www.twilio.com/docs/api/errors). */
const reasonOfCode: Readonly<Record<number, SmsReason>> = {
  20429: 'gateway-throttled',
  21211: 'number-invalid',
  21408: 'country-not-allowed',
  21610: 'blocked-by-carrier',
  21614: 'number-invalid',
  30003: 'number-unreachable',
  30004: 'blocked-by-carrier',
  30005: 'number-unreachable',
  30006: 'number-unreachable',
  30007: 'blocked-by-carrier',
}

function errorOf(thrown: unknown): SmsError {
  const field = (name: string): number | undefined => {
    const value: unknown = typeof thrown === 'object' && thrown !== null && name in thrown ? Reflect.get(thrown, name) : undefined
    return typeof value === 'number' ? value : undefined
  }
  const reason = reasonOfCode[field('code') ?? 0]
  if (reason !== undefined) return new SmsError(reason, { cause: thrown })
  const status = field('status')
  if (status === tooManyRequests) return new SmsError('gateway-throttled', { cause: thrown })
  return new SmsError(status === undefined || status >= serverErrors ? 'gateway-unavailable' : 'gateway-refused', { cause: thrown })
}

/** Twilio's words for where a message is (https://www.twilio.com/docs/messaging/api/message-resource). */
export function receiptOfTwilio(messageId: string, status: string, errorCode: number): SmsReceipt {
  if (status === 'delivered') return { messageId, state: 'delivered', reason: null }
  if (status === 'failed' || status === 'undelivered') return { messageId, state: 'failed', reason: reasonOfCode[errorCode] ?? 'unknown' }
  return { messageId, state: 'sent', reason: null }
}

export function twilioGateway(settings: TwilioSettings): SmsGateway {
  const listeners: ((receipt: SmsReceipt) => void)[] = []
  let opened: Promise<Twilio> | undefined
  async function open(): Promise<Twilio> {
    const { default: twilio } = await import('twilio')
    const inner = new twilio.RequestClient({ timeout: settings.timeoutMs })
    const { origin } = settings
    if (origin !== undefined) {
      const request = inner.request.bind(inner)
      inner.request = (options) => request({ ...options, uri: options.uri.replace(officialOrigin, origin) })
    }
    return twilio(settings.accountSid, settings.authToken, { httpClient: inner })
  }
  const client = (): Promise<Twilio> => (opened ??= open())
  return {
    name: 'twilio',
    async send({ to, text }) {
      try {
        const { sid } = await (
          await client()
        ).messages.create({
          to,
          from: settings.from,
          body: text,
          ...(settings.callbackUrl !== null && { statusCallback: settings.callbackUrl }),
        })
        return { messageId: sid }
      } catch (error) {
        throw errorOf(error)
      }
    },
    async poll(messageId): Promise<SmsReceipt> {
      try {
        const { status, errorCode } = await (await client()).messages(messageId).fetch()
        return receiptOfTwilio(messageId, status, errorCode)
      } catch (error) {
        throw errorOf(error)
      }
    },
    onReceipt: (listener) => void listeners.push(listener),
    deliver: (receipt) => {
      for (const listener of listeners) listener(receipt)
    },
    close: () => Promise.resolve(),
  }
}
