/**
 * Sessions that were refused for their pace, until their window ends: known by the token's hash alone, so that asking on costs the server neither a look
 * into the database nor a place in the queue before others. Of this server's memory; what it forgets is counted again.
 */
import { NokkelError, type Bytes } from '@nokkel/base'

/** some 10 MB; a flood from more sessions than this is looked up like any other request */
const mostSessions = 50_000
/** How long the answer is held back. */
const heldMs = 200
/** The longest window of a limit on requests. */
const longestMs = 60_000

const keyOf = (tokenHash: Bytes): string => Buffer.from(tokenHash).toString('latin1')

export class RefusedSessions {
  readonly #untilMs = new Map<string, number>()

  /** Throws what it was refused with, while that lasts, and takes its time: who asks on at once waits for itself, and others do not wait for it. */
  async ensureNone(tokenHash: Bytes): Promise<void> {
    if (this.#untilMs.size === 0) return
    const key = keyOf(tokenHash)
    const leftMs = (this.#untilMs.get(key) ?? 0) - performance.now()
    if (leftMs <= 0) return void this.#untilMs.delete(key)
    await new Promise((resolve) => setTimeout(resolve, heldMs))
    throw new NokkelError('rate-limited', { retryAfterSeconds: Math.ceil(leftMs / 1_000) })
  }

  /** After a refusal; other errors are nothing to remember. */
  note(tokenHash: Bytes, error: unknown): void {
    if (!(error instanceof NokkelError) || error.code !== 'rate-limited') return
    const { retryAfterSeconds } = error.params
    const ms = typeof retryAfterSeconds === 'number' ? Math.min(longestMs, retryAfterSeconds * 1_000) : 0
    this.#untilMs.set(keyOf(tokenHash), performance.now() + ms)
    if (this.#untilMs.size > mostSessions) for (const oldest of this.#untilMs.keys()) if (this.#untilMs.delete(oldest)) break
  }
}
