/**
 * Online backup and restore. A backup is one SQLite file made while the server runs, and the server's key beside it. A restored
 * database gets a new incarnation, so that clients notice that history may have gone back and send again what is missing.
 */
import { chmodSync, copyFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { backup as copyDatabase, DatabaseSync } from 'node:sqlite'
import { NokkelError, systemRandom, toHex } from '@nokkel/base'
import { databaseFile, keyFile, lockFolder, prepareFolder, writePrivateFile } from './data-folder.ts'

const privateMode = 0o600
const keyOf = (file: string): string => `${file}.key`

function ensureExists(file: string): void {
  if (!existsSync(file)) throw new NokkelError('not-found', { what: file })
}

/** Throws `store-damaged` unless the file is a sound database of this server. */
function ensureSound(file: string): void {
  let database: DatabaseSync | undefined
  try {
    database = new DatabaseSync(file)
    const check = database.prepare('pragma integrity_check').get()
    const identity = database.prepare("select value from server_meta where name = 'server-id'").get()
    if (check?.['integrity_check'] !== 'ok' || identity === undefined) throw new NokkelError('store-damaged', { what: 'database' })
  } catch (error) {
    if (error instanceof NokkelError) throw error
    throw new NokkelError('store-damaged', { what: 'database' }, { cause: error })
  } finally {
    database?.close()
  }
}

/** Works beside a running server: WAL lets it read while the other writes. */
export async function backup(folder: string, to: string): Promise<void> {
  ensureExists(databaseFile(folder))
  ensureExists(keyFile(folder))
  const beside = `${to}.new`
  rmSync(beside, { force: true })
  const source = new DatabaseSync(databaseFile(folder), { readOnly: true })
  try {
    source.exec('pragma busy_timeout = 5000')
    await copyDatabase(source, beside)
  } finally {
    source.close()
  }
  chmodSync(beside, privateMode)
  ensureSound(beside)
  writePrivateFile(keyOf(to), readFileSync(keyFile(folder), 'utf8'))
  renameSync(beside, to)
}

/** Refuses (`conflict`) to replace a database without `force`, and (`home-in-use`) to touch one that a server holds. */
export function restore(from: string, folder: string, force: boolean): Promise<void> {
  ensureExists(from)
  ensureExists(keyOf(from))
  prepareFolder(folder)
  const lock = lockFolder(folder)
  try {
    const target = databaseFile(folder)
    if (!force && (existsSync(target) || existsSync(keyFile(folder)))) throw new NokkelError('conflict', { what: 'database' })
    const beside = `${target}.new`
    copyFileSync(from, beside)
    chmodSync(beside, privateMode)
    ensureSound(beside)
    const database = new DatabaseSync(beside)
    try {
      database.prepare("update server_meta set value = ? where name = 'incarnation'").run(toHex(systemRandom.bytes(16)))
      // the key fingerprint is checked at the next start
      database.exec('pragma wal_checkpoint(truncate); pragma journal_mode = delete')
    } finally {
      database.close()
    }
    for (const suffix of ['-wal', '-shm']) {
      rmSync(`${target}${suffix}`, { force: true })
      rmSync(`${beside}${suffix}`, { force: true })
    }
    renameSync(beside, target)
    writePrivateFile(keyFile(folder), readFileSync(keyOf(from), 'utf8'))
    return Promise.resolve()
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)))
  } finally {
    lock.release()
  }
}
