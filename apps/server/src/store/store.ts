/**
 * What the server needs to remember, as an interface: plain values in and out, no SQL and no rules of the protocol.
 * `contract.ts` says how an implementation must behave. Reads outside a transaction see committed data only.
 */
import type { AccountId, Bytes, DeviceId, ItemId, RequestId, VaultId } from '@nokkel/base'
import type { DeviceClass, LogPosition } from '@nokkel/protocol/wire'
import type { AuditStore } from '../audit/audit-store.ts'
import type { OutgoingStore } from '../outgoing/outgoing-store.ts'
import type { SupportStore } from '../support/support-store.ts'
import type { VerificationStore } from '../verification/verification-store.ts'

export interface AccountRow {
  readonly accountId: AccountId
  readonly email: string
  readonly phone: string | null
  readonly region: string | null
  readonly registrationRecord: string
  /** 32 bytes, opaque to the server (SPEC SIG-5) */
  readonly bind: Bytes
  readonly genesisHash: Bytes
  readonly circleSeq: number
  readonly circleHead: Bytes
  readonly recordCount: number
  readonly storedBytes: number
  readonly batchCount: number
  readonly createdMs: number
  readonly twoFactorStatement: Bytes | null
}

/** `ended`: of a member, when the keychain was reset or removed; good for asking why */
export type SessionState = 'pending' | 'active' | 'removed' | 'ended'

export interface SessionRow {
  readonly accountId: AccountId
  readonly deviceId: DeviceId
  readonly tokenHash: Bytes
  readonly class: DeviceClass
  readonly signKey: Bytes
  readonly state: SessionState
  readonly createdMs: number
  readonly usedMs: number
}

/** A session with what every request needs to know of its account. */
export interface SessionWithAccount extends SessionRow {
  readonly region: string | null
}

export interface ShareRow {
  readonly deviceId: DeviceId
  readonly generation: number
  readonly share: Bytes
}

export interface WrapRow {
  readonly vaultId: VaultId
  readonly kind: 'vault' | 'previous'
  readonly epoch: number
  readonly under: number
  readonly wrap: Bytes
}

export interface RecordRow {
  readonly itemId: ItemId
  readonly record: Bytes
}

export interface StoredBatch {
  readonly seq: number
  readonly hash: Bytes
  readonly batch: Bytes
  readonly records: readonly RecordRow[]
}

/** What one batch changed in the sums of its account, and what these are since. */
export interface UsageAfter {
  readonly records: number
  readonly bytes: number
  readonly recordCount: number
  readonly storedBytes: number
}

export interface VaultState extends LogPosition {
  readonly recordCount: number
}

/** What a push stands on, as its sender and whoever judged it believe: looked at again where it is stored. */
export interface AppendBase {
  /** the session that sent it: still there, active, with this token */
  readonly session: Pick<SessionRow, 'deviceId' | 'tokenHash'>
  /** of the circle in which the batch was judged */
  readonly circleHead: Bytes
  /** the end of the log that it continues */
  readonly end: LogPosition
}

/** What a batch that adds may bring the sums to. */
export interface UsageLimits {
  readonly accountRecords: number
  readonly accountBytes: number
  readonly vaultRecords: number
}

export interface PageLimits {
  readonly batches: number
  readonly records: number
  readonly bytes: number
}

export interface LogPage {
  readonly headSeq: number
  /** the last position that this page covers; equal to the cursor when nothing is new */
  readonly lastSeq: number
  readonly batches: readonly Bytes[]
  readonly records: readonly Bytes[]
}

export type JoinState = 'pending' | 'approved' | 'declined' | 'withdrawn'

export interface JoinRow {
  readonly requestId: RequestId
  readonly deviceId: DeviceId
  readonly class: DeviceClass
  readonly name: string
  readonly place: string
  readonly state: JoinState
  readonly createdMs: number
  /** when a trusted device first fetched it; null: nobody has */
  readonly seenMs: number | null
}

export interface JoinMessageRow {
  readonly run: string
  readonly step: 1 | 2 | 3
  readonly sender: DeviceId
  /** base64url, as received */
  readonly body: string
  readonly createdMs: number
}

export interface ActivityRow {
  readonly timeMs: number
  readonly kind: string
  readonly deviceId: DeviceId | null
  readonly place: string
  readonly detail: string
}

export interface KeychainEndRow {
  readonly kind: 'reset' | 'off'
  readonly timeMs: number
  readonly deviceId: DeviceId | null
  readonly genesis: Bytes | null
  readonly endorsement: Bytes | null
}

/** `member`: SHA-256 of the way back's signing key, hexadecimal. */
export interface RecoveryBundleRow {
  readonly member: string
  readonly bundle: Bytes
}

/** What is kept of a registration with realms: never more than they and the server alone could use. */
export interface EscrowRecordRow {
  readonly registration: string
  readonly slot: string
  readonly list: Bytes
  readonly outerLock: Bytes | null
  readonly label: Bytes | null
  readonly createdMs: number
}

/** As the browser gave it; `p256dh` and `auth` base64url. */
export interface PushRow {
  readonly deviceId: DeviceId
  readonly endpoint: string
  readonly p256dh: string
  readonly auth: string
}

export interface StoreReads {
  pushSubscriptions(account: AccountId): Promise<PushRow[]>
  /** Oldest first. */
  escrowRecords(account: AccountId): Promise<EscrowRecordRow[]>
  recoveryBundles(account: AccountId): Promise<RecoveryBundleRow[]>
  /** codes, passes and notices; its writes belong in a transaction */
  readonly verification: VerificationStore
  /** messages on their way out; its writes belong in a transaction */
  readonly outgoing: OutgoingStore
  /** support cases; its writes belong in a transaction */
  readonly support: SupportStore
  /** the operators' log, which belongs to no account */
  readonly audit: AuditStore
  keychainEnd(account: AccountId): Promise<KeychainEndRow | undefined>
  /** When the account is to be erased; undefined when nobody asked for it. */
  deletionDue(account: AccountId): Promise<number | undefined>
  findAccount(account: AccountId): Promise<AccountRow | undefined>
  /** `emailKey` as `emailKeyOf` makes it */
  findAccountByEmail(emailKey: string): Promise<AccountRow | undefined>
  findSession(tokenHash: Uint8Array): Promise<SessionWithAccount | undefined>
  findSessionOfDevice(account: AccountId, device: DeviceId): Promise<SessionRow | undefined>
  sessionsOf(account: AccountId): Promise<SessionRow[]>
  /** Entries at positions in (after, upTo], at most `limit`, in order. */
  circleEntries(account: AccountId, after: number, upTo: number, limit: number): Promise<Bytes[]>
  sharesOf(account: AccountId, device: DeviceId): Promise<Bytes[]>
  wrapsOf(account: AccountId): Promise<Bytes[]>
  vaultState(account: AccountId, vault: VaultId): Promise<VaultState | undefined>
  logEnds(account: AccountId): Promise<Map<VaultId, LogPosition>>
  batchHash(account: AccountId, vault: VaultId, seq: number): Promise<Bytes | undefined>
  records(account: AccountId, vault: VaultId, items: readonly ItemId[]): Promise<Bytes[]>
  joinRequest(account: AccountId, request: RequestId): Promise<JoinRow | undefined>
  /** Newest first, withdrawn ones included. */
  joinRequests(account: AccountId, sinceMs: number): Promise<JoinRow[]>
  /** In order of arrival. */
  joinMessages(account: AccountId, request: RequestId): Promise<JoinMessageRow[]>
  /** Newest first. */
  activity(account: AccountId, limit: number): Promise<ActivityRow[]>
}

export interface StoreTx extends StoreReads {
  /** Throws `account-exists` when the e-mail address or the id is taken. */
  insertAccount(
    account: Omit<AccountRow, 'circleSeq' | 'circleHead' | 'recordCount' | 'storedBytes' | 'batchCount' | 'twoFactorStatement'> & {
      readonly emailKey: string
    },
  ): Promise<void>
  insertVault(account: AccountId, vault: VaultId, start: LogPosition): Promise<void>
  /**
   * Removes the account's log, records, sealed keys and requests, notes why, and marks the sessions of its devices as ended. `reset` also
   * gives the e-mail address free, for the account that takes its place; `off` keeps address and password.
   */
  endKeychain(account: AccountId, end: KeychainEndRow): Promise<void>
  putRecoveryBundle(account: AccountId, row: RecoveryBundleRow): Promise<void>
  /** Those of ways back that are closed. */
  deleteRecoveryBundles(account: AccountId, members: readonly string[]): Promise<void>
  /** OPAQUE record and bind (SIG-5, SIG-9). */
  setPassword(account: AccountId, password: { readonly registrationRecord: string; readonly bind: Bytes }): Promise<void>
  putEscrowRecord(account: AccountId, row: EscrowRecordRow): Promise<void>
  deleteEscrowRecords(account: AccountId, registrations: readonly string[]): Promise<void>
  /** In place of the device's older one. */
  putPushSubscription(account: AccountId, row: PushRow): Promise<void>
  deletePushSubscription(account: AccountId, device: DeviceId): Promise<void>
  /** null takes the request back. */
  setDeletion(account: AccountId, dueMs: number | null): Promise<void>
  /** Everything of the account, from every table. */
  eraseAccount(account: AccountId): Promise<void>
  appendCircleEntry(account: AccountId, seq: number, entry: Uint8Array, hash: Uint8Array): Promise<void>
  insertShares(account: AccountId, shares: readonly ShareRow[]): Promise<void>
  insertWraps(account: AccountId, wraps: readonly WrapRow[]): Promise<void>
  /** The records are of different items. Writes the batch, replaces its records, moves the log's end, keeps the sums; says what changed in them. */
  appendBatch(account: AccountId, vault: VaultId, batch: StoredBatch): Promise<UsageAfter>
  /** Replaces any session of the same device. */
  putSession(session: SessionRow): Promise<void>
  setSessionState(account: AccountId, device: DeviceId, state: SessionState): Promise<void>
  deleteSession(account: AccountId, device: DeviceId): Promise<void>
  putJoinRequest(account: AccountId, request: JoinRow): Promise<void>
  setJoinState(account: AccountId, request: RequestId, state: JoinState): Promise<void>
  /** All of the account's that were not seen before. */
  markJoinsSeen(account: AccountId, seenMs: number): Promise<void>
  insertJoinMessage(account: AccountId, request: RequestId, message: JoinMessageRow): Promise<void>
  /** Keeps the newest `keep` of the account. */
  addActivity(account: AccountId, event: ActivityRow, keep: number): Promise<void>
}

export interface PruneLimits {
  readonly activeUsedBeforeMs: number
  readonly pendingUsedBeforeMs: number
  readonly removedUsedBeforeMs: number
  readonly joinsCreatedBeforeMs: number
}

export interface Store extends StoreReads {
  /** `appendAtOnce` is worth an attempt. */
  readonly appendsAtOnce: boolean
  /** 32 hexadecimal digits, made with the database */
  readonly serverId: string
  /** Changes when the database is restored from a backup. */
  readonly incarnation: string
  /**
   * All or nothing, durable when it resolves; transactions on one account do not overlap. A thrown error undoes everything. `work` may be
   * called again when the database undid a run of it: it must change nothing but through `tx`, and query nothing else.
   */
  transaction<T>(account: AccountId, work: (tx: StoreTx) => Promise<T>): Promise<T>
  /**
   * Appends the batch where session, circle and log are as `base` says and the sums stay within `most`, durable when it resolves. False: nothing
   * was written, for a reason that a transaction finds out; also where the database gains nothing by it.
   */
  appendAtOnce(account: AccountId, vault: VaultId, base: AppendBase, batch: StoredBatch, most: UsageLimits): Promise<boolean>
  /** One consistent page of (after, …]; batches and records together stay within `limits`, but one batch is always returned whole. */
  logPage(account: AccountId, vault: VaultId, after: number, limits: PageLimits): Promise<LogPage | undefined>
  touchSession(account: AccountId, device: DeviceId, usedMs: number): Promise<void>
  findMeta(name: string): Promise<string | undefined>
  setMeta(name: string, value: string): Promise<void>
  /** What stands under `name`, or `value` where nothing did: the same for all who ask at once. */
  claimMeta(name: string, value: string): Promise<string>
  countAccounts(): Promise<number>
  /** Accounts whose erasure is due, at most `limit`. */
  dueDeletions(nowMs: number, limit: number): Promise<AccountId[]>
  prune(limits: PruneLimits): Promise<void>
  close(): Promise<void>
}

/** What makes two spellings of an address one account: Unicode NFC and lower case. */
export function emailKeyOf(email: string): string {
  return email.normalize('NFC').toLowerCase()
}
