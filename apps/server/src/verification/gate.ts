/**
 * Has this session passed the second factor (F2, F3)? A pass belongs to one account, one device, its signing key and one purpose, and
 * ends after 30 minutes: a device that signs in anew with other keys has to pass again.
 */
import { equalBytes } from '@nokkel/base'
import type { SessionRow, StoreReads } from '../store/store.ts'

export const passLifetimeMs = 30 * 60_000

export type GatePurpose = 'recover' | 'two-factor'

export async function hasPassed(reads: StoreReads, session: SessionRow, purpose: GatePurpose, nowMs: number): Promise<boolean> {
  const pass = await reads.verification.findPass(session.accountId, session.deviceId, purpose)
  return pass !== undefined && equalBytes(pass.signKey, session.signKey) && nowMs >= pass.passedMs && nowMs < pass.passedMs + passLifetimeMs
}
