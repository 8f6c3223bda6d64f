/** The channel of one server against the contract. That of several is tested with a real NATS (`apps/server/test`). */
import { memoryLiveChannel } from './channel.ts'
import { liveChannelContract } from './channel-contract.ts'

liveChannelContract('one server', () => {
  const channel = memoryLiveChannel()
  return Promise.resolve({ a: channel, b: channel, settle: () => Promise.resolve(), close: () => channel.close() })
})
