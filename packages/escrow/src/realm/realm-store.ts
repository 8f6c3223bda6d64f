/**
 * Where a realm keeps its records: one document an account, one `RealmMeta` for all. Documents are opaque bytes; all rules live in the
 * decisions above, and an adapter is a table with two columns and a transaction. The door `./testing` has its contract.
 *
 * Two promises carry the whole escrow, and an adapter that cannot keep them must not exist:
 * - what `update` resolved with has survived power loss (SQLite: `synchronous=FULL`), because the realm evaluates after it;
 * - no two `update`s of one account ever start from the same state, in this process or another (SQLite: `BEGIN IMMEDIATE`; PostgreSQL:
 *   `SELECT … FOR UPDATE` or compare-and-swap), because each would hand out the same last guess.
 * There are no replicas that answer.
 */
import type { AccountId, Bytes } from '@nokkel/base'

export interface RealmMeta {
  /** goes up by one with every guess that is taken and every record that is destroyed; held against a counter outside this store */
  readonly epoch: number
  /** records laid down in an earlier epoch than this are locked: an older state of the store had come back */
  readonly lockedBefore: number
}

export const firstRealmMeta: RealmMeta = { epoch: 0, lockedBefore: 0 }

export interface RealmWrite<T> {
  /** the new document; `undefined` leaves the stored one as it is */
  readonly document?: Bytes
  /** when `due` should name this account; null = never. Written with the document. */
  readonly dueMs: number | null
  readonly meta?: RealmMeta
  /**
   * The document that this write replaces holds keys that must be gone when `update` resolves: overwritten in place, and in no
   * journal (SQLite: `secure_delete=ON`, then a truncating checkpoint).
   */
  readonly erase: boolean
  readonly result: T
}

export interface RealmStore {
  meta(): Promise<RealmMeta>
  /** Atomic against every `update` and every other `updateMeta`; durable. */
  updateMeta(change: (meta: RealmMeta) => RealmMeta): Promise<RealmMeta>
  /**
   * Reads, changes and writes in one durable transaction. `change` is pure and may be called more than once; where it throws,
   * nothing is written and the error comes out. The document is null for an account that has none.
   */
  update<T>(account: AccountId, change: (document: Bytes | null, meta: RealmMeta) => RealmWrite<T>): Promise<T>
  /** At most `most` accounts whose `dueMs` has come, the longest due first. */
  due(nowMs: number, most: number): Promise<AccountId[]>
}
