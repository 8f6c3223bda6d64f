/** When an agent locks by itself: unused for the set time, or after the machine slept. Pure; the clocks are arguments. */

export interface Instant {
  /** by the machine's clock: goes on while it sleeps, jumps when it is set */
  readonly wallMs: number
  /** since some start: stands still while the machine sleeps (Linux), never jumps */
  readonly steadyMs: number
}

/** Whoever closes the lid expects a locked keychain after it. Shorter gaps are a busy machine or a corrected clock. */
const sleepMs = 30_000

export interface LockWatch {
  /** Counts as use. */
  touch(now: Instant): void
  secondsLeft(now: Instant): number
  /** To be called every `intervalMs`; says why to lock, if there is a reason. */
  check(now: Instant): 'idle' | 'slept' | undefined
}

export function createLockWatch(idleMs: number, intervalMs: number, start: Instant): LockWatch {
  let used = start
  let last = start
  // the greater of the two: setting the clock back must not lengthen the time
  const sinceUse = (now: Instant): number => Math.max(now.wallMs - used.wallMs, now.steadyMs - used.steadyMs)
  return {
    touch(now) {
      used = now
    },
    secondsLeft: (now) => Math.max(0, (idleMs - sinceUse(now)) / 1_000),
    check(now) {
      const wall = now.wallMs - last.wallMs
      const steady = now.steadyMs - last.steadyMs
      last = now
      // Where the steady clock counts sleep as well (macOS, Windows), the late call itself shows it.
      if (Math.abs(wall - steady) > sleepMs || steady - intervalMs > sleepMs) return 'slept'
      return sinceUse(now) >= idleMs ? 'idle' : undefined
    },
  }
}
