/**
 * Whether a person can see this frame, and since when (A31). Chromium tells the frame itself whether anything lies over it or fades it, whatever
 * page it is in (IntersectionObserver v2); elsewhere only that it is inside of the window, and the content script's checks have to carry it.
 */
import type { SurfaceFault } from '../content/messages.ts'

/** A click before a person can have read what is there was aimed at something else. */
const dwellMs = 500
/** Seen as a whole: what is left of a pixel does not count. The browser tells when one of these is passed, and only then. */
const whole = 0.99
const thresholds = [0.5, whole, 1]
const least = { width: 180, height: 36 } as const

interface VisibilityEntry extends IntersectionObserverEntry {
  readonly isVisible?: boolean
}

let since: number | null = null

export function startLooking(): void {
  const second = 'isVisible' in IntersectionObserverEntry.prototype
  const options: IntersectionObserverInit & { readonly trackVisibility?: boolean; readonly delay?: number } = second
    ? { threshold: thresholds, trackVisibility: true, delay: 100 }
    : { threshold: thresholds }
  const observer = new IntersectionObserver((entries) => {
    const entry = entries.at(-1) as VisibilityEntry
    const visible = entry.isIntersecting && entry.intersectionRatio >= whole && (!second || entry.isVisible === true)
    if (!visible) since = null
    else since ??= performance.now()
  }, options)
  observer.observe(document.body)
  document.addEventListener('visibilitychange', () => {
    since = null
    observer.unobserve(document.body)
    observer.observe(document.body)
  })
}

/** What speaks against this click; null: nothing. */
export function clickFault(event: Event): SurfaceFault | null {
  if (!event.isTrusted) return 'untrusted'
  if (innerWidth < least.width || innerHeight < least.height) return 'small'
  if (document.visibilityState !== 'visible' || since === null) return 'not-visible'
  return performance.now() - since < dwellMs ? 'too-soon' : null
}
