/** One page of a vault's log: first the sizes, then only the rows that fit, so that a long log never stands in memory. */
import type { Transaction } from 'kysely'
import type { AccountId, VaultId } from '@nokkel/base'
import type { KyselyTx } from './kysely-tx.ts'
import type { Schema } from './schema.ts'
import type { LogPage, PageLimits } from './store.ts'

/** Bytes that CBOR adds to each byte string of a page, at most. */
const cborHeaderBytes = 5

/** Within `limits`, but one batch is always returned whole. `reads` belongs to `tx`. */
export async function readLogPage(
  tx: Transaction<Schema>,
  reads: KyselyTx,
  account: AccountId,
  vault: VaultId,
  after: number,
  limits: PageLimits,
): Promise<LogPage> {
  const head = await reads.vaultState(account, vault)
  const headSeq = head?.seq ?? after
  const batchSizes = await tx
    .selectFrom('batches')
    .select(['seq', 'size'])
    .where('account_id', '=', account)
    .where('vault_id', '=', vault)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limits.batches)
    .execute()
  const recordSizes = await tx
    .selectFrom('records')
    .select((eb) => ['seq', eb.fn.sum<number>('size').as('size'), eb.fn.countAll<number>().as('n')])
    .where('account_id', '=', account)
    .where('vault_id', '=', vault)
    .where('seq', '>', after)
    .where('seq', '<=', batchSizes.at(-1)?.seq ?? after)
    .groupBy('seq')
    .execute()
  const recordsAt = new Map(recordSizes.map((row) => [row.seq, { size: Number(row.size), n: Number(row.n) }]))
  let lastSeq = after
  let bytes = 0
  let records = 0
  for (const { seq, size } of batchSizes) {
    const own = recordsAt.get(seq) ?? { size: 0, n: 0 }
    bytes += size + own.size + cborHeaderBytes * (own.n + 1)
    records += own.n
    if (lastSeq > after && (bytes > limits.bytes || records > limits.records)) break
    lastSeq = seq
  }
  const batches = await reads.batchesBetween(account, vault, after, lastSeq)
  const found = await reads.recordsBetween(account, vault, after, lastSeq)
  return { headSeq, lastSeq, batches, records: found }
}
