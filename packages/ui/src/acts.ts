/** When a person does something on a page, so that the automatic lock waits (C1, LOC-14). What a page asks for by itself is no act of anybody's. */
const everyMs = 5_000

/** `tell` at most every few seconds. Gives what ends it. */
export function tellActs(tell: () => void): () => void {
  let lastMs = 0
  const act = (event: Event): void => {
    const now = Date.now()
    // a clock that was set back silences nobody
    if (!event.isTrusted || (now >= lastMs && now - lastMs < everyMs)) return
    lastMs = now
    tell()
  }
  const events = ['pointerdown', 'keydown', 'wheel', 'touchmove'] as const
  for (const event of events) addEventListener(event, act, { passive: true, capture: true })
  return () => {
    for (const event of events) removeEventListener(event, act, { capture: true })
  }
}
