/** Queries of the hot paths, compiled once per database. Parameters are positional, in the order in which the builder meets them. */
import type { CompiledQuery, Kysely } from 'kysely'
import type { Bytes } from '@nokkel/base'
import type { Schema } from './schema.ts'

const noBytes: Bytes = new Uint8Array(0)

export type PreparedQueries = ReturnType<typeof preparedQueries>

export function withParameters<Row>(query: CompiledQuery<Row>, parameters: readonly unknown[]): CompiledQuery<Row> {
  return { ...query, parameters }
}

/** A batch has up to a hundred records: few texts, and few ways to the database and back. */
const chunkSizes = [64, 16, 4, 1] as const
type ChunkSize = (typeof chunkSizes)[number]
type ForEachChunk<Query> = Readonly<Record<ChunkSize, Query>>

function forEachChunk<Query>(make: (count: ChunkSize) => Query): ForEachChunk<Query> {
  return { 64: make(64), 16: make(16), 4: make(4), 1: make(1) }
}

/** Cuts a list into pieces that there are queries for. */
export function* chunksOf<T>(all: readonly T[]): Generator<{ readonly size: ChunkSize; readonly items: readonly T[] }> {
  let at = 0
  for (const size of chunkSizes) for (; all.length - at >= size; at += size) yield { size, items: all.slice(at, at + size) }
}

export function preparedQueries(db: Kysely<Schema>) {
  return {
    account: db.selectFrom('accounts').selectAll().where('account_id', '=', '').compile(),
    accountByEmail: db.selectFrom('accounts').selectAll().where('email_key', '=', '').compile(),
    sessionByToken: db
      .selectFrom('sessions')
      .innerJoin('accounts', 'accounts.account_id', 'sessions.account_id')
      .selectAll('sessions')
      .select('accounts.region')
      .where('token_hash', '=', noBytes)
      .compile(),
    vault: db
      .selectFrom('vaults')
      .select(['head_seq', 'head_hash', 'record_count'])
      .where('account_id', '=', '')
      .where('vault_id', '=', '')
      .compile(),
    batchesBetween: db
      .selectFrom('batches')
      .select('batch')
      .where('account_id', '=', '')
      .where('vault_id', '=', '')
      .where('seq', '>', 0)
      .where('seq', '<=', 0)
      .orderBy('seq')
      .compile(),
    recordsBetween: db
      .selectFrom('records')
      .select('record')
      .where('account_id', '=', '')
      .where('vault_id', '=', '')
      .where('seq', '>', 0)
      .where('seq', '<=', 0)
      .orderBy('seq')
      .compile(),
    insertBatch: db
      .insertInto('batches')
      .values({ account_id: '', vault_id: '', seq: 0, hash: noBytes, size: 0, batch: noBytes })
      .compile(),
    recordSizes: forEachChunk((count) =>
      db
        .selectFrom('records')
        .select(['item_id', 'size'])
        .where('account_id', '=', '')
        .where('vault_id', '=', '')
        .where('item_id', 'in', Array<string>(count).fill(''))
        .compile(),
    ),
    putRecords: forEachChunk((count) =>
      db
        .insertInto('records')
        .values(Array.from({ length: count }, () => ({ account_id: '', vault_id: '', item_id: '', seq: 0, size: 0, record: noBytes })))
        .onConflict((conflict) =>
          conflict
            .columns(['account_id', 'vault_id', 'item_id'])
            .doUpdateSet((eb) => ({ seq: eb.ref('excluded.seq'), size: eb.ref('excluded.size'), record: eb.ref('excluded.record') })),
        )
        .compile(),
    ),
    moveLogEnd: db
      .updateTable('vaults')
      .set((eb) => ({ head_seq: 0, head_hash: noBytes, record_count: eb('record_count', '+', 0) }))
      .where('account_id', '=', '')
      .where('vault_id', '=', '')
      .compile(),
    addUsage: db
      .updateTable('accounts')
      .set((eb) => ({
        record_count: eb('record_count', '+', 0),
        stored_bytes: eb('stored_bytes', '+', 0),
        batch_count: eb('batch_count', '+', eb.lit(1)),
      }))
      .where('account_id', '=', '')
      .returning(['record_count', 'stored_bytes'])
      .compile(),
  }
}
