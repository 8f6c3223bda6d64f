/**
 * Transactions that wait at the same time share one commit, because synchronising the disk costs more than everything else in it.
 * Each runs in a savepoint of its own: one that throws is undone alone. None is answered before the common commit is on disk.
 */
import { sql, type Kysely, type Transaction } from 'kysely'
import type { AccountId } from '@nokkel/base'
import type { Schema } from './schema.ts'

type Work<T> = (tx: Transaction<Schema>) => Promise<T>
export type RunTransaction = <T>(account: AccountId, work: Work<T>) => Promise<T>

/** Readers wait for a group to end, so it must not grow without bound. */
const mostPerGroup = 32

interface Job {
  /** Runs inside the group; returns what to do once the group is on disk. Throws only when the whole transaction is gone. */
  readonly run: (tx: Transaction<Schema>) => Promise<() => void>
  readonly fail: (error: unknown) => void
}

const savepoint = sql`savepoint job`
const release = sql`release savepoint job`
const undo = sql`rollback to savepoint job`

/** The transaction is gone, with every job in it: SQLite rolls back by itself on a full disk or an I/O error. */
class GroupLost extends Error {}

export function groupCommit(db: Kysely<Schema>): RunTransaction {
  let waiting: Job[] = []
  let isRunning = false

  async function runGroup(group: readonly Job[]): Promise<void> {
    let lost: GroupLost | undefined
    try {
      const settle = await db.transaction().execute(async (tx) => {
        const done: (() => void)[] = []
        for (const job of group) {
          try {
            done.push(await job.run(tx))
          } catch (error) {
            lost = error instanceof GroupLost ? error : undefined
            throw error
          }
        }
        return done
      })
      for (const answer of settle) answer()
    } catch (error) {
      // what Kysely throws here is that it could not roll back what was rolled back already: the cause is what people can act on
      for (const job of group) job.fail(lost?.cause ?? error)
    }
  }

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      const group = waiting.slice(0, mostPerGroup)
      waiting = waiting.slice(mostPerGroup)
      await runGroup(group)
    }
    isRunning = false
  }

  return (_account, work) =>
    new Promise((resolve, reject) => {
      waiting.push({
        async run(tx) {
          await savepoint.execute(tx)
          try {
            const result = await work(tx)
            await release.execute(tx)
            return () => resolve(result)
          } catch (error) {
            try {
              await undo.execute(tx)
              await release.execute(tx)
            } catch {
              throw new GroupLost('transaction lost', { cause: error })
            }
            return () => reject(error instanceof Error ? error : new Error(String(error)))
          }
        },
        fail: reject,
      })
      if (isRunning) return
      isRunning = true
      // one turn of the event loop, so that requests that arrived together go together
      setImmediate(() => void drain())
    })
}
