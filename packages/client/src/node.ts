/** Door `@nokkel/client/node`: the client on Node, with a SQLite store in a home folder. */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@nokkel/base'
import { HttpServerApi, type Fetch, type WebSocketLike } from '@nokkel/sync'
import { acquireHomeLock, moveAside, openSqliteStore, salvageRows } from '@nokkel/store/sqlite'
import type { Client } from './facade.ts'
import { openClient } from './open-client.ts'
import { carryOver } from './rebuild.ts'
import { observeStoreFile, type NodeStoreObservation } from './node-observe.ts'
import type { Platform } from './platform.ts'

export interface NodeClientOptions {
  /** the device's folder; made with mode 0700 when missing */
  readonly home: string
  /** `0.1.0` */
  readonly clientVersion: string
  /** sent with every request besides the protocol's own headers */
  readonly requestHeaders?: Readonly<Record<string, string>>
}

export const storeFile = 'keychain.sqlite'

/** For the doctor: the state of the file, which stays as it is. */
export function observeNodeStore(home: string): Promise<NodeStoreObservation> {
  return observeStoreFile(home, storeFile)
}

export function nodePlatform(clientVersion: string, requestHeaders: Readonly<Record<string, string>> = {}): Platform {
  const fetchWithHeaders: Fetch = (url, init) =>
    (globalThis.fetch as unknown as Fetch)(url, { ...init, headers: { ...requestHeaders, ...init.headers } })
  return {
    clock: systemClock,
    random: systemRandom,
    deviceClass: 'cli',
    connect: (baseUrl) =>
      new HttpServerApi({
        baseUrl,
        fetch: fetchWithHeaders,
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

/**
 * Throws `store-damaged` when the database cannot be read: `repairNodeStore` mends it. Throws `store-too-new`, `disk-full`, `busy`,
 * `io-failed` as they are.
 */
export async function openNodeClient(options: NodeClientOptions): Promise<Client> {
  await mkdir(options.home, { recursive: true, mode: 0o700 })
  const store = await openSqliteStore(join(options.home, storeFile))
  return openClient(store, nodePlatform(options.clientVersion, options.requestHeaders))
}

/**
 * Moves a damaged database aside and builds a new one from what is whole in it; the rest comes from the server at the next
 * synchronisation, and changes that were not sent yet are kept. Returns where the damaged file lies now. All clients of this home
 * must be closed.
 */
export async function repairNodeStore(home: string): Promise<{ readonly movedTo: string }> {
  const path = join(home, storeFile)
  const lock = await acquireHomeLock(join(home, 'home.lock'), { waitMs: 5_000 })
  try {
    const salvaged = salvageRows(path)
    const movedTo = moveAside(path)
    const store = await openSqliteStore(path)
    try {
      await carryOver(store, salvaged)
    } finally {
      await store.close()
    }
    return { movedTo }
  } finally {
    await lock.release()
  }
}
