/**
 * How long to wait until the server is tried again (SYN-12). Spread at random, so that all devices of a server do not come back at one moment; and in
 * proportion to how long it has been away, so that what was away for a minute is noticed within seconds and what was away for a day is not asked all day.
 */
import { randomBelow, type Random } from '@nokkel/base'

/** after the loss of a connection that stood: most are a server that is exchanged, beside which others stand */
const first = { floorMs: 100, ceilingMs: 500 } as const
const floorMs = 100
const shortCeilingMs = 2_000
const longCeilingMs = 300_000
/** of the time that was waited in vain */
const share = 0.1

export class Reconnects {
  readonly #random: Random
  #waitedMs = 0
  #tries = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** The longest wait that may come next: what heals now is noticed this much later at most. */
  get ceilingMs(): number {
    if (this.#tries === 0) return first.ceilingMs
    return Math.max(shortCeilingMs, Math.min(longCeilingMs, Math.floor(this.#waitedMs * share)))
  }

  nextMs(): number {
    const floor = this.#tries === 0 ? first.floorMs : floorMs
    const ms = floor + randomBelow(this.#random, this.ceilingMs - floor)
    this.#tries++
    this.#waitedMs += ms
    return ms
  }

  /** The server was there, and everything was exchanged with it. */
  reached(): void {
    this.#waitedMs = 0
    this.#tries = 0
  }
}
