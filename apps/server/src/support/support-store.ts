/** Rows of support cases: plain reads and conditional writes, no rules. */
import type { Kysely } from 'kysely'
import type { AccountId } from '@nokkel/base'
import type { Schema } from '../store/schema.ts'
import type { SupportCasesTable } from '../verification/tables.ts'

export type CaseState = 'opened' | 'waiting' | 'open' | 'used' | 'stopped' | 'cancelled' | 'lapsed'
export const liveStates = ['opened', 'waiting', 'open'] as const satisfies readonly CaseState[]

export interface SupportCase {
  readonly accountId: AccountId
  readonly caseId: string
  readonly state: CaseState
  readonly phone: string
  readonly openedBy: string
  readonly approvedBy: string | null
  readonly openedMs: number
  readonly dueMs: number | null
  readonly endedMs: number | null
}

function caseOf(row: SupportCasesTable): SupportCase {
  return {
    accountId: row.account_id as AccountId,
    caseId: row.case_id,
    state: row.state as CaseState,
    phone: row.phone,
    openedBy: row.opened_by,
    approvedBy: row.approved_by,
    openedMs: row.opened_ms,
    dueMs: row.due_ms,
    endedMs: row.ended_ms,
  }
}

export class SupportStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(of: SupportCase): Promise<void> {
    await this.#db
      .insertInto('support_cases')
      .values({
        account_id: of.accountId,
        case_id: of.caseId,
        state: of.state,
        phone: of.phone,
        opened_by: of.openedBy,
        approved_by: of.approvedBy,
        opened_ms: of.openedMs,
        due_ms: of.dueMs,
        ended_ms: of.endedMs,
      })
      .execute()
  }

  /** The one that is under way. */
  async live(account: AccountId): Promise<SupportCase | undefined> {
    const row = await this.#db
      .selectFrom('support_cases')
      .selectAll()
      .where('account_id', '=', account)
      .where('state', 'in', [...liveStates])
      .executeTakeFirst()
    return row && caseOf(row)
  }

  /** For operators, who know the case and not the account. */
  async find(caseId: string): Promise<SupportCase | undefined> {
    const row = await this.#db.selectFrom('support_cases').selectAll().where('case_id', '=', caseId).executeTakeFirst()
    return row && caseOf(row)
  }

  /** Of all accounts, newest first. */
  async list(limit: number): Promise<SupportCase[]> {
    return (await this.#db.selectFrom('support_cases').selectAll().orderBy('opened_ms', 'desc').limit(limit).execute()).map(caseOf)
  }

  /** Of all accounts: those whose time has come. */
  async due(nowMs: number, limit: number): Promise<SupportCase[]> {
    const rows = await this.#db
      .selectFrom('support_cases')
      .selectAll()
      .where('state', 'in', ['waiting', 'open'])
      .where('due_ms', '<=', nowMs)
      .orderBy('due_ms')
      .limit(limit)
      .execute()
    return rows.map(caseOf)
  }

  /** True for exactly one caller; the number goes when the case ends. */
  async move(
    of: SupportCase,
    to: { readonly state: CaseState; readonly dueMs?: number | null; readonly approvedBy?: string; readonly endedMs?: number },
  ): Promise<boolean> {
    const moved = await this.#db
      .updateTable('support_cases')
      .set({
        state: to.state,
        ...(to.dueMs !== undefined && { due_ms: to.dueMs }),
        ...(to.approvedBy !== undefined && { approved_by: to.approvedBy }),
        ...(to.endedMs !== undefined && { ended_ms: to.endedMs, phone: '' }),
      })
      .where('account_id', '=', of.accountId)
      .where('case_id', '=', of.caseId)
      .where('state', '=', of.state)
      .returning('case_id')
      .executeTakeFirst()
    return moved !== undefined
  }
}
