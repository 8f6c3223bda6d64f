/**
 * The step that lets several servers and many accounts share a database: indexes for what housekeeping looks for across accounts, and on
 * PostgreSQL the two small tables that servers share besides people's data. Those are keyed by one value of their own, short-lived, and
 * never part of a transaction with anything else; losing them in a crash costs a sign-in begun anew.
 */
import { sql, type ColumnDefinitionBuilder, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

/** Table, columns: each serves one query of `prune.ts` or `dueDeletions`. */
const ages = [
  ['sessions', ['state', 'used_ms']],
  ['join_requests', ['created_ms']],
  ['join_messages', ['created_ms']],
  ['deletions', ['due_ms']],
  ['verification_codes', ['expires_ms']],
  ['verification_passes', ['passed_ms']],
  ['sms_sends', ['time_ms']],
] as const

export function scaleOut(dialect: 'sqlite' | 'postgres'): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const [table, columns] of ages)
        await db.schema
          .createIndex(`${table}_by_age`)
          .on(table)
          .columns([...columns])
          .execute()
      if (dialect === 'sqlite') return
      // unlogged: written at every sign-in and request, worth nothing after a crash, and empty on a standby
      await db.schema
        .createTable('sign_in_states')
        .modifyFront(sql`unlogged`)
        .addColumn('login_id', 'text', (c) => c.primaryKey())
        .addColumn('account_id', 'text', required)
        .addColumn('decoy', 'boolean', required)
        .addColumn('state', 'text', required)
        .addColumn('expires_ms', 'bigint', required)
        .execute()
      await db.schema.createIndex('sign_in_states_by_age').on('sign_in_states').column('expires_ms').execute()
      // columns as rate-limiter-flexible names them
      await db.schema
        .createTable('pace')
        .modifyFront(sql`unlogged`)
        .addColumn('key', 'text', (c) => c.primaryKey())
        .addColumn('points', 'integer', (c) => c.notNull().defaultTo(0))
        .addColumn('expire', 'bigint')
        .execute()
      await db.schema.createIndex('pace_by_age').on('pace').column('expire').execute()
    },
  }
}
