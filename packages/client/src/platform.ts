/** What an app brings along: the outside world of the client (house rule 12). */
import type { Clock, Random } from '@nokkel/base'
import type { ServerApi } from '@nokkel/sync'
import type { DeviceClass } from '@nokkel/protocol'

export interface Platform {
  readonly clock: Clock
  readonly random: Random
  readonly deviceClass: DeviceClass
  /** Connects to the server at an origin; nothing is sent before the first call. */
  readonly connect: (serverUrl: string) => ServerApi
  /** Resolves after `ms`, or at once when `signal` aborts. */
  readonly pause: (ms: number, signal?: AbortSignal) => Promise<void>
}
