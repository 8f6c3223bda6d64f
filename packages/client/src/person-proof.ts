/**
 * When the person at this device last proved who they are (C1): kept where the keys are, so that the page cannot do without. An unlock is a proof
 * for seeing secrets; what changes security or takes data out asks for one of its own each time.
 */
import { NokkelError, type Clock } from '@nokkel/base'

/** One proof opens one such act, and that soon: it was given for this, since such an act was what asked for it. */
const freshMs = 60_000

/** Times alone, for a process that may be ended and go on as another. */
export interface ProofState {
  readonly provenMs: number | null
  readonly freshUntilMs: number
  readonly isActWaiting: boolean
}

export class PersonProof {
  readonly #clock: Clock
  #provenMs: number | null = null
  #freshUntilMs = 0
  /** an act that wants a proof of its own was the last to ask */
  #isActWaiting = false

  constructor(clock: Clock, state?: ProofState) {
    this.#clock = clock
    if (state === undefined) return
    this.#provenMs = state.provenMs
    this.#freshUntilMs = state.freshUntilMs
    this.#isActWaiting = state.isActWaiting
  }

  get state(): ProofState {
    return { provenMs: this.#provenMs, freshUntilMs: this.#freshUntilMs, isActWaiting: this.#isActWaiting }
  }

  unlocked(): void {
    this.#provenMs = this.#clock.nowMs()
  }

  given(): void {
    this.#provenMs = this.#clock.nowMs()
    this.#freshUntilMs = this.#isActWaiting ? this.#provenMs + freshMs : 0
    this.#isActWaiting = false
  }

  forget(): void {
    this.#provenMs = null
    this.#freshUntilMs = 0
    this.#isActWaiting = false
  }

  /** Throws `proof-needed` when the last proof is older than `minutes`, or of a time to come: a clock that was set back proves nothing. */
  ensure(minutes: number): void {
    const ageMs = this.#provenMs === null ? -1 : this.#clock.nowMs() - this.#provenMs
    if (ageMs >= 0 && ageMs < minutes * 60_000) return
    this.#isActWaiting = false
    throw new NokkelError('proof-needed')
  }

  /** Throws `proof-needed` without a proof given for this act. */
  useFresh(): void {
    const leftMs = this.#freshUntilMs - this.#clock.nowMs()
    this.#freshUntilMs = 0
    if (leftMs > 0 && leftMs <= freshMs) return
    this.#isActWaiting = true
    throw new NokkelError('proof-needed')
  }
}
