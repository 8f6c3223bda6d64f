/**
 * How the SMS gateway is, from what is sent anyway: no message is sent for the sake of measuring, because each costs somebody money. What is
 * wrong with one number says nothing about the gateway.
 */
import type { Outcome } from '../status/model.ts'
import { SmsError, type SmsGateway, type SmsReason, type SmsReceipt } from './sms-gateway.ts'

const ofTheGateway: readonly SmsReason[] = ['gateway-unavailable', 'gateway-refused', 'gateway-throttled', 'unknown']

export interface SmsFigures {
  readonly sent: number
  readonly failed: number
  /** the last reason that was the gateway's */
  readonly lastReason: SmsReason | null
}

export class SmsHealth {
  #sent = 0
  #failed = 0
  #lastReason: SmsReason | null = null
  #fresh: { readonly outcome: Outcome; readonly code?: string } | null = null

  /** The same gateway, listened to. */
  watch(gateway: SmsGateway): SmsGateway {
    return {
      name: gateway.name,
      send: async (message) => {
        try {
          const taken = await gateway.send(message)
          this.#sent++
          this.#fresh = { outcome: 'ok' }
          return taken
        } catch (error) {
          if (error instanceof SmsError && ofTheGateway.includes(error.reason)) {
            this.#failed++
            this.#lastReason = error.reason
            this.#fresh = { outcome: 'failed', code: `sms-${error.reason}` }
          }
          throw error
        }
      },
      ...(gateway.poll === undefined ? {} : { poll: (id: string) => (gateway.poll as NonNullable<SmsGateway['poll']>)(id) }),
      ...(gateway.deliver === undefined ? {} : { deliver: (receipt: SmsReceipt) => gateway.deliver?.(receipt) }),
      onReceipt: (listener) => gateway.onReceipt(listener),
      close: () => gateway.close(),
    }
  }

  /** What the last message since the last question found; null when none was sent. */
  takeOutcome(): { readonly outcome: Outcome; readonly code?: string } | null {
    const fresh = this.#fresh
    this.#fresh = null
    return fresh
  }

  figures(): SmsFigures {
    return { sent: this.#sent, failed: this.#failed, lastReason: this.#lastReason }
  }
}
