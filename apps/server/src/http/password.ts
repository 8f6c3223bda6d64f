/**
 * A new password (SPEC SIG-9): a trusted device proves the old one as in a sign-in, and brings a new record, the tie to the circle, and the locks
 * that hang on it. All or nothing. Whoever else is signed in has to prove the new one.
 */
import { fromBase64url, NokkelError, type AccountId, type Bytes } from '@nokkel/base'
import { announce } from '../outgoing/news.ts'
import type { Services } from '../services.ts'
import type { StoreTx } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'

const bindBytes = 32

export function passwordHandlers(services: Services): Pick<Handlers, 'passwordStart' | 'passwordFinish'> {
  const { clock, store, circles, opaque, loginStates, limits, live, delivery } = services

  /** Every lock that the circle names is made anew, or none: one under the old password would open nothing. Throws `conflict`. */
  async function replaceLocks(tx: StoreTx, account: AccountId, locks: readonly Lock[]): Promise<void> {
    const circle = await circles.load(tx, account)
    const named = new Set([...circle.recoveries.values()].map(({ registration }) => registration as string))
    const rows = (await tx.escrowRecords(account)).filter(({ registration }) => named.has(registration))
    const byName = new Map(locks.map((lock) => [lock.registration, lock]))
    if (byName.size !== locks.length || byName.size !== rows.length) throw new NokkelError('conflict')
    for (const row of rows) {
      const lock = byName.get(row.registration)
      if (lock === undefined) throw new NokkelError('conflict')
      await tx.putEscrowRecord(account, { ...row, outerLock: bytesOf(lock.outerLock), label: bytesOf(lock.label) })
    }
  }

  return {
    async passwordStart({ session, body }) {
      await limits.consume('sign-in-account', session.accountId)
      return { registrationResponse: await opaque.registrationResponse(session.accountId, body.registrationRequest) }
    },

    async passwordFinish({ session, body, place }) {
      const { accountId, deviceId } = session
      const bind = fromBase64url(body.bind)
      if (bind.length !== bindBytes) throw new NokkelError('malformed', { what: 'bind' })
      const state = await loginStates.take(body.loginId)
      const isProved =
        state !== undefined &&
        state.accountId === accountId &&
        !state.decoy &&
        opaque.finishLogin(accountId, state.serverLoginState, body.finishLoginRequest)
      if (!isProved) throw new NokkelError('sign-in-failed')
      await limits.forgive('sign-in-account', accountId)
      await opaque.ensureUsableRecord(accountId, body.registrationRecord)
      const nowMs = clock.nowMs()
      const others = await store.transaction(accountId, async (tx) => {
        const present = await tx.findSessionOfDevice(accountId, deviceId)
        if (present?.state !== 'active') throw new NokkelError('session-invalid')
        await replaceLocks(tx, accountId, body.locks)
        await tx.setPassword(accountId, { registrationRecord: body.registrationRecord, bind })
        const ended = (await tx.sessionsOf(accountId)).filter((other) => other.deviceId !== deviceId && isSignedIn(other.state))
        for (const other of ended) await tx.deleteSession(accountId, other.deviceId)
        await noteActivity(tx, accountId, nowMs, { kind: 'password-changed', deviceId, place })
        await announce(services, tx, accountId, { kind: 'password-changed' })
        return ended.map((other) => other.deviceId)
      })
      delivery.wake()
      for (const other of others) live.end(accountId, other, 'signed-out')
      live.publish(accountId, { type: 'notice' }, 'members')
      return {}
    },
  }
}

interface Lock {
  readonly registration: string
  readonly outerLock: string | null
  readonly label: string | null
}

const bytesOf = (text: string | null): Bytes | null => (text === null ? null : fromBase64url(text))
const isSignedIn = (state: string): boolean => state === 'pending' || state === 'active'
