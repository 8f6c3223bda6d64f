/** May this batch with these records be the next of the vault's log? Pure (SPEC SYN-2 … SYN-5, REC-1). */
import { equalBytes, NokkelError, type Bytes, type DeviceId, type VaultId } from '@nokkel/base'
import {
  decodeBatch,
  decodeRecord,
  recordHash,
  verifyBatch,
  type Circle,
  type LogPosition,
  type PushFrame,
  type SignedBatch,
} from '@nokkel/protocol/wire'
import type { RecordRow } from '../store/store.ts'

export interface PushPlan {
  readonly signed: SignedBatch
  readonly records: readonly RecordRow[]
}

/** Where the batch wants to stand, before anything is verified: `after` is the place that it says it continues. */
export function placeOfBatch(encoded: Bytes): LogPosition & { readonly after: LogPosition } {
  const { batch, hash } = decodeBatch(encoded)
  return { seq: batch.seq, hash, after: { seq: batch.seq - 1, hash: batch.prev } }
}

/**
 * `sender` is the device of the session. Throws `conflict` (the log moved), `circle-moved`, `circle-forked`, `epoch-old`,
 * `record-forged`, `malformed`, `update-needed`.
 */
export function planPush(circle: Circle, vault: VaultId, end: LogPosition, sender: DeviceId, frame: PushFrame): PushPlan {
  if (circle.rotationDue) throw new NokkelError('circle-moved', { seq: circle.seq })
  let signed: SignedBatch
  try {
    signed = verifyBatch(circle, vault, end, frame.batch)
  } catch (error) {
    if (error instanceof NokkelError && error.code === 'batch-gap') throw new NokkelError('conflict', { seq: end.seq })
    if (error instanceof NokkelError && error.code === 'circle-moved') throw new NokkelError('circle-moved', { seq: circle.seq })
    throw error
  }
  if (signed.device !== sender) throw new NokkelError('record-forged', { rule: 'SYN-3' })
  const { ops } = signed.batch
  if (ops.length !== frame.records.length) throw new NokkelError('malformed', { what: 'push' })
  const epoch = circle.epochAt(vault, signed.batch.seq)?.epoch ?? 0
  const records = ops.map((op, i) => {
    const encoded = frame.records[i] as Bytes
    if (!equalBytes(recordHash(encoded), op.recordHash)) throw new NokkelError('record-forged', { rule: 'SYN-4' })
    const record = decodeRecord(encoded)
    if (record.vault !== vault || record.item !== op.item) throw new NokkelError('record-forged', { rule: 'REC-2' })
    if (record.epoch < epoch) throw new NokkelError('epoch-old', { epoch })
    if (record.epoch > epoch) throw new NokkelError('record-forged', { rule: 'REC-2' })
    return { itemId: op.item, record: encoded }
  })
  return { signed, records }
}
