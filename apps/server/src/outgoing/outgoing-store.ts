/** Rows of messages on their way out: plain reads and conditional writes, no rules. */
import type { Kysely } from 'kysely'
import type { AccountId } from '@nokkel/base'
import type { Schema } from '../store/schema.ts'
import type { OutgoingMessagesTable } from '../verification/tables.ts'

export type OutgoingRow = Readonly<OutgoingMessagesTable>

export class OutgoingStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insert(row: OutgoingRow): Promise<void> {
    await this.#db.insertInto('outgoing_messages').values(row).execute()
  }

  async countSince(account: AccountId, channel: string, kind: string, sinceMs: number): Promise<number> {
    const row = await this.#db
      .selectFrom('outgoing_messages')
      .select((eb) => eb.fn.countAll<number>().as('n'))
      .where('account_id', '=', account)
      .where('channel', '=', channel)
      .where('kind', '=', kind)
      .where('created_ms', '>', sinceMs)
      .executeTakeFirstOrThrow()
    return Number(row.n)
  }

  /** Of all accounts, oldest first. */
  async due(nowMs: number, limit: number): Promise<OutgoingRow[]> {
    return await this.#db
      .selectFrom('outgoing_messages')
      .selectAll()
      .where('state', '=', 'waiting')
      .where('due_ms', '<=', nowMs)
      .orderBy('due_ms')
      .limit(limit)
      .execute()
  }

  /** Puts the next attempt off; true for exactly one of those who try to send the same message at the same time. */
  async claim(row: OutgoingRow, nextMs: number): Promise<boolean> {
    const claimed = await this.#db
      .updateTable('outgoing_messages')
      .set({ due_ms: nextMs, attempts: row.attempts + 1 })
      .where('account_id', '=', row.account_id)
      .where('message_id', '=', row.message_id)
      .where('state', '=', 'waiting')
      .where('attempts', '=', row.attempts)
      .returning('message_id')
      .executeTakeFirst()
    return claimed !== undefined
  }

  /** The address is not kept longer than the message needs it. */
  async finish(row: OutgoingRow, state: 'sent' | 'failed'): Promise<void> {
    await this.#db
      .updateTable('outgoing_messages')
      .set({ state, address: '' })
      .where('account_id', '=', row.account_id)
      .where('message_id', '=', row.message_id)
      .execute()
  }

  async prune(beforeMs: number): Promise<void> {
    await this.#db.deleteFrom('outgoing_messages').where('created_ms', '<', beforeMs).execute()
  }
}
