/**
 * What the decisions of a realm share: a decision is a pure function from an account's document to the next one and a result, run
 * inside the store's transaction. Here: what time alone changes, how a record stands, and how it is destroyed.
 */
import type { StateReason } from './answers.ts'
import type { RecordStanding } from './answers.ts'
import type { RealmAccount, Registration, SpentToken, Tombstone } from './account-state.ts'
import type { RegistrationId } from './ids.ts'
import { escrowLimits, realmShare, type EscrowPolicy } from './policy.ts'
import type { RealmMeta } from './realm-store.ts'
import { decodeStatement, type Statement } from './statement.ts'

/** The instant of a decision. */
export interface Moment {
  readonly nowMs: number
  readonly meta: RealmMeta
  readonly policy: EscrowPolicy
}

/** A record that was destroyed, for those who must be told. */
export type Burned = Pick<Tombstone, 'id' | 'slot' | 'reason'>

export interface Decision<T> {
  /** the same object as before where nothing changed */
  readonly account: RealmAccount
  /** counts must not be undone by a restored store: the realm's epoch goes up */
  readonly advance: boolean
  readonly burned: readonly Burned[]
  readonly result: T
}

export function unchanged<T>(account: RealmAccount, result: T): Decision<T> {
  return { account, advance: false, burned: [], result }
}

/** Destroys `rows`: nothing of them stays but a tombstone. The store overwrites what held their keys. */
export function burn(account: RealmAccount, rows: readonly Registration[], reason: StateReason, nowMs: number): RealmAccount {
  const gone = new Set(rows.map((row) => row.id))
  const stones = rows.map((row) => ({ id: row.id, slot: row.slot, reason, atMs: nowMs, signKey: decodeStatement(row.statement).signKey }))
  return {
    ...account,
    registrations: account.registrations.filter((row) => !gone.has(row.id)),
    tombstones: [...account.tombstones, ...stones].slice(-escrowLimits.tombstones),
  }
}

/** What became due: last guesses that no proof followed, registrations that nobody activated, tokens and entries past their time. */
export function settle(before: RealmAccount, moment: Moment): Decision<null> {
  const { nowMs, policy } = moment
  const spentUp = before.registrations.filter((row) => row.burnAtMs !== null && row.burnAtMs <= nowMs)
  const stale = before.registrations.filter((row) => !row.active && row.createdAtMs + policy.pendingMs <= nowMs)
  let account = before
  if (spentUp.length > 0) account = burn(account, spentUp, 'attempts', nowMs)
  if (stale.length > 0) account = burn(account, stale, 'expired', nowMs)
  const spent = account.spent.filter((token) => token.expiresMs > nowMs)
  const ledger = account.ledger.filter((entry) => entry.atMs + policy.ledgerWindowMs > nowMs)
  const created = account.created.filter((entry) => entry.atMs + policy.registrationsWindowMs > nowMs)
  if (spent.length < account.spent.length || ledger.length < account.ledger.length || created.length < account.created.length)
    account = { ...account, spent, ledger, created }
  const burned = [
    ...spentUp.map((row) => ({ id: row.id, slot: row.slot, reason: 'attempts' as const })),
    ...stale.map((row) => ({ id: row.id, slot: row.slot, reason: 'expired' as const })),
  ]
  return { account, advance: burned.length > 0, burned, result: null }
}

/** When `settle` has something to do that must not wait for the next request: keys lie there that nobody may use again. */
export function dueMs(account: RealmAccount, policy: EscrowPolicy): number | null {
  const times = account.registrations.flatMap((row) => [
    ...(row.burnAtMs === null ? [] : [row.burnAtMs]),
    ...(row.active ? [] : [row.createdAtMs + policy.pendingMs]),
  ])
  return times.length === 0 ? null : Math.min(...times)
}

export function findRow(account: RealmAccount, id: RegistrationId | null): Registration | undefined {
  return account.registrations.find((row) => row.id === id)
}

export function findStone(account: RealmAccount, id: RegistrationId | null): Tombstone | undefined {
  return account.tombstones.find((stone) => stone.id === id)
}

export function spend(account: RealmAccount, token: SpentToken): RealmAccount {
  return { ...account, spent: [...account.spent, token] }
}

export function replaceRow(account: RealmAccount, changed: Registration): RealmAccount {
  return { ...account, registrations: account.registrations.map((row) => (row.id === changed.id ? changed : row)) }
}

export function limitOf(statement: Statement): number {
  return realmShare(statement.limit, statement.threshold, statement.realms.length)
}

/** How long until the account's ledger has room for one more guess (A21). */
function ledgerWaitMs(account: RealmAccount, statement: Statement, moment: Moment): number {
  const share = realmShare(moment.policy.ledgerAttempts, statement.threshold, statement.realms.length)
  const blocking = account.ledger.map((entry) => entry.atMs).sort((a, b) => a - b)[account.ledger.length - share]
  return blocking === undefined ? 0 : Math.max(0, blocking + moment.policy.ledgerWindowMs - moment.nowMs)
}

export function standingOf(account: RealmAccount, row: Registration, moment: Moment): RecordStanding {
  const statement = decodeStatement(row.statement)
  const { left } = row
  if (row.bornEpoch < moment.meta.lockedBefore) return { state: 'locked', reason: 'restored', left, waitMs: 0 }
  if (row.frozen) return { state: 'locked', reason: 'frozen', left, waitMs: 0 }
  if (!row.active) return { state: 'pending', reason: 'none', left, waitMs: 0 }
  const grace = row.burnAtMs === null ? 0 : row.burnAtMs - moment.nowMs
  return {
    state: 'active',
    reason: 'none',
    left,
    waitMs: Math.max(0, row.nextTryAtMs - moment.nowMs, grace, ledgerWaitMs(account, statement, moment)),
  }
}

export function stoneStanding(stone: Tombstone): RecordStanding {
  return { state: 'burned', reason: stone.reason, left: 0, waitMs: 0 }
}
