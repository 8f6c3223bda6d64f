/** Making batches: the writing half of `wire/batch.ts`. */
import type { Bytes, VaultId } from '@nokkel/base'
import { sha256, sign } from '@nokkel/crypto'
import type { DeviceKeys } from './keys.ts'
import { encodeBatchBody, type BatchOp, type LogPosition } from './wire/batch.ts'
import type { Circle } from './wire/circle.ts'
import { labels } from './wire/labels.ts'
import { encodeSigned } from './wire/signed.ts'

export interface MadeBatch {
  readonly encoded: Bytes
  /** the log's end once this batch is in */
  readonly end: LogPosition
}

export function makeBatch(
  circle: Circle,
  signer: DeviceKeys,
  vault: VaultId,
  after: LogPosition,
  ops: readonly BatchOp[],
  root: Bytes,
  timeMs: number,
): MadeBatch {
  const seq = after.seq + 1
  const body = encodeBatchBody({
    account: circle.account,
    vault,
    seq,
    prev: after.hash,
    circleSeq: circle.seq,
    circleHead: circle.head,
    ops,
    root,
    timeMs,
  })
  const encoded = encodeSigned({ body, signer: signer.id, signature: sign(signer.sign, labels.batch, body) })
  return { encoded, end: { seq, hash: sha256(encoded) } }
}
