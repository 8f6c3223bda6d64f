/**
 * Takes out what is too old, across accounts. Each statement is bounded and found by an index, so that it never holds many rows, and it
 * does no harm when several servers do it at once.
 */
import { sql, type Kysely } from 'kysely'
import type { Schema } from './schema.ts'
import type { PruneLimits } from './store.ts'

const rowsPerStatement = 500

interface Aged {
  readonly table: keyof Schema
  readonly key: readonly string[]
  readonly column: string
  readonly beforeMs: number
  readonly state?: string
}

function aged(limits: PruneLimits): readonly Aged[] {
  const session = (state: string, beforeMs: number): Aged => ({
    table: 'sessions',
    key: ['account_id', 'device_id'],
    column: 'used_ms',
    beforeMs,
    state,
  })
  // three days, like the requests: the limits on codes look back one
  const beforeMs = limits.joinsCreatedBeforeMs
  return [
    session('active', limits.activeUsedBeforeMs),
    session('pending', limits.pendingUsedBeforeMs),
    session('removed', limits.removedUsedBeforeMs),
    session('ended', limits.removedUsedBeforeMs),
    { table: 'join_messages', key: ['account_id', 'request_id', 'run', 'step'], column: 'created_ms', beforeMs },
    { table: 'join_requests', key: ['account_id', 'request_id'], column: 'created_ms', beforeMs },
    { table: 'verification_codes', key: ['account_id', 'code_id'], column: 'expires_ms', beforeMs },
    { table: 'verification_passes', key: ['account_id', 'device_id', 'purpose'], column: 'passed_ms', beforeMs },
    { table: 'outgoing_messages', key: ['account_id', 'message_id'], column: 'created_ms', beforeMs },
    { table: 'sms_sends', key: ['account_id', 'scope_key', 'send_id'], column: 'time_ms', beforeMs },
  ]
}

export function pruneStatement({ table, key, column, beforeMs, state }: Aged) {
  const keys = sql.join(key.map((name) => sql.ref(name)))
  const ofState = state === undefined ? sql`` : sql`state = ${state} and`
  const old = sql`select ${keys} from ${sql.table(table)} where ${ofState} ${sql.ref(column)} < ${beforeMs} limit ${sql.lit(rowsPerStatement)}`
  return sql`delete from ${sql.table(table)} where (${keys}) in (${old})`
}

/** For tests that look at how the database would find the rows. */
export function pruneStatements(limits: PruneLimits): ReturnType<typeof pruneStatement>[] {
  return aged(limits).map(pruneStatement)
}

export async function prune(db: Kysely<Schema>, limits: PruneLimits): Promise<void> {
  for (const statement of pruneStatements(limits)) {
    let deleted: number
    do deleted = Number((await statement.execute(db)).numAffectedRows ?? 0)
    while (deleted >= rowsPerStatement)
  }
}

/** What servers share and nobody came back for: sign-ins that were begun, paces that ran out. */
export async function sweepShared(db: Kysely<Schema>, nowMs: number): Promise<void> {
  await db.deleteFrom('sign_in_states').where('expires_ms', '<=', nowMs).execute()
  await db.deleteFrom('pace').where('expire', '<=', nowMs).execute()
}
