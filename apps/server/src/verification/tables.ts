/** Tables of verification, as Kysely types: codes, passed gates, the account's notices, and what SMS cost of late. */
import type { Bytes } from '@nokkel/base'

export interface VerificationCodesTable {
  account_id: string
  code_id: string
  /** recover, two-factor, number-change, number-add, number-test */
  purpose: string
  /** the session's device; empty for a code that a trusted device shows, which any waiting device of the account may type */
  device_id: string
  /** keyed hash over code, purpose, account, device and its key: never the code */
  code_hash: Bytes
  /** where it went, and for `number-change` and `number-add` what becomes a number of the account; null for a code shown on a device */
  phone: string | null
  tries: number
  /** open, used, replaced */
  state: string
  created_ms: number
  expires_ms: number
  /** queued, sent, delivered, failed */
  delivery: string
  reason: string | null
  message_id: string | null
}

/** Further trusted numbers beside the account's own (VER-11). */
export interface TrustedNumbersTable {
  account_id: string
  number_id: string
  phone: string
  created_ms: number
}

export interface VerificationPassesTable {
  account_id: string
  device_id: string
  sign_key: Bytes
  purpose: string
  passed_ms: number
}

/** Counted across accounts by `scope_key`: keyed hashes of number, block of numbers, address or account; no number stands here. */
export interface SmsSendsTable {
  account_id: string
  scope_key: string
  send_id: string
  time_ms: number
}

export interface AccountNoticesTable {
  account_id: string
  n: number
  notice_id: string
  time_ms: number
  kind: string
  /** JSON object of text and numbers; no secrets */
  params: string
}

export interface OutgoingMessagesTable {
  account_id: string
  message_id: string
  /** mail, sms */
  channel: string
  /** empty once it is out or given up */
  address: string
  language: string
  kind: string
  /** as of notices */
  params: string
  /** waiting, sent, failed */
  state: string
  attempts: number
  due_ms: number
  created_ms: number
}

export interface SupportCasesTable {
  account_id: string
  case_id: string
  /** opened, waiting, open, used, stopped, cancelled, lapsed */
  state: string
  /** the number that the person named to the support, and the only one that becomes theirs by it; empty once the case has ended */
  phone: string
  opened_by: string
  approved_by: string | null
  opened_ms: number
  /** when it opens; once open, when it lapses */
  due_ms: number | null
  ended_ms: number | null
}

/** Of the operators, not of an account: see `audit/`. */
export interface AuditLogTable {
  n: number
  time_ms: number
  operator: string
  action: string
  subject: string
  detail: string
  code: string
}

export interface VerificationTables {
  outgoing_messages: OutgoingMessagesTable
  support_cases: SupportCasesTable
  audit_log: AuditLogTable
  verification_codes: VerificationCodesTable
  trusted_numbers: TrustedNumbersTable
  verification_passes: VerificationPassesTable
  sms_sends: SmsSendsTable
  account_notices: AccountNoticesTable
}
