/**
 * What an operator may change while people are connected (A2, A3): where the service is offered, the oldest clients that are served, and
 * whether new accounts are taken. Everything that answers asks here each time and keeps no copy. A configuration that is wrong is refused
 * as a whole, with a line that says why, and the old one stays in force.
 */
import { isDeepStrictEqual } from 'node:util'
import { isNokkelError } from '@nokkel/base'
import type { Config } from './config.ts'
import type { Log } from './log/log.ts'

const hot = ['regions', 'minimumClient', 'registration'] as const
export type Offer = Pick<Config, (typeof hot)[number]>

function offerOf({ regions, minimumClient, registration }: Config): Offer {
  return { regions, minimumClient, registration }
}

export interface OfferSource {
  current(): Offer
  /** Never throws: what is wrong is logged. True when the new one is in force. */
  reload(read: () => Config): boolean
}

export function createOffer(started: Config, log: Log): OfferSource {
  let offer = offerOf(started)
  return {
    current: () => offer,
    reload(read) {
      let config: Config
      try {
        config = read()
      } catch (error) {
        if (!isNokkelError(error, 'config-invalid')) throw error
        const { setting, expected } = error.params
        log.error({ setting, expected }, 'the new configuration is refused, the old one stays in force')
        return false
      }
      const next = offerOf(config)
      const changed = hot.filter((name) => !isDeepStrictEqual(next[name], offer[name]))
      offer = next
      const waiting = (Object.keys(config) as (keyof Config)[]).filter(
        (name) => !hot.some((each) => each === name) && !isDeepStrictEqual(config[name], started[name]),
      )
      log.info({ changed, ...Object.fromEntries(changed.map((name) => [name, next[name]])) }, 'the configuration was read again')
      if (waiting.length > 0) log.warn({ settings: waiting }, 'these settings are taken at the next start')
      return true
    },
  }
}
