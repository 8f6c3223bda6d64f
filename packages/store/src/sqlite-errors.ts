/**
 * From what SQLite and the file system say to our codes. Part of the sqlite door. Our SQL is fixed and its arguments are checked
 * before, so an SQL-level complaint (no such table, constraint, datatype) can only mean that the file is not what we wrote.
 */
import { NokkelError, type ErrorCode, type ErrorParams } from '@nokkel/base'

/** Result codes of https://www.sqlite.org/rescode.html; the low byte is the primary code. */
const primaryCodes: Readonly<Record<number, ErrorCode>> = {
  1: 'store-damaged', // ERROR: the schema is not ours
  5: 'busy', // BUSY
  6: 'busy', // LOCKED
  9: 'cancelled', // INTERRUPT
  11: 'store-damaged', // CORRUPT
  13: 'disk-full', // FULL
  15: 'busy', // PROTOCOL: lost a race for the write-ahead log's locks
  17: 'store-damaged', // SCHEMA
  18: 'store-damaged', // TOOBIG: values were checked before, so a length in the file lies
  19: 'store-damaged', // CONSTRAINT
  20: 'store-damaged', // MISMATCH
  24: 'store-damaged', // FORMAT
  26: 'store-damaged', // NOTADB
}

const extendedCodes: Readonly<Record<number, ErrorCode>> = {
  522: 'store-damaged', // IOERR_SHORT_READ
  4874: 'disk-full', // IOERR_SHMSIZE: no room for the -shm file
  8202: 'store-damaged', // IOERR_DATA
  8458: 'store-damaged', // IOERR_CORRUPTFS
}

/** Any error thrown while working on the store's files, as one of ours. */
export function toStoreError(error: unknown, params: ErrorParams = {}): NokkelError {
  if (error instanceof NokkelError) return error
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (typeof errcode === 'number') {
    const ours = extendedCodes[errcode] ?? primaryCodes[errcode & 0xff] ?? 'io-failed'
    return new NokkelError(ours, ours === 'io-failed' ? { ...params, sqlite: errcode } : params, { cause: error })
  }
  // node:sqlite refuses to hand out an integer above 2^53; we never wrote one
  if (code === 'ERR_OUT_OF_RANGE') return new NokkelError('store-damaged', params, { cause: error })
  if (code === 'ENOSPC' || code === 'EDQUOT') return new NokkelError('disk-full', params, { cause: error })
  if (typeof code === 'string') return new NokkelError('io-failed', { ...params, reason: code }, { cause: error })
  return new NokkelError('internal', params, { cause: error })
}
