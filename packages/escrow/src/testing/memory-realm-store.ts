/**
 * A realm store in memory, for tests and the simulator. The disk outlives its handles, so a realm can die and another open what it left;
 * it can be copied and put back like a backup. Updates of one account really interleave: each reads, lets others run, and commits only
 * if nothing has changed since, else starts again.
 */
import { compareBytes, concatBytes, fromHex, type AccountId, type Bytes, type Random } from '@nokkel/base'
import { firstRealmMeta, type RealmMeta, type RealmStore, type RealmWrite } from '../realm/realm-store.ts'

/** `before`: nothing was written. `after`: all was, but the realm never learns of it. */
export type StoreCrash = 'before' | 'after'

/** The process is gone. Not a `NokkelError`, so that nothing takes it for an answer. */
export class RealmCrash extends Error {
  override readonly name = 'RealmCrash'
}

interface Row {
  readonly document: Bytes
  readonly dueMs: number | null
}

export class MemoryRealmDisk {
  #rows = new Map<AccountId, Row>()
  #meta: RealmMeta = firstRealmMeta
  /** writes so far; of any kind */
  commits = 0
  /** asked before each commit */
  crashAt: ((commit: number) => StoreCrash | undefined) | undefined
  /** turns of the event queue that an update may lose to others, drawn from here; none without */
  readonly #random: Random | null

  constructor(random: Random | null = null) {
    this.#random = random
  }

  open(): RealmStore {
    return {
      meta: async () => this.#meta,
      updateMeta: async (change) => {
        this.#commit(() => {
          this.#meta = change(this.#meta)
        })
        return this.#meta
      },
      update: (account, change) => this.#update(account, change),
      due: async (nowMs, most) =>
        [...this.#rows]
          .flatMap(([account, { dueMs }]) => (dueMs !== null && dueMs <= nowMs ? [{ account, dueMs }] : []))
          .sort((a, b) => a.dueMs - b.dueMs || compareBytes(fromHex(a.account), fromHex(b.account)))
          .slice(0, most)
          .map(({ account }) => account),
    }
  }

  /** What a backup holds. */
  backup(): () => void {
    const rows = new Map(this.#rows)
    const meta = this.#meta
    return () => {
      this.#rows = new Map(rows)
      this.#meta = meta
    }
  }

  /** All bytes that a thief of the disk has. */
  dump(): Bytes {
    return concatBytes(...[...this.#rows.values()].map(({ document }) => document))
  }

  async #update<T>(account: AccountId, change: (document: Bytes | null, meta: RealmMeta) => RealmWrite<T>): Promise<T> {
    for (;;) {
      const row = this.#rows.get(account)
      const meta = this.#meta
      await this.#letOthersRun()
      const write = change(row?.document ?? null, meta)
      await this.#letOthersRun()
      if (this.#rows.get(account) !== row || this.#meta !== meta) continue
      if (write.document === undefined && write.meta === undefined) return write.result
      this.#commit(() => {
        if (write.document !== undefined) this.#rows.set(account, { document: write.document, dueMs: write.dueMs })
        if (write.meta !== undefined) this.#meta = write.meta
      })
      return write.result
    }
  }

  #commit(apply: () => void): void {
    const crash = this.crashAt?.(this.commits)
    if (crash === 'before') throw new RealmCrash()
    apply()
    this.commits++
    if (crash === 'after') throw new RealmCrash()
  }

  async #letOthersRun(): Promise<void> {
    for (let turns = this.#random === null ? 1 : ((this.#random.bytes(1)[0] as number) & 3) + 1; turns > 0; turns--) await Promise.resolve()
  }
}
