/**
 * The tables, as Kysely types. Every table of people's data has a primary key that begins with account_id, so that accounts can be
 * spread over databases; ids are 32 hexadecimal digits, other byte strings blobs, times integer milliseconds.
 */
import type { Bytes } from '@nokkel/base'
import type { VerificationTables } from '../verification/tables.ts'

export interface ServerMetaTable {
  name: string
  value: string
}

export interface AccountsTable {
  account_id: string
  email: string
  /** lower case, NFC: what must be unique */
  email_key: string
  phone: string | null
  region: string | null
  registration_record: string
  bind: Bytes
  genesis_hash: Bytes
  circle_seq: number
  circle_head: Bytes
  record_count: number
  /** sealed records and batches together */
  stored_bytes: number
  batch_count: number
  activity_n: number
  created_ms: number
  /** the newest signed statement about two factors (SPEC VER-8); null: never switched, and on */
  two_factor_statement: Bytes | null
}

export interface CircleEntriesTable {
  account_id: string
  seq: number
  entry: Bytes
}

export interface SharesTable {
  account_id: string
  device_id: string
  generation: number
  share: Bytes
}

export interface WrapsTable {
  account_id: string
  vault_id: string
  kind: string
  epoch: number
  under_key: number
  wrap: Bytes
}

export interface VaultsTable {
  account_id: string
  vault_id: string
  head_seq: number
  head_hash: Bytes
  record_count: number
}

export interface BatchesTable {
  account_id: string
  vault_id: string
  seq: number
  hash: Bytes
  size: number
  batch: Bytes
}

export interface RecordsTable {
  account_id: string
  vault_id: string
  item_id: string
  /** position of the batch that wrote this revision */
  seq: number
  size: number
  record: Bytes
}

export interface SessionsTable {
  account_id: string
  device_id: string
  /** SHA-256 of the bearer token */
  token_hash: Bytes
  class: string
  sign_key: Bytes
  /** pending, active, removed */
  state: string
  created_ms: number
  used_ms: number
}

export interface JoinRequestsTable {
  account_id: string
  request_id: string
  device_id: string
  class: string
  name: string
  place: string
  /** pending, approved, declined, withdrawn */
  state: string
  created_ms: number
  /** first fetched by a trusted device */
  seen_ms: number | null
}

export interface JoinMessagesTable {
  account_id: string
  request_id: string
  run: string
  step: number
  sender: string
  body: string
  created_ms: number
}

export interface ActivityTable {
  account_id: string
  n: number
  time_ms: number
  kind: string
  device_id: string | null
  place: string
  detail: string
}

export interface RecoveryBundlesTable {
  account_id: string
  member: string
  bundle: Bytes
}

/** Beside the circle's word of a registration with realms (SPEC ESC-4). */
export interface EscrowRecordsTable {
  account_id: string
  registration: string
  slot: string
  realm_list: Bytes
  outer_lock: Bytes | null
  label: Bytes | null
  created_ms: number
}

/** Where a device wants notices while its app is closed (Web Push). */
export interface PushSubscriptionsTable {
  account_id: string
  device_id: string
  endpoint: string
  p256dh: string
  auth: string
}

/** Accounts that somebody asked to have erased. */
export interface DeletionsTable {
  account_id: string
  due_ms: number
}

/** An account whose keychain ended: reset (D4) or turned off on the last device (D3). Kept so that its devices can be told. */
export interface KeychainEndsTable {
  account_id: string
  /** reset, off */
  kind: string
  time_ms: number
  device_id: string | null
  genesis: Bytes | null
  endorsement: Bytes | null
}

/** On PostgreSQL alone: sign-ins between their two messages (`sign-in/`). */
export interface SignInStatesTable {
  login_id: string
  account_id: string
  decoy: boolean
  state: string
  expires_ms: number
}

/** On PostgreSQL alone: points used under a keyed hash (`limits/`). */
export interface PaceTable {
  key: string
  points: number
  expire: number | null
}

/** On PostgreSQL alone: one row, the status of the deployment and who measures it (`status/shared-status.ts`). */
export interface StatusBoardTable {
  id: number
  version: number
  /** JSON of a board; null before anything was said or measured */
  document: string | null
  prober: string
  prober_until_ms: number
}

export interface Schema extends VerificationTables {
  keychain_ends: KeychainEndsTable
  recovery_bundles: RecoveryBundlesTable
  escrow_records: EscrowRecordsTable
  deletions: DeletionsTable
  push_subscriptions: PushSubscriptionsTable
  server_meta: ServerMetaTable
  sign_in_states: SignInStatesTable
  pace: PaceTable
  status_board: StatusBoardTable
  accounts: AccountsTable
  circle_entries: CircleEntriesTable
  shares: SharesTable
  wraps: WrapsTable
  vaults: VaultsTable
  batches: BatchesTable
  records: RecordsTable
  sessions: SessionsTable
  join_requests: JoinRequestsTable
  join_messages: JoinMessagesTable
  activity: ActivityTable
}
