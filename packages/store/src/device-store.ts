/**
 * Where a device keeps its keychain: a sealed key-value store with atomic batches. Implementations hold ciphertext only and
 * know nothing of its meaning; sealing is done by `SealedStore` in this package with keys that the implementations never see.
 *
 * Contract (proved by `contract.ts`, which every implementation runs):
 * - `commit` applies all operations or none, and returns only when they would survive a crash of the process and, where the
 *   platform lets it, of the machine.
 * - `commit` with `expectGeneration` fails with `conflict`, changing nothing, when another handle has committed since.
 * - every successful commit adds one to the generation.
 * - reads see a consistent state; keys within a table are ordered by UTF-16 code units.
 * - a damaged file surfaces as `store-damaged`, a full disk as `disk-full`, never as wrong data.
 */
import type { Bytes } from '@nokkel/base'

/** The tables and what their keys are. Values are opaque. */
export const storeTables = ['meta', 'state', 'items', 'pages', 'outbox', 'quarantine'] as const
export type StoreTable = (typeof storeTables)[number]

export type StoreOp =
  | { readonly op: 'put'; readonly table: StoreTable; readonly key: string; readonly value: Uint8Array }
  | { readonly op: 'delete'; readonly table: StoreTable; readonly key: string }
  | { readonly op: 'clear'; readonly table: StoreTable }

export interface StoreRow {
  readonly key: string
  readonly value: Bytes
}

export interface DeviceStore {
  /** Number of commits so far. */
  generation(): Promise<number>
  get(table: StoreTable, key: string): Promise<Bytes | undefined>
  /** Values in the order of `keys`; `undefined` where there is none. */
  getMany(table: StoreTable, keys: readonly string[]): Promise<(Bytes | undefined)[]>
  /** All rows of a table in key order. */
  list(table: StoreTable): Promise<StoreRow[]>
  count(table: StoreTable): Promise<number>
  /** Applies `ops` in order, atomically; returns the new generation. */
  commit(ops: readonly StoreOp[], options?: { readonly expectGeneration?: number }): Promise<number>
  close(): Promise<void>
}
