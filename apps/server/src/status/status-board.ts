/**
 * The board as the running server keeps it: takes reports, notices when they stop, and always has an answer. When its file cannot be read
 * or written it goes on in memory with what it last knew: the page is what must stay up when everything else is down (A1).
 */
import { createHash } from 'node:crypto'
import { toHex, type Clock, type Random } from '@nokkel/base'
import type { Log } from '../log/log.ts'
import { applyReport, applySilence } from './decide.ts'
import { isSameBoard, joinBoards } from './join-boards.ts'
import { emptyBoard, type Board, type Level, type Outcome, type Report, type ServiceName } from './model.ts'
import type { StatusStore } from './status-store.ts'

/** Services that the server measures itself, from what happens anyway; null while nothing has happened. */
export type OwnMeasures = Partial<Readonly<Record<ServiceName, () => { readonly outcome: Outcome; readonly code?: string } | null>>>

export interface StatusBoardParts {
  /** null: the file could not be opened, and nothing outlives the process */
  readonly store: StatusStore | null
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  /** null: nobody measures */
  readonly everyMs: number | null
  readonly own: OwnMeasures
  /** what this deployment does not have */
  readonly absent: ReadonlySet<ServiceName>
}

const idBytes = 8
/** a look takes some seconds itself */
const lookMs = 10_000

/** The same at each server that notices the same silence, so that it is one event; another one if an operator ended it and it goes on. */
function silenceId({ heardMs, events }: Board): string {
  const before = events.filter(({ origin }) => origin === 'silence').length
  return createHash('sha256')
    .update(`silence ${heardMs} ${before}`)
    .digest('hex')
    .slice(0, 2 * idBytes)
}

export class StatusBoard {
  readonly #parts: StatusBoardParts
  readonly #startedMs: number
  #last: Board = emptyBoard
  #complained = false

  constructor(parts: StatusBoardParts) {
    this.#parts = parts
    this.#startedMs = parts.clock.nowMs()
    this.current()
  }

  current(): Board {
    const { store } = this.#parts
    if (store === null) return this.#last
    try {
      this.#last = store.read()
      this.#complained = false
    } catch (error) {
      this.#complain(error)
    }
    return this.#last
  }

  change(decide: (board: Board) => Board): Board {
    const { store } = this.#parts
    try {
      this.#last = store === null ? decide(this.#last) : store.change(decide)
    } catch (error) {
      this.#complain(error)
      this.#last = decide(this.#last)
    }
    return this.#last
  }

  /** What the prober found, and what the server knows by itself, counted together. */
  report({ results }: Report): void {
    const merged = { ...results }
    for (const [service, measure] of Object.entries(this.#parts.own) as [ServiceName, NonNullable<OwnMeasures[ServiceName]>][]) {
      const found = measure()
      if (found !== null) merged[service] = { ms: 0, ...found }
    }
    const before = this.current()
    const after = this.change((board) => applyReport(board, { results: merged }, this.#parts.clock.nowMs(), this.#newId))
    this.#announce(before, after)
  }

  /** Called now and then. Three reports missed are silence. */
  checkSilence(): void {
    const { everyMs, clock } = this.#parts
    if (everyMs === null) return
    const silentAfterMs = 3 * everyMs + lookMs
    const nowMs = clock.nowMs()
    const decide = (board: Board): Board => applySilence(board, nowMs, this.#startedMs, silentAfterMs, () => silenceId(board))
    const before = this.current()
    if (decide(before) === before) return
    this.#announce(before, this.change(decide))
  }

  /** What this server knows and what others of the deployment know (STA-5). */
  adopt(other: Board): Board {
    const before = this.current()
    if (isSameBoard(before, other)) return before
    const after = this.change((board) => joinBoards(board, other))
    this.#announce(before, after)
    return after
  }

  get absent(): ReadonlySet<ServiceName> {
    return this.#parts.absent
  }

  readonly #newId = (): string => toHex(this.#parts.random.bytes(idBytes))

  #announce(before: Board, after: Board): void {
    const { log } = this.#parts
    const known = new Map(before.events.map((event) => [event.id, event]))
    for (const event of after.events) {
      const { id, origin, services, level, codes } = event
      const earlier = known.get(id)
      const open: Level = level
      if (earlier === undefined && event.resolvedMs === null)
        log.error({ event: id, origin, services, level: open, codes }, 'status: opened')
      else if (earlier?.resolvedMs === null && event.resolvedMs !== null) log.warn({ event: id, origin, services }, 'status: resolved')
    }
  }

  #complain(error: unknown): void {
    if (!this.#complained) this.#parts.log.error({ err: error }, 'the status file cannot be used; the page goes on from memory')
    this.#complained = true
  }
}
