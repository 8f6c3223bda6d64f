/**
 * The operators' audit log as a chain (H1): each entry's code covers the one before it, under a key that is not in the database. Somebody
 * who can write the database can neither change, insert nor drop an entry unseen, nor cut the end, because the last position and code are
 * kept apart. Pure. What it does not show: a database and its kept end both put back to an earlier day.
 */
import { createHmac, timingSafeEqual } from 'node:crypto'

export interface AuditAct {
  readonly timeMs: number
  readonly operator: string
  readonly action: string
  /** case or account id; never a number, an address or a secret */
  readonly subject: string
  readonly detail: string
}

export interface AuditEntry extends AuditAct {
  readonly n: number
  /** hexadecimal HMAC-SHA256 over everything above and the code of the entry before */
  readonly code: string
}

export interface AuditEnd {
  readonly n: number
  readonly code: string
}

export const auditStart: AuditEnd = { n: 0, code: '' }

export type AuditFinding =
  | { readonly sound: true; readonly entries: number; readonly end: AuditEnd }
  | { readonly sound: false; readonly what: 'changed' | 'missing' | 'cut' | 'end-changed'; readonly n: number }

function codeOf(key: Uint8Array, before: AuditEnd, act: AuditAct): string {
  const body = JSON.stringify([before.n + 1, before.code, act.timeMs, act.operator, act.action, act.subject, act.detail])
  return createHmac('sha256', key).update('nk/1/audit\0').update(body).digest('hex')
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}

export function nextEntry(key: Uint8Array, before: AuditEnd, act: AuditAct): AuditEntry {
  return { n: before.n + 1, ...act, code: codeOf(key, before, act) }
}

/**
 * `entries` in order of `n`; names the first that is wrong. Entries beyond the kept end are sound if their codes are: a crash can come between
 * an entry and the writing of its end.
 */
export function verifyChain(key: Uint8Array, entries: readonly AuditEntry[], end: AuditEnd): AuditFinding {
  let before = auditStart
  for (const entry of entries) {
    if (entry.n !== before.n + 1) return { sound: false, what: 'missing', n: before.n + 1 }
    if (!isSame(entry.code, codeOf(key, before, entry))) return { sound: false, what: 'changed', n: entry.n }
    before = { n: entry.n, code: entry.code }
    if (entry.n === end.n && !isSame(entry.code, end.code)) return { sound: false, what: 'end-changed', n: entry.n }
  }
  if (before.n < end.n) return { sound: false, what: 'cut', n: before.n + 1 }
  return { sound: true, entries: before.n, end: before }
}
