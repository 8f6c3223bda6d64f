/** What this server is, offers and demands (A2, A3). */
import { protocolVersion } from '@nokkel/protocol/wire'
import type { Services } from '../services.ts'
import type { Handlers } from './call.ts'

export function serverInfoHandlers({ store, config, offer, version, clock }: Services): Pick<Handlers, 'server'> {
  return {
    server: () =>
      Promise.resolve({
        serverId: store.serverId,
        name: config.name,
        version,
        protocol: { min: protocolVersion, max: protocolVersion },
        ...offer(),
        timeMs: clock.nowMs(),
      }),
  }
}
