/** Subscriptions to notices while an app is closed (F9): one a device, its own, gone with its session. */
import { NokkelError } from '@nokkel/base'
import { readEndpoint } from '../push/endpoint-guard.ts'
import type { Services } from '../services.ts'
import type { Handlers } from './call.ts'

export function pushHandlers({ store, push }: Services): Pick<Handlers, 'pushKey' | 'pushSubscribe' | 'pushUnsubscribe'> {
  return {
    pushKey: () => Promise.resolve({ publicKey: push.publicKey }),

    async pushSubscribe({ session, body }) {
      const { accountId, deviceId } = session
      if (readEndpoint(body.endpoint, push.endpoints) === null) throw new NokkelError('malformed', { what: 'endpoint' })
      await store.transaction(accountId, (tx) => tx.putPushSubscription(accountId, { deviceId, ...body }))
      return {}
    },

    async pushUnsubscribe({ session }) {
      const { accountId, deviceId } = session
      await store.transaction(accountId, (tx) => tx.deletePushSubscription(accountId, deviceId))
      return {}
    },
  }
}
