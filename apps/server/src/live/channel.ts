/** Hints to connected devices: an interface, and the channel of a server that is alone. Several share a bus (`nats-channel.ts`). */
import type { AccountId, DeviceId } from '@nokkel/base'
import type { LiveEvent } from '@nokkel/protocol/wire'
import { isEnd, ToldEnds, type EndEvent } from './told-ends.ts'

/** `members`: trusted devices only; a list: these devices, whatever their standing, and no other. */
export type Audience = 'members' | readonly DeviceId[]

export interface Subscriber {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  /** trusted: changes when an addition or a removal lands */
  active: boolean
  send(event: LiveEvent): void
  /** The session ended: nothing more may reach this connection. */
  end(reason: 'replaced' | 'signed-out' | 'removed' | 'ended'): void
}

export interface LiveChannel {
  publish(account: AccountId, event: LiveEvent, audience: Audience): void
  /** A device was shown this end of a log: the members hear of it, unless they did. Makes good for hints that were lost (`told-ends.ts`). */
  catchUp(account: AccountId, event: EndEvent): void
  /** A pending device became trusted: from now on it is one of the members. */
  promote(account: AccountId, device: DeviceId): void
  /** Ends the connections of a device. */
  end(account: AccountId, device: DeviceId, reason: 'replaced' | 'signed-out' | 'removed' | 'ended'): void
  /** Returns the way out. */
  subscribe(subscriber: Subscriber): () => void
  connectionsOf(account: AccountId): number
  readonly size: number
  /** Calls when hints may have been lost on the way from another server: whoever is connected should look for itself. */
  onGap(listener: () => void): void
  close(): Promise<void>
}

export function memoryLiveChannel(): LiveChannel {
  const accounts = new Map<AccountId, Set<Subscriber>>()
  const told = new ToldEnds()
  let size = 0
  const of = (account: AccountId): Iterable<Subscriber> => accounts.get(account) ?? []
  function send(account: AccountId, event: LiveEvent, audience: Audience): void {
    for (const subscriber of of(account)) {
      if (audience === 'members' ? subscriber.active : audience.includes(subscriber.deviceId)) subscriber.send(event)
    }
  }
  return {
    publish(account, event, audience) {
      if (isEnd(event)) told.note(account, event, null)
      send(account, event, audience)
    },
    catchUp(account, event) {
      if (told.note(account, event, null)) send(account, event, 'members')
    },
    promote(account, device) {
      for (const subscriber of of(account)) if (subscriber.deviceId === device) subscriber.active = true
    },
    end(account, device, reason) {
      for (const subscriber of of(account)) if (subscriber.deviceId === device) subscriber.end(reason)
    },
    subscribe(subscriber) {
      const set = accounts.get(subscriber.accountId) ?? new Set()
      accounts.set(subscriber.accountId, set)
      set.add(subscriber)
      size++
      return () => {
        if (!set.delete(subscriber)) return
        size--
        if (set.size === 0) accounts.delete(subscriber.accountId)
      }
    },
    connectionsOf(account) {
      return accounts.get(account)?.size ?? 0
    },
    get size() {
      return size
    },
    // nothing is between a hint and its devices
    onGap: () => undefined,
    close: () => Promise.resolve(),
  }
}
