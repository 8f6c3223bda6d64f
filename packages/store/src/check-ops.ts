/**
 * What every implementation checks before it touches anything, so that a bad operation in the middle of a batch fails the
 * batch the same way everywhere. Types catch most of it at build time; keys and batches also come from decoded data.
 */
import { NokkelError } from '@nokkel/base'
import { maxKeyLength, maxValueBytes, storeTables, type StoreOp, type StoreTable } from './device-store.ts'

const tables: ReadonlySet<unknown> = new Set(storeTables)

export function checkTable(table: StoreTable): void {
  if (!tables.has(table)) throw new NokkelError('malformed', { what: 'store-table' })
}

/** A lone surrogate is refused because in UTF-8, which SQLite and AEAD associated data use, two such keys become one. */
export function checkKey(key: string): void {
  if (typeof key !== 'string' || key.length > maxKeyLength || !key.isWellFormed()) throw new NokkelError('malformed', { what: 'store-key' })
}

export function checkOps(ops: readonly StoreOp[]): void {
  for (const op of ops) {
    checkTable(op.table)
    switch (op.op) {
      case 'put':
        checkKey(op.key)
        if (!(op.value instanceof Uint8Array)) throw new NokkelError('malformed', { what: 'store-value' })
        if (op.value.length > maxValueBytes) throw new NokkelError('too-large', { limitBytes: maxValueBytes })
        break
      case 'delete':
        checkKey(op.key)
        break
      case 'clear':
        break
      default:
        throw new NokkelError('malformed', { what: 'store-op' })
    }
  }
}

/** The error of a handle used after `close`: a mistake in the order of shutting down, not something a user can cause. */
export function storeClosed(): NokkelError {
  return new NokkelError('internal', { what: 'store-closed' })
}

export function ensureGeneration(actual: number, expected: number | undefined): void {
  if (expected !== undefined && expected !== actual) throw new NokkelError('conflict', { what: 'generation', actual, expected })
}
