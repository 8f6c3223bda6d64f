/**
 * When the person at this device last proved who they are (C1): kept in the worker, so that the page cannot do without. An unlock is a proof
 * for seeing secrets; what changes security or takes data out asks for one of its own each time.
 */
import { NokkelError, type Clock } from '@nokkel/base'

/** One proof opens one such act, and that soon: it was given for this. */
const freshMs = 60_000

export class PersonProof {
  readonly #clock: Clock
  #provenMs: number | null = null
  #freshUntilMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  unlocked(): void {
    this.#provenMs = this.#clock.nowMs()
  }

  given(): void {
    this.#provenMs = this.#clock.nowMs()
    this.#freshUntilMs = this.#provenMs + freshMs
  }

  forget(): void {
    this.#provenMs = null
    this.#freshUntilMs = 0
  }

  /** Throws `proof-needed` when the last proof is older than `minutes`, or of a time to come: a clock that was set back proves nothing. */
  ensure(minutes: number): void {
    const ageMs = this.#provenMs === null ? -1 : this.#clock.nowMs() - this.#provenMs
    if (ageMs < 0 || ageMs >= minutes * 60_000) throw new NokkelError('proof-needed')
  }

  /** Throws `proof-needed` without a proof given for this act. */
  useFresh(): void {
    const leftMs = this.#freshUntilMs - this.#clock.nowMs()
    this.#freshUntilMs = 0
    if (leftMs <= 0 || leftMs > freshMs) throw new NokkelError('proof-needed')
  }
}
