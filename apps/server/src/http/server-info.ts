/** What this server is, offers and demands (A2, A3). */
import { protocolVersion } from '@nokkel/protocol/wire'
import type { Services } from '../services.ts'
import type { Handlers } from './call.ts'

export function serverInfoHandlers({ store, config, version, clock }: Services): Pick<Handlers, 'server'> {
  return {
    server: () =>
      Promise.resolve({
        serverId: store.serverId,
        name: config.name,
        version,
        protocol: { min: protocolVersion, max: protocolVersion },
        minimumClient: config.minimumClient,
        registration: config.registration,
        regions: config.regions,
        timeMs: clock.nowMs(),
      }),
  }
}
