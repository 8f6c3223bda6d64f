/**
 * The developer's outbox: messages are written to a file in the data folder, and shown on a page to this machine alone, in place of being sent.
 * Not for production: whoever reads the file has every code.
 */
import { appendFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { SmsGateway } from '../sms/sms-gateway.ts'
import type { MailSender } from './mail.ts'

export interface OutboxMessage {
  readonly timeMs: number
  readonly channel: 'sms' | 'mail'
  readonly to: string
  readonly subject: string
  readonly text: string
}

const shownMost = 100

export class Outbox {
  readonly #file: string
  readonly #nowMs: () => number
  readonly #recent: OutboxMessage[] = []
  #count = 0

  constructor(dataFolder: string, nowMs: () => number) {
    const folder = join(dataFolder, 'outbox')
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    this.#file = join(folder, 'messages.jsonl')
    this.#nowMs = nowMs
  }

  /** Newest first. */
  get recent(): readonly OutboxMessage[] {
    return this.#recent.toReversed()
  }

  put(message: Omit<OutboxMessage, 'timeMs'>): string {
    const stored = { timeMs: this.#nowMs(), ...message }
    appendFileSync(this.#file, `${JSON.stringify(stored)}\n`, { mode: 0o600 })
    this.#recent.push(stored)
    if (this.#recent.length > shownMost) this.#recent.shift()
    return `outbox-${++this.#count}`
  }
}

export function outboxSms(outbox: Outbox): SmsGateway {
  return {
    name: 'outbox',
    send: ({ to, text }) => Promise.resolve({ messageId: `${outbox.put({ channel: 'sms', to, subject: '', text })}-${process.pid}` }),
    onReceipt: () => undefined,
    close: () => Promise.resolve(),
  }
}

export function outboxMail(outbox: Outbox): MailSender {
  return {
    name: 'outbox',
    send: ({ to, subject, text }) => {
      outbox.put({ channel: 'mail', to, subject, text })
      return Promise.resolve()
    },
    close: () => Promise.resolve(),
  }
}
