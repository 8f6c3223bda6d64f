/**
 * Work that says how things stand, asked for at every change: of thousands of changes at once it runs for all together, one run after the other.
 * Each ask ends when a run has ended that began after it, with what that run threw.
 */
export function coalesced(work: () => Promise<void>): () => Promise<void> {
  let last: Promise<void> = Promise.resolve()
  let waiting: Promise<void> | null = null
  return () => {
    waiting ??= last = last
      .catch(() => undefined)
      .then(() => {
        waiting = null
        return work()
      })
    return waiting
  }
}
