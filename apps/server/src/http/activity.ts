/** The account's activity log (H2): what happened, to which device, from where. No names, addresses or contents. */
import { toBase64url, type AccountId, type DeviceId } from '@nokkel/base'
import { twoFactorOf } from '../verification/two-factor-setting.ts'
import type { Handlers } from './call.ts'
import type { Services } from '../services.ts'
import type { StoreTx } from '../store/store.ts'

export const activityKept = 1_000

export type ActivityKind =
  | 'account-created'
  | 'sign-in'
  | 'sign-in-failed'
  | 'signed-out'
  | 'device-added'
  | 'device-recovered'
  | 'device-removed'
  | 'device-left'
  | 'keys-rotated'
  | 'join-requested'
  | 'join-declined'
  | 'keychain-reset'
  | 'keychain-off'
  | 'deletion-asked'
  | 'deletion-taken-back'
  | 'code-verified'
  | 'code-shown'
  | 'number-changed'
  | 'number-added'
  | 'number-removed'
  | 'password-changed'
  | 'two-factor-on'
  | 'two-factor-off'
  | 'policy-changed'
  | 'support-stopped'

export interface ActivityNote {
  readonly kind: ActivityKind
  readonly deviceId: DeviceId | null
  readonly place: string
  readonly detail?: string
}

export async function noteActivity(tx: StoreTx, account: AccountId, timeMs: number, note: ActivityNote): Promise<void> {
  await tx.addActivity(
    account,
    { timeMs, kind: note.kind, deviceId: note.deviceId, place: note.place, detail: note.detail ?? '' },
    activityKept,
  )
}

export function activityHandlers(services: Services): Pick<Handlers, 'activity' | 'account'> {
  const { store, config } = services
  return {
    async activity({ session }) {
      return { events: await store.activity(session.accountId, activityKept) }
    },
    async account({ session }) {
      const account = await store.findAccount(session.accountId)
      if (account === undefined) throw new TypeError('a session without its account')
      return {
        accountId: account.accountId,
        email: account.email,
        phone: account.phone,
        further: (await store.verification.furtherNumbers(session.accountId)).map(({ id, phone }) => ({ id, number: phone })),
        region: account.region,
        twoFactor: await twoFactorOf(services, store, account),
        twoFactorStatement: account.twoFactorStatement === null ? null : toBase64url(account.twoFactorStatement),
        createdMs: account.createdMs,
        deletionDueMs: (await store.deletionDue(session.accountId)) ?? null,
        usage: {
          records: account.recordCount,
          bytes: account.storedBytes,
          batches: account.batchCount,
          circleEntries: account.circleSeq + 1,
        },
        quota: config.quota,
      }
    },
  }
}
