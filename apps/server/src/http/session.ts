/** The caller's own session. */
import type { Services } from '../services.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'

export function sessionHandlers({ clock, store, live }: Services): Pick<Handlers, 'session' | 'signOut'> {
  return {
    session: ({ session }) =>
      Promise.resolve({ state: session.state, accountId: session.accountId, deviceId: session.deviceId, timeMs: clock.nowMs() }),

    async signOut({ session, place }) {
      const { accountId, deviceId } = session
      await store.transaction(accountId, async (tx) => {
        await tx.deleteSession(accountId, deviceId)
        await noteActivity(tx, accountId, clock.nowMs(), { kind: 'signed-out', deviceId, place })
      })
      live.end(accountId, deviceId, 'signed-out')
      return {}
    },
  }
}
