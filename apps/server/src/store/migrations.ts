/**
 * The schema, step by step, in code. Portable between SQLite and PostgreSQL: integers of 64 bits, blobs, text; no autoincrement.
 * A step that was released is never edited: a change is a new step.
 */
import { sql, type ColumnDefinitionBuilder, type Kysely } from 'kysely'
import { Migrator, type Migration, type MigrationProvider } from 'kysely/migration'
import { NokkelError } from '@nokkel/base'
import { verificationTables } from '../verification/migration.ts'
import { scaleOut } from './scale-out-migration.ts'
import { sharedStatusRow } from '../status/shared-status-migration.ts'
import { trustedNumbers } from '../verification/numbers-migration.ts'
import { verificationWiring } from '../verification/wiring-migration.ts'

export type SqlDialectName = 'sqlite' | 'postgres'

const required = (column: ColumnDefinitionBuilder): ColumnDefinitionBuilder => column.notNull()

function initial(dialect: SqlDialectName): Migration {
  const blob = dialect === 'sqlite' ? sql`blob` : sql`bytea`
  const whole = dialect === 'sqlite' ? ('integer' as const) : ('bigint' as const)
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('server_meta')
        .addColumn('name', 'text', (c) => c.primaryKey())
        .addColumn('value', 'text', required)
        .execute()
      await db.schema
        .createTable('accounts')
        .addColumn('account_id', 'text', (c) => c.primaryKey())
        .addColumn('email', 'text', required)
        .addColumn('email_key', 'text', (c) => c.notNull().unique())
        .addColumn('phone', 'text')
        .addColumn('region', 'text')
        .addColumn('registration_record', 'text', required)
        .addColumn('bind', blob, required)
        .addColumn('genesis_hash', blob, required)
        .addColumn('circle_seq', whole, required)
        .addColumn('circle_head', blob, required)
        .addColumn('record_count', whole, required)
        .addColumn('stored_bytes', whole, required)
        .addColumn('batch_count', whole, required)
        .addColumn('activity_n', whole, required)
        .addColumn('created_ms', whole, required)
        .execute()
      await db.schema
        .createTable('circle_entries')
        .addColumn('account_id', 'text', required)
        .addColumn('seq', whole, required)
        .addColumn('entry', blob, required)
        .addPrimaryKeyConstraint('circle_entries_pk', ['account_id', 'seq'])
        .execute()
      await db.schema
        .createTable('shares')
        .addColumn('account_id', 'text', required)
        .addColumn('device_id', 'text', required)
        .addColumn('generation', whole, required)
        .addColumn('share', blob, required)
        .addPrimaryKeyConstraint('shares_pk', ['account_id', 'device_id', 'generation'])
        .execute()
      await db.schema
        .createTable('wraps')
        .addColumn('account_id', 'text', required)
        .addColumn('vault_id', 'text', required)
        .addColumn('kind', 'text', required)
        .addColumn('epoch', whole, required)
        .addColumn('under_key', whole, required)
        .addColumn('wrap', blob, required)
        .addPrimaryKeyConstraint('wraps_pk', ['account_id', 'vault_id', 'kind', 'epoch', 'under_key'])
        .execute()
      await db.schema
        .createTable('vaults')
        .addColumn('account_id', 'text', required)
        .addColumn('vault_id', 'text', required)
        .addColumn('head_seq', whole, required)
        .addColumn('head_hash', blob, required)
        .addColumn('record_count', whole, required)
        .addPrimaryKeyConstraint('vaults_pk', ['account_id', 'vault_id'])
        .execute()
      await db.schema
        .createTable('batches')
        .addColumn('account_id', 'text', required)
        .addColumn('vault_id', 'text', required)
        .addColumn('seq', whole, required)
        .addColumn('hash', blob, required)
        .addColumn('size', whole, required)
        .addColumn('batch', blob, required)
        .addPrimaryKeyConstraint('batches_pk', ['account_id', 'vault_id', 'seq'])
        .execute()
      await db.schema
        .createTable('records')
        .addColumn('account_id', 'text', required)
        .addColumn('vault_id', 'text', required)
        .addColumn('item_id', 'text', required)
        .addColumn('seq', whole, required)
        .addColumn('size', whole, required)
        .addColumn('record', blob, required)
        .addPrimaryKeyConstraint('records_pk', ['account_id', 'vault_id', 'item_id'])
        .execute()
      await db.schema.createIndex('records_by_seq').on('records').columns(['account_id', 'vault_id', 'seq']).execute()
      await db.schema
        .createTable('sessions')
        .addColumn('account_id', 'text', required)
        .addColumn('device_id', 'text', required)
        .addColumn('token_hash', blob, (c) => c.notNull().unique())
        .addColumn('class', 'text', required)
        .addColumn('sign_key', blob, required)
        .addColumn('state', 'text', required)
        .addColumn('created_ms', whole, required)
        .addColumn('used_ms', whole, required)
        .addPrimaryKeyConstraint('sessions_pk', ['account_id', 'device_id'])
        .execute()
      await db.schema
        .createTable('join_requests')
        .addColumn('account_id', 'text', required)
        .addColumn('request_id', 'text', required)
        .addColumn('device_id', 'text', required)
        .addColumn('class', 'text', required)
        .addColumn('name', 'text', required)
        .addColumn('place', 'text', required)
        .addColumn('state', 'text', required)
        .addColumn('created_ms', whole, required)
        .addPrimaryKeyConstraint('join_requests_pk', ['account_id', 'request_id'])
        .execute()
      await db.schema
        .createTable('join_messages')
        .addColumn('account_id', 'text', required)
        .addColumn('request_id', 'text', required)
        .addColumn('run', 'text', required)
        .addColumn('step', whole, required)
        .addColumn('sender', 'text', required)
        .addColumn('body', 'text', required)
        .addColumn('created_ms', whole, required)
        .addPrimaryKeyConstraint('join_messages_pk', ['account_id', 'request_id', 'run', 'step'])
        .execute()
      await db.schema
        .createTable('activity')
        .addColumn('account_id', 'text', required)
        .addColumn('n', whole, required)
        .addColumn('time_ms', whole, required)
        .addColumn('kind', 'text', required)
        .addColumn('device_id', 'text')
        .addColumn('place', 'text', required)
        .addColumn('detail', 'text', required)
        .addPrimaryKeyConstraint('activity_pk', ['account_id', 'n'])
        .execute()
    },
  }
}

/** Why a keychain is no more (SPEC LIF-4, LIF-6): its devices are told when they next ask. And who asked for erasure (LIF-8). */
function keychainEnds(dialect: SqlDialectName): Migration {
  const blob = dialect === 'sqlite' ? sql`blob` : sql`bytea`
  const whole = dialect === 'sqlite' ? ('integer' as const) : ('bigint' as const)
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('deletions')
        .addColumn('account_id', 'text', (c) => c.primaryKey())
        .addColumn('due_ms', whole, required)
        .execute()
      await db.schema
        .createTable('keychain_ends')
        .addColumn('account_id', 'text', (c) => c.primaryKey())
        .addColumn('kind', 'text', required)
        .addColumn('time_ms', whole, required)
        .addColumn('device_id', 'text')
        .addColumn('genesis', blob)
        .addColumn('endorsement', blob)
        .execute()
    },
  }
}

/** Sealed bundles of the ways back (SPEC RCV-1). */
function recoveryBundles(dialect: SqlDialectName): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('recovery_bundles')
        .addColumn('account_id', 'text', required)
        .addColumn('member', 'text', required)
        .addColumn('bundle', dialect === 'sqlite' ? sql`blob` : sql`bytea`, required)
        .addPrimaryKeyConstraint('recovery_bundles_pk', ['account_id', 'member'])
        .execute()
    },
  }
}

/** What recovery needs beside the circle's word of a registration with realms (SPEC ESC-4). */
function escrowRecords(dialect: SqlDialectName): Migration {
  const blob = dialect === 'sqlite' ? sql`blob` : sql`bytea`
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('escrow_records')
        .addColumn('account_id', 'text', required)
        .addColumn('registration', 'text', required)
        .addColumn('slot', 'text', required)
        .addColumn('realm_list', blob, required)
        .addColumn('outer_lock', blob)
        .addColumn('label', blob)
        .addColumn('created_ms', dialect === 'sqlite' ? 'integer' : 'bigint', required)
        .addPrimaryKeyConstraint('escrow_records_pk', ['account_id', 'registration'])
        .execute()
    },
  }
}

/** Whether a trusted device has seen a request: the applicant is told, and need not wait for one that nobody uses any more. */
function joinSeen(dialect: SqlDialectName): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .alterTable('join_requests')
        .addColumn('seen_ms', dialect === 'sqlite' ? 'integer' : 'bigint')
        .execute()
    },
  }
}

/** Notices to closed apps: one subscription a device. */
function pushSubscriptions(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema
        .createTable('push_subscriptions')
        .addColumn('account_id', 'text', required)
        .addColumn('device_id', 'text', required)
        .addColumn('endpoint', 'text', required)
        .addColumn('p256dh', 'text', required)
        .addColumn('auth', 'text', required)
        .addPrimaryKeyConstraint('push_subscriptions_pk', ['account_id', 'device_id'])
        .execute()
    },
  }
}

/** For the housekeeping that takes them out. */
const outgoingByAge: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('outgoing_messages_by_age').on('outgoing_messages').column('created_ms').execute()
  },
}

/** Names sort in the order of application. */
export function migrationsOf(dialect: SqlDialectName): MigrationProvider {
  return {
    getMigrations: () =>
      Promise.resolve({
        '0001-initial': initial(dialect),
        '0009-keychain-ends': keychainEnds(dialect),
        '0009b-recovery-bundles': recoveryBundles(dialect),
        '0010-verification': verificationTables(dialect),
        '0011-scale-out': scaleOut(dialect),
        '0012-escrow-records': escrowRecords(dialect),
        '0013-join-seen': joinSeen(dialect),
        '0014-verification-wiring': verificationWiring(dialect),
        '0015-push-subscriptions': pushSubscriptions(),
        '0016-outgoing-by-age': outgoingByAge,
        '0017-shared-status': sharedStatusRow(dialect),
        '0018-trusted-numbers': trustedNumbers(dialect),
      }),
  }
}

/** Throws `conflict` (what: schema) for a database that this version has not been started on yet. */
export async function ensureNewestSchema<Db>(db: Kysely<Db>, dialect: SqlDialectName): Promise<void> {
  const known = Object.keys(await migrationsOf(dialect).getMigrations())
  const applied = await appliedMigrations(db)
  if (applied.some((name) => !known.includes(name))) throw new NokkelError('store-too-new')
  if (applied.length < known.length) throw new NokkelError('conflict', { what: 'schema' })
}

async function appliedMigrations<Db>(db: Kysely<Db>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some((table) => table.name === 'kysely_migration')) return []
  return (await sql<{ name: string }>`select name from kysely_migration`.execute(db)).rows.map((row) => row.name)
}

/**
 * Servers of two versions run side by side on PostgreSQL while they are exchanged one by one. So a step only adds (tables, indexes, columns that may
 * be null or have a default); what a newer version no longer uses goes in a later release, and then this names that step: no server that
 * does not know it may run on the database any more.
 */
export const schemaFloor = '0016-outgoing-by-age'
const floorName = 'schema-floor'

/** Throws `store-too-new` where a newer server has been and this one cannot run beside it. */
async function mayRunBeside<Db>(
  db: Kysely<Db>,
  dialect: SqlDialectName,
  known: ReadonlySet<string>,
  applied: readonly string[],
): Promise<boolean> {
  if (applied.every((name) => known.has(name))) return false
  // SQLite has one server: whoever starts an older one over a newer database wants the backup
  if (dialect === 'sqlite') throw new NokkelError('store-too-new')
  const floor = (await sql<{ value: string }>`select value from server_meta where name = ${floorName}`.execute(db)).rows[0]?.value
  if (floor === undefined || !known.has(floor) || [...known].some((name) => !applied.includes(name))) throw new NokkelError('store-too-new')
  return true
}

/** Brings the database to the newest schema. Throws `store-too-new` for one that a newer server wrote, unless the two can run side by side. */
export async function migrate<Db>(db: Kysely<Db>, dialect: SqlDialectName): Promise<void> {
  const migrator = new Migrator({ db, provider: migrationsOf(dialect) })
  const known = new Set(Object.keys(await migrationsOf(dialect).getMigrations()))
  if (await mayRunBeside(db, dialect, known, await appliedMigrations(db))) return
  const { error } = await migrator.migrateToLatest()
  if (error !== undefined) throw new NokkelError('store-damaged', {}, { cause: error })
  if (dialect === 'postgres')
    await sql`insert into server_meta (name, value) values (${floorName}, ${schemaFloor})
      on conflict (name) do update set value = excluded.value where server_meta.value < excluded.value`.execute(db)
}
