/** The outside world of the client in a browser's worker: the browser's clock, randomness, fetch and WebSocket. */
import { systemClock, systemRandom } from '@nokkel/base'
import type { Platform } from '@nokkel/client'
import { HttpServerApi, type Fetch, type WebSocketLike } from '@nokkel/sync'
import { clientVersion } from './client-version.ts'

/** A browser says when the network is back, also after the machine slept; not in every kind of worker, where it is noticed a little later. */
function listenAwake(listener: () => void): () => void {
  globalThis.addEventListener('online', listener)
  return () => globalThis.removeEventListener('online', listener)
}

export function webPlatform(): Platform {
  return {
    clock: systemClock,
    random: systemRandom,
    deviceClass: 'web',
    connect: (baseUrl) =>
      new HttpServerApi({
        baseUrl,
        // no cookies, no cache: every answer is for this call alone
        fetch: ((url, init) => globalThis.fetch(url, { ...init, credentials: 'omit', cache: 'no-store' } as RequestInit)) as Fetch,
        openWebSocket: (url) => new WebSocket(url) as unknown as WebSocketLike,
        clientName: `web/${clientVersion}`,
        clock: systemClock,
        listenAwake,
      }),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          globalThis.removeEventListener('online', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal?.addEventListener('abort', done)
        // the network is back: whoever waits to try again need not wait longer
        if (ms > 1_000) globalThis.addEventListener('online', done)
        if (signal?.aborted === true) done()
      }),
  }
}
