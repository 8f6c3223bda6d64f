/**
 * The vault log (SPEC SYN-1 … SYN-8): every write to a vault is a batch, signed by its device and linked to the batch before it,
 * whoever wrote that one. The order is total; the server only keeps it. A batch dropped, repeated, reordered, replaced or
 * inserted breaks the chain at the next honest device.
 * Body: [1, "nk/1/batch", account, vault, seq, prev, circle seq, circle head, [[item, record hash, op] …], root, ts]
 */
import {
  encodeCbor,
  CborReader,
  equalBytes,
  idToBytes,
  NokkelError,
  readId,
  type AccountId,
  type Bytes,
  type DeviceId,
  type ItemId,
  type VaultId,
} from '@nokkel/base'
import type { Circle } from './circle.ts'
import { formatVersion, labels } from './labels.ts'
import { limits } from './limits.ts'
import { decodeSigned, isSignedBy, signedHash } from './signed.ts'

const hashBytes = 32

/** `put`: a person's change or a merge. `reseal`: same content under a newer epoch. */
export type BatchOpKind = 'put' | 'reseal'

export interface BatchOp {
  readonly item: ItemId
  readonly recordHash: Bytes
  readonly kind: BatchOpKind
}

export interface Batch {
  readonly account: AccountId
  readonly vault: VaultId
  /** position in the vault's log: 1, 2, 3 … */
  readonly seq: number
  /** hash of batch seq - 1; of the genesis entry for seq 1 */
  readonly prev: Bytes
  /** the writer's circle */
  readonly circleSeq: number
  readonly circleHead: Bytes
  readonly ops: readonly BatchOp[]
  /** state root after this batch (SYN-7) */
  readonly root: Bytes
  /** display only */
  readonly timeMs: number
}

export interface SignedBatch {
  readonly batch: Batch
  readonly device: DeviceId
  readonly hash: Bytes
  readonly encoded: Bytes
}

export function encodeBatchBody(batch: Batch): Bytes {
  return encodeCbor([
    formatVersion,
    labels.batch,
    idToBytes(batch.account),
    idToBytes(batch.vault),
    batch.seq,
    batch.prev,
    batch.circleSeq,
    batch.circleHead,
    batch.ops.map((op) => [idToBytes(op.item), op.recordHash, op.kind === 'put' ? 1 : 2]),
    batch.root,
    batch.timeMs,
  ])
}

/** Parses; does not verify. */
export function decodeBatch(encoded: Uint8Array): SignedBatch & { readonly signatureBy: (publicKey: Uint8Array) => boolean } {
  const signed = decodeSigned(encoded, limits.batchBytes, 'batch')
  const reader = CborReader.decode(signed.body, limits.batchBytes, 'batch')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'batch' })
  reader.literal(labels.batch)
  const batch: Batch = {
    account: readId<AccountId>(reader),
    vault: readId<VaultId>(reader),
    seq: reader.uint(Number.MAX_SAFE_INTEGER, 1),
    prev: reader.bytes(hashBytes),
    circleSeq: reader.uint(limits.circleEntries),
    circleHead: reader.bytes(hashBytes),
    ops: reader.list(limits.recordsPerBatch, (parent) => {
      const inner = parent.tuple()
      const op = {
        item: readId<ItemId>(inner),
        recordHash: inner.bytes(hashBytes),
        kind: inner.uint(2, 1) === 1 ? 'put' : 'reseal',
      } as const
      inner.end()
      return op
    }),
    root: reader.bytes(hashBytes),
    timeMs: reader.uint(),
  }
  reader.end()
  if (batch.ops.length === 0 || new Set(batch.ops.map((op) => op.item)).size !== batch.ops.length)
    throw new NokkelError('malformed', { what: 'batch' })
  return {
    batch,
    device: signed.signer,
    hash: signedHash(encoded),
    encoded: encoded as Bytes,
    signatureBy: (publicKey) => isSignedBy(signed, labels.batch, publicKey),
  }
}

export interface LogPosition {
  readonly seq: number
  readonly hash: Bytes
}

/** The position before the first batch. */
export function logStart(circle: Circle): LogPosition {
  return { seq: 0, hash: circle.genesisHash }
}

/**
 * Checks that `encoded` may follow `after` in the log of `vault`, in this circle (SYN-2 … SYN-5). Throws
 * `batch-gap` (does not follow), `circle-moved` (cites an older or unknown circle), `circle-forked` (cites another circle),
 * `record-forged` (signature, account or signer wrong, or not the batch that a rotation froze the log at), `malformed`.
 */
export function verifyBatch(circle: Circle, vault: VaultId, after: LogPosition, encoded: Uint8Array): SignedBatch {
  const { signatureBy, ...signed } = decodeBatch(encoded)
  const { batch, device } = signed
  if (batch.account !== circle.account || batch.vault !== vault) throw new NokkelError('record-forged', { rule: 'SYN-2' })
  if (batch.seq !== after.seq + 1 || !equalBytes(batch.prev, after.hash)) throw new NokkelError('batch-gap', { seq: batch.seq })
  const cited = circle.hashAt(batch.circleSeq)
  if (cited === undefined) throw new NokkelError('circle-moved', { seq: batch.circleSeq })
  if (!equalBytes(cited, batch.circleHead)) throw new NokkelError('circle-forked', { seq: batch.circleSeq })
  const epoch = circle.epochAt(vault, batch.seq)
  // everything after a rotation's frozen position must know of the rotation: no late word from a removed device (attack A17)
  if (epoch === undefined || batch.circleSeq < epoch.seq) throw new NokkelError('circle-moved', { seq: batch.circleSeq })
  // where a rotation froze the log, its signer saw exactly this batch: another one is a second history (attack A17)
  const frozen = circle.vaults.get(vault)?.epochs.find((start) => start.frozenSeq === batch.seq)?.frozenHash
  if (frozen !== undefined && frozen !== null && !equalBytes(frozen, signed.hash)) throw new NokkelError('record-forged', { rule: 'CIR-8' })
  const signer = circle.devices.get(device)
  if (signer === undefined || !circle.wasActiveAt(device, batch.circleSeq) || !signatureBy(signer.signKey))
    throw new NokkelError('record-forged', { rule: 'SYN-3' })
  return signed
}
