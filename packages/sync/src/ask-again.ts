/**
 * A request whose answer does not begin is asked once more, on another connection, while the first is still waited for: a kept connection dies without a
 * word when a device wakes or changes its network, and to find that out by waiting takes as long as the longest wait. Only for requests that may come
 * twice. A server that is merely slow must not be asked ever more: without an answer in between, so many times and no more.
 */
import type { FetchResponse } from './http-server-api.ts'

/** Longer than an answer takes to begin on a poor line, shorter than people wait. */
const stallMs = 4_000
/** Where one kept connection is dead the other kept ones are, and a platform makes a new one only when it has none left: those are gone through faster. */
const nextMs = 1_000
const mostConnections = 6
const mostInARow = 10

export type Ask = (signal: AbortSignal) => Promise<FetchResponse>

export class AskAgain {
  #inARow = 0

  /** The first answer to begin; what was asked beside it is ended. Fails when all that were asked have failed, with what the last one says. */
  first(ask: Ask, signal: AbortSignal): Promise<FetchResponse> {
    return new Promise((resolve, reject) => {
      const open = new Set<AbortController>()
      let asked = 0
      let timer: ReturnType<typeof setTimeout> | undefined
      const endAll = (): void => {
        for (const each of open) each.abort()
      }
      const settle = (): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', endAll)
      }
      const begin = (): void => {
        const own = new AbortController()
        open.add(own)
        asked++
        if (asked < mostConnections) timer = setTimeout(again, asked === 1 ? stallMs : nextMs)
        void tryOn(own)
      }
      const tryOn = async (own: AbortController): Promise<void> => {
        try {
          const answer = await ask(own.signal)
          // ended already, in favour of another one
          if (!open.delete(own)) return
          this.#inARow = 0
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
        begin()
      }
      signal.addEventListener('abort', endAll)
      begin()
      if (signal.aborted) endAll()
    })
  }
}
