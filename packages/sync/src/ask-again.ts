/**
 * What is asked and gets no answer is asked once more, on another connection, while the first is still waited for: a kept connection dies without a
 * word when a device wakes or changes its network, and to find that out by waiting takes as long as the longest wait. Only for what may come
 * twice. A server that is merely slow must not be asked ever more: where its answers took long lately, more patience is had, and without an answer in
 * between it is asked again so many times and no more.
 */
import type { Clock } from '@nokkel/base'

export interface Patience {
  /** from when on a first connection that says nothing is suspected: longer than an answer takes to begin on a poor line, shorter than people wait */
  readonly stallMs: number
  /** Where one kept connection is dead the other kept ones are, and a platform makes a new one only when it has none left: those are gone through faster. */
  readonly nextMs: number
  readonly mostConnections: number
  readonly mostInARow: number
}

const ofRequests: Patience = { stallMs: 2_000, nextMs: 700, mostConnections: 6, mostInARow: 10 }
/** of the slowest answer lately */
const slack = 3
/** and that is forgotten by so much with each answer */
const forgetting = 0.8
const longestStallMs = 8_000

export type Ask<T> = (signal: AbortSignal) => Promise<T>

export class AskAgain {
  readonly #clock: Clock
  readonly #patience: Patience
  readonly #waiting = new Set<() => void>()
  #inARow = 0
  #slowestMs = 0
  /** The last answer came over another connection than the one asked first: the next one that is kept may be as dead. */
  #isDoubtful = false

  constructor(clock: Clock, patience: Patience = ofRequests) {
    this.#clock = clock
    this.#patience = patience
  }

  get #stallMs(): number {
    const { stallMs, nextMs } = this.#patience
    return Math.max(this.#isDoubtful ? nextMs : stallMs, Math.min(longestStallMs, slack * this.#slowestMs))
  }

  /** The other side was reached just now: whatever has been waited for long enough to be suspected is asked anew, on connections of now. */
  renew(): void {
    this.#inARow = 0
    for (const each of this.#waiting) each()
  }

  /**
   * The first answer to begin; what was asked beside it is ended. Fails when all that were asked have failed, with what the last one says. `onStall`:
   * nothing came for so long that another connection is tried.
   */
  first<T>(ask: Ask<T>, signal: AbortSignal, onStall: () => void = () => undefined): Promise<T> {
    const { mostConnections, mostInARow } = this.#patience
    return new Promise((resolve, reject) => {
      const open = new Set<AbortController>()
      const fromMs = this.#clock.nowMs()
      let asked = 0
      let timer: ReturnType<typeof setTimeout> | undefined
      const endAll = (): void => {
        for (const each of open) each.abort()
      }
      const settle = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', endAll)
        this.#waiting.delete(anew)
      }
      const begin = (): void => {
        const own = new AbortController()
        open.add(own)
        asked++
        if (asked < mostConnections) timer = setTimeout(again, asked === 1 ? this.#stallMs : this.#patience.nextMs)
        void tryOn(own)
      }
      const tryOn = async (own: AbortController): Promise<void> => {
        const askedMs = this.#clock.nowMs()
        try {
          const answer = await ask(own.signal)
          // ended already, in favour of another one
          if (!open.delete(own)) return
          this.#inARow = 0
          this.#isDoubtful = asked > 1
          this.#slowestMs = Math.max(this.#clock.nowMs() - askedMs, this.#slowestMs * forgetting)
          settle()
          endAll()
          open.clear()
          resolve(answer)
        } catch (error) {
          if (!open.delete(own) || open.size > 0) return
          settle()
          reject(error instanceof Error ? error : new Error(String(error)))
        }
      }
      const again = (): void => {
        if (this.#inARow >= mostInARow) return
        this.#inARow++
        onStall()
        begin()
      }
      const anew = (): void => {
        if (signal.aborted || this.#clock.nowMs() - fromMs < this.#stallMs) return
        const dead = [...open]
        // forgotten before they end: none of them decides anything any more
        open.clear()
        for (const each of dead) each.abort()
        clearTimeout(timer)
        asked = 0
        begin()
      }
      signal.addEventListener('abort', endAll)
      this.#waiting.add(anew)
      begin()
      if (signal.aborted) endAll()
    })
  }
}
