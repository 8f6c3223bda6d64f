/** The row in which the status pages of several servers meet; on PostgreSQL alone, since SQLite has one server. */
import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

export function sharedStatusRow(dialect: 'sqlite' | 'postgres'): Migration {
  return {
    async up(db: Kysely<unknown>) {
      if (dialect === 'sqlite') return
      await db.schema
        .createTable('status_board')
        .addColumn('id', 'integer', (c) => c.primaryKey())
        .addColumn('version', 'bigint', (c) => c.notNull())
        .addColumn('document', 'text')
        .addColumn('prober', 'text', (c) => c.notNull())
        .addColumn('prober_until_ms', 'bigint', (c) => c.notNull())
        .execute()
      await (db as Kysely<{ status_board: { id: number; version: number; prober: string; prober_until_ms: number } }>)
        .insertInto('status_board')
        .values({ id: 1, version: 0, prober: '', prober_until_ms: 0 })
        .execute()
    },
  }
}
