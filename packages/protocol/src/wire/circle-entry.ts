/**
 * Entries of the circle: the account's append-only, hash-linked, device-signed log of who may read the keychain (SPEC CIR-1).
 * This file is the format only; `circle.ts` says which entries are valid after which.
 * Body: [1, "nk/1/chain", account | null, seq, prev | null, type, ts, suite floor, payload]
 */
import {
  encodeCbor,
  CborReader,
  fromHex,
  idFromBytes,
  idToBytes,
  NokkelError,
  readId,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type VaultId,
} from '@nokkel/base'
import { sha256, signatureBytes } from '@nokkel/crypto/verify'
import { deviceRecordToCbor, readDeviceRecord, type DeviceRecord } from './device-record.ts'
import { currentSuite, formatVersion, labels } from './labels.ts'
import { limits } from './limits.ts'
import { policyToCbor, readPolicy, type ClassPolicy } from './policy.ts'
import { readRecoveryRecord, readRecoverySlot, recoveryRecordToCbor, type RecoveryRecord, type RecoverySlot } from './recovery-member.ts'

const hashBytes = 32
const kemKeyBytes = 1216

/** The account key of one generation, as everybody sees it. */
export interface AccountKeyPublic {
  /** 1, 2, 3 … */
  readonly generation: number
  /** X-Wing key others seal to (shared vaults) */
  readonly kemKey: Bytes
  /** commitment to the secret (SPEC KEY-5) */
  readonly commitment: Bytes
}

export interface VaultEpoch {
  readonly vault: VaultId
  readonly epoch: number
  readonly commitment: Bytes
}

/** A new epoch and the exact end of the log that the old one may still explain (SPEC CIR-8). */
export interface VaultRotation extends VaultEpoch {
  readonly frozenSeq: number
  readonly frozenHash: Bytes
}

export interface Rotation {
  readonly accountKey: AccountKeyPublic
  /** hash over all shares of the new generation, see `shareListHash` */
  readonly sharesHash: Bytes
  readonly vaults: readonly VaultRotation[]
}

/** What a removed device does with its copy, as the remover chose (B3). */
export type CopyDisposition = 'keep' | 'delete'

export type CirclePayload =
  | {
      readonly type: 'genesis'
      readonly device: DeviceRecord
      readonly accountKey: AccountKeyPublic
      readonly vaults: readonly VaultEpoch[]
      readonly replaces: { readonly account: AccountId; readonly head: Bytes } | null
    }
  | {
      readonly type: 'add'
      readonly device: DeviceRecord
      readonly transcriptHash: Bytes
      readonly shareHash: Bytes
      readonly reverseSignature: Bytes
    }
  | { readonly type: 'rotate'; readonly rotation: Rotation }
  | { readonly type: 'remove'; readonly devices: readonly DeviceId[]; readonly disposition: CopyDisposition; readonly rotation: Rotation }
  | { readonly type: 'leave' }
  | { readonly type: 'epoch-done'; readonly vault: VaultId; readonly epoch: number }
  | { readonly type: 'checkpoint'; readonly stateHash: Bytes }
  | { readonly type: 'recovery-add'; readonly recovery: RecoveryRecord }
  | { readonly type: 'recovery-remove'; readonly slot: RecoverySlot }
  /** signed by a recovery member, not by a device: lets one device in (CIR-22) */
  | {
      readonly type: 'recover'
      readonly slot: RecoverySlot
      readonly device: DeviceRecord
      readonly shareHash: Bytes
      readonly reverseSignature: Bytes
    }
  | { readonly type: 'policy'; readonly policy: ClassPolicy }

export type CircleEntryType = CirclePayload['type']

/** Unknown numbers stop the replay (CIR-6). */
const typeNumbers: Readonly<Record<CircleEntryType, number>> = {
  genesis: 0,
  add: 1,
  rotate: 2,
  remove: 3,
  leave: 4,
  'recovery-add': 5,
  'recovery-remove': 6,
  recover: 7,
  policy: 8,
  'epoch-done': 9,
  checkpoint: 10,
}

export interface CircleEntry {
  /** null in the genesis only: the account is named after its hash */
  readonly account: AccountId | null
  readonly seq: number
  readonly prev: Bytes | null
  /** display only, never used for order (CIR-9) */
  readonly timeMs: number
  readonly suiteFloor: number
  readonly payload: CirclePayload
}

export function encodeCircleEntryBody(entry: CircleEntry): Bytes {
  return encodeCbor([
    formatVersion,
    labels.circleEntry,
    entry.account === null ? null : idToBytes(entry.account),
    entry.seq,
    entry.prev,
    typeNumbers[entry.payload.type],
    entry.timeMs,
    entry.suiteFloor,
    payloadToCbor(entry.payload),
  ])
}

function payloadToCbor(payload: CirclePayload): CborValue {
  switch (payload.type) {
    case 'genesis':
      return [
        deviceRecordToCbor(payload.device),
        accountKeyToCbor(payload.accountKey),
        payload.vaults.map((vault) => [idToBytes(vault.vault), vault.epoch, vault.commitment]),
        payload.replaces === null ? null : [idToBytes(payload.replaces.account), payload.replaces.head],
      ]
    case 'add':
      return [deviceRecordToCbor(payload.device), payload.transcriptHash, payload.shareHash, payload.reverseSignature]
    case 'rotate':
      return rotationToCbor(payload.rotation)
    case 'remove':
      return [payload.devices.map(idToBytes), payload.disposition === 'delete' ? 1 : 0, rotationToCbor(payload.rotation)]
    case 'leave':
      return []
    case 'epoch-done':
      return [idToBytes(payload.vault), payload.epoch]
    case 'checkpoint':
      return [payload.stateHash]
    case 'recovery-add':
      return [recoveryRecordToCbor(payload.recovery)]
    case 'recovery-remove':
      return [fromHex(payload.slot)]
    case 'recover':
      return [fromHex(payload.slot), deviceRecordToCbor(payload.device), payload.shareHash, payload.reverseSignature]
    case 'policy':
      return policyToCbor(payload.policy)
  }
}

function accountKeyToCbor(key: AccountKeyPublic): CborValue {
  return [key.generation, key.kemKey, key.commitment]
}

function rotationToCbor(rotation: Rotation): CborValue {
  return [
    accountKeyToCbor(rotation.accountKey),
    rotation.sharesHash,
    rotation.vaults.map((vault) => [idToBytes(vault.vault), vault.epoch, vault.commitment, vault.frozenSeq, vault.frozenHash]),
  ]
}

/** Throws `malformed`, or `update-needed` for an entry type or version of a newer client. */
export function decodeCircleEntryBody(body: Uint8Array): CircleEntry {
  const reader = CborReader.decode(body, limits.circleEntryBytes, 'circle-entry')
  if (reader.uint() !== formatVersion) throw new NokkelError('update-needed', { what: 'circle-entry' })
  reader.literal(labels.circleEntry)
  const account = reader.nullable((r) => readId<AccountId>(r))
  const seq = reader.uint(limits.circleEntries)
  const prev = reader.nullable((r) => r.bytes(hashBytes))
  const typeNumber = reader.uint()
  const timeMs = reader.uint()
  const suiteFloor = reader.uint(255)
  if (suiteFloor > currentSuite) throw new NokkelError('update-needed', { what: 'suite' })
  const payload = readPayload(typeNumber, reader.tuple())
  reader.end()
  return { account, seq, prev, timeMs, suiteFloor, payload }
}

function readPayload(typeNumber: number, reader: CborReader): CirclePayload {
  let payload: CirclePayload
  switch (typeNumber) {
    case typeNumbers.genesis:
      payload = {
        type: 'genesis',
        device: readDeviceRecord(reader),
        accountKey: readAccountKey(reader),
        vaults: reader.list(limits.vaults, readVaultEpoch),
        replaces: reader.nullable((r) => {
          const inner = r.tuple()
          const replaces = { account: readId<AccountId>(inner), head: inner.bytes(hashBytes) }
          inner.end()
          return replaces
        }),
      }
      break
    case typeNumbers.add:
      payload = {
        type: 'add',
        device: readDeviceRecord(reader),
        transcriptHash: reader.bytes(hashBytes),
        shareHash: reader.bytes(hashBytes),
        reverseSignature: reader.bytes(signatureBytes),
      }
      break
    case typeNumbers.rotate:
      payload = { type: 'rotate', rotation: readRotation(reader) }
      break
    case typeNumbers.remove: {
      const devices = reader.list(limits.activeDevices, (r) => readId<DeviceId>(r))
      const disposition = reader.uint(1) === 1 ? 'delete' : 'keep'
      const inner = reader.tuple()
      payload = { type: 'remove', devices, disposition, rotation: readRotation(inner) }
      inner.end()
      break
    }
    case typeNumbers.leave:
      payload = { type: 'leave' }
      break
    case typeNumbers['epoch-done']:
      payload = { type: 'epoch-done', vault: readId<VaultId>(reader), epoch: reader.uint(0xffff_ffff, 1) }
      break
    case typeNumbers.checkpoint:
      payload = { type: 'checkpoint', stateHash: reader.bytes(hashBytes) }
      break
    case typeNumbers['recovery-add']:
      payload = { type: 'recovery-add', recovery: readRecoveryRecord(reader) }
      break
    case typeNumbers['recovery-remove']:
      payload = { type: 'recovery-remove', slot: readRecoverySlot(reader) }
      break
    case typeNumbers.recover:
      payload = {
        type: 'recover',
        slot: readRecoverySlot(reader),
        device: readDeviceRecord(reader),
        shareHash: reader.bytes(hashBytes),
        reverseSignature: reader.bytes(signatureBytes),
      }
      break
    case typeNumbers.policy:
      payload = { type: 'policy', policy: readPolicy(reader) }
      break
    default:
      throw new NokkelError('update-needed', { what: 'circle-entry' })
  }
  reader.end()
  return payload
}

function readAccountKey(parent: CborReader): AccountKeyPublic {
  const reader = parent.tuple()
  const key = { generation: reader.uint(0xffff_ffff, 1), kemKey: reader.bytes(kemKeyBytes), commitment: reader.bytes(hashBytes) }
  reader.end()
  return key
}

function readVaultEpoch(parent: CborReader): VaultEpoch {
  const reader = parent.tuple()
  const vault = { vault: readId<VaultId>(reader), epoch: reader.uint(0xffff_ffff, 1), commitment: reader.bytes(hashBytes) }
  reader.end()
  return vault
}

function readRotation(reader: CborReader): Rotation {
  return {
    accountKey: readAccountKey(reader),
    sharesHash: reader.bytes(hashBytes),
    vaults: reader.list(limits.vaults, (parent) => {
      const inner = parent.tuple()
      const vault = {
        vault: readId<VaultId>(inner),
        epoch: inner.uint(0xffff_ffff, 1),
        commitment: inner.bytes(hashBytes),
        frozenSeq: inner.uint(),
        frozenHash: inner.bytes(hashBytes),
      }
      inner.end()
      return vault
    }),
  }
}

/** account_id = H("nk/1/acct" || genesis body)[0..16]: a server cannot give one account's circle to another (CIR-3). */
export function accountIdOf(genesisBody: Uint8Array): AccountId {
  const label = new TextEncoder().encode(labels.account)
  const input = new Uint8Array(label.length + genesisBody.length)
  input.set(label)
  input.set(genesisBody, label.length)
  return idFromBytes<AccountId>(sha256(input).slice(0, 16))
}

/** What a new device signs with its own key, so that nobody can add a device that does not hold it (CIR-4). */
export function reverseSignatureBody(account: AccountId, device: DeviceRecord, transcriptHash: Uint8Array): Bytes {
  return encodeCbor([formatVersion, idToBytes(account), deviceRecordToCbor(device), transcriptHash])
}
