/**
 * How a live channel behaves, seen from two servers: `a` says, `b` has the devices. For the channel of one server they are the same object.
 * Asked of every implementation.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { newId, systemRandom, type AccountId, type DeviceId, type VaultId } from '@nokkel/base'
import type { LiveEvent } from '@nokkel/protocol/wire'
import type { LiveChannel, Subscriber } from './channel.ts'
import type { EndEvent } from './told-ends.ts'

export interface ChannelPair {
  readonly a: LiveChannel
  readonly b: LiveChannel
  /** Resolves when what `b` subscribed to reaches it. */
  settle(): Promise<void>
  close(): Promise<void>
}

class Listener implements Subscriber {
  readonly accountId: AccountId
  readonly deviceId = newId<DeviceId>(systemRandom)
  active: boolean
  readonly events: LiveEvent[] = []
  readonly ended: string[] = []

  constructor(accountId: AccountId, active = true) {
    this.accountId = accountId
    this.active = active
  }

  send(event: LiveEvent): void {
    this.events.push(event)
  }

  end(reason: string): void {
    this.ended.push(reason)
  }
}

export function liveChannelContract(name: string, open: () => Promise<ChannelPair>): void {
  describe(`live channel contract: ${name}`, () => {
    let pair: ChannelPair
    beforeEach(async () => {
      pair = await open()
    })
    afterEach(() => pair.close())

    const circle = (seq: number): LiveEvent => ({ type: 'circle', seq })
    const joined = async (...listeners: readonly Listener[]): Promise<() => void> => {
      const leave = listeners.map((each) => pair.b.subscribe(each))
      await pair.settle()
      return () => leave.forEach((each) => each())
    }
    const heard = async (listener: Listener, count: number): Promise<void> => {
      await expect.poll(() => listener.events.length, { timeout: 5_000 }).toBe(count)
    }

    test('members hear, waiting devices and other accounts do not; a list names exactly who hears', async () => {
      const account = newId<AccountId>(systemRandom)
      const [member, waiting, stranger] = [
        new Listener(account),
        new Listener(account, false),
        new Listener(newId<AccountId>(systemRandom)),
      ]
      await joined(member, waiting, stranger)
      pair.a.publish(account, { type: 'log', vault: newId<VaultId>(systemRandom), seq: 7 }, 'members')
      await heard(member, 1)
      pair.a.publish(account, { type: 'session' }, [waiting.deviceId])
      await heard(waiting, 1)
      pair.a.publish(account, circle(3), 'members')
      await heard(member, 2)
      expect(member.events.map(({ type }) => type)).toEqual(['log', 'circle'])
      expect(waiting.events).toEqual([{ type: 'session' }])
      expect(stranger.events).toEqual([])
    })

    test('a device that became trusted is a member from then on', async () => {
      const account = newId<AccountId>(systemRandom)
      const device = new Listener(account, false)
      await joined(device)
      pair.a.promote(account, device.deviceId)
      pair.a.publish(account, circle(1), 'members')
      await heard(device, 1)
      expect(device.active).toBe(true)
    })

    test('an ended session ends its connections, and those of no other device', async () => {
      const account = newId<AccountId>(systemRandom)
      const [ended, other] = [new Listener(account), new Listener(account)]
      await joined(ended, other)
      pair.a.end(account, ended.deviceId, 'removed')
      await expect.poll(() => ended.ended, { timeout: 5_000 }).toEqual(['removed'])
      expect(other.ended).toEqual([])
    })

    test('who left hears nothing, counts nothing, and may leave twice', async () => {
      const account = newId<AccountId>(systemRandom)
      const [first, second] = [new Listener(account), new Listener(account)]
      const leaveFirst = pair.b.subscribe(first)
      pair.b.subscribe(second)
      await pair.settle()
      expect([pair.b.size, pair.b.connectionsOf(account)]).toEqual([2, 2])
      leaveFirst()
      leaveFirst()
      expect([pair.b.size, pair.b.connectionsOf(account)]).toEqual([1, 1])
      pair.a.publish(account, circle(1), 'members')
      await heard(second, 1)
      expect(first.events).toEqual([])
    })

    test('each hint comes once to a device of the server that said it', async () => {
      const account = newId<AccountId>(systemRandom)
      const here = new Listener(account)
      pair.a.subscribe(here)
      const there = new Listener(account)
      await joined(there)
      pair.a.publish(account, circle(1), 'members')
      pair.a.publish(account, circle(2), 'members')
      await heard(there, 2)
      expect(here.events).toEqual([circle(1), circle(2)])
    })

    test('an end of a log that a device was shown is told to the members, once, wherever it was shown', async () => {
      const account = newId<AccountId>(systemRandom)
      const vault = newId<VaultId>(systemRandom)
      const log = (seq: number): EndEvent => ({ type: 'log', vault, seq })
      const [there, waiting] = [new Listener(account), new Listener(account, false)]
      await joined(there, waiting)
      pair.a.publish(account, log(1), 'members')
      await heard(there, 1)
      pair.a.catchUp(account, log(1))
      pair.b.catchUp(account, log(1))
      // nobody had told of the second: the server that took it in is no more
      pair.b.catchUp(account, log(2))
      pair.a.catchUp(account, log(2))
      // a log that went back is news as well
      pair.a.catchUp(account, log(1))
      await heard(there, 3)
      pair.a.publish(account, { type: 'session' }, 'members')
      await heard(there, 4)
      expect(there.events).toEqual([log(1), log(2), log(1), { type: 'session' }])
      expect(waiting.events).toEqual([])
    })
  })
}
