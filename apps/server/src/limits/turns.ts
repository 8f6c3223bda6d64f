/**
 * How many requests of one session are worked on at the same time: a few, and its others wait for those, so that whoever asks with many at once stands in a
 * queue of its own and not in front of everybody. Holds nothing of a request; a process's own.
 */
import { NokkelError } from '@nokkel/base'

/** More than a client of ours ever has under way. */
const mostAtOnce = 8
const mostWaiting = 1_000

interface Place {
  running: number
  readonly waiting: (() => void)[]
}

export class Turns {
  readonly #places = new Map<string, Place>()

  /** Resolves when it is this request's turn, with what ends the turn. Throws `rate-limited` where too many wait already. */
  async take(key: string): Promise<() => void> {
    const place = this.#places.get(key) ?? { running: 0, waiting: [] }
    this.#places.set(key, place)
    if (place.running < mostAtOnce) place.running++
    else if (place.waiting.length >= mostWaiting) throw new NokkelError('rate-limited', { retryAfterSeconds: 1 })
    // whoever ends a turn hands it over: `running` stays
    else await new Promise<void>((resolve) => place.waiting.push(resolve))
    let ended = false
    return () => {
      if (ended) return
      ended = true
      const next = place.waiting.shift()
      if (next !== undefined) return next()
      place.running--
      if (place.running === 0) this.#places.delete(key)
    }
  }

  /** Sessions with something under way. */
  get size(): number {
    return this.#places.size
  }
}
