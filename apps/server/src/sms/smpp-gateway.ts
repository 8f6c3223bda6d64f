/**
 * SMPP 3.4 to an operator's message centre: one transceiver session, bound when it is first needed and again after it was lost.
 * Loaded lazily by whoever configures it.
 */
import smpp, { type Pdu, type Session } from 'smpp'
import { SmsError, type SmsGateway, type SmsReason, type SmsReceipt } from './sms-gateway.ts'

export interface SmppSettings {
  readonly host: string
  readonly port: number
  readonly tls: boolean
  readonly systemId: string
  readonly password: string
  /** sender shown on the phone: a number or up to 11 characters */
  readonly from: string
  readonly timeoutMs: number
}

/** Command statuses of SMPP 3.4 §5.1.3. */
const reasonOfStatus: Readonly<Record<number, SmsReason>> = {
  0x0b: 'number-invalid', // ESME_RINVDSTADR
  0x14: 'gateway-throttled', // ESME_RMSGQFUL
  0x58: 'gateway-throttled', // ESME_RTHROTTLED
  0x45: 'gateway-refused', // ESME_RSUBMITFAIL
}
/** States of a delivery receipt, SMPP 3.4 appendix B. */
const reasonOfState: Readonly<Record<string, SmsReason>> = {
  EXPIRED: 'expired',
  UNDELIV: 'number-unreachable',
  REJECTD: 'blocked-by-carrier',
  DELETED: 'unknown',
  UNKNOWN: 'unknown',
}
/** esm_class bits 5-2: an SMSC delivery receipt (SMPP 3.4 §5.2.12) */
const receiptBits = 0x3c
const receiptClass = 0x04
const registeredDelivery = 1
const internationalNumber = 1

function textOf(pdu: Pdu): string {
  const { short_message: message } = pdu
  const text = typeof message === 'string' ? message : message?.message
  return typeof text === 'string' ? text : Buffer.from(text ?? []).toString('latin1')
}

function receiptOf(pdu: Pdu): SmsReceipt | undefined {
  if (((pdu.esm_class ?? 0) & receiptBits) !== receiptClass) return undefined
  const text = textOf(pdu)
  const messageId = /\bid:(\S+)/.exec(text)?.[1]
  const state = /\bstat:([A-Z]+)/.exec(text)?.[1]
  if (messageId === undefined || state === undefined) return undefined
  if (state === 'DELIVRD') return { messageId, state: 'delivered', reason: null }
  const reason = reasonOfState[state]
  return reason === undefined ? { messageId, state: 'sent', reason: null } : { messageId, state: 'failed', reason }
}

export function smppGateway(settings: SmppSettings): SmsGateway {
  const listeners: ((receipt: SmsReceipt) => void)[] = []
  let bound: Promise<Session> | undefined

  /** Answers in time, or fails: a message centre that says nothing must not hold a request. */
  function within<T>(session: Session, act: (resolve: (value: T) => void, reject: (error: SmsError) => void) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const lost = (): void => fail(new SmsError('gateway-unavailable'))
      const timer = setTimeout(lost, settings.timeoutMs)
      const end = (): void => {
        clearTimeout(timer)
        session.off('close', lost)
        session.off('error', lost)
      }
      const fail = (error: SmsError): void => {
        end()
        reject(error)
      }
      session.on('close', lost)
      session.on('error', lost)
      act((value) => {
        end()
        resolve(value)
      }, fail)
    })
  }

  function bind(): Promise<Session> {
    const { host, port, tls, systemId, password } = settings
    const session = smpp.connect({ host, port, tls, auto_enquire_link_period: 30_000, connectTimeout: settings.timeoutMs })
    const forget = (): void => {
      if (bound === opening) bound = undefined
    }
    session.on('close', forget)
    session.on('error', forget)
    session.on('enquire_link', (pdu: Pdu) => session.send(pdu.response()))
    session.on('unbind', (pdu: Pdu) => {
      session.send(pdu.response())
      forget()
      session.close()
    })
    session.on('deliver_sm', (pdu: Pdu) => {
      session.send(pdu.response())
      const receipt = receiptOf(pdu)
      if (receipt !== undefined) for (const listener of listeners) listener(receipt)
    })
    const opening = within<Session>(session, (resolve, reject) => {
      session.bind_transceiver({ system_id: systemId, password }, (pdu) => {
        if (pdu.command_status === 0) resolve(session)
        else reject(new SmsError('gateway-refused'))
      })
    }).catch((error: unknown) => {
      forget()
      session.destroy()
      throw error
    })
    return opening
  }

  return {
    name: 'smpp',
    async send({ to, text }) {
      bound ??= bind()
      const session = await bound
      return await within(session, (resolve, reject) => {
        session.submit_sm(
          {
            source_addr: settings.from,
            destination_addr: to.slice(1),
            dest_addr_ton: internationalNumber,
            dest_addr_npi: 1,
            registered_delivery: registeredDelivery,
            short_message: text,
          },
          (pdu) => {
            if (pdu.command_status === 0 && pdu.message_id !== undefined) resolve({ messageId: pdu.message_id })
            else reject(new SmsError(reasonOfStatus[pdu.command_status] ?? 'gateway-refused'))
          },
        )
      })
    },
    onReceipt: (listener) => void listeners.push(listener),
    async close() {
      const open = bound
      bound = undefined
      const session = await open?.catch(() => undefined)
      if (session === undefined) return
      await within<void>(session, (resolve) => void session.unbind(() => resolve())).catch(() => undefined)
      session.destroy()
    },
  }
}
