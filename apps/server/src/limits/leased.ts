/**
 * A shared counter behind a small local one: a server takes points of a key by the handful and spends them without asking. No more is ever
 * given out than the limit; what a server did not spend is lost at the end of the window, a twentieth of the limit at most.
 */
import { RateLimiterRes } from 'rate-limiter-flexible'
import type { Limiter } from './rate-limits.ts'

const leasesPerLimit = 20
/** Callers remembered at once; beyond that the oldest lease is forgotten, which costs its caller a few points. */
const most = 50_000

type Key = string | number

interface Lease {
  left: number
  readonly endsMs: number
}

export function leased(shared: Limiter, limit: number): Limiter {
  const handful = Math.max(1, Math.floor(limit / leasesPerLimit))
  const leases = new Map<Key, Lease>()
  /** Refused until then: asking again would only write. */
  const refusals = new Map<Key, { readonly untilMs: number; readonly answer: RateLimiterRes }>()

  const pending = new Map<Key, Promise<void>>()

  const keep = <V>(map: Map<Key, V>, key: Key, value: V): void => {
    map.delete(key)
    map.set(key, value)
    if (map.size > most) for (const oldest of map.keys()) if (map.delete(oldest)) break
  }

  function spend(key: Key, points: number): RateLimiterRes | undefined {
    const now = performance.now()
    const lease = leases.get(key)
    if (lease === undefined || lease.endsMs <= now || lease.left < points) return undefined
    lease.left -= points
    return new RateLimiterRes(lease.left, lease.endsMs - now, 0, false)
  }

  /** Throws the refusal, the shared counter's or one that it gave before. */
  async function take(key: Key, points: number): Promise<void> {
    const now = performance.now()
    const refusal = refusals.get(key)
    if (refusal !== undefined && refusal.untilMs > now)
      throw Object.assign(refusal.answer, { msBeforeNext: Math.max(1, refusal.untilMs - now) })
    refusals.delete(key)
    const taken = Math.max(points, handful)
    try {
      const answer = await shared.consume(key, taken)
      const present = leases.get(key)
      const rest = present !== undefined && present.endsMs > now ? present.left : 0
      keep(leases, key, { left: rest + taken, endsMs: now + answer.msBeforeNext })
    } catch (rejected) {
      if (rejected instanceof RateLimiterRes) keep(refusals, key, { untilMs: now + rejected.msBeforeNext, answer: rejected })
      throw rejected
    }
  }

  return {
    async consume(key, points = 1) {
      for (;;) {
        const spent = spend(key, points)
        if (spent !== undefined) return spent
        // one asks for all that wait: each asking by itself would take a handful for one point
        const asking = pending.get(key) ?? take(key, points).finally(() => pending.delete(key))
        pending.set(key, asking)
        await asking
      }
    },
    reward: (key, points) => shared.reward(key, points),
  }
}
