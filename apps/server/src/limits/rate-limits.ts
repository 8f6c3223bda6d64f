/** Pace of the callers. Counted in this process for now; the interface is what a shared counter would implement. */
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { NokkelError } from '@nokkel/base'
import type { Config } from '../config.ts'

export type RateLimitKind = 'sign-in-address' | 'sign-in-account' | 'accounts' | 'push' | 'request' | 'failed-sign-in-notice' | 'realm'

export interface RateLimits {
  /** Throws `rate-limited` with `retryAfterSeconds`. */
  consume(kind: RateLimitKind, key: string, points?: number): Promise<void>
  /** Takes one `consume` back, after a proof that was right: only failures are to run out. */
  forgive(kind: RateLimitKind, key: string): Promise<void>
  /** As `consume`, as an answer. */
  allows(kind: RateLimitKind, key: string): Promise<boolean>
}

const minuteSeconds = 60
const hourSeconds = 3_600
/** Failed sign-ins beyond this many an hour are not written to the activity log again: a guesser must not push the rest out. */
const noticesPerHour = 10

export function memoryRateLimits(config: Config['rateLimits']): RateLimits {
  const limiter = (points: number, duration: number): RateLimiterMemory => new RateLimiterMemory({ points, duration })
  const limiters: Readonly<Record<RateLimitKind, RateLimiterMemory>> = {
    'sign-in-address': limiter(config.signInPerMinutePerAddress, minuteSeconds),
    'sign-in-account': limiter(config.signInPerHourPerAccount, hourSeconds),
    accounts: limiter(config.accountsPerHourPerAddress, hourSeconds),
    push: limiter(config.pushFramesPerMinutePerDevice, minuteSeconds),
    request: limiter(config.requestsPerMinute, minuteSeconds),
    realm: limiter(config.realmPerMinutePerAddress, minuteSeconds),
    'failed-sign-in-notice': limiter(noticesPerHour, hourSeconds),
  }
  const consume: RateLimits['consume'] = async (kind, key, points = 1) => {
    if (!config.enabled && kind !== 'failed-sign-in-notice') return
    try {
      await limiters[kind].consume(key, points)
    } catch (rejected) {
      if (!(rejected instanceof RateLimiterRes)) throw rejected
      throw new NokkelError('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(rejected.msBeforeNext / 1_000)) })
    }
  }
  return {
    consume,
    async forgive(kind, key) {
      if (config.enabled) await limiters[kind].reward(key)
    },
    async allows(kind, key) {
      try {
        await consume(kind, key)
        return true
      } catch (error) {
        if (error instanceof NokkelError && error.code === 'rate-limited') return false
        throw error
      }
    },
  }
}
