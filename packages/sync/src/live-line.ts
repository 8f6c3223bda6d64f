/**
 * Whether a live channel still carries anything. A connection that died on the way (another network, a suspended machine, a router that forgot it) looks
 * open for ever, and a question every few seconds from every idle device would keep radios and servers awake. So an idle channel is given up when the
 * server's own beats stay away; and while there is a reason to look, the device asks: at once, and some more times, ever less often. Hints only: giving
 * up a channel that was alive costs a new one.
 */

/** of the beats that a server promised: so many may be late before the channel is given up */
const beatsMissed = 2.5
/** until the next question, after an answer: fifteen seconds in all, four questions */
const nextAskMs = [1_000, 2_000, 4_000, 8_000] as const
const answerWithinMs = 2_000
/** of the time that opening the channel took, which is several ways there and back: a slow line is no dead one */
const slack = 2
const longestAnswerMs = 10_000

export interface LiveLineParts {
  /** null: the server promises no beats */
  readonly beatMs: number | null
  /** the server answers questions (API-9) */
  readonly answers: boolean
  readonly openedInMs: number
  readonly ask: () => void
  readonly onDead: () => void
}

export class LiveLine {
  readonly #parts: LiveLineParts
  readonly #answerWithinMs: number
  #silence: ReturnType<typeof setTimeout> | undefined
  /** until an answer must be there, or until the next question */
  #timer: ReturnType<typeof setTimeout> | undefined
  #isAsked = false
  #next = nextAskMs.length as number
  #isOver = false

  constructor(parts: LiveLineParts) {
    this.#parts = parts
    this.#answerWithinMs = Math.min(longestAnswerMs, Math.max(answerWithinMs, slack * parts.openedInMs))
    this.#listen()
  }

  /** Something came, whatever it was. */
  heard(): void {
    if (this.#isOver) return
    this.#listen()
    if (!this.#isAsked) return
    this.#isAsked = false
    clearTimeout(this.#timer)
    this.#askLater()
  }

  /** There is a reason to look: this device has just sent something, was told something, woke up, or waits for an answer elsewhere. */
  attend(): void {
    if (this.#isOver || !this.#parts.answers) return
    const isAtRest = this.#next >= nextAskMs.length
    this.#next = 0
    if (isAtRest && !this.#isAsked) this.#askLater()
  }

  /** The same, with a doubt: asked now. */
  suspect(): void {
    if (this.#isOver || !this.#parts.answers || this.#isAsked) return
    this.#next = 0
    this.#ask()
  }

  end(): void {
    this.#isOver = true
    clearTimeout(this.#silence)
    clearTimeout(this.#timer)
  }

  #listen(): void {
    const { beatMs, onDead } = this.#parts
    clearTimeout(this.#silence)
    if (beatMs !== null) this.#silence = setTimeout(onDead, beatMs * beatsMissed)
  }

  #askLater(): void {
    const waitMs = nextAskMs[this.#next++]
    clearTimeout(this.#timer)
    if (waitMs !== undefined) this.#timer = setTimeout(() => this.#ask(), waitMs)
  }

  #ask(): void {
    clearTimeout(this.#timer)
    this.#isAsked = true
    this.#timer = setTimeout(this.#parts.onDead, this.#answerWithinMs)
    this.#parts.ask()
  }
}
