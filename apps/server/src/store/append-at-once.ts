/**
 * A batch appended by one statement, on PostgreSQL: where nothing has moved since what it stands on, one way to the database and back
 * instead of a transaction's eight. Every condition is checked by the statement itself, on the newest rows and under the lock of
 * the account's row (`row-lock.ts`); where one fails nothing is written and nobody is told why: a transaction finds that out.
 */
import { CompiledQuery, type Kysely } from 'kysely'
import type { AccountId, VaultId } from '@nokkel/base'
import { asksAgain } from './row-lock.ts'
import type { Schema } from './schema.ts'
import type { AppendBase, StoredBatch, UsageLimits } from './store.ts'

export type AppendAtOnce = (account: AccountId, vault: VaultId, base: AppendBase, batch: StoredBatch, most: UsageLimits) => Promise<boolean>

/**
 * $1 account, $2 vault; $3 head of the circle, $4 $5 end of the log that the batch continues; $6 $7 $8 the batch; $9 ids, $10 sizes and $11
 * places of its records in $12; $13 $14 most records of account and vault, $15 most bytes; $16 $17 device and token of the session. `held` waits for the account's row and looks at what
 * it is then (EvalPlanQual), and so does `moved`: what the statement's snapshot saw earlier decides nothing but the sizes of replaced records,
 * which only a moved log could have changed. They are looked up one by one (`lateral … offset 0`): joined in another way, a planner that takes accounts
 * for small would read all records of a large one.
 */
const statement = `with given as (
  select item_id, size, substring($12::bytea from place for size) as record
  from unnest($9::text[], $10::int[], $11::int[]) as g (item_id, size, place)
), delta as (
  select count(*) - count(r.item_id) as records, octet_length($8::bytea) + coalesce(sum(g.size), 0) - coalesce(sum(r.size), 0) as bytes
  from given g left join lateral (
    select o.item_id, o.size from records o where o.account_id = $1 and o.vault_id = $2 and o.item_id = g.item_id offset 0
  ) r on true
), held as (
  select d.records, d.bytes from accounts a cross join delta d
  where a.account_id = $1 and a.circle_head = $3
    and (d.records <= 0 or a.record_count + d.records <= $13) and (d.bytes <= 0 or a.stored_bytes + d.bytes <= $15)
    and exists (select 1 from sessions s where s.account_id = $1 and s.device_id = $16 and s.token_hash = $17 and s.state = 'active')
  for update of a
), moved as (
  update vaults v set head_seq = $6, head_hash = $7, record_count = v.record_count + h.records
  from held h
  where v.account_id = $1 and v.vault_id = $2 and v.head_seq = $4 and v.head_hash = $5
    and (h.records <= 0 or v.record_count + h.records <= $14)
  returning h.records, h.bytes
), batch as (
  insert into batches (account_id, vault_id, seq, hash, size, batch) select $1, $2, $6, $7, octet_length($8::bytea), $8 from moved
), put as (
  insert into records (account_id, vault_id, item_id, seq, size, record)
  select $1, $2, g.item_id, $6, g.size, g.record from given g cross join moved
  on conflict (account_id, vault_id, item_id) do update set seq = excluded.seq, size = excluded.size, record = excluded.record
)
update accounts a set record_count = a.record_count + m.records, stored_bytes = a.stored_bytes + m.bytes, batch_count = a.batch_count + 1
from moved m where a.account_id = $1
returning 1 as appended`

export function appendAtOnce(db: Kysely<Schema>): AppendAtOnce {
  return async (account, vault, { session, circleHead, end }, { seq, hash, batch, records }, most) => {
    const sizes = records.map(({ record }) => record.length)
    let next = 1
    const places = sizes.map((size) => (next += size) - size)
    const together = Buffer.concat(records.map(({ record }) => record))
    const ids = records.map(({ itemId }) => itemId)
    const { accountRecords, vaultRecords, accountBytes } = most
    // in the order of the numbers above
    const where: unknown[] = [account, vault, circleHead, end.seq, end.hash]
    const what: unknown[] = [seq, hash, batch, ids, sizes, places, together]
    const parameters = [...where, ...what, accountRecords, vaultRecords, accountBytes, session.deviceId, session.tokenHash]
    try {
      return (await db.executeQuery(CompiledQuery.raw(statement, parameters))).rows.length === 1
    } catch (error) {
      if (asksAgain(error)) return false
      throw error
    }
  }
}
