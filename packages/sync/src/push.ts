/**
 * Sending local changes: seal dirty items, list them in signed batches that continue the log, send, take over the acknowledgement
 * (SPEC SYN-4, SYN-13 … SYN-16). The log's end is the expected revision: whoever loses the race pulls, merges and tries again.
 * A reply that got lost needs no special case: the own batch comes back with the next pull and is recognised by its hash.
 */
import { NokkelError, toHex, type Bytes, type ItemId } from '@nokkel/base'
import { encodePushFrame, limits, makeBatch, sealRecord, type BatchOp, type BatchOpKind, type LogPosition } from '@nokkel/protocol'
import type { ApiOptions, ServerApi } from './server-api.ts'
import type { LocalKeychain } from './local-keychain.ts'
import { addSentBatches } from './local-state.ts'
import { sessionOf } from './sync-circle.ts'

interface SealedItem {
  readonly id: ItemId
  readonly serial: number
  /** the item as it was sealed */
  readonly encoded: Bytes
  readonly recordHash: Bytes
  readonly epoch: number
}

interface Prepared {
  readonly frame: Bytes
  readonly batchHash: Bytes
  readonly end: LogPosition
  readonly items: readonly SealedItem[]
}

/** A frame holds a batch, its records and their lengths; this leaves room for the rest. */
const recordsBytesPerFrame = limits.frameBytes - limits.batchBytes - 8_192
const framesPerRequest = 64

/** Pushes everything in the outbox; returns how many items were acknowledged. Throws `conflict`, `circle-moved`, `epoch-old` on a lost race. */
export async function pushOutbox(
  keychain: LocalKeychain,
  api: ServerApi,
  options: ApiOptions & { readonly onProgress?: (done: number, total: number) => void } = {},
): Promise<number> {
  const total = keychain.dirty.size
  let pushed = 0
  for (;;) {
    // a newer record that this version cannot read must not be written over: its item waits for an update (B4)
    const ids = [...keychain.dirty]
      .filter((id) => keychain.index.get(id)?.state === 'ok')
      .slice(0, framesPerRequest * limits.recordsPerBatch)
    if (ids.length === 0) break
    const done = await pushItems(keychain, api, ids, 'put', options)
    if (done === 0) break
    pushed += done
    options.onProgress?.(pushed, Math.max(total, pushed))
  }
  return pushed
}

/** Pushes the present content of `ids`; `reseal` keeps dirty items out, since their own push brings them to the new epoch. */
export async function pushItems(
  keychain: LocalKeychain,
  api: ServerApi,
  ids: readonly ItemId[],
  kind: BatchOpKind,
  options: ApiOptions = {},
): Promise<number> {
  const { identity, vault } = keychain.requireTrusted()
  const prepared = await prepare(keychain, ids, kind)
  if (prepared.length === 0) return 0
  // remembered before the first byte leaves, so that this device knows its own word when it comes back (attack A40)
  await keychain.update((staged) => {
    const batches = prepared.map(({ batchHash, end, items }) => ({
      hashHex: toHex(batchHash),
      seq: end.seq,
      items: new Map(items.map(({ id, serial }) => [id, serial])),
    }))
    staged.setSent(addSentBatches(staged.sent, batches, staged.log?.seq ?? 0))
  })
  const result = await api.push(
    sessionOf(identity),
    vault,
    prepared.map(({ frame }) => frame),
    options,
  )
  if (result.accepted !== prepared.length) throw new NokkelError('conflict', { seq: result.seq })
  const last = prepared.at(-1) as Prepared
  const items = prepared.flatMap((one) => one.items)
  await keychain.update(async (staged) => {
    const { log } = staged
    // a pull of another process saw our batches first and has taken them over
    if (log === null || log.seq >= last.end.seq) return
    const stored = await keychain.readItems(items.map(({ id }) => id))
    for (const [at, item] of items.entries()) {
      const present = stored[at]
      if (present !== undefined) staged.acknowledge(item.id, present, item)
    }
    staged.setLog({ ...log, ...last.end, lastSyncMs: keychain.nowMs() })
    // what became of these is known, so the list of them need not be read at every start until the next push
    if (staged.sent !== null && items.length > limits.recordsPerBatch) staged.setSent(addSentBatches(staged.sent, [], last.end.seq))
  })
  return items.length
}

async function prepare(keychain: LocalKeychain, ids: readonly ItemId[], kind: BatchOpKind): Promise<Prepared[]> {
  const { identity, circle, log, vault, account } = keychain.requireTrusted()
  if (circle.rotationDue) throw new NokkelError('circle-moved')
  const { epoch } = keychain.currentVaultKey(vault)
  const recordKey = keychain.recordKey(vault, epoch)
  if (recordKey === undefined) throw new NokkelError('share-invalid', { rule: 'KEY-9' })
  const stored = await keychain.readItems(ids)
  const prepared: Prepared[] = []
  const root = keychain.root.draft()
  let after: LogPosition = log
  let items: SealedItem[] = []
  let records: Bytes[] = []
  let bytes = 0
  const flush = () => {
    if (items.length === 0) return
    for (const item of items) root.set(item.id, item.recordHash)
    const ops = items.map(({ id, recordHash }): BatchOp => ({ item: id, recordHash, kind }))
    const batch = makeBatch(circle, identity.keys, vault, after, ops, root.root(), keychain.nowMs())
    prepared.push({ frame: encodePushFrame({ batch: batch.encoded, records }), batchHash: batch.end.hash, end: batch.end, items })
    after = batch.end
    items = []
    records = []
    bytes = 0
  }
  for (const [at, id] of ids.entries()) {
    const present = stored[at]
    if (present === undefined) continue
    const sealed = sealRecord(keychain.random, recordKey, { account, vault, item: id, epoch }, present.encoded)
    if (items.length === limits.recordsPerBatch || bytes + sealed.encoded.length > recordsBytesPerFrame) flush()
    items.push({ id, serial: present.serial, encoded: present.encoded, recordHash: sealed.hash, epoch })
    records.push(sealed.encoded)
    bytes += sealed.encoded.length
  }
  flush()
  return prepared.slice(0, limits.framesPerPush)
}
