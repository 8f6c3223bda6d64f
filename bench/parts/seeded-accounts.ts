/**
 * Accounts that were never created over the protocol, each with a session and five records of a common size: what makes tables and indexes as
 * large as in life, and sessions for devices that only listen. Same rows in both databases.
 */
import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import type { PostgresInstance } from 'nokkel-server/postgres/testing'

/** What the device of seeded account `n` shows: 43 signs of base64url. */
export const seededToken = (n: number): string => `${String(n).padStart(42, '0')}0`

const columns = `accounts (account_id, email, email_key, registration_record, bind, genesis_hash, circle_seq, circle_head, record_count,
  stored_bytes, batch_count, activity_n, created_ms)`

export function seedSqlite(file: string, from: number, to: number): void {
  const database = new DatabaseSync(file)
  database.function('token_hash', (n) =>
    createHash('sha256')
      .update(seededToken(Number(n)))
      .digest(),
  )
  database.exec(`pragma busy_timeout = 20000; begin immediate`)
  const numbers = `with recursive n(i) as (select ${from} union all select i + 1 from n where i + 1 < ${to})`
  const id = `printf('%032x', i)`
  const blob = 'zeroblob(32)'
  database.exec(`${numbers} insert into ${columns}
    select ${id}, ${id}, ${id}, ${id}, ${blob}, ${blob}, 0, ${blob}, 5, 5000, 1, 0, 0 from n`)
  database.exec(`${numbers} insert into sessions select ${id}, ${id}, token_hash(i), 'cli', ${blob}, 'active', 1e13, 1e13 from n`)
  database.exec(`${numbers} insert into vaults select ${id}, ${id}, 1, ${blob}, 5 from n`)
  for (let record = 0; record < 5; record++)
    database.exec(`${numbers} insert into records select ${id}, ${id}, printf('%032x', ${record}), 1, 900, randomblob(900) from n`)
  database.exec('commit; analyze')
  database.close()
}

export async function seedPostgres(postgres: PostgresInstance, database: string, from: number, to: number): Promise<void> {
  const id = `lpad(to_hex(i), 32, '0')`
  const blob = `decode(repeat('00', 32), 'hex')`
  const token = `sha256(convert_to(lpad(i::text, 42, '0') || '0', 'UTF8'))`
  const numbers = `from generate_series(${from}, ${to - 1}) as g(i)`
  await postgres.query(
    `insert into ${columns} select ${id}, ${id}, ${id}, ${id}, ${blob}, ${blob}, 0, ${blob}, 5, 5000, 1, 0, 0 ${numbers};
     insert into sessions select ${id}, ${id}, ${token}, 'cli', ${blob}, 'active', 10000000000000, 10000000000000 ${numbers};
     insert into vaults select ${id}, ${id}, 1, ${blob}, 5 ${numbers};
     insert into records select ${id}, ${id}, lpad(r::text, 32, '0'), 1, 900, decode(repeat(md5(i::text || r::text), 56), 'hex')
       from generate_series(${from}, ${to - 1}) as g(i), generate_series(0, 4) as h(r);
     analyze`,
    database,
  )
}
