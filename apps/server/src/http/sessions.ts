/** Sessions: a random token for the device, its hash for us. */
import { hash } from 'node:crypto'
import { toBase64url, type AccountId, type Bytes, type DeviceId, type Random } from '@nokkel/base'
import type { DeviceClass } from '@nokkel/protocol/wire'
import type { SessionState, StoreTx } from '../store/store.ts'

const tokenBytes = 32
const dayMs = 86_400_000
export const activeIdleMs = 180 * dayMs
export const pendingIdleMs = dayMs
export const removedKeptMs = 400 * dayMs
/** `used_ms` is written again only after this long: a read must not cost a write. */
export const usedGranularityMs = 3_600_000
/** More devices than this that wait at the same time are somebody trying; the oldest go. */
const pendingPerAccount = 32

export function tokenHash(token: string): Bytes {
  return new Uint8Array(hash('sha256', token, 'buffer'))
}

export interface NewSession {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly class: DeviceClass
  readonly signKey: Bytes
  readonly state: SessionState
}

/** Stores the session in place of the device's last one and returns the token. */
export async function openSession(tx: StoreTx, random: Random, nowMs: number, session: NewSession): Promise<string> {
  const token = toBase64url(random.bytes(tokenBytes))
  await tx.putSession({ ...session, tokenHash: tokenHash(token), createdMs: nowMs, usedMs: nowMs })
  if (session.state === 'pending') {
    const waiting = (await tx.sessionsOf(session.accountId)).filter((other) => other.state === 'pending')
    for (const old of waiting.slice(pendingPerAccount)) await tx.deleteSession(session.accountId, old.deviceId)
  }
  return token
}
