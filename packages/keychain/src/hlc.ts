/**
 * Hybrid logical clock (SPEC SYN-20): a pair, never one packed number (ms * 65536 + ctr passes 2^53 and silently loses increments).
 * Order: ms, then counter, then device. Causality never depends on a clock being right: whoever has seen a time writes a later one.
 */
import type { Clock } from '@nokkel/base'

export interface Hlc {
  /** milliseconds since 1970, 0 … 2^53 - 1 */
  readonly ms: number
  readonly ctr: number
  /** first eight bytes of the writing device's id, as 16 hex digits */
  readonly dev: string
}

export const maxHlcCounter = 0xffff_ffff
/** The end of the year 9999. Later times are refused on reading, so that nobody can push everybody's clock beyond what can be written. */
export const maxHlcMs = 253_402_300_799_999

export function compareHlc(a: Hlc, b: Hlc): number {
  return a.ms - b.ms || a.ctr - b.ctr || (a.dev < b.dev ? -1 : a.dev > b.dev ? 1 : 0)
}

export function equalHlc(a: Hlc, b: Hlc): boolean {
  return a.ms === b.ms && a.ctr === b.ctr && a.dev === b.dev
}

/** The device's own clock: `tick` for a local edit, `observe` for every time read from elsewhere. */
export class HybridClock {
  readonly #clock: Clock
  readonly #dev: string
  #ms: number
  #ctr: number

  constructor(clock: Clock, dev: string, last: { ms: number; ctr: number } = { ms: 0, ctr: 0 }) {
    this.#clock = clock
    this.#dev = dev
    this.#ms = last.ms
    this.#ctr = last.ctr
  }

  tick(): Hlc {
    const now = Math.min(this.#clock.nowMs(), maxHlcMs)
    if (now > this.#ms) {
      this.#ms = now
      this.#ctr = 0
    } else if (this.#ctr < maxHlcCounter) {
      this.#ctr++
    } else if (this.#ms < maxHlcMs) {
      this.#ms++
      this.#ctr = 0
    }
    // at the very end of time stamps repeat, and the merge falls back to comparing values
    return { ms: this.#ms, ctr: this.#ctr, dev: this.#dev }
  }

  observe(hlc: { readonly ms: number; readonly ctr: number }): void {
    if (hlc.ms > this.#ms || (hlc.ms === this.#ms && hlc.ctr > this.#ctr)) {
      this.#ms = hlc.ms
      this.#ctr = hlc.ctr
    }
  }

  get last(): { readonly ms: number; readonly ctr: number } {
    return { ms: this.#ms, ctr: this.#ctr }
  }
}
