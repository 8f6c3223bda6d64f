/** What sends a text message. Adapters know their network's errors and translate them to these codes; words for them are in messages. */
export const smsReasons = [
  'number-invalid',
  'number-unreachable',
  'blocked-by-carrier',
  'gateway-throttled',
  'gateway-refused',
  'gateway-unavailable',
  'country-not-allowed',
  'expired',
  'unknown',
] as const
export type SmsReason = (typeof smsReasons)[number]

export interface SmsMessage {
  /** E.164 with plus */
  readonly to: string
  readonly text: string
}

export interface SmsReceipt {
  readonly messageId: string
  readonly state: 'sent' | 'delivered' | 'failed'
  readonly reason: SmsReason | null
}

export interface SmsGateway {
  readonly name: string
  /** Resolves when the network has taken the message over. Throws `SmsError`. */
  send(message: SmsMessage): Promise<{ readonly messageId: string }>
  /** Asks for the present state, where receipts do not come by themselves. */
  poll?(messageId: string): Promise<SmsReceipt>
  /** A receipt that came by another way, and whose sender was checked. */
  deliver?(receipt: SmsReceipt): void
  onReceipt(listener: (receipt: SmsReceipt) => void): void
  close(): Promise<void>
}

export class SmsError extends Error {
  override readonly name = 'SmsError'
  readonly reason: SmsReason

  constructor(reason: SmsReason, options?: ErrorOptions) {
    super(reason, options)
    this.reason = reason
  }
}
