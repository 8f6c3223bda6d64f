/** Door `@nokkel/client/node`: the client on Node, with a SQLite store in a home folder. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@nokkel/base'
import { HttpServerApi, type Fetch, type WebSocketLike } from '@nokkel/sync'
import { openSqliteStore } from '@nokkel/store/sqlite'
import type { Client } from './facade.ts'
import { openClient } from './open-client.ts'
import type { Platform } from './platform.ts'

export interface NodeClientOptions {
  /** the device's folder; made with mode 0700 when missing */
  readonly home: string
  /** `0.1.0` */
  readonly clientVersion: string
}

export const storeFile = 'keychain.sqlite'

export function nodePlatform(clientVersion: string): Platform {
  return {
    clock: systemClock,
    random: systemRandom,
    deviceClass: 'cli',
    connect: (baseUrl) =>
      new HttpServerApi({
        baseUrl,
        fetch: globalThis.fetch as unknown as Fetch,
        openWebSocket: (url) => new WebSocket(url) as unknown as WebSocketLike,
        clientName: `cli/${clientVersion}`,
        clock: systemClock,
      }),
    pause: (ms, signal) =>
      new Promise((resolve) => {
        const timer = setTimeout(done, ms)
        function done() {
          clearTimeout(timer)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        signal?.addEventListener('abort', done)
        if (signal?.aborted === true) done()
      }),
  }
}

/** Throws `store-damaged`, `store-too-new`, `disk-full`. */
export async function openNodeClient(options: NodeClientOptions): Promise<Client> {
  await mkdir(options.home, { recursive: true, mode: 0o700 })
  const store = await openSqliteStore(join(options.home, storeFile))
  return openClient(store, nodePlatform(options.clientVersion))
}
