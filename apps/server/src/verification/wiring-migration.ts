/** What wiring verification to routes needs beside its tables: the two-factor statement, messages on their way out, support cases, the operators' log. */
import { sql, type ColumnDefinitionBuilder, type Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

export function verificationWiring(dialect: 'sqlite' | 'postgres'): Migration {
  const blob = dialect === 'sqlite' ? sql`blob` : sql`bytea`
  const whole = dialect === 'sqlite' ? ('integer' as const) : ('bigint' as const)
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable('accounts').addColumn('two_factor_statement', blob).execute()
      await db.schema.createIndex('verification_codes_by_message').on('verification_codes').column('message_id').execute()
      await db.schema
        .createTable('outgoing_messages')
        .addColumn('account_id', 'text', required)
        .addColumn('message_id', 'text', required)
        .addColumn('channel', 'text', required)
        .addColumn('address', 'text', required)
        .addColumn('language', 'text', required)
        .addColumn('kind', 'text', required)
        .addColumn('params', 'text', required)
        .addColumn('state', 'text', required)
        .addColumn('attempts', whole, required)
        .addColumn('due_ms', whole, required)
        .addColumn('created_ms', whole, required)
        .addPrimaryKeyConstraint('outgoing_messages_pk', ['account_id', 'message_id'])
        .execute()
      await db.schema.createIndex('outgoing_messages_due').on('outgoing_messages').columns(['state', 'due_ms']).execute()
      await db.schema
        .createTable('support_cases')
        .addColumn('account_id', 'text', required)
        .addColumn('case_id', 'text', required)
        .addColumn('state', 'text', required)
        .addColumn('phone', 'text', required)
        .addColumn('opened_by', 'text', required)
        .addColumn('approved_by', 'text')
        .addColumn('opened_ms', whole, required)
        .addColumn('due_ms', whole)
        .addColumn('ended_ms', whole)
        .addPrimaryKeyConstraint('support_cases_pk', ['account_id', 'case_id'])
        .execute()
      await db.schema.createIndex('support_cases_by_state').on('support_cases').columns(['state', 'due_ms']).execute()
      await db.schema
        .createTable('audit_log')
        .addColumn('n', whole, (c) => c.primaryKey())
        .addColumn('time_ms', whole, required)
        .addColumn('operator', 'text', required)
        .addColumn('action', 'text', required)
        .addColumn('subject', 'text', required)
        .addColumn('detail', 'text', required)
        .addColumn('code', 'text', required)
        .execute()
    },
  }
}
