/** The channel of several servers against the contract, over a real NATS server that is killed, started again, and told lies. */
import { createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { newId, systemRandom, type AccountId, type DeviceId } from '@nokkel/base'
import { liveChannelContract } from '../src/live/channel-contract.ts'
import { natsLiveChannel } from '../src/live/nats-channel.ts'
import { NatsInstance } from '../src/testing/nats.ts'

const serverId = '0123456789abcdef0123456789abcdef'
let nats: NatsInstance
let observer: NatsConnection
beforeAll(async () => {
  nats = await NatsInstance.start()
  observer = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
})
afterAll(async () => {
  await observer.close()
  await nats.kill()
})

async function open() {
  const states: boolean[] = []
  const channel = natsLiveChannel(
    { servers: [nats.url], credentialsFile: null },
    { serverId, onState: (isConnected) => states.push(isConnected), onError: () => undefined },
  )
  await expect.poll(() => states[0], { timeout: 5_000 }).toBe(true)
  return { channel, states }
}

/** A subscription is at the server when a message that was sent after it has been there and back. */
const settle = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 30))
  await observer.flush()
}

liveChannelContract('NATS', async () => {
  const [a, b] = [(await open()).channel, (await open()).channel]
  return {
    a,
    b,
    settle,
    async close() {
      await a.close()
      await b.close()
    },
  }
})

function listener(accountId: AccountId) {
  const events: string[] = []
  const ended: string[] = []
  return {
    accountId,
    deviceId: newId<DeviceId>(systemRandom),
    active: true,
    events,
    ended,
    send: (event: { readonly type: string }) => void events.push(event.type),
    end: (reason: string) => void ended.push(reason),
  }
}

test('the bus dies and comes back: devices of this server hear meanwhile, a gap is told, and hints go again', async () => {
  const [a, b] = [await open(), await open()]
  const account = newId<AccountId>(systemRandom)
  const [here, there] = [listener(account), listener(account)]
  a.channel.subscribe(here)
  b.channel.subscribe(there)
  let gaps = 0
  b.channel.onGap(() => gaps++)
  await settle()
  await nats.kill()
  await expect.poll(() => b.states, { timeout: 10_000 }).toEqual([true, false])
  a.channel.publish(account, { type: 'circle', seq: 1 }, 'members')
  expect(here.events).toEqual(['circle'])
  await nats.resume()
  await expect.poll(() => [a.states.at(-1), b.states.at(-1), gaps > 0], { timeout: 10_000 }).toEqual([true, true, true])
  await settle()
  const before = there.events.length
  a.channel.publish(account, { type: 'circle', seq: 2 }, 'members')
  await expect.poll(() => there.events.length, { timeout: 5_000 }).toBeGreaterThan(before)
  await a.channel.close()
  await b.channel.close()
})

/** Somebody else on the bus, who hears what is said of an account. */
async function overhear(account: AccountId): Promise<{ readonly said: readonly string[]; close(): Promise<void> }> {
  const said: string[] = []
  const other = await connect({ servers: nats.url })
  other.subscribe(`nokkel.${serverId}.live.${account}`, { callback: (_, { data }) => void said.push(Buffer.from(data).toString('utf8')) })
  await other.flush()
  return { said, close: () => other.close() }
}

test('what was said while the bus was away is said when it is back, also to servers that noticed no gap', async () => {
  const { channel, states } = await open()
  const account = newId<AccountId>(systemRandom)
  await nats.kill()
  await expect.poll(() => states.at(-1), { timeout: 10_000 }).toBe(false)
  channel.publish(account, { type: 'circle', seq: 1 }, 'members')
  channel.publish(account, { type: 'circle', seq: 2 }, 'members')
  await nats.resume()
  const { said, close } = await overhear(account)
  await expect.poll(() => said.at(-1) ?? '', { timeout: 10_000 }).toContain('"seq":2')
  await close()
  await channel.close()
})

test('a bus that takes the first connection and says nothing, as one that is being started again: what was said meanwhile is not lost', async () => {
  await nats.kill()
  const taken: Socket[] = []
  const mute = createServer((socket) => taken.push(socket.on('error', () => undefined)))
  await new Promise<void>((resolve) => mute.listen(nats.port, '127.0.0.1', resolve))
  const channel = natsLiveChannel(
    { servers: [nats.url], credentialsFile: null },
    { serverId, onState: () => undefined, onError: () => undefined },
  )
  const account = newId<AccountId>(systemRandom)
  await expect.poll(() => taken.length, { timeout: 10_000 }).toBeGreaterThan(0)
  channel.publish(account, { type: 'circle', seq: 3 }, 'members')
  mute.close()
  await nats.resume()
  const { said, close } = await overhear(account)
  await expect.poll(() => said.at(-1) ?? '', { timeout: 10_000 }).toContain('"seq":3')
  for (const socket of taken) socket.destroy()
  await close()
  await channel.close()
})

test('what others put on the bus is a hint that looks like one, or nothing', async () => {
  const { channel } = await open()
  const account = newId<AccountId>(systemRandom)
  const device = listener(account)
  channel.subscribe(device)
  await settle()
  const lies: unknown[] = [
    'not json',
    { type: 'event', from: 'x', event: { type: 'unknown' }, audience: 'members' },
    { type: 'event', from: 'x', event: { type: 'circle', seq: -1 }, audience: 'members' },
    { type: 'event', from: 'x', event: { type: 'circle', seq: 1 }, audience: 'everybody' },
    { type: 'end', from: 'x', device: device.deviceId, reason: 'because' },
    { type: 'end', from: 'x', device: '../..', reason: 'removed' },
    { type: 'event', from: 'x'.repeat(70_000), event: { type: 'circle', seq: 1 }, audience: 'members' },
    ['event'],
    null,
  ]
  const subject = `nokkel.${serverId}.live.${account}`
  for (const lie of lies) observer.publish(subject, typeof lie === 'string' ? lie : JSON.stringify(lie))
  observer.publish(subject, new Uint8Array([0xff, 0x00]))
  observer.publish(subject, JSON.stringify({ type: 'event', from: 'x', event: { type: 'session' }, audience: [device.deviceId] }))
  await expect.poll(() => device.events, { timeout: 5_000 }).toEqual(['session'])
  expect(device.ended).toEqual([])
  await channel.close()
})
