/** Door `@nokkel/client/browser`: the outside world of a client in a browser's worker: its clock, randomness, fetch and WebSocket, and the person before it. Its store is the app's. */
import { systemClock, systemRandom } from '@nokkel/base'
import { HttpServerApi, type Fetch, type WebSocketLike } from '@nokkel/sync'
import type { Platform } from './platform.ts'

export { PersonProof, type ProofState } from './person-proof.ts'

/** Shorter waits are not for the network, or over soon. */
const onlineAboveMs = 1_000

/** A browser says when the network is back, also after the machine slept; not in every kind of worker, where it is noticed a little later. */
function listenAwake(listener: () => void): () => void {
  globalThis.addEventListener('online', listener)
  return () => globalThis.removeEventListener('online', listener)
}

/** `clientVersion`: `0.1.0` */
export function browserPlatform(deviceClass: 'web' | 'extension', clientVersion: string): Platform {
  return {
    clock: systemClock,
    random: systemRandom,
    deviceClass,
    connect: (baseUrl) =>
      new HttpServerApi({
        baseUrl,
        // no cookies, no cache: every answer is for this call alone
        fetch: ((url, init) => globalThis.fetch(url, { ...init, credentials: 'omit', cache: 'no-store' } as RequestInit)) as Fetch,
        openWebSocket: (url) => new WebSocket(url) as unknown as WebSocketLike,
        clientName: `${deviceClass}/${clientVersion}`,
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
        if (ms > onlineAboveMs) globalThis.addEventListener('online', done)
        if (signal?.aborted === true) done()
      }),
  }
}
