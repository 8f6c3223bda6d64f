/**
 * One process at a time in a home folder. Part of the sqlite door. The lock is an exclusive transaction on an empty SQLite file:
 * SQLite knows how to lock on every platform, and the system frees the lock when the process dies, however it dies. Nothing is
 * ever written to the file and it is never removed, since a process might be about to lock the removed one.
 *
 * Danger: nothing else may open the lock file; on POSIX closing it anywhere in this process would free the lock.
 */
import { closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { isNokkelError, NokkelError } from '@nokkel/base'
import { toStoreError } from './sqlite-errors.ts'
import { connectUrl, databaseFile, statOf } from './sqlite-file.ts'

export interface HomeLock {
  /** Releasing twice is no error. */
  release(): void
}

const stepMs = 50

/**
 * Locks the file at `path` (made when it is not there; its folder must exist), waiting up to `waitMs` for another holder, in this
 * process or another, without blocking the thread. Then throws `home-in-use`. Not fair: waiters are served in no order.
 */
export async function acquireHomeLock(path: string, options: { readonly waitMs: number }): Promise<HomeLock> {
  for (let leftMs = options.waitMs; ; leftMs -= stepMs) {
    const lock = tryLock(path)
    if (lock !== undefined) return lock
    if (leftMs <= 0) throw new NokkelError('home-in-use')
    await sleep(Math.min(stepMs, leftMs))
  }
}

function tryLock(path: string): HomeLock | undefined {
  let db: DatabaseSync | undefined
  try {
    const file = databaseFile(path)
    if (statOf(file) === undefined) createEmpty(file)
    db = new DatabaseSync(connectUrl(file), { timeout: 0 })
    // in memory, because an exclusive transaction would leave an empty journal file behind when the process dies
    db.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    const held = db
    return {
      release: () => {
        if (held.isOpen) held.close()
      },
    }
  } catch (error) {
    if (db?.isOpen) db.close()
    const ours = toStoreError(error)
    if (isNokkelError(ours, 'busy')) return undefined
    throw ours
  }
}

function createEmpty(file: string): void {
  try {
    closeSync(openSync(file, 'wx', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
