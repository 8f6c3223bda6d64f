/**
 * The log of a vault. A push is a stream of frames, each one transaction: what was acknowledged is on disk, and an error in the
 * middle leaves the frames before it in place and says how many (SPEC API-10). Records are stored and returned, never opened.
 */
import { equalBytes, NokkelError, parseId, type AccountId, type Bytes, type DeviceId, type ItemId, type VaultId } from '@nokkel/base'
import {
  changesFrameLimits,
  decodePushFrame,
  encodeChangesFrame,
  encodeFrame,
  FrameSplitter,
  limits as sizes,
  type PushFrame,
} from '@nokkel/protocol/wire'
import { placeOfBatch, planPush } from '../domain/push.ts'
import type { Services } from '../services.ts'
import type { LogPage, SessionRow, StoreTx } from '../store/store.ts'
import { ensureStillActive } from './admission.ts'
import type { Handlers } from './call.ts'
import { integerOf } from './query.ts'

/** Hints go out at least this often during a long push. */
const framesPerHint = 16

type Sender = Pick<SessionRow, 'accountId' | 'deviceId' | 'tokenHash'>

export function vaultLogHandlers(services: Services): Pick<Handlers, 'log' | 'push' | 'records'> {
  const { config, store, circles, limits, live, metrics } = services

  /** One frame, all or nothing. Returns its position, and whether it is new. */
  async function storeFrame(sender: Sender, vault: VaultId, encoded: Uint8Array): Promise<{ seq: number; isNew: boolean }> {
    const frame = decodePushFrame(encoded)
    const seq = store.appendsAtOnce ? await appendAtOnce(sender, vault, frame) : undefined
    if (seq !== undefined) return { seq, isNew: true }
    return await store.transaction(sender.accountId, (tx) => appendInTurn(tx, sender, vault, frame))
  }

  /**
   * Where nothing stands in the way: judged by what the batch says of its place and by the circle as it was last seen, and stored by a statement that
   * looks at both, and at the session, again. Undefined: something did stand in the way, or may have; nothing was stored.
   */
  async function appendAtOnce(session: Sender, vault: VaultId, frame: PushFrame): Promise<number | undefined> {
    const { accountId, deviceId } = session
    const judged = await judge(accountId, deviceId, vault, frame)
    if (judged === undefined) return undefined
    const { circleHead, end, signed, records } = judged
    const { seq } = signed.batch
    const most = { accountRecords: config.quota.records, accountBytes: config.quota.bytes, vaultRecords: sizes.recordsPerVault }
    const batch = { seq, hash: signed.hash, batch: frame.batch, records }
    return (await store.appendAtOnce(accountId, vault, { session, circleHead, end }, batch, most)) ? seq : undefined
  }

  async function judge(accountId: AccountId, deviceId: DeviceId, vault: VaultId, frame: PushFrame) {
    try {
      const { after: end } = placeOfBatch(frame.batch)
      const circle = await circles.recent(store, accountId)
      if (!circle.isActive(deviceId)) return undefined
      return { circleHead: circle.head, end, ...planPush(circle, vault, end, deviceId, frame) }
    } catch (error) {
      // by a circle or for a session that may be none any more: what is wrong is said by the transaction, which knows
      if (error instanceof NokkelError) return undefined
      throw error
    }
  }

  async function appendInTurn(tx: StoreTx, session: Sender, vault: VaultId, frame: PushFrame): Promise<{ seq: number; isNew: boolean }> {
    const { accountId, deviceId } = session
    // where it was not looked up for this request (admission.ts)
    if (store.appendsAtOnce) await ensureStillActive(tx, session)
    const circle = await circles.load(tx, accountId)
    if (!circle.isActive(deviceId)) throw new NokkelError('device-removed')
    const end = await tx.vaultState(accountId, vault)
    if (end === undefined) throw new NokkelError('not-found', { what: 'vault' })
    const place = placeOfBatch(frame.batch)
    if (place.seq <= end.seq) {
      const stored = await tx.batchHash(accountId, vault, place.seq)
      if (stored === undefined || !equalBytes(stored, place.hash)) throw new NokkelError('conflict', { seq: end.seq })
      return { seq: place.seq, isNew: false }
    }
    const { signed, records } = planPush(circle, vault, end, deviceId, frame)
    const { seq } = signed.batch
    const delta = await tx.appendBatch(accountId, vault, { seq, hash: signed.hash, batch: frame.batch, records })
    // thrown after the write: the transaction takes it back
    if (delta.records > 0 && (delta.recordCount > config.quota.records || end.recordCount + delta.records > sizes.recordsPerVault)) {
      throw new NokkelError('quota-exceeded', { limit: Math.min(config.quota.records, sizes.recordsPerVault) })
    }
    if (delta.bytes > 0 && delta.storedBytes > config.quota.bytes)
      throw new NokkelError('quota-exceeded', { limitBytes: config.quota.bytes })
    return { seq, isNew: true }
  }

  function frameOf({ headSeq, batches, records }: Pick<LogPage, 'headSeq' | 'batches' | 'records'>): Bytes {
    return encodeFrame(encodeChangesFrame({ incarnation: store.incarnation, headSeq, batches, records }))
  }

  async function* pages(accountId: AccountId, vault: VaultId, first: LogPage): AsyncGenerator<Bytes> {
    let page = first
    for (;;) {
      const { headSeq, lastSeq } = page
      yield frameOf(page)
      if (lastSeq >= headSeq) return
      const next = await store.logPage(accountId, vault, lastSeq, changesFrameLimits)
      if (next === undefined || next.lastSeq === lastSeq) return
      page = next
    }
  }

  return {
    async log({ session, params, query }) {
      const vault = parseId<VaultId>(params['vault'] ?? '')
      const after = integerOf(query['after'], 'after', 0, 0)
      const { incarnation } = query
      if (incarnation !== undefined && incarnation !== store.incarnation) throw new NokkelError('cursor-gone')
      const first = await store.logPage(session.accountId, vault, after, changesFrameLimits)
      if (first === undefined) throw new NokkelError('not-found', { what: 'vault' })
      // the server that took this in may have died before it told the others
      if (first.headSeq > after && session.state === 'active') live.catchUp(session.accountId, { type: 'log', vault, seq: first.headSeq })
      return first.lastSeq >= first.headSeq ? frameOf(first) : pages(session.accountId, vault, first)
    },

    async push({ session, params, body }) {
      const vault = parseId<VaultId>(params['vault'] ?? '')
      const { accountId, deviceId } = session
      const splitter = new FrameSplitter()
      let accepted = 0
      let stored = 0
      let hinted = 0
      let seq = 0
      const hint = (): void => {
        if (stored > hinted) live.publish(accountId, { type: 'log', vault, seq }, 'members')
        hinted = stored
      }
      try {
        for await (const chunk of body) {
          for (const frame of splitter.push(chunk)) {
            if (accepted >= sizes.framesPerPush) throw new NokkelError('too-large', { limit: sizes.framesPerPush })
            await limits.consume('push', deviceId)
            const done = await storeFrame(session, vault, frame)
            seq = done.seq
            accepted++
            if (done.isNew) {
              stored++
              metrics.batches(1)
            } else live.catchUp(accountId, { type: 'log', vault, seq })
            if (stored - hinted >= framesPerHint) hint()
          }
        }
        splitter.end()
        if (accepted === 0) throw new NokkelError('malformed', { what: 'push' })
      } catch (error) {
        if (!(error instanceof NokkelError)) throw error
        throw new NokkelError(error.code, { seq, ...error.params, accepted, logSeq: seq }, { cause: error })
      } finally {
        hint()
      }
      return { seq, accepted }
    },

    async records({ session, params, body }) {
      const vault = parseId<VaultId>(params['vault'] ?? '')
      const { accountId } = session
      const state = await store.vaultState(accountId, vault)
      if (state === undefined) throw new NokkelError('not-found', { what: 'vault' })
      const items = body.items as ItemId[]
      return recordFrames(accountId, vault, state.seq, items)
    },
  }

  /** A hundred of the largest records do not fit in one frame: they come in as many as it takes. */
  async function* recordFrames(accountId: AccountId, vault: VaultId, headSeq: number, items: readonly ItemId[]): AsyncGenerator<Bytes> {
    const frame = (records: readonly Bytes[]): Bytes => frameOf({ headSeq, batches: [], records })
    const perRead = Math.floor(changesFrameLimits.bytes / sizes.recordBytes)
    let held: Bytes[] = []
    let bytes = 0
    let sent = false
    for (let at = 0; at < items.length; at += perRead) {
      for (const record of await store.records(accountId, vault, items.slice(at, at + perRead))) {
        if (bytes + record.length > changesFrameLimits.bytes) {
          yield frame(held)
          sent = true
          held = []
          bytes = 0
        }
        held.push(record)
        bytes += record.length
      }
    }
    if (held.length > 0 || !sent) yield frame(held)
  }
}
