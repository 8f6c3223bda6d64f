/** May this entry follow in the circle, with these sealed keys? Pure (SPEC CIR-5 … CIR-13). */
import { equalBytes, NokkelError, type Bytes, type DeviceId, type VaultId } from '@nokkel/base'
import {
  decodeShare,
  describeEntry,
  limits,
  shareListHash,
  signedHash,
  verifyShare,
  type Circle,
  type CircleAppend,
  type CirclePayload,
  type LogPosition,
  type Rotation,
} from '@nokkel/protocol/wire'
import { checkWraps } from './genesis.ts'
import type { ShareRow, WrapRow } from '../store/store.ts'

export type AppendDecision =
  /** the same entry was stored before: same answer again */
  | { readonly repeated: true; readonly seq: number }
  | {
      readonly repeated: false
      readonly circle: Circle
      readonly payload: CirclePayload
      readonly shares: readonly ShareRow[]
      readonly wraps: readonly WrapRow[]
      readonly added: DeviceId | null
      readonly ended: readonly DeviceId[]
    }

function shareRows(circle: Circle, encoded: readonly Bytes[]): ShareRow[] {
  return encoded.map((bytes) => {
    const share = verifyShare(circle, bytes)
    return { deviceId: share.to, generation: share.generation, share: bytes }
  })
}

/** Exactly one share of the new generation for each device that stays, and the set that the signed entry names. */
function rotationShares(next: Circle, rotation: Rotation, sender: DeviceId, encoded: readonly Bytes[]): ShareRow[] {
  if (!equalBytes(shareListHash(encoded), rotation.sharesHash)) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  const rows = shareRows(next, encoded)
  const wanted = new Set(next.activeDevices().map((device) => device.id))
  for (const row of rows) {
    if (row.generation !== rotation.accountKey.generation || !wanted.delete(row.deviceId))
      throw new NokkelError('share-invalid', { rule: 'CIR-13' })
    if (decodeShare(row.share).share.from !== sender) throw new NokkelError('share-invalid', { rule: 'KEY-8' })
  }
  if (wanted.size > 0) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  return rows
}

/** The frozen positions that a rotation signs must be the logs' present ends, or a late batch would be lost (CIR-8). */
function ensureFrozenEnds(rotation: Rotation, logEnds: ReadonlyMap<VaultId, LogPosition>): void {
  for (const vault of rotation.vaults) {
    const end = logEnds.get(vault.vault)
    if (end === undefined || vault.frozenSeq !== end.seq || !equalBytes(vault.frozenHash, end.hash)) {
      throw new NokkelError('conflict', { seq: end?.seq ?? 0 })
    }
  }
}

function ensureNone(list: readonly Bytes[]): void {
  if (list.length > 0) throw new NokkelError('share-invalid', { rule: 'CIR-13' })
}

/**
 * `sender` is the device of the session. Throws `circle-moved`, `circle-invalid`, `share-invalid`, `conflict`, `device-limit`,
 * `last-device`, `malformed`, `update-needed`.
 */
export function decideAppend(
  circle: Circle,
  append: CircleAppend,
  sender: DeviceId,
  logEnds: ReadonlyMap<VaultId, LogPosition>,
): AppendDecision {
  if (equalBytes(signedHash(append.entry), circle.head)) return { repeated: true, seq: circle.seq }
  if (!equalBytes(append.expectedHead, circle.head)) throw new NokkelError('circle-moved', { seq: circle.seq })
  const { entry, signer } = describeEntry(append.entry)
  const { payload } = entry
  if (signer !== sender) throw new NokkelError('circle-invalid', { rule: 'CIR-2' })
  if (payload.type === 'add' && circle.activeDevices().length >= limits.activeDevices)
    throw new NokkelError('device-limit', { limit: limits.activeDevices })
  if (payload.type === 'leave' && circle.activeDevices().length === 1) throw new NokkelError('last-device')
  const next = circle.extend([append.entry])
  const same = { repeated: false, circle: next, payload, added: null, ended: [], shares: [], wraps: [] } as const
  switch (payload.type) {
    case 'add': {
      const [share] = append.shares
      if (share === undefined || append.shares.length !== 1 || !equalBytes(signedHash(share), payload.shareHash))
        throw new NokkelError('share-invalid', { rule: 'CIR-13' })
      const shares = shareRows(next, append.shares)
      const [row] = shares
      if (row?.deviceId !== payload.device.id || row.generation !== next.accountKey.generation)
        throw new NokkelError('share-invalid', { rule: 'CIR-13' })
      ensureNone(append.wraps)
      return { ...same, shares, added: payload.device.id }
    }
    case 'rotate':
    case 'remove': {
      ensureFrozenEnds(payload.rotation, logEnds)
      const shares = rotationShares(next, payload.rotation, sender, append.shares)
      const wraps = checkWraps(next, append.wraps, true)
      return { ...same, shares, wraps, ended: payload.type === 'remove' ? payload.devices : [] }
    }
    case 'leave':
      ensureNone([...append.shares, ...append.wraps])
      return { ...same, ended: [signer] }
    case 'epoch-done':
    case 'checkpoint':
    case 'recovery-add':
    case 'recovery-remove':
    case 'policy':
      ensureNone([...append.shares, ...append.wraps])
      return same
    case 'recover':
      // by its own route: whoever signs it has no session of a member
      throw new NokkelError('circle-invalid', { rule: 'CIR-22' })
    case 'genesis':
      // `extend` refused it
      throw new NokkelError('circle-invalid', { rule: 'CIR-1' })
  }
}

/** A device that comes back by itself (CIR-22). `device` is that of the session. Throws as `decideAppend`. */
export function decideRecover(circle: Circle, append: CircleAppend, device: DeviceId, signKey: Uint8Array): AppendDecision {
  if (equalBytes(signedHash(append.entry), circle.head)) return { repeated: true, seq: circle.seq }
  if (!equalBytes(append.expectedHead, circle.head)) throw new NokkelError('circle-moved', { seq: circle.seq })
  const { payload } = describeEntry(append.entry).entry
  if (payload.type !== 'recover' || payload.device.id !== device || !equalBytes(payload.device.signKey, signKey))
    throw new NokkelError('circle-invalid', { rule: 'CIR-22' })
  if (circle.activeDevices().length >= limits.activeDevices) throw new NokkelError('device-limit', { limit: limits.activeDevices })
  const next = circle.extend([append.entry])
  const [share] = append.shares
  if (share === undefined || append.shares.length !== 1 || !equalBytes(signedHash(share), payload.shareHash))
    throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  const shares = shareRows(next, append.shares)
  if (shares[0]?.deviceId !== device || shares[0].generation !== next.accountKey.generation)
    throw new NokkelError('share-invalid', { rule: 'CIR-13' })
  ensureNone(append.wraps)
  return { repeated: false, circle: next, payload, added: device, ended: [], shares, wraps: [] }
}
