/**
 * Pace of the callers. One server counts in its memory; servers that share a database count there, so that a limit is a limit
 * whichever of them answers.
 */
import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes, type RateLimiterAbstract } from 'rate-limiter-flexible'
import type { Pool } from 'pg'
import { NokkelError, type Secret } from '@nokkel/base'
import type { Config } from '../config.ts'
import { leased } from './leased.ts'

export type RateLimitKind =
  'sign-in-address' | 'sign-in-account' | 'accounts' | 'push' | 'request' | 'failed-sign-in-notice' | 'realm' | 'escrow-tokens'

export interface RateLimits {
  /** Throws `rate-limited` with `retryAfterSeconds`. */
  consume(kind: RateLimitKind, key: string, points?: number): Promise<void>
  /** Takes one `consume` back, after a proof that was right: only failures are to run out. */
  forgive(kind: RateLimitKind, key: string): Promise<void>
  /** As `consume`, as an answer. */
  allows(kind: RateLimitKind, key: string): Promise<boolean>
}

/** What of a limiter is used here. */
export type Limiter = Pick<RateLimiterAbstract, 'consume' | 'reward'>

const minuteSeconds = 60
const hourSeconds = 3_600
/** A recovery takes one for looking and trying, an enrolment three, a trusted device's look one; the realms count what matters. */
const tokenRequestsPerHour = 120
/** Failed sign-ins beyond this many an hour are not written to the activity log again: a guesser must not push the rest out. */
const noticesPerHour = 10

type LimiterOf = (kind: RateLimitKind, points: number, durationSeconds: number) => Limiter

export function memoryRateLimits(config: Config['rateLimits']): RateLimits {
  return rateLimits(config, (_kind, points, duration) => new RateLimiterMemory({ points, duration }))
}

/** Counted at every request: a write to the database for each would cost more than the request. */
const counted: readonly RateLimitKind[] = ['request', 'push']

/**
 * Counted in the table `pace`, under keyed hashes: no address and no account stands there. While the database is away, each server counts by
 * itself. `secret` is one that all servers have.
 */
export function sharedRateLimits(config: Config['rateLimits'], pool: Pool, secret: Secret): RateLimits {
  const hidden = (key: string): string => createHmac('sha256', secret.reveal()).update('pace\0').update(key).digest('hex').slice(0, 32)
  return rateLimits(
    config,
    (kind, points, duration) => {
      const limiter = new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: 'pace',
        tableCreated: true,
        clearExpiredByTimeout: false,
        keyPrefix: kind,
        points,
        duration,
        insuranceLimiter: new RateLimiterMemory({ points, duration, keyPrefix: kind }),
      })
      return counted.includes(kind) ? leased(limiter, points) : limiter
    },
    hidden,
  )
}

function rateLimits(config: Config['rateLimits'], limiter: LimiterOf, keyOf: (key: string) => string = (key) => key): RateLimits {
  const of = (kind: RateLimitKind, points: number, seconds: number) => [kind, limiter(kind, points, seconds)] as const
  const limiters = new Map<RateLimitKind, Limiter>([
    of('sign-in-address', config.signInPerMinutePerAddress, minuteSeconds),
    of('sign-in-account', config.signInPerHourPerAccount, hourSeconds),
    of('accounts', config.accountsPerHourPerAddress, hourSeconds),
    of('push', config.pushFramesPerMinutePerDevice, minuteSeconds),
    of('request', config.requestsPerMinute, minuteSeconds),
    of('realm', config.realmPerMinutePerAddress, minuteSeconds),
    of('escrow-tokens', tokenRequestsPerHour, hourSeconds),
    of('failed-sign-in-notice', noticesPerHour, hourSeconds),
  ])
  const consume: RateLimits['consume'] = async (kind, key, points = 1) => {
    if (!config.enabled && kind !== 'failed-sign-in-notice') return
    try {
      await limiters.get(kind)?.consume(keyOf(key), points)
    } catch (rejected) {
      if (!(rejected instanceof RateLimiterRes)) throw rejected
      throw new NokkelError('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil(rejected.msBeforeNext / 1_000)) })
    }
  }
  return {
    consume,
    async forgive(kind, key) {
      if (config.enabled) await limiters.get(kind)?.reward(keyOf(key))
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
