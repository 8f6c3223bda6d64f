/** Further trusted numbers of an account (VER-11). */
import type { ColumnDefinitionBuilder, Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

export function trustedNumbers(dialect: 'sqlite' | 'postgres'): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('trusted_numbers')
        .addColumn('account_id', 'text', required)
        .addColumn('number_id', 'text', required)
        .addColumn('phone', 'text', required)
        .addColumn('created_ms', dialect === 'sqlite' ? 'integer' : 'bigint', required)
        .addPrimaryKeyConstraint('trusted_numbers_pk', ['account_id', 'number_id'])
        .execute()
    },
  }
}
