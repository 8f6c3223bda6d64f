/**
 * Taking in the vault log: verify every batch, match every record to the batch that lists it, open, merge, store; one transaction a
 * page (SPEC SYN-9 … SYN-19). A record that cannot be read is set aside and reported and stops nothing (B4). A server that drops,
 * repeats, reorders, replaces or withholds is named and nothing of it is kept.
 */
import { equalBytes, isNokkelError, NokkelError, toHex, type Bytes, type DeviceId, type ItemId } from '@nokkel/base'
import { decodeItem, equalItems, joinItems, latestHlc, planMerge, type Item } from '@nokkel/keychain'
import {
  decodeRecord,
  logStart,
  openRecord,
  recordHash,
  verifyBatch,
  type ChangesFrame,
  type Circle,
  type LogPosition,
  type RecordEnvelope,
  type SignedBatch,
} from '@nokkel/protocol'
import type { ApiOptions, ServerApi } from './server-api.ts'
import type { LocalKeychain, Staged } from './local-keychain.ts'
import { sessionOf } from './sync-circle.ts'

export interface PulledItem {
  readonly id: ItemId
  readonly title: string
  readonly kind: string
  readonly device: DeviceId
  readonly writtenMs: number
}

export interface PullReport {
  readonly items: readonly PulledItem[]
  readonly merged: number
  readonly quarantined: number
}

export interface PullOptions extends ApiOptions {
  readonly onProgress?: (done: number, total: number) => void
  /** points that the log must pass through, as an approving device vouched for them (JOIN-8) */
  readonly checkpoints?: readonly LogPosition[]
}

interface Listed {
  readonly hash: Bytes
  readonly batch: SignedBatch
  /** the newest batch of this page that changed the content; resealing does not */
  readonly put: SignedBatch | undefined
}

/** Pulls until the log's end. `onProgress` gets positions. Throws alarms, `cursor-gone`, `circle-moved`, `offline`. */
export async function pullLog(keychain: LocalKeychain, api: ServerApi, options: PullOptions = {}): Promise<PullReport> {
  const { identity, vault, log } = keychain.requireTrusted()
  const session = sessionOf(identity)
  const items: PulledItem[] = []
  let merged = 0
  let quarantined = 0
  let last: SignedBatch | null = null
  // before the first page
  let headSeq = -1
  const first = log.seq
  let expected: LogPosition = log
  // another process of this device, or another round of this one, went ahead or started over: begin again from there
  const ensureUnmoved = () => {
    const now = keychain.requireTrusted().log
    if (now.seq !== expected.seq || !equalBytes(now.hash, expected.hash)) throw new NokkelError('conflict')
  }
  let reached = log.seq
  const held: ChangesFrame[] = []
  const frozenSeq = Math.max(0, ...(keychain.circle?.vaults.get(vault)?.epochs ?? []).map((start) => start.frozenSeq))
  await api.changes(
    session,
    vault,
    { after: log.seq, incarnation: log.incarnation },
    async (page) => {
      held.push(page)
      reached += page.batches.length
      // what stands before a rotation's frozen position is believed only together with the batch that the rotation names (CIR-8): until
      // then a removed device, with the server's help, could still be writing this history (attack A17)
      if (reached < frozenSeq && reached < page.headSeq) return
      ensureUnmoved()
      if (held.length > 1) await verifyAhead(keychain, held)
      if (reached < frozenSeq) throw await alarmOf(keychain, new NokkelError('log-rolled-back', { seq: reached }))
      for (const frame of held.splice(0)) {
        ensureUnmoved()
        const result = await applyFrame(keychain, frame, options.checkpoints ?? [])
        expected = result.end
        items.push(...result.items)
        merged += result.merged
        quarantined += result.quarantined
        if (result.last !== null) last = result.last
        headSeq = frame.headSeq
        options.onProgress?.(result.end.seq - first, Math.max(frame.headSeq, result.end.seq) - first)
      }
    },
    options,
  )
  const end = keychain.requireTrusted().log.seq
  for (const point of options.checkpoints ?? [])
    if (point.seq > end) throw await alarmOf(keychain, new NokkelError('log-rolled-back', { seq: end }))
  // an answer without a single page says nothing, not even "nothing new"
  if (headSeq === -1) throw new NokkelError('server-unavailable', { what: 'log' })
  if (headSeq < end) throw await alarmOf(keychain, new NokkelError('log-rolled-back', { seq: headSeq }))
  // an answer that stops short of the end it names is no synchronisation, whoever cut it off
  if (end < headSeq) throw new NokkelError('server-unavailable', { what: 'log' })
  await checkCompleteness(keychain, api, last)
  return { items, merged, quarantined }
}

const lastSyncStepMs = 30_000

interface FrameResult extends PullReport {
  readonly last: SignedBatch | null
  readonly end: LogPosition
}

async function applyFrame(keychain: LocalKeychain, frame: ChangesFrame, checkpoints: readonly LogPosition[]): Promise<FrameResult> {
  const { identity, circle, vault, log, account } = keychain.requireTrusted()
  if (log.incarnation !== null && frame.incarnation !== log.incarnation) throw new NokkelError('cursor-gone')
  // every rotation signed how far the log had come: what ends before that is not all of it (CIR-8)
  const frozenSeq = circle.vaults.get(vault)?.epochs.at(-1)?.frozenSeq ?? 0
  if (frame.headSeq < frozenSeq) throw await alarmOf(keychain, new NokkelError('log-rolled-back', { seq: frame.headSeq }))
  let verified: { batches: SignedBatch[]; listed: Map<ItemId, Listed> }
  let envelopes: Map<ItemId, { envelope: RecordEnvelope | null; encoded: Bytes; hash: Bytes }>
  try {
    verified = verifyBatches(circle, vault, log, frame.batches)
    envelopes = matchRecords(frame.records, verified.listed)
    for (const point of checkpoints) {
      const batch = verified.batches.find((candidate) => candidate.batch.seq === point.seq)
      if (batch !== undefined && !equalBytes(batch.hash, point.hash)) throw new NokkelError('circle-mismatch', { rule: 'JOIN-8' })
    }
  } catch (error) {
    // the log holds a batch which ignores a rotation that we know: no honest server took it after that (attack A17)
    if (isNokkelError(error, 'circle-moved') && Number(error.params.seq) <= circle.seq)
      throw await alarmOf(keychain, new NokkelError('record-forged', { rule: 'SYN-5' }))
    if (isNokkelError(error) && error.group === 'alarm') throw await alarmOf(keychain, error)
    throw error
  }
  const { batches, listed } = verified
  const last = batches.at(-1) ?? null
  const ids = [...listed.keys()]
  let report: PullReport = { items: [], merged: 0, quarantined: 0 }
  await keychain.update(async (staged) => {
    const items: PulledItem[] = []
    let merged = 0
    let quarantined = 0
    // another process of this device may have taken this page already
    if (staged.log === null || staged.log.seq !== log.seq) throw new NokkelError('conflict')
    const taken = ownWords(staged, identity.keys.id, batches, frame.headSeq)
    const stored = await keychain.readItems(ids)
    for (const [at, id] of ids.entries()) {
      const { hash, batch, put } = listed.get(id) as Listed
      const epoch = circle.epochAt(vault, batch.batch.seq)?.epoch ?? 0
      const found = envelopes.get(id)
      if (found === undefined) {
        staged.putWithout(id, 'missing', hash, epoch)
        // its newest record comes with a later page; that ours went into it must not be forgotten until then
        if (taken.has(id) && taken.get(id) === stored[at]?.serial) staged.settle(id)
        continue
      }
      const remote = openItem(keychain, account, vault, id, found.envelope, epoch)
      if (remote === null) {
        quarantined++
        staged.putWithout(id, 'quarantined', hash, epoch, found.encoded)
        continue
      }
      staged.observe(latestHlc(remote))
      const local = stored[at]
      // a push whose answer was lost: all that we had is in the log, so whatever stands there now was written by somebody who knew it
      if (local !== undefined && taken.get(id) === local.serial) staged.putRemote(id, remote, hash, epoch, local.serial + 1)
      else if (await mergeInto(keychain, staged, id, remote, hash, epoch, local, taken.has(id) && put?.device === identity.keys.id))
        merged++
      items.push({ id, kind: remote.kind, title: titleOf(remote), device: batch.device, writtenMs: batch.batch.timeMs })
    }
    if (batches.length > 0) staged.hear(batches.map((batch) => [batch.device, batch.batch.timeMs]))
    if (quarantined > 0) staged.notify('items-quarantined', { count: quarantined })
    const end: LogPosition = last === null ? log : { seq: last.batch.seq, hash: last.hash }
    // an empty page is worth a write only once in a while, so that "last synchronised" stays true without costing a commit each time
    if (last !== null || log.incarnation === null || keychain.nowMs() - (log.lastSyncMs ?? 0) > lastSyncStepMs)
      staged.setLog({ ...log, ...end, incarnation: frame.incarnation, lastSyncMs: keychain.nowMs() })
    report = { items, merged, quarantined }
  })
  return { ...report, last, end: last === null ? log : { seq: last.batch.seq, hash: last.hash } }
}

/** Which items the log took over from this device, and with which serial. A word of ours that we never sent is a clone's (attack A40). */
function ownWords(staged: Staged, self: DeviceId, batches: readonly SignedBatch[], headSeq: number): ReadonlyMap<ItemId, number> {
  const taken = new Map<ItemId, number>()
  // without a record of our own words those that are there must be ours
  if (staged.sent === null) staged.setSent({ floor: headSeq, batches: [] })
  const { floor, batches: sent } = staged.sent ?? { floor: headSeq, batches: [] }
  for (const { device, hash, batch } of batches) {
    if (device !== self) continue
    const own = sent.find(({ hashHex }) => hashHex === toHex(hash))
    if (own === undefined && batch.seq > floor) staged.notify('alarm', { code: 'batch-equivocation', seq: batch.seq })
    for (const [item, serial] of own?.items ?? []) taken.set(item, serial)
  }
  return taken
}

function titleOf(item: Item): string {
  const title = item.fields.get('title')?.value
  return typeof title === 'string' ? title : ''
}

/** Checks the batches of several pages as one run, before the first of them is taken over. */
async function verifyAhead(keychain: LocalKeychain, frames: readonly ChangesFrame[]): Promise<void> {
  const { circle, vault, log } = keychain.requireTrusted()
  try {
    verifyBatches(
      circle,
      vault,
      log,
      frames.flatMap((frame) => frame.batches),
    )
  } catch (error) {
    if (isNokkelError(error) && error.group === 'alarm') throw await alarmOf(keychain, error)
    throw error
  }
}

function verifyBatches(circle: Circle, vault: Parameters<typeof verifyBatch>[1], log: LogPosition, encoded: readonly Bytes[]) {
  const listed = new Map<ItemId, Listed>()
  const batches: SignedBatch[] = []
  let after: LogPosition = log
  for (const bytes of encoded) {
    const batch = verifyBatch(circle, vault, after, bytes)
    after = { seq: batch.batch.seq, hash: batch.hash }
    batches.push(batch)
    for (const op of batch.batch.ops)
      listed.set(op.item, { hash: op.recordHash, batch, put: op.kind === 'put' ? batch : listed.get(op.item)?.put })
  }
  return { batches, listed }
}

/** Every record must be the very one that the newest batch for its item lists; anything else is the server's invention. */
function matchRecords(records: readonly Bytes[], listed: ReadonlyMap<ItemId, Listed>) {
  const byHash = new Map<string, ItemId>()
  for (const [id, { hash }] of listed) byHash.set(toHex(hash), id)
  const found = new Map<ItemId, { envelope: RecordEnvelope | null; encoded: Bytes; hash: Bytes }>()
  for (const encoded of records) {
    const hash = recordHash(encoded)
    const id = byHash.get(toHex(hash))
    if (id === undefined || found.has(id)) throw new NokkelError('record-forged', { rule: 'SYN-10' })
    found.set(id, { envelope: parseRecord(encoded), encoded, hash })
  }
  return found
}

/** A member's signed batch may list bytes that this version cannot parse: that is a matter for the quarantine, not an alarm. */
function parseRecord(encoded: Bytes): RecordEnvelope | null {
  try {
    return decodeRecord(encoded)
  } catch {
    return null
  }
}

function openItem(
  keychain: LocalKeychain,
  account: Parameters<typeof openRecord>[1]['account'],
  vault: Parameters<typeof openRecord>[1]['vault'],
  id: ItemId,
  envelope: RecordEnvelope | null,
  epoch: number,
): Item | null {
  // SYN-6: after a rotation only the new epoch counts; a record under another epoch is not read
  if (envelope === null || envelope.epoch !== epoch || envelope.item !== id || envelope.vault !== vault) return null
  const key = keychain.recordKey(vault, epoch)
  if (key === undefined) return null
  try {
    return decodeItem(openRecord(key, { account, vault, item: id }, envelope))
  } catch (error) {
    if (isNokkelError(error, 'open-failed', 'malformed', 'too-large')) return null
    throw error
  }
}

/** Returns true when local content was merged with the log's. `ours`: the record is one that this device sent. */
async function mergeInto(
  keychain: LocalKeychain,
  staged: Staged,
  id: ItemId,
  remote: Item,
  hash: Bytes,
  epoch: number,
  local: { item: Item; serial: number } | undefined,
  ours = false,
): Promise<boolean> {
  const entry = staged.entry(id)
  if (local === undefined || entry === undefined) {
    staged.putRemote(id, remote, hash, epoch, 1)
    return false
  }
  if (entry.dirty || entry.unconfirmed) {
    // what we sent ourselves is what we have gone on from
    const base = ours ? remote : entry.dirty ? await keychain.readBase(id) : commonBase(local.item, remote)
    const plan = planMerge(base, local.item, remote, staged.stamp, {
      unproven: entry.unconfirmed && !ours && (await keychain.store.get('state', wentBackRow)) !== undefined,
    })
    if (plan.restored) staged.notify('edit-restored', { item: id })
    if (plan.changed) staged.putMerged(id, plan.item, remote, hash, epoch, local.serial + 1)
    else staged.putRemote(id, remote, hash, epoch, local.serial + 1)
    return true
  }
  staged.putRemote(id, remote, hash, epoch, local.serial + 1)
  return false
}

/** Set while what is here may be ahead of the log: the server, or this device's own store, went back to an earlier state. */
export const wentBackRow = 'went-back'

/** For kept copies whose history of synchronisation is gone: values on both sides that are the same were never in conflict. */
function commonBase(local: Item, remote: Item): Item | null {
  return equalItems(joinItems(local, remote), remote) ? local : equalItems(joinItems(local, remote), local) ? remote : null
}

/** At the log's end nothing may be missing and the state must be the one that the last writer signed (SYN-8, SYN-11). */
async function checkCompleteness(keychain: LocalKeychain, api: ServerApi, last: SignedBatch | null): Promise<void> {
  const missing = [...keychain.index.values()].filter((entry) => entry.state === 'missing')
  if (missing.length > 0)
    await fetchMissing(
      keychain,
      api,
      missing.map((entry) => entry.id),
    )
  if (last === null) return
  if (!equalBytes(keychain.root.root(), last.batch.root))
    throw await alarmOf(keychain, new NokkelError('state-diverged', { seq: last.batch.seq }))
}

async function fetchMissing(keychain: LocalKeychain, api: ServerApi, ids: readonly ItemId[]): Promise<void> {
  const { identity, vault, account } = keychain.requireTrusted()
  for (let at = 0; at < ids.length; at += 100) {
    const records = await api.records(sessionOf(identity), vault, ids.slice(at, at + 100))
    await keychain.update(async (staged) => {
      for (const encoded of records) {
        const envelope = parseRecord(encoded)
        const entry = envelope === null ? undefined : staged.entry(envelope.item)
        if (entry?.state !== 'missing' || entry.recordHash === null || !equalBytes(recordHash(encoded), entry.recordHash)) continue
        const remote = openItem(keychain, account, vault, entry.id, envelope, entry.epoch)
        if (remote === null) staged.putWithout(entry.id, 'quarantined', entry.recordHash, entry.epoch, encoded)
        else await mergeInto(keychain, staged, entry.id, remote, entry.recordHash, entry.epoch, await keychain.readItem(entry.id))
      }
    })
  }
  const still = [...keychain.index.values()].filter((entry) => entry.state === 'missing')
  if (still.length > 0) throw await alarmOf(keychain, new NokkelError('record-withheld', { count: still.length }))
}

/** Leaves the alarm as a notice, so that it is seen even if nobody reads this call's error. */
async function alarmOf(keychain: LocalKeychain, error: NokkelError): Promise<NokkelError> {
  // a writer that already knows a newer circle is no attack: the caller pulls the circle and tries again
  if (error.code !== 'circle-moved') await keychain.update((staged) => staged.notify('alarm', { code: error.code, ...error.params }))
  return error
}

/**
 * The server was restored from a backup (its incarnation changed): everything here is kept and compared with the log from the start.
 * What the log no longer has is pushed again (SYN-17).
 */
export async function startOver(keychain: LocalKeychain): Promise<void> {
  const { circle, log } = keychain.requireTrusted()
  await keychain.update((staged) => {
    for (const entry of keychain.index.values())
      staged.setEntry({ ...entry, recordHash: null, unconfirmed: true, state: entry.state === 'missing' ? 'ok' : entry.state })
    staged.setLog({ ...log, ...logStart(circle), incarnation: null })
    staged.putState(wentBackRow, new Uint8Array([1]))
    staged.notify('server-restored', {})
  })
}

/**
 * After a pull to the end: what is still unconfirmed is not in the log and goes to the outbox, made on what the log once had. It stays
 * unconfirmed until the log has it, because another device may bring back an older or a newer state of it meanwhile.
 */
export async function adoptUnconfirmed(keychain: LocalKeychain): Promise<void> {
  const unconfirmed = [...keychain.index.values()].filter((entry) => entry.unconfirmed)
  if (unconfirmed.length === 0 && (await keychain.store.get('state', wentBackRow)) !== undefined)
    await keychain.update((staged) => staged.putState(wentBackRow, null))
  const left = unconfirmed.filter((entry) => !entry.dirty && entry.state === 'ok')
  if (left.length === 0) return
  await keychain.update(async (staged) => {
    for (const { id } of left) {
      const entry = staged.entry(id)
      const stored = await keychain.readItem(id)
      if (entry === undefined || !entry.unconfirmed || entry.dirty) continue
      staged.setEntry({ ...entry, recordHash: null, epoch: 0, unconfirmed: stored !== undefined, state: 'ok' })
      if (stored !== undefined) staged.putLocal(id, stored.item, stored)
    }
  })
}
