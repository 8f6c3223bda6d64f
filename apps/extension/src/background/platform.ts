/** The outside world of the client in the extension's background: the browser's clock, randomness, fetch and WebSocket. */
import { systemClock, systemRandom } from '@nokkel/base'
import type { Platform } from '@nokkel/client'
import { HttpServerApi, type Fetch, type WebSocketLike } from '@nokkel/sync'

export const clientVersion = '0.1.0'

export function extensionPlatform(): Platform {
  return {
    clock: systemClock,
    random: systemRandom,
    deviceClass: 'extension',
    connect: (baseUrl) =>
      new HttpServerApi({
        baseUrl,
        // no cookies, no cache: every answer is for this call alone
        fetch: ((url, init) => globalThis.fetch(url, { ...init, credentials: 'omit', cache: 'no-store' } as RequestInit)) as Fetch,
        openWebSocket: (url) => new WebSocket(url) as unknown as WebSocketLike,
        clientName: `extension/${clientVersion}`,
        clock: systemClock,
      }),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        const timer = setTimeout(done, ms)
        signal?.addEventListener('abort', done)
        if (signal?.aborted === true) done()
      }),
  }
}
