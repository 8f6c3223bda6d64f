/** The caller's own session. */
import { toBase64url, type Bytes } from '@nokkel/base'
import type { Services } from '../services.ts'
import type { KeychainEndRow } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'

function shownEnd({ kind, timeMs, deviceId, genesis, endorsement }: KeychainEndRow) {
  const text = (bytes: Bytes | null): string | null => (bytes === null ? null : toBase64url(bytes))
  return { kind, timeMs, deviceId, genesis: text(genesis), endorsement: text(endorsement) }
}

export function sessionHandlers({ clock, store, live }: Services): Pick<Handlers, 'session' | 'signOut'> {
  return {
    async session({ session }) {
      const { state, accountId, deviceId } = session
      const end = await store.keychainEnd(accountId)
      const account = await store.findAccount(accountId)
      return {
        state,
        accountId,
        deviceId,
        timeMs: clock.nowMs(),
        end: end === undefined ? null : shownEnd(end),
        circleHead: account === undefined ? null : toBase64url(account.circleHead),
      }
    },

    async signOut({ session, place }) {
      const { accountId, deviceId } = session
      await store.transaction(accountId, async (tx) => {
        await tx.deleteSession(accountId, deviceId)
        await tx.deletePushSubscription(accountId, deviceId)
        await noteActivity(tx, accountId, clock.nowMs(), { kind: 'signed-out', deviceId, place })
      })
      live.end(accountId, deviceId, 'signed-out')
      return {}
    },
  }
}
