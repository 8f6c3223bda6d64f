/**
 * Verified circles, kept for the accounts in use. A circle is rebuilt only from stored entries; what is cached is compared with the
 * account's row in the same transaction, so that another process's append is seen.
 */
import { equalBytes, NokkelError, type AccountId } from '@nokkel/base'
import { Circle, limits } from '@nokkel/protocol/wire'
import type { AccountRow, StoreReads } from './store/store.ts'

const kept = 1_000

export class Circles {
  readonly #cache = new Map<AccountId, Circle>()

  /** The committed circle; in a transaction, before anything is written to it. Throws `session-invalid` when the account is gone. */
  async load(reads: StoreReads, account: AccountId): Promise<Circle> {
    const row = await reads.findAccount(account)
    if (row === undefined) throw new NokkelError('session-invalid')
    return await this.of(reads, row)
  }

  /** As it was when somebody last asked, where it is kept: for who looks at the head again where it matters. */
  async recent(reads: StoreReads, account: AccountId): Promise<Circle> {
    const cached = this.#cache.get(account)
    if (cached === undefined) return await this.load(reads, account)
    this.#keep(account, cached)
    return cached
  }

  /** As `load`, for a row that was read already. */
  async of(reads: StoreReads, row: AccountRow): Promise<Circle> {
    const account = row.accountId
    const cached = this.#cache.get(account)
    if (cached !== undefined && cached.seq === row.circleSeq && equalBytes(cached.head, row.circleHead)) {
      this.#keep(account, cached)
      return cached
    }
    // verified when they were stored; only the links are replayed
    const entries = await reads.circleEntries(account, -1, row.circleSeq, limits.circleEntries + 1)
    const circle = Circle.replay(entries, { trusted: true })
    this.#keep(account, circle)
    return circle
  }

  /** After the commit that stored it, never before. */
  remember(circle: Circle): void {
    this.#keep(circle.account, circle)
  }

  #keep(account: AccountId, circle: Circle): void {
    this.#cache.delete(account)
    this.#cache.set(account, circle)
    if (this.#cache.size > kept) for (const oldest of this.#cache.keys()) if (this.#cache.delete(oldest)) break
  }
}
