/**
 * Takes queued messages to the mail server and the SMS gateway: tries again with growing pauses, six times over two days, and then gives up.
 * Each is claimed before it is sent, so that several processes do not send it twice; a crash between the two costs one pause.
 */
import type { AccountId, Clock } from '@nokkel/base'
import { newsText } from '@nokkel/messages'
import type { Log } from '../log/log.ts'
import type { SmsGateway } from '../sms/sms-gateway.ts'
import type { Store } from '../store/store.ts'
import type { MailSender } from './mail.ts'
import type { Language, NewsKind } from './news.ts'
import type { OutgoingRow } from './outgoing-store.ts'

const minuteMs = 60_000
const pausesMs: readonly number[] = [1, 5, 30, 120, 720, 1_440].map((minutes) => minutes * minuteMs)
const perRun = 50
const everyMs = 30_000

export interface DeliveryParts {
  readonly store: Store
  readonly clock: Clock
  readonly sms: SmsGateway
  readonly mail: MailSender
  /** as people know this server: its address, in the last line of a mail */
  readonly serverName: string
  readonly log: Log
  readonly onOutcome: (channel: string, outcome: 'sent' | 'retried' | 'failed') => void
}

export class Delivery {
  readonly #parts: DeliveryParts
  #timer: NodeJS.Timeout | undefined
  #running: Promise<void> | undefined
  #again = false

  constructor(parts: DeliveryParts) {
    this.#parts = parts
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), everyMs)
    this.#timer.unref()
    this.wake()
  }

  /** After a commit that queued something. */
  wake(): void {
    if (this.#running !== undefined) {
      this.#again = true
      return
    }
    this.#running = this.#run()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, 'messages'))
      .finally(() => {
        this.#running = undefined
        if (this.#again) {
          this.#again = false
          this.wake()
        }
      })
  }

  /** Resolves when what was due has been tried. */
  async settle(): Promise<void> {
    while (this.#running !== undefined) await this.#running
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#again = false
    await this.#running
  }

  async #run(): Promise<void> {
    const { store, clock } = this.#parts
    for (;;) {
      const due = await store.outgoing.due(clock.nowMs(), perRun)
      for (const row of due) await this.#send(row)
      if (due.length < perRun) return
    }
  }

  async #send(row: OutgoingRow): Promise<void> {
    const { store, clock, sms, mail, serverName, log, onOutcome } = this.#parts
    const attempts = Number(row.attempts)
    const pauseMs = pausesMs[attempts]
    const account = row.account_id as AccountId
    const finish = (state: 'sent' | 'failed'): Promise<void> => store.transaction(account, (tx) => tx.outgoing.finish(row, state))
    if (pauseMs === undefined) {
      onOutcome(row.channel, 'failed')
      log.warn({ channel: row.channel, kind: row.kind }, 'a message was given up')
      return await finish('failed')
    }
    if (!(await store.transaction(account, (tx) => tx.outgoing.claim(row, clock.nowMs() + pauseMs)))) return
    const params = JSON.parse(row.params) as Readonly<Record<string, string | number>>
    const { subject, text, short } = newsText(row.language as Language, row.kind as NewsKind, params, serverName)
    try {
      if (row.channel === 'mail') await mail.send({ to: row.address, subject, text })
      else await sms.send({ to: row.address, text: short })
    } catch {
      // the error may name the address: what kind of message could not go out is enough
      log.warn({ channel: row.channel, kind: row.kind, attempt: attempts + 1 }, 'a message could not be handed over')
      return onOutcome(row.channel, 'retried')
    }
    await finish('sent')
    onOutcome(row.channel, 'sent')
  }
}
