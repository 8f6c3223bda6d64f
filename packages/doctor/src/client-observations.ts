/**
 * The observations of an app that has the client facade: its own questions to it, and what only the app can see (file, browser, status
 * page) handed in. Nothing that needs the server is asked before the server has answered once, so that a server that is away is waited
 * for once; nothing of a locked keychain is taken to be absent.
 */
import { NokkelError } from '@nokkel/base'
import type { Observer } from '@nokkel/client'
import type { Observations, Observe, Seen } from './observations.ts'

export interface ObservationParts {
  /** null: the keychain's file could not be opened; why, `store` says */
  readonly observer: Observer | null
  /** server to look at where this device knows none yet */
  readonly server?: string | undefined
  readonly store?: () => Promise<Seen['store']>
  /** asked at the server's origin once it has answered */
  readonly status?: (server: string, signal: AbortSignal) => Promise<Seen['status']>
  /** the extension's alone */
  readonly browser?: () => Promise<Seen['browser']>
}

export function clientObservations(parts: ObservationParts): Observe {
  return (signal) => {
    const observer = (): Observer => {
      if (parts.observer === null) throw new NokkelError('io-failed')
      return parts.observer
    }
    const device = once(() => observer().device())
    const network = once(async () => {
      const { state, keychain } = await device()
      // which server it is lies in the locked keychain
      if (state === 'locked' && parts.server === undefined) throw new NokkelError('locked')
      return observer().server(keychain === null ? parts.server : undefined, signal)
    })
    /** Runs a question for the server, once it is known to be there; null where there is nobody to ask about. */
    const asked =
      <T>(ask: (observer: Observer) => Promise<T>, nothing: T): (() => Promise<T>) =>
      async () => {
        const { state } = await device()
        if (state === 'locked') throw new NokkelError('locked')
        const server = await network()
        if (server === null) return nothing
        if (!server.reached) throw new NokkelError('offline')
        return ask(observer())
      }
    return {
      store: async () => (await parts.store?.()) ?? null,
      device,
      async keychain() {
        const { state, keychain } = await device()
        if (state === 'locked') throw new NokkelError('locked')
        return keychain
      },
      network,
      async info() {
        const server = await network()
        if (server?.reached === false) throw new NokkelError('offline')
        return server
      },
      session: asked((each) => each.session(), null),
      live: asked((each) => each.live(signal), null),
      ownRequest: asked((each) => each.ownRequest(), null),
      requests: asked((each) => each.requests(), null),
      account: asked((each) => each.account(), null),
      verification: asked((each) => each.verification(), null),
      codes: asked((each) => each.codes(), null),
      region: asked((each) => each.region(), null),
      witnesses: asked<readonly number[]>((each) => each.witnesses(), []),
      async status() {
        if (parts.status === undefined) return null
        const server = await network()
        if (server === null) return null
        if (!server.reached) throw new NokkelError('offline')
        const { keychain } = await device()
        const origin = keychain?.server ?? parts.server
        try {
          return origin === undefined ? null : await parts.status(origin, signal)
        } catch {
          // the platform's own errors do not cross this door
          throw new NokkelError('offline')
        }
      },
      async browser() {
        // only the extension sees the page
        if (parts.browser === undefined) throw new NokkelError('not-found')
        return parts.browser()
      },
    } satisfies Observations
  }
}

function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined
  return () => (answer ??= ask())
}
