/**
 * What Twilio calls back with: where a message is. Believed only with Twilio's signature over our own address and the fields, under the account's
 * token; everything else is a 403 without a word.
 */
import type { Hono } from 'hono'
import { callerOf } from '../domain/place.ts'
import { headerOf, requestOf } from '../http/admission.ts'
import type { AppEnvironment } from '../http/app.ts'
import { readAll } from '../http/bodies.ts'
import { problemResponse, publicError } from '../http/problems.ts'
import type { Services } from '../services.ts'
import { receiptOfTwilio } from './twilio-gateway.ts'

export const twilioCallbackPath = '/v1/sms/twilio'
const bodyBytesMax = 16_384
const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }

export function twilioCallback(app: Hono<AppEnvironment>, services: Services, authToken: string): void {
  const { config, limits, sms, log } = services
  app.post(twilioCallbackPath, async (c) => {
    const { incoming } = c.env
    try {
      await limits.consume('request', callerOf(requestOf(services, incoming).address))
      const form = new URLSearchParams(new TextDecoder().decode(await readAll(incoming, bodyBytesMax)))
      const { validateRequest } = (await import('twilio')).default
      const signature = headerOf(incoming, 'x-twilio-signature') ?? ''
      const url = `${config.publicUrl ?? ''}${twilioCallbackPath}`
      if (!validateRequest(authToken, signature, url, Object.fromEntries(form))) return new Response(null, { status: 403, headers })
      const messageId = form.get('MessageSid') ?? ''
      if (messageId !== '') sms.deliver?.(receiptOfTwilio(messageId, form.get('MessageStatus') ?? '', Number(form.get('ErrorCode') ?? 0)))
      return new Response(null, { status: 204, headers })
    } catch (thrown) {
      const error = publicError(thrown)
      if (error.code === 'internal') log.error({ err: error.cause }, 'twilio callback')
      return problemResponse(error, incoming.complete ? headers : { ...headers, connection: 'close' })
    }
  })
}
