/** The end of a keychain: replaced by a new one (D4), removed when the last device turns it off (D3), or erased with the account (H2). */
import { fromBase64url, NokkelError, toBase64url, type AccountId } from '@nokkel/base'
import { deletionDelayMs, signedHash } from '@nokkel/protocol/wire'
import { checkGenesis } from '../domain/genesis.ts'
import { closeCircle, ensureReset } from '../domain/keychain-end.ts'
import { callerOf } from '../domain/place.ts'
import { announce } from '../outgoing/news.ts'
import type { Services } from '../services.ts'
import { destroyRegistrations } from '../realm/destroy-registrations.ts'
import { emailKeyOf, type EscrowRecordRow } from '../store/store.ts'
import { noteActivity } from './activity.ts'
import type { Handlers } from './call.ts'
import { openSession } from './sessions.ts'

const bindBytes = 32

export function lifecycleHandlers(services: Services): Pick<Handlers, 'keychainReplace' | 'keychainOff' | 'accountDelete' | 'accountKeep'> {
  const { clock, random, store, circles, opaque, limits, live, delivery, push, recovery, log } = services
  /** After the answer is certain, and never in its way. */
  const forgetAtRealms = (account: AccountId, rows: readonly EscrowRecordRow[]): void =>
    void destroyRegistrations({ recovery, clock, random, onError: (error) => log.warn({ err: error }, 'realm') }, account, rows)
  return {
    async keychainReplace({ session, body, address, place }) {
      await limits.consume('accounts', `finish ${callerOf(address)}`)
      const newAccount = body.accountId as AccountId
      const bind = fromBase64url(body.bind)
      if (bind.length !== bindBytes) throw new NokkelError('malformed', { what: 'bind' })
      const genesis = fromBase64url(body.genesis)
      const founding = checkGenesis(newAccount, genesis, body.shares.map(fromBase64url), body.wraps.map(fromBase64url))
      await opaque.ensureUsableRecord(newAccount, body.registrationRecord)
      const endorsement = body.endorsement === null ? null : fromBase64url(body.endorsement)
      const { accountId, deviceId } = session
      const nowMs = clock.nowMs()
      // two accounts in one transaction: the address moves from one to the other, which is the directory's business alone (ARCHITECTURE)
      const done = await store.transaction(accountId, async (tx) => {
        const present = await tx.findSessionOfDevice(accountId, deviceId)
        if (present?.state !== session.state) throw new NokkelError('session-invalid')
        const circle = await circles.load(tx, accountId)
        const account = await tx.findAccount(accountId)
        if (account === undefined || emailKeyOf(account.email) !== emailKeyOf(body.email)) throw new NokkelError('session-invalid')
        const member = session.state === 'active'
        ensureReset(circle, { device: deviceId, member, founding, genesis, endorsement })
        const others = circle.activeDevices().map((device) => device.id)
        const rows = await tx.escrowRecords(accountId)
        const further = await tx.verification.furtherNumbers(accountId)
        await tx.endKeychain(accountId, { kind: 'reset', timeMs: nowMs, deviceId, genesis, endorsement })
        await tx.insertAccount({
          accountId: newAccount,
          email: body.email,
          emailKey: emailKeyOf(body.email),
          phone: account.phone,
          region: account.region,
          registrationRecord: body.registrationRecord,
          bind,
          genesisHash: founding.circle.genesisHash,
          createdMs: nowMs,
        })
        for (const number of further) {
          await tx.verification.removeFurtherNumber(accountId, number.id)
          await tx.verification.addFurtherNumber(newAccount, number)
        }
        await tx.appendCircleEntry(newAccount, 0, genesis, founding.circle.head)
        for (const vault of founding.circle.vaults.keys())
          await tx.insertVault(newAccount, vault, { seq: 0, hash: founding.circle.genesisHash })
        await tx.insertShares(newAccount, founding.shares)
        await tx.insertWraps(newAccount, founding.wraps)
        await noteActivity(tx, newAccount, nowMs, { kind: 'keychain-reset', deviceId: founding.device.id, place })
        await announce(services, tx, newAccount, { kind: 'keychain-reset' })
        const { device } = founding
        const opened = {
          accountId: newAccount,
          deviceId: device.id,
          class: device.class,
          signKey: device.signKey,
          state: 'active',
        } as const
        return { token: await openSession(tx, random, nowMs, opened), others, rows }
      })
      circles.remember(founding.circle)
      delivery.wake()
      forgetAtRealms(accountId, done.rows)
      push.farewell(accountId, 'keychain-reset', deviceId)
      for (const other of done.others) {
        live.publish(accountId, { type: 'session' }, [other])
        live.end(accountId, other, 'ended')
      }
      return {
        token: done.token,
        state: 'active',
        accountId: newAccount,
        deviceId: founding.device.id,
        bind: body.bind,
        genesisHash: toBase64url(founding.circle.genesisHash),
      }
    },

    async accountDelete({ session, place }) {
      const { accountId, deviceId } = session
      const nowMs = clock.nowMs()
      return await store.transaction(accountId, async (tx) => {
        // asked twice, the first time counts: nobody can push the day away from somebody who waits for it
        const dueMs = (await tx.deletionDue(accountId)) ?? nowMs + deletionDelayMs
        await tx.setDeletion(accountId, dueMs)
        await noteActivity(tx, accountId, nowMs, { kind: 'deletion-asked', deviceId, place })
        return { dueMs }
      })
    },

    async accountKeep({ session, place }) {
      const { accountId, deviceId } = session
      await store.transaction(accountId, async (tx) => {
        if ((await tx.deletionDue(accountId)) === undefined) return
        await tx.setDeletion(accountId, null)
        await noteActivity(tx, accountId, clock.nowMs(), { kind: 'deletion-taken-back', deviceId, place })
      })
      return { dueMs: null }
    },

    async keychainOff({ session, body, place }) {
      const { accountId, deviceId } = session
      const nowMs = clock.nowMs()
      const entry = fromBase64url(body.entry)
      const { closed, rows } = await store.transaction(accountId, async (tx) => {
        const records = await tx.escrowRecords(accountId)
        const next = closeCircle(await circles.load(tx, accountId), entry, fromBase64url(body.expectedHead), deviceId)
        await tx.appendCircleEntry(accountId, next.seq, entry, signedHash(entry))
        await tx.endKeychain(accountId, { kind: 'off', timeMs: nowMs, deviceId, genesis: null, endorsement: null })
        await noteActivity(tx, accountId, nowMs, { kind: 'keychain-off', deviceId, place })
        return { closed: next, rows: records }
      })
      circles.remember(closed)
      forgetAtRealms(accountId, rows)
      live.end(accountId, deviceId, 'ended')
      return {}
    },
  }
}
