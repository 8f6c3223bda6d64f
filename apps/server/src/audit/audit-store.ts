/** Rows of the operators' audit log: written once, never changed. */
import type { Kysely } from 'kysely'
import type { Schema } from '../store/schema.ts'
import type { AuditEntry } from './audit-chain.ts'

export class AuditStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async append(entry: AuditEntry): Promise<void> {
    const { n, timeMs, operator, action, subject, detail, code } = entry
    await this.#db.insertInto('audit_log').values({ n, time_ms: timeMs, operator, action, subject, detail, code }).execute()
  }

  /** In order, after position `after`. */
  async entries(after = 0): Promise<AuditEntry[]> {
    const rows = await this.#db.selectFrom('audit_log').selectAll().where('n', '>', after).orderBy('n').execute()
    return rows.map(({ n, time_ms, operator, action, subject, detail, code }) => ({
      n: Number(n),
      timeMs: Number(time_ms),
      operator,
      action,
      subject,
      detail,
      code,
    }))
  }
}
