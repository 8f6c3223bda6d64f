/**
 * Further trusted numbers (SPEC VER-11, F2): with two factors on a code may go to any of them, so that a lost telephone is no lost way back. A
 * trusted device adds one, by a code that came there, and takes one away; both are told on all devices, by mail and to the account's own number.
 */
import { newId, NokkelError, type RequestId } from '@nokkel/base'
import { limits } from '@nokkel/protocol/wire'
import { announce } from '../outgoing/news.ts'
import type { Services } from '../services.ts'
import type { SessionRow, StoreTx } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'

export function furtherNumberHandlers(services: Services): Pick<Handlers, 'numberAdd' | 'numberAddConfirm' | 'numberRemove'> {
  const { clock, random, store, verification, live, delivery } = services

  async function tell(
    tx: StoreTx,
    { accountId, deviceId }: SessionRow,
    place: string,
    kind: 'number-added' | 'number-removed',
    phone: string,
  ): Promise<void> {
    const own = (await tx.findAccount(accountId))?.phone ?? null
    await noteActivity(tx, accountId, clock.nowMs(), { kind, deviceId, place })
    await announce(services, tx, accountId, { kind, params: { lastDigits: phone.slice(-2) } }, own)
  }

  function told({ accountId }: SessionRow): void {
    live.publish(accountId, { type: 'notice' }, 'members')
    delivery.wake()
  }

  return {
    async numberAdd({ session, body, address }) {
      const present = await store.verification.furtherNumbers(session.accountId)
      const own = (await store.findAccount(session.accountId))?.phone ?? null
      if (own === null) throw new NokkelError('number-missing')
      if (present.length >= limits.furtherNumbers) throw new NokkelError('number-limit')
      return await verification.sendToNewNumber(session, 'number-add', body.number, address)
    },

    async numberAddConfirm({ session, body, place }) {
      const { accountId } = session
      await verification.confirmFurther(session, body.id, body.code, async (tx, phone) => {
        const present = await tx.verification.furtherNumbers(accountId)
        const isKnown = (await tx.findAccount(accountId))?.phone === phone || present.some((further) => further.phone === phone)
        if (isKnown) return
        if (present.length >= limits.furtherNumbers) throw new NokkelError('number-limit')
        await tx.verification.addFurtherNumber(accountId, { id: newId<RequestId>(random), phone, createdMs: clock.nowMs() })
        await tell(tx, session, place, 'number-added', phone)
      })
      told(session)
      return {}
    },

    async numberRemove({ session, body, place }) {
      await store.transaction(session.accountId, async (tx) => {
        const gone = await tx.verification.removeFurtherNumber(session.accountId, body.id)
        if (gone === undefined) throw new NokkelError('not-found', { what: 'number' })
        await tell(tx, session, place, 'number-removed', gone)
      })
      told(session)
      return {}
    },
  }
}
