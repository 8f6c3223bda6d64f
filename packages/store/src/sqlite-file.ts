/**
 * The files of a SQLite store: making a new one, checking that an existing one is ours, keeping others out of them. Part of the
 * sqlite door; knows the schema, nothing of rows.
 *
 * Danger: on POSIX a process loses all its locks on a file when it closes any descriptor of it (https://www.sqlite.org/howtocorrupt.html
 * §2.2). So an existing database is never opened here other than through SQLite; only its metadata is read.
 */
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdtempSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { DatabaseSync, type DatabaseSyncOptions } from 'node:sqlite'
import { pathToFileURL } from 'node:url'
import { NokkelError } from '@nokkel/base'
import { storeTables } from './device-store.ts'
import { emptyHead } from './sqlite-rows.ts'

/** 'Nkkr', in the header of every database file of ours. */
export const applicationId = 0x4e6b6b72
export const schemaVersion = 1

/**
 * Rows have a table and a separate index by key, not WITHOUT ROWID: with values about 1 KB that took three times the space and
 * five times as long. Keys are UTF-16BE so that SQLite's order is the order of the contract. `crc`: see `sqlite-rows.ts`.
 */
const rowTable = (table: string) =>
  `CREATE TABLE ${table} (id INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, crc INTEGER NOT NULL, value BLOB NOT NULL) STRICT`
const headTable =
  'CREATE TABLE head (id INTEGER PRIMARY KEY CHECK (id = 1), generation INTEGER NOT NULL, sums BLOB NOT NULL, crc INTEGER NOT NULL) STRICT'

/** SQLite puts -wal and -shm beside the real file, not beside a link to it. */
export function databaseFile(path: string): string {
  const absolute = resolve(path)
  return statOf(absolute) === undefined ? absolute : realpathSync(absolute)
}

export function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

/**
 * Makes sure that a complete database is at `file` and that only its owner may read it. Tells whether a write-ahead log was left
 * there: by a process that died, or by one that is still running. An empty database file, or a log without its database, is the
 * trace of damage, and not a reason to begin afresh.
 */
export function prepareDatabase(file: string): { readonly logLeft: boolean } {
  const logLeft = (statOf(`${file}-wal`)?.size ?? 0) > 0
  let found = statOf(file)
  if (found === undefined) {
    if (logLeft) throw new NokkelError('store-damaged')
    createDatabase(file)
    found = statSync(file)
  }
  if (found.size === 0) throw new NokkelError('store-damaged')
  if (process.platform !== 'win32' && (found.mode & 0o077) !== 0) {
    for (const suffix of ['', '-wal', '-shm']) if (statOf(file + suffix) !== undefined) chmodSync(file + suffix, 0o600)
  }
  return { logLeft }
}

/**
 * Builds the database under another name and gives it its own in one step: there is never half a database at `file`, and of two
 * processes doing this at once one wins and both use the same.
 */
function createDatabase(file: string): void {
  const folder = mkdtempSync(`${file}.new-`)
  try {
    const draft = join(folder, 'draft')
    closeSync(openSync(draft, 'wx', 0o600))
    const db = new DatabaseSync(draft)
    try {
      // not synced step by step: the file is synced as a whole before it gets its name
      db.exec('PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; BEGIN')
      for (const table of storeTables) db.exec(rowTable(table))
      db.exec(headTable)
      const head = emptyHead()
      db.prepare('INSERT INTO head (id, generation, sums, crc) VALUES (1, ?, ?, ?)').run(head.generation, head.sums, head.crc)
      db.exec(`PRAGMA application_id = ${applicationId}; PRAGMA user_version = ${schemaVersion}; COMMIT`)
      const mode = db.prepare('PRAGMA journal_mode = WAL').get()
      if (mode?.['journal_mode'] !== 'wal') throw new NokkelError('io-failed', { reason: 'no-shared-memory' })
    } finally {
      db.close()
    }
    syncPath(draft, 'r+')
    publish(draft, file)
    if (process.platform !== 'win32') syncPath(dirname(file), 'r')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function publish(draft: string, file: string): void {
  try {
    linkSync(draft, file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    // file systems without hard links (FAT and some network shares): two processes creating at once are kept apart only by the home lock
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS' && code !== 'EMLINK') throw error
    renameSync(draft, file)
  }
}

function syncPath(path: string, flags: 'r' | 'r+'): void {
  const descriptor = openSync(path, flags)
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}

/** Makes SQLite open what is there; given a plain path it would create an empty file readable by others. */
export function connectUrl(file: string, mode: 'rw' | 'ro' = 'rw'): URL {
  const url = pathToFileURL(file)
  url.searchParams.set('mode', mode)
  return url
}

/** Opens an existing database; never creates one. `waitMs` is how long SQLite waits for a lock, blocking this thread. */
export function connect(file: string, waitMs: number): DatabaseSync {
  return opened(connectUrl(file), { timeout: waitMs }, (db) => {
    // cell_size_check finds damage where it is read; secure_delete overwrites what is deleted, so that, as far as the medium
    // lets it, a key wrapped under an old password does not stay behind. cache_size: at most 16 MB, used as needed.
    db.exec('PRAGMA synchronous = FULL; PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON; PRAGMA trusted_schema = OFF')
    db.exec('PRAGMA temp_store = MEMORY; PRAGMA cache_size = -16000; PRAGMA journal_size_limit = 16777216')
    // a plain fsync on macOS does not reach the medium
    if (process.platform === 'darwin') db.exec('PRAGMA fullfsync = ON; PRAGMA checkpoint_fullfsync = ON')
    checkFormat(db)
  })
}

/**
 * Looks at a database whose log was left behind, without touching it. A connection that may write deletes a log that it cannot
 * use when it closes; a read-only one leaves everything as it is for `moveAside` and whoever wants to look at it later.
 */
export function probe(file: string, waitMs: number): void {
  opened(connectUrl(file, 'ro'), { timeout: waitMs, readOnly: true }, checkFormat).close()
}

function opened(url: URL, options: DatabaseSyncOptions, prepare: (db: DatabaseSync) => void): DatabaseSync {
  const db = new DatabaseSync(url, { ...options, enableForeignKeyConstraints: false, defensive: true })
  try {
    prepare(db)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function checkFormat(db: DatabaseSync): void {
  const pragma = (name: string) => db.prepare(`PRAGMA ${name}`).get()?.[name]
  if (pragma('application_id') !== applicationId) throw new NokkelError('store-damaged')
  const version = pragma('user_version')
  if (typeof version === 'number' && version > schemaVersion) throw new NokkelError('store-too-new', { version, supported: schemaVersion })
  if (version !== schemaVersion || pragma('journal_mode') !== 'wal') throw new NokkelError('store-damaged')
}
