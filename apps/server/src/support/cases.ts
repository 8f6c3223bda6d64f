/** What a person and a session are told of a support case, and when a number is open. Reads only. */
import type { AccountId } from '@nokkel/base'
import type { StoreReads } from '../store/store.ts'
import type { SupportCase } from './support-store.ts'

/** Three days in which every device, the mail address and the old number have been told, and any device can stop it (F5). */
export const supportDelayMs = 72 * 3_600_000
/** Then the number stays open this long, for the one number that was named. */
export const supportOpenMs = 7 * 24 * 3_600_000

export async function findOpenCase(reads: StoreReads, account: AccountId, nowMs: number): Promise<SupportCase | undefined> {
  const live = await reads.support.live(account)
  return live?.state === 'open' && live.dueMs !== null && nowMs < live.dueMs ? live : undefined
}

export async function shownCase(
  reads: StoreReads,
  account: AccountId,
  nowMs: number,
): Promise<{ readonly state: 'opened' | 'waiting' | 'open'; readonly dueMs: number | null } | null> {
  const live = await reads.support.live(account)
  if (live === undefined || (live.state === 'open' && live.dueMs !== null && nowMs >= live.dueMs)) return null
  return { state: live.state as 'opened' | 'waiting' | 'open', dueMs: live.dueMs }
}
