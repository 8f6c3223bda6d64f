/** What a device needs to come back by itself: the circle, and the bundle that its way back opens. Sealed, and signed by members. */
import { fromBase64url, NokkelError, toBase64url } from '@nokkel/base'
import { circlePageEntries, encodeCircleEntries, limits } from '@nokkel/protocol/wire'
import type { Services } from '../services.ts'
import type { Handlers } from './call.ts'
import { integerOf } from './query.ts'

export function recoveryBundleHandlers({ store }: Services): Pick<Handlers, 'recoveryCircle' | 'recoveryBundles' | 'recoveryBundle'> {
  return {
    async recoveryCircle({ session, query }) {
      const after = integerOf(query['after'], 'after', -1, -1)
      return encodeCircleEntries(await store.circleEntries(session.accountId, after, Number.MAX_SAFE_INTEGER, circlePageEntries))
    },

    async recoveryBundles({ session }) {
      const bundles = await store.recoveryBundles(session.accountId)
      return { bundles: bundles.map(({ member, bundle }) => ({ member, bundle: toBase64url(bundle) })) }
    },

    async recoveryBundle({ session, body }) {
      const { accountId } = session
      await store.transaction(accountId, async (tx) => {
        const present = await tx.recoveryBundles(accountId)
        // laid down before the way back is opened, so it need not be in the circle yet
        if (!present.some(({ member }) => member === body.member) && present.length >= limits.recoveryMembers)
          throw new NokkelError('quota-exceeded')
        await tx.putRecoveryBundle(accountId, { member: body.member, bundle: fromBase64url(body.bundle) })
      })
      return {}
    },
  }
}
