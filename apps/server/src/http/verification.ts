/**
 * Verification over HTTP: codes, the gate before recovery, the number, two factors, and the account's notices (F1–F5, F8, F9). What a code is
 * worth is decided in `verification/`; here is who may ask for what.
 */
import { fromBase64url, NokkelError, parseId, toBase64url, type RequestId } from '@nokkel/base'
import { decodeTwoFactor, readTwoFactor } from '@nokkel/protocol/wire'
import { announce, type News } from '../outgoing/news.ts'
import type { Services } from '../services.ts'
import type { AccountRow, SessionRow, StoreReads, StoreTx } from '../store/store.ts'
import { findOpenCase, shownCase } from '../support/cases.ts'
import { hasPassed } from '../verification/gate.ts'
import { twoFactorOf } from '../verification/two-factor-setting.ts'
import { noteActivity, type ActivityKind } from './activity.ts'
import type { Handlers } from './call.ts'

type Names =
  | 'verification'
  | 'verificationSend'
  | 'verificationCheck'
  | 'verificationStatus'
  | 'deviceCode'
  | 'twoFactorSet'
  | 'numberChange'
  | 'numberConfirm'
  | 'supportStop'
  | 'notices'

export function verificationHandlers(services: Services): Pick<Handlers, Names> {
  const { clock, store, circles, verification, live, delivery, support, audit } = services

  async function accountOf(reads: StoreReads, session: SessionRow): Promise<AccountRow> {
    const account = await reads.findAccount(session.accountId)
    if (account === undefined) throw new NokkelError('session-invalid')
    return account
  }

  /** After the commit: hints to devices, and the queue looks. */
  function told(session: SessionRow): void {
    live.publish(session.accountId, { type: 'notice' }, 'members')
    delivery.wake()
  }

  async function say(
    tx: StoreTx,
    session: SessionRow,
    place: string,
    kind: ActivityKind,
    news: News | null,
    oldNumber: string | null = null,
  ): Promise<void> {
    await noteActivity(tx, session.accountId, clock.nowMs(), { kind, deviceId: session.deviceId, place })
    if (news !== null) await announce(services, tx, session.accountId, news, oldNumber)
  }

  function ensureTrusted(session: SessionRow): void {
    if (session.state !== 'active') throw new NokkelError('session-pending')
  }

  /** A trusted device may change the number (F4); a session that is only signed in, to the number of its open support case alone (F5). */
  async function mayChangeTo(reads: StoreReads, session: SessionRow, phone: string): Promise<boolean> {
    if (session.state === 'active') return true
    const open = await findOpenCase(reads, session.accountId, clock.nowMs())
    return open?.phone === phone
  }

  return {
    async verification({ session }) {
      const account = await accountOf(store, session)
      const { twoFactorStatement, phone } = account
      return {
        twoFactor: await twoFactorOf(services, store, account),
        twoFactorStatement: twoFactorStatement === null ? null : toBase64url(twoFactorStatement),
        numberEnd: phone?.slice(-2) ?? null,
        further: (await store.verification.furtherNumbers(session.accountId)).map((further) => ({
          id: further.id,
          end: further.phone.slice(-2),
        })),
        supportCase: await shownCase(store, session.accountId, clock.nowMs()),
        lastSms: await verification.lastSms(session),
      }
    },

    async verificationSend({ session, body, address }) {
      if (body.purpose !== 'recover') ensureTrusted(session)
      // with two factors off there is one verification number, and only the one that is to stand before the code opens the way there (F3)
      const isTrustedToo =
        body.purpose === 'number-test' ||
        (body.purpose === 'recover' && (await twoFactorOf(services, store, await accountOf(store, session))))
      if (body.to !== null && !isTrustedToo) throw new NokkelError('not-found', { what: 'number' })
      return await verification.send(session, body.purpose, address, body.to)
    },

    async verificationCheck({ session, body, place }) {
      const { id, code, purpose } = body
      const isRecovery = purpose === 'recover' && session.state === 'pending'
      await verification.check(session, id, code, purpose, (tx) =>
        say(
          tx,
          session,
          place,
          'code-verified',
          isRecovery ? { kind: 'recovery-verified', params: { class: session.class, place } } : null,
        ),
      )
      if (isRecovery) told(session)
      return {}
    },

    async verificationStatus({ session, params }) {
      return await verification.status(session, parseId<RequestId>(params['id'] ?? ''))
    },

    async deviceCode({ session, place }) {
      const shown = await verification.deviceCode(session)
      await store.transaction(session.accountId, (tx) => say(tx, session, place, 'code-shown', null))
      return shown
    },

    async twoFactorSet({ session, body, place }) {
      const { accountId, deviceId } = session
      const encoded = fromBase64url(body.statement)
      const changed = await store.transaction(accountId, async (tx) => {
        const circle = await circles.load(tx, accountId)
        const statement = readTwoFactor(circle, encoded)
        if (statement === undefined || !statement.holds || statement.signer !== deviceId) throw new NokkelError('signature-invalid')
        if (circle.reachOf(deviceId) !== 'full') throw new NokkelError('policy-forbids', { class: session.class })
        const account = await accountOf(tx, session)
        const { twoFactorStatement } = account
        const last = twoFactorStatement === null ? 0 : decodeTwoFactor(twoFactorStatement).counter
        if (statement.counter <= last) throw new NokkelError('conflict')
        const before = await twoFactorOf(services, tx, account)
        if (!statement.on && before) {
          // without two factors the number is all that stands before the code: it must be there, and must work, now
          if (account.phone === null) throw new NokkelError('number-missing')
          if (!(await hasPassed(tx, session, 'two-factor', clock.nowMs()))) throw new NokkelError('verification-needed')
          await tx.verification.dropPass(accountId, deviceId, 'two-factor')
        }
        await tx.verification.setTwoFactorStatement(accountId, encoded)
        if (statement.on === before) return false
        const kind = statement.on ? 'two-factor-on' : 'two-factor-off'
        await say(tx, session, place, kind, { kind })
        return true
      })
      if (changed) told(session)
      return {}
    },

    async numberChange({ session, body, address }) {
      if (!(await mayChangeTo(store, session, body.number))) throw new NokkelError('session-pending')
      return await verification.sendToNewNumber(session, 'number-change', body.number, address)
    },

    async numberConfirm({ session, body, place }) {
      await audit.exclusively(() =>
        verification.confirmNumber(
          session,
          body.id,
          body.code,
          (phone, tx) => mayChangeTo(tx, session, phone),
          async (tx, { before, after }) => {
            const news: News = { kind: 'number-changed', params: { lastDigits: after.slice(-2) } }
            await say(tx, session, place, 'number-changed', before === after ? null : news, before)
            await support.noteUsed(tx, session.accountId, after)
          },
        ),
      )
      told(session)
      return {}
    },

    async supportStop({ session, place }) {
      const stopped = await support.stop(session.accountId, session.deviceId, (tx) =>
        say(tx, session, place, 'support-stopped', { kind: 'support-stopped' }),
      )
      if (!stopped) throw new NokkelError('not-found', { what: 'case' })
      told(session)
      return {}
    },

    async notices({ session, query }) {
      const { after } = query
      return { notices: await store.verification.notices(session.accountId, after === undefined ? undefined : parseId(after)) }
    },
  }
}
