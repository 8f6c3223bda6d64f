/**
 * Transactions on PostgreSQL: each begins with a lock on its account's row, so that those of one account come one after another, in
 * whichever server process they run, and those of two accounts never wait for each other.
 */
import { sql, type Kysely, type Transaction } from 'kysely'
import type { AccountId } from '@nokkel/base'
import type { RunTransaction } from './group-commit.ts'
import type { Schema } from './schema.ts'

/** Databases that speak the protocol and order transactions optimistically (CockroachDB, YugabyteDB) ask for another run in this way. */
const runAgain: readonly string[] = ['40001', '40P01']
const mostRuns = 8

const lockAccount = (account: AccountId) => sql`select 1 from accounts where account_id = ${account} for update`

export function asksAgain(error: unknown): boolean {
  return error instanceof Error && 'code' in error && runAgain.includes(String(error.code))
}

/** A transaction of an account that is not there yet locks nothing: what makes it is the unique key that it inserts. */
export function rowLockedTransactions(db: Kysely<Schema>): RunTransaction {
  async function once<T>(account: AccountId, work: (tx: Transaction<Schema>) => Promise<T>): Promise<T> {
    let thrown: { readonly error: unknown } | undefined
    try {
      return await db
        .transaction()
        .setIsolationLevel('read committed')
        .execute(async (tx) => {
          try {
            await lockAccount(account).execute(tx)
            return await work(tx)
          } catch (error) {
            thrown = { error }
            throw error
          }
        })
    } catch (error) {
      // where the rollback failed as well, what came first is what people can act on
      throw thrown === undefined ? error : thrown.error
    }
  }

  return async (account, work) => {
    for (let run = 1; ; run++) {
      try {
        return await once(account, work)
      } catch (error) {
        // nothing of that run was committed: the database says so with these codes
        if (run >= mostRuns || !asksAgain(error)) throw error
      }
    }
  }
}
