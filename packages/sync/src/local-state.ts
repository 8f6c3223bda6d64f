/** Encodings of the sealed `state` table: who this device is, its keys, where it stands in the logs, what the user should be told. */
import {
  CborReader,
  encodeCbor,
  decodeOwnCbor,
  fromHex,
  idToBytes,
  readId,
  Secret,
  toHex,
  type AccountId,
  type Bytes,
  type CborValue,
  type DeviceId,
  type ItemId,
  type RequestId,
  type VaultId,
} from '@nokkel/base'
import { deviceClasses, type AccountKey, type DeviceClass, type DeviceKeys, type VaultKey } from '@nokkel/protocol'

/** `pending`: signed in, not trusted. `removed`, `off`, `reset`: a frozen copy or none, after what the word says. In the order of their numbers. */
export type Mode = 'pending' | 'trusted' | 'removed' | 'off' | 'reset'
const modes: readonly Mode[] = ['pending', 'trusted', 'removed', 'off', 'reset']

export interface Removal {
  readonly by: DeviceId
  readonly byName: string
  readonly timeMs: number
  readonly disposition: 'keep' | 'delete'
}

export interface Identity {
  readonly server: string
  readonly serverId: string
  readonly email: string
  readonly account: AccountId
  readonly genesisHash: Bytes
  readonly deviceName: string
  readonly token: string | null
  readonly mode: Mode
  readonly removal: Removal | null
  readonly keys: DeviceKeys
}

/** Which items were used here: goes with them. */
export const usedItemsRow = 'used-items'

export function encodeIdentity(identity: Identity): Bytes {
  return encodeCbor([
    identity.server,
    identity.serverId,
    identity.email,
    idToBytes(identity.account),
    identity.genesisHash,
    identity.deviceName,
    identity.token,
    modes.indexOf(identity.mode),
    identity.removal === null
      ? null
      : [idToBytes(identity.removal.by), identity.removal.byName, identity.removal.timeMs, identity.removal.disposition === 'delete'],
    idToBytes(identity.keys.id),
    deviceClasses.indexOf(identity.keys.class),
    identity.keys.sign.seed.reveal(),
    identity.keys.seal.seed.reveal(),
    identity.keys.seal.publicKey,
    identity.keys.sign.publicKey,
  ])
}

const textMax = 4_096

export function decodeIdentity(bytes: Uint8Array): Identity {
  const reader = new CborReader(decodeOwnCbor(bytes), 'identity')
  const server = reader.text(textMax)
  const serverId = reader.text(textMax)
  const email = reader.text(textMax)
  const account = readId<AccountId>(reader)
  const genesisHash = reader.bytes(32)
  const deviceName = reader.text(textMax)
  const token = reader.nullable((r) => r.text(textMax))
  const mode = modes[reader.uint(modes.length - 1)] as Mode
  const removal = reader.nullable((parent): Removal => {
    const inner = parent.tuple()
    return { by: readId<DeviceId>(inner), byName: inner.text(textMax), timeMs: inner.uint(), disposition: inner.bool() ? 'delete' : 'keep' }
  })
  const id = readId<DeviceId>(reader)
  const deviceClass = deviceClasses[reader.uint(deviceClasses.length - 1)] as DeviceClass
  const signSeed = new Secret(reader.bytes(32))
  const sealSeed = new Secret(reader.bytes(32))
  // deriving an X-Wing public key costs milliseconds at every start, so both public keys are kept beside their seeds
  const sealKey = reader.bytes(1216)
  const signKey = reader.bytes(32)
  const keys: DeviceKeys = {
    id,
    class: deviceClass,
    sign: { seed: signSeed, publicKey: signKey },
    seal: { seed: sealSeed, publicKey: sealKey },
  }
  return { server, serverId, email, account, genesisHash, deviceName, token, mode, removal, keys }
}

export interface KeyRing {
  readonly accountKeys: ReadonlyMap<number, AccountKey>
  /** by `vaultKeyName` */
  readonly vaultKeys: ReadonlyMap<string, VaultKey>
}

export function vaultKeyName(vault: VaultId, epoch: number): string {
  return `${vault}/${epoch}`
}

export function encodeKeyRing(ring: KeyRing): Bytes {
  return encodeCbor([
    [...ring.accountKeys.values()].map((key): CborValue => [key.generation, key.secret.reveal()]),
    [...ring.vaultKeys.values()].map((key): CborValue => [idToBytes(key.vault), key.epoch, key.secret.reveal()]),
  ])
}

export function decodeKeyRing(bytes: Uint8Array): KeyRing {
  const reader = new CborReader(decodeOwnCbor(bytes), 'keys')
  const accountKeys = reader.list(100_000, (parent) => {
    const inner = parent.tuple()
    return { generation: inner.uint(), secret: new Secret(inner.bytes(32)) }
  })
  const vaultKeys = reader.list(100_000, (parent) => {
    const inner = parent.tuple()
    return { vault: readId<VaultId>(inner), epoch: inner.uint(), secret: new Secret(inner.bytes(32)) }
  })
  return {
    accountKeys: new Map(accountKeys.map((key) => [key.generation, key])),
    vaultKeys: new Map(vaultKeys.map((key) => [vaultKeyName(key.vault, key.epoch), key])),
  }
}

export interface LogState {
  readonly vault: VaultId
  readonly seq: number
  readonly hash: Bytes
  readonly incarnation: string | null
  readonly lastSyncMs: number | null
}

export function encodeLogState(log: LogState): Bytes {
  return encodeCbor([idToBytes(log.vault), log.seq, log.hash, log.incarnation, log.lastSyncMs])
}

export function decodeLogState(bytes: Uint8Array): LogState {
  const reader = new CborReader(decodeOwnCbor(bytes), 'log')
  return {
    vault: readId<VaultId>(reader),
    seq: reader.uint(),
    hash: reader.bytes(32),
    incarnation: reader.nullable((r) => r.text(textMax)),
    lastSyncMs: reader.nullable((r) => r.uint()),
  }
}

/** A pending request to join; the code stays on this device. */
export interface JoinState {
  readonly requestId: RequestId
  readonly code: string
  readonly expiresMs: number
  /** runs that did not end well; each may have been a guess (JOIN-6) */
  readonly failedRuns: number
}

export function encodeJoinState(join: JoinState): Bytes {
  return encodeCbor([idToBytes(join.requestId), join.code, join.expiresMs, join.failedRuns])
}

export function decodeJoinState(bytes: Uint8Array): JoinState {
  const reader = new CborReader(decodeOwnCbor(bytes), 'join')
  return { requestId: readId<RequestId>(reader), code: reader.text(16), expiresMs: reader.uint(), failedRuns: reader.uint() }
}

export type NoticeKind =
  | 'device-added'
  | 'device-removed'
  | 'device-left'
  | 'this-device-removed'
  | 'keychain-reset'
  | 'device-recovered'
  | 'recovery-added'
  | 'recovery-removed'
  | 'recovery-attempted'
  | 'recovery-burned'
  | 'recovery-locked'
  | 'realms-changed'
  | 'keys-rotated'
  | 'server-restored'
  | 'alarm'
  | 'items-quarantined'
  | 'edit-restored'
  | 'database-rebuilt'
  | 'clock-wrong'
  | 'two-factor-on'
  | 'two-factor-off'
  | 'policy-changed'
  | 'number-changed'
  | 'number-added'
  | 'number-removed'
  | 'password-changed'
  | 'new-sign-in'
  | 'recovery-verified'
  | 'support-opened'
  | 'support-waiting'
  | 'support-open'
  | 'support-stopped'

export interface StoredNotice {
  readonly id: string
  readonly kind: NoticeKind
  readonly timeMs: number
  readonly params: Readonly<Record<string, string | number | boolean>>
  readonly seen: boolean
}

/** Older notices give way: news from months ago helps nobody and must not grow without end. */
export const noticesMax = 200

export function encodeNotices(notices: readonly StoredNotice[]): Bytes {
  return encodeCbor(
    notices
      .slice(-noticesMax)
      .map((notice): CborValue => [
        fromHex(notice.id),
        notice.kind,
        notice.timeMs,
        Object.entries(notice.params).map(([name, value]) => [name, value]),
        notice.seen,
      ]),
  )
}

export function decodeNotices(bytes: Uint8Array): StoredNotice[] {
  return new CborReader([decodeOwnCbor(bytes)], 'notices').list(noticesMax, (parent) => {
    const inner = parent.tuple()
    return {
      id: toHex(inner.bytes(8)),
      kind: inner.text(40) as NoticeKind,
      timeMs: inner.uint(),
      params: Object.fromEntries(
        inner.list(20, (pair) => {
          const entry = pair.tuple()
          return [entry.text(40), entry.next() as string | number | boolean] as const
        }),
      ),
      seen: inner.bool(),
    }
  })
}

/** When each device's newest batch was written, by its own clock: "last heard" (what a silent server can hide at most, docs/THREAT-MODEL.md). */
export function encodeHeard(heard: ReadonlyMap<DeviceId, number>): Bytes {
  return encodeCbor([...heard].map(([device, timeMs]): CborValue => [idToBytes(device), timeMs]))
}

export function decodeHeard(bytes: Uint8Array): Map<DeviceId, number> {
  return new Map(
    new CborReader([decodeOwnCbor(bytes)], 'heard').list(20_000, (parent) => {
      const inner = parent.tuple()
      return [readId<DeviceId>(inner), inner.uint()] as const
    }),
  )
}

/** A batch that this device signed. `items` says with which serial each went, until it is known what became of the batch. */
export interface SentBatch {
  readonly hashHex: string
  readonly seq: number
  readonly items: ReadonlyMap<ItemId, number>
}

/** This device's own words, so that it knows them when they come back (attack A40): all of them after log position `floor`. */
export interface SentLog {
  readonly floor: number
  readonly batches: readonly SentBatch[]
}

/** Enough for the largest push; older ones lie below the floor. */
const sentMax = 256

/** `sent` with `more` at its end. What became of batches up to `settledSeq` is known. */
export function addSentBatches(sent: SentLog | null, more: readonly SentBatch[], settledSeq: number): SentLog {
  const all = [...(sent?.batches ?? []), ...more].map((batch) =>
    batch.seq <= settledSeq ? { ...batch, items: new Map<ItemId, number>() } : batch,
  )
  const cut = all.slice(0, -sentMax).map(({ seq }) => Math.min(seq, settledSeq))
  return { floor: Math.max(sent?.floor ?? 0, ...cut), batches: all.slice(-sentMax) }
}

export function encodeSent(sent: SentLog): Bytes {
  return encodeCbor([
    sent.floor,
    sent.batches.map(({ hashHex, seq, items }): CborValue => [
      fromHex(hashHex),
      seq,
      [...items].map(([item, serial]): CborValue => [idToBytes(item), serial]),
    ]),
  ])
}

export function decodeSent(bytes: Uint8Array): SentLog {
  const reader = new CborReader(decodeOwnCbor(bytes), 'sent')
  const floor = reader.uint()
  const batches = reader.list(sentMax, (parent): SentBatch => {
    const inner = parent.tuple()
    return {
      hashHex: toHex(inner.bytes(32)),
      seq: inner.uint(),
      items: new Map(
        inner.list(1_000, (pair) => {
          const entry = pair.tuple()
          return [readId<ItemId>(entry), entry.uint()] as const
        }),
      ),
    }
  })
  return { floor, batches }
}
