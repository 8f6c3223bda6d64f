/** The step that makes the tables of `tables.ts`. Portable between SQLite and PostgreSQL. */
import { sql, type ColumnDefinitionBuilder, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

export function verificationTables(dialect: 'sqlite' | 'postgres'): Migration {
  const blob = dialect === 'sqlite' ? sql`blob` : sql`bytea`
  const whole = dialect === 'sqlite' ? ('integer' as const) : ('bigint' as const)
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('verification_codes')
        .addColumn('account_id', 'text', required)
        .addColumn('code_id', 'text', required)
        .addColumn('purpose', 'text', required)
        .addColumn('device_id', 'text', required)
        .addColumn('code_hash', blob, required)
        .addColumn('phone', 'text')
        .addColumn('tries', whole, required)
        .addColumn('state', 'text', required)
        .addColumn('created_ms', whole, required)
        .addColumn('expires_ms', whole, required)
        .addColumn('delivery', 'text', required)
        .addColumn('reason', 'text')
        .addColumn('message_id', 'text')
        .addPrimaryKeyConstraint('verification_codes_pk', ['account_id', 'code_id'])
        .execute()
      await db.schema
        .createTable('verification_passes')
        .addColumn('account_id', 'text', required)
        .addColumn('device_id', 'text', required)
        .addColumn('sign_key', blob, required)
        .addColumn('purpose', 'text', required)
        .addColumn('passed_ms', whole, required)
        .addPrimaryKeyConstraint('verification_passes_pk', ['account_id', 'device_id', 'purpose'])
        .execute()
      await db.schema
        .createTable('sms_sends')
        .addColumn('account_id', 'text', required)
        .addColumn('scope_key', 'text', required)
        .addColumn('send_id', 'text', required)
        .addColumn('time_ms', whole, required)
        .addPrimaryKeyConstraint('sms_sends_pk', ['account_id', 'scope_key', 'send_id'])
        .execute()
      await db.schema.createIndex('sms_sends_by_time').on('sms_sends').columns(['scope_key', 'time_ms']).execute()
      await db.schema
        .createTable('account_notices')
        .addColumn('account_id', 'text', required)
        .addColumn('n', whole, required)
        .addColumn('notice_id', 'text', required)
        .addColumn('time_ms', whole, required)
        .addColumn('kind', 'text', required)
        .addColumn('params', 'text', required)
        .addPrimaryKeyConstraint('account_notices_pk', ['account_id', 'n'])
        .execute()
    },
  }
}
