/**
 * Where a device keeps its keychain: a key-value store with atomic batches. Implementations know nothing of the meaning of
 * what they hold; sealing is done by `SealedStore` in this package with keys that the implementations never see.
 *
 * Contract (proved by `contract.ts`, which every implementation runs):
 * - `commit` applies all operations or none, and returns only when they would survive a crash of the process and, where the
 *   platform lets it, of the machine.
 * - `commit` with `expectGeneration` fails with `conflict`, changing nothing, when another handle has committed since.
 * - every successful commit adds one to the generation, an empty one too.
 * - reads see a consistent state; keys within a table are ordered by UTF-16 code units.
 * - bytes are copied in and out: changing an array afterwards changes nothing in the store.
 * - a key is well-formed Unicode of at most `maxKeyLength` UTF-16 units and is never normalised; anything else, an unknown table
 *   or a value that is not bytes is `malformed`, a value above `maxValueBytes` is `too-large`, and nothing changes.
 * - a damaged file surfaces as `store-damaged`, a full disk as `disk-full`, never as wrong data.
 * - after `io-failed` from `commit` the outcome is unknown: read `generation()` before trying again.
 * - after `close` every call of that handle but `close` fails with `internal` (what: 'store-closed').
 */
import type { Bytes } from '@nokkel/base'

/** The tables and what their keys are. Values are opaque. */
export const storeTables = ['meta', 'state', 'items', 'pages', 'outbox', 'quarantine'] as const
export type StoreTable = (typeof storeTables)[number]

/** UTF-16 units. */
export const maxKeyLength = 512
export const maxValueBytes = 64 * 1024 * 1024

export type StoreOp =
  | { readonly op: 'put'; readonly table: StoreTable; readonly key: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly table: StoreTable; readonly key: string }
  | { readonly op: 'clear'; readonly table: StoreTable }

export interface StoreRow {
  readonly key: string
  readonly value: Bytes
}

export interface CommitOptions {
  /** The generation that the caller has read and builds on; without it the commit applies to whatever is there. */
  readonly expectGeneration?: number
}

export interface DeviceStore {
  /** Number of commits so far. */
  generation(): Promise<number>
  get(table: StoreTable, key: string): Promise<Bytes | undefined>
  /** Values in the order of `keys`, all of one generation; `undefined` where there is none. Any number of keys. */
  getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]>
  /** All rows of a table in key order. */
  list(table: StoreTable): Promise<StoreRow[]>
  count(table: StoreTable): Promise<number>
  /** Applies `ops` in order, atomically; returns the new generation. Deleting a key that is not there is no error. */
  commit(ops: readonly StoreOp[], options?: CommitOptions): Promise<number>
  /** Closing twice is no error. Other handles stay open. */
  close(): Promise<void>
}
