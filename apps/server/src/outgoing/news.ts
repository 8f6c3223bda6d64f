/**
 * What a person is told of (F9): one list of kinds, where each is told, and how often at most. No secrets and no whole numbers in any of them.
 * Announcing is part of the transaction that makes the thing true, so that nothing happens in silence.
 */
import { newId, type AccountId, type Clock, type Random, type RequestId } from '@nokkel/base'
import type { AccountRow, StoreTx } from '../store/store.ts'

export const newsKinds = [
  'new-sign-in',
  'recovery-verified',
  'number-changed',
  'number-added',
  'number-removed',
  'password-changed',
  'two-factor-on',
  'two-factor-off',
  'policy-changed',
  'support-opened',
  'support-waiting',
  'support-open',
  'support-stopped',
  'device-added',
  'device-recovered',
  'code-changed',
  'keychain-reset',
] as const
export type NewsKind = (typeof newsKinds)[number]

/** Those that devices find out by themselves, from what is signed: a notice of the server's would say it twice. */
const signedKinds: ReadonlySet<NewsKind> = new Set([
  'device-added',
  'device-recovered',
  'code-changed',
  'keychain-reset',
  'two-factor-on',
  'two-factor-off',
  'policy-changed',
])

export interface News {
  readonly kind: NewsKind
  readonly params?: Readonly<Record<string, string | number>>
}

/** Of each kind, so that a flood of one cannot drown another. */
const perHour = 5
const hourMs = 3_600_000

export type Language = 'nb' | 'en'

/** The server knows no language of an account: the country it is in, or its number, has to do. */
export function languageOf({ region, phone }: Pick<AccountRow, 'region' | 'phone'>): Language {
  return region === 'NO' || (region === null && phone?.startsWith('+47') === true) ? 'nb' : 'en'
}

export interface AnnounceParts {
  readonly clock: Clock
  readonly random: Random
}

/** `oldNumber` hears of it by SMS as well. */
export async function announce(
  { clock, random }: AnnounceParts,
  tx: StoreTx,
  accountId: AccountId,
  { kind, params = {} }: News,
  oldNumber: string | null = null,
): Promise<void> {
  const account = await tx.findAccount(accountId)
  if (account === undefined) return
  const nowMs = clock.nowMs()
  const put = async (channel: 'mail' | 'sms', address: string): Promise<void> => {
    await tx.outgoing.insert({
      account_id: accountId,
      message_id: newId<RequestId>(random),
      channel,
      address,
      language: languageOf(account),
      kind,
      params: JSON.stringify(params),
      state: 'waiting',
      attempts: 0,
      due_ms: nowMs,
      created_ms: nowMs,
    })
  }
  // the mail is what is counted: there is one for each piece of news, whatever else is told
  if ((await tx.outgoing.countSince(accountId, 'mail', kind, nowMs - hourMs)) >= perHour) return
  if (!signedKinds.has(kind)) await tx.verification.addNotice(accountId, { id: newId<RequestId>(random), timeMs: nowMs, kind, params })
  await put('mail', account.email)
  if (oldNumber !== null) await put('sms', oldNumber)
}
