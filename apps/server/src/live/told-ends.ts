/**
 * The ends of logs that devices were told of, as far as this server knows. A hint goes missing where a server dies between a commit and its
 * hint, where the commit's answer never comes, or where the bus breaks; the next pull then shows an end that nobody was told of. Not a
 * truth about any log: forgetting costs a spare hint, and a log that went back (a restored backup) is told like any other change.
 */
import type { AccountId } from '@nokkel/base'
import type { LiveEvent } from '@nokkel/protocol/wire'

/** Logs remembered at once: some 5 MB. */
const mostLogs = 50_000

/** What names the end of a log, and can therefore be told by whoever sees it. */
export type EndEvent = Extract<LiveEvent, { readonly type: 'log' | 'circle' }>

export function isEnd(event: LiveEvent): event is EndEvent {
  return event.type === 'log' || event.type === 'circle'
}

interface Told {
  readonly account: AccountId
  readonly event: EndEvent
  /** by this server to the others, and when; null: heard from them */
  readonly saidMs: number | null
}

export class ToldEnds {
  readonly #byLog = new Map<string, Told>()
  readonly #most: number

  constructor(most = mostLogs) {
    this.#most = most
  }

  /** Notes that devices are told now. False: they were told of this very end last. */
  note(account: AccountId, event: EndEvent, saidMs: number | null): boolean {
    const key = event.type === 'log' ? `${account}/${event.vault}` : account
    const last = this.#byLog.get(key)
    const isNews = last?.event.seq !== event.seq
    this.#byLog.delete(key)
    this.#byLog.set(key, { account, event, saidMs: isNews || saidMs !== null ? saidMs : (last?.saidMs ?? null) })
    if (this.#byLog.size > this.#most) for (const oldest of this.#byLog.keys()) if (this.#byLog.delete(oldest)) break
    return isNews
  }

  /** What this server said to the others since then. */
  *saidSince(ms: number): Generator<Pick<Told, 'account' | 'event'>> {
    for (const told of this.#byLog.values()) if (told.saidMs !== null && told.saidMs >= ms) yield told
  }
}
