/** Making circle entries: the writing half of `wire/circle.ts`. Every function gives encoded, signed bytes and changes nothing else. */
import type { AccountId, Bytes, DeviceId, Random, VaultId } from '@nokkel/base'
import { sha256, sign, type SigningKey } from '@nokkel/crypto'
import {
  accountKeyPublic,
  createAccountKey,
  createVaultKey,
  deviceRecordOf,
  vaultEpochOf,
  type AccountKey,
  type DeviceKeys,
  type VaultKey,
} from './keys.ts'
import { sealShare, wrapPreviousVaultKey, wrapVaultKey } from './seal-share.ts'
import type { LogPosition } from './wire/batch.ts'
import {
  accountIdOf,
  encodeCircleEntryBody,
  reverseSignatureBody,
  type CircleEntry,
  type CirclePayload,
  type CopyDisposition,
  type VaultRotation,
} from './wire/circle-entry.ts'
import type { Circle } from './wire/circle.ts'
import type { DeviceRecord } from './wire/device-record.ts'
import { currentSuite, labels } from './wire/labels.ts'
import type { ClassPolicy } from './wire/policy.ts'
import { recoverySignerOf, type RecoveryRecord, type RecoverySlot } from './wire/recovery-member.ts'
import { shareListHash } from './wire/share.ts'
import { encodeSigned } from './wire/signed.ts'

function signEntry(signer: DeviceKeys, entry: CircleEntry): Bytes {
  const body = encodeCircleEntryBody(entry)
  return encodeSigned({ body, signer: signer.id, signature: sign(signer.sign, labels.circleEntry, body) })
}

function nextEntry(circle: Circle, signer: DeviceKeys, timeMs: number, payload: CirclePayload): Bytes {
  return signEntry(signer, {
    account: circle.account,
    seq: circle.seq + 1,
    prev: circle.head,
    timeMs,
    suiteFloor: circle.suiteFloor,
    payload,
  })
}

export interface MadeGenesis {
  readonly account: AccountId
  readonly entry: Bytes
  readonly accountKey: AccountKey
  readonly vaultKey: VaultKey
  readonly shares: readonly Bytes[]
  readonly wraps: readonly Bytes[]
}

/** A new account: first device, first account key, one personal vault (A4); with `replaces`, in the place of another circle (D4). */
export function makeGenesis(
  random: Random,
  device: DeviceKeys,
  vault: VaultId,
  timeMs: number,
  replaces: { readonly account: AccountId; readonly head: Bytes } | null = null,
): MadeGenesis {
  const accountKey = createAccountKey(random, 1)
  const vaultKey = createVaultKey(random, vault, 1)
  const genesis: CircleEntry = {
    account: null,
    seq: 0,
    prev: null,
    timeMs,
    suiteFloor: currentSuite,
    payload: {
      type: 'genesis',
      device: deviceRecordOf(device),
      accountKey: accountKeyPublic(accountKey),
      vaults: [vaultEpochOf(vaultKey)],
      replaces,
    },
  }
  const account = accountIdOf(encodeCircleEntryBody(genesis))
  return {
    account,
    entry: signEntry(device, genesis),
    accountKey,
    vaultKey,
    shares: [sealShare(random, device, account, { id: device.id, sealKey: device.seal.publicKey }, accountKey)],
    wraps: [wrapVaultKey(random, account, vaultKey, accountKey)],
  }
}

/** What the new device contributes to its own admission (CIR-4). */
export function makeReverseSignature(account: AccountId, device: DeviceKeys, transcriptHash: Uint8Array): Bytes {
  return sign(device.sign, labels.circleReverse, reverseSignatureBody(account, deviceRecordOf(device), transcriptHash))
}

export interface MadeAdd {
  readonly entry: Bytes
  readonly share: Bytes
}

export function makeAdd(
  random: Random,
  circle: Circle,
  signer: DeviceKeys,
  key: AccountKey,
  added: { readonly device: DeviceRecord; readonly transcriptHash: Bytes; readonly reverseSignature: Bytes },
  timeMs: number,
): MadeAdd {
  const share = sealShare(random, signer, circle.account, added.device, key)
  return { entry: nextEntry(circle, signer, timeMs, { type: 'add', ...added, shareHash: sha256(share) }), share }
}

export interface MadeRotation {
  readonly entry: Bytes
  readonly accountKey: AccountKey
  readonly vaultKeys: readonly VaultKey[]
  readonly shares: readonly Bytes[]
  readonly wraps: readonly Bytes[]
}

/**
 * New account key and new keys for all vaults, shared with everybody who stays; with `remove`, the devices that go (B3).
 * `vaults` holds each vault's present key and the end of its log.
 */
export function makeRotation(
  random: Random,
  circle: Circle,
  signer: DeviceKeys,
  vaults: readonly { readonly key: VaultKey; readonly end: LogPosition }[],
  timeMs: number,
  remove?: { readonly devices: readonly DeviceId[]; readonly disposition: CopyDisposition },
): MadeRotation {
  const accountKey = createAccountKey(random, circle.accountKey.generation + 1)
  const next = vaults.map(({ key, end }) => ({ old: key, end, key: createVaultKey(random, key.vault, key.epoch + 1) }))
  const staying = circle.activeDevices().filter((device) => remove?.devices.includes(device.id) !== true)
  const shares = staying.map((device) => sealShare(random, signer, circle.account, device, accountKey))
  const wraps = next.flatMap(({ old, key }) => [
    wrapVaultKey(random, circle.account, key, accountKey),
    wrapPreviousVaultKey(random, circle.account, old, key),
  ])
  const rotation = {
    accountKey: accountKeyPublic(accountKey),
    sharesHash: shareListHash(shares),
    vaults: next.map(({ key, end }): VaultRotation => ({ ...vaultEpochOf(key), frozenSeq: end.seq, frozenHash: end.hash })),
  }
  const payload: CirclePayload = remove === undefined ? { type: 'rotate', rotation } : { type: 'remove', ...remove, rotation }
  return { entry: nextEntry(circle, signer, timeMs, payload), accountKey, vaultKeys: next.map(({ key }) => key), shares, wraps }
}

/** Opens a way back (CIR-20). Its bundle must be at the server before. */
export function makeRecoveryAdd(circle: Circle, signer: DeviceKeys, recovery: RecoveryRecord, timeMs: number): Bytes {
  return nextEntry(circle, signer, timeMs, { type: 'recovery-add', recovery })
}

export function makeRecoveryRemove(circle: Circle, signer: DeviceKeys, slot: RecoverySlot, timeMs: number): Bytes {
  return nextEntry(circle, signer, timeMs, { type: 'recovery-remove', slot })
}

/** What devices in browsers may do from now on (CIR-23). */
export function makePolicy(circle: Circle, signer: DeviceKeys, policy: ClassPolicy, timeMs: number): Bytes {
  return nextEntry(circle, signer, timeMs, { type: 'policy', policy })
}

/** A device comes back by itself (CIR-22): signed by the way back, with the account key sealed by the device to itself. */
export function makeRecover(
  random: Random,
  circle: Circle,
  member: { readonly slot: RecoverySlot; readonly sign: SigningKey },
  device: DeviceKeys,
  key: AccountKey,
  timeMs: number,
): MadeAdd {
  const share = sealShare(random, device, circle.account, { id: device.id, sealKey: device.seal.publicKey }, key)
  const body = encodeCircleEntryBody({
    account: circle.account,
    seq: circle.seq + 1,
    prev: circle.head,
    timeMs,
    suiteFloor: circle.suiteFloor,
    payload: {
      type: 'recover',
      slot: member.slot,
      device: deviceRecordOf(device),
      shareHash: sha256(share),
      reverseSignature: makeReverseSignature(circle.account, device, circle.head),
    },
  })
  const signer = recoverySignerOf(member.sign.publicKey) as DeviceId
  return { entry: encodeSigned({ body, signer, signature: sign(member.sign, labels.circleEntry, body) }), share }
}

export function makeLeave(circle: Circle, signer: DeviceKeys, timeMs: number): Bytes {
  return nextEntry(circle, signer, timeMs, { type: 'leave' })
}

export function makeEpochDone(circle: Circle, signer: DeviceKeys, vault: VaultId, epoch: number, timeMs: number): Bytes {
  return nextEntry(circle, signer, timeMs, { type: 'epoch-done', vault, epoch })
}

export function makeCheckpoint(circle: Circle, signer: DeviceKeys, timeMs: number): Bytes {
  return nextEntry(circle, signer, timeMs, { type: 'checkpoint', stateHash: circle.stateHash() })
}
