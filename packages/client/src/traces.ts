/**
 * Traces in the device's `state` table that only the doctor reads: how the last request for approval ended, and that settings were
 * brought back from a device backup. Without them these causes could be guessed at but not observed (G).
 */
import { CborReader, decodeOwnCbor, encodeCbor } from '@nokkel/base'
import type { LocalKeychain, Staged } from '@nokkel/sync'

export const joinEnds = ['declined', 'expired', 'attempts-used'] as const
export type JoinEnd = (typeof joinEnds)[number]

export interface JoinEnded {
  readonly how: JoinEnd
  readonly timeMs: number
}

export interface Restored {
  /** where the backed-up device had its account */
  readonly server: string
  readonly timeMs: number
}

const joinEndedRow = 'join-ended'
const restoredRow = 'restored'
const textMax = 4_096

/** null: a new request begins. */
export function putJoinEnded(staged: Staged, ended: JoinEnded | null): void {
  staged.putState(joinEndedRow, ended === null ? null : encodeCbor([joinEnds.indexOf(ended.how), ended.timeMs]))
}

/** null: the keychain was turned on since, or this device was emptied. */
export function putRestored(staged: Staged, restored: Restored | null): void {
  staged.putState(restoredRow, restored === null ? null : encodeCbor([restored.server, restored.timeMs]))
}

export async function readJoinEnded({ store }: LocalKeychain): Promise<JoinEnded | null> {
  const bytes = await store.get('state', joinEndedRow)
  if (bytes === undefined) return null
  const reader = new CborReader(decodeOwnCbor(bytes), joinEndedRow)
  return { how: joinEnds[reader.uint(joinEnds.length - 1)] as JoinEnd, timeMs: reader.uint() }
}

export async function readRestored({ store }: LocalKeychain): Promise<Restored | null> {
  const bytes = await store.get('state', restoredRow)
  if (bytes === undefined) return null
  const reader = new CborReader(decodeOwnCbor(bytes), restoredRow)
  return { server: reader.text(textMax), timeMs: reader.uint() }
}
