/**
 * Sessions as they were found a moment ago, for requests that look at theirs again where they store something: a push need not ask the database
 * who its sender is before it asks it to store. Never for anything else: what is remembered here may have ended since. A process's own.
 */
import type { Bytes } from '@nokkel/base'
import type { SessionWithAccount } from '../store/store.ts'

/** Beyond that the oldest is asked for again, like any other. */
const most = 10_000
/** What else is taken from a session than that it is one (its region) is at most this old. */
const keptMs = 30_000

const keyOf = (tokenHash: Bytes): string => Buffer.from(tokenHash).toString('latin1')

export class RecentSessions {
  readonly #found = new Map<string, { readonly session: SessionWithAccount; readonly atMs: number }>()

  find(tokenHash: Bytes, nowMs: number): SessionWithAccount | undefined {
    const key = keyOf(tokenHash)
    const found = this.#found.get(key)
    if (found === undefined) return undefined
    // also where the clock went back
    if (Math.abs(nowMs - found.atMs) <= keptMs) return found.session
    this.#found.delete(key)
    return undefined
  }

  note(tokenHash: Bytes, session: SessionWithAccount, nowMs: number): void {
    const key = keyOf(tokenHash)
    this.#found.delete(key)
    this.#found.set(key, { session, atMs: nowMs })
    if (this.#found.size > most) for (const oldest of this.#found.keys()) if (this.#found.delete(oldest)) break
  }

  get size(): number {
    return this.#found.size
  }
}
