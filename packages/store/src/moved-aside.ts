/**
 * Puts a damaged database out of the way so that a new one can be built from the other devices. Part of the sqlite door. It never
 * deletes and never overwrites: what is left may be all that somebody has.
 */
import { renameSync } from 'node:fs'
import { NokkelError, systemClock, type Clock } from '@nokkel/base'
import { toStoreError } from './sqlite-errors.ts'
import { databaseFile, statOf } from './sqlite-file.ts'

/** The database comes first: a log that has lost its database is refused at the next opening, a database without its log is not. */
const suffixes = ['', '-wal', '-shm']

/**
 * Renames the database at `path` with its -wal and -shm to `<path>.damaged-<UTC time>` and returns that name. The caller holds the
 * home lock and has closed its handles; this is not checked. Run again after a crash it takes what was left. Throws `not-found`
 * when there is nothing to move, `io-failed` when a file cannot be renamed.
 */
export function moveAside(path: string, clock: Clock = systemClock): string {
  try {
    const file = databaseFile(path)
    const present = suffixes.filter((suffix) => statOf(file + suffix) !== undefined)
    if (present.length === 0) throw new NokkelError('not-found', { what: 'store' })
    const target = freeName(`${file}.damaged-${utcStamp(clock.nowMs())}`)
    for (const suffix of present) renameSync(file + suffix, target + suffix)
    return target
  } catch (error) {
    throw toStoreError(error)
  }
}

function freeName(wanted: string): string {
  for (let n = 1; ; n++) {
    const name = n === 1 ? wanted : `${wanted}-${n}`
    if (suffixes.every((suffix) => statOf(name + suffix) === undefined)) return name
  }
}

/** ISO 8601 in its basic format, to the second: no colons, which Windows does not allow in names. */
function utcStamp(nowMs: number): string {
  return `${new Date(nowMs).toISOString().slice(0, 19).replaceAll(/[-:]/g, '')}Z`
}
