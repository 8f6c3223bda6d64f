/** Rows of verification: plain reads and conditional writes, no rules. Writes belong in a transaction of the account. */
import type { Kysely } from 'kysely'
import type { AccountId, Bytes, DeviceId } from '@nokkel/base'
import type { Schema } from '../store/schema.ts'
import type { AccountNoticesTable, VerificationCodesTable } from './tables.ts'

export type CodeRow = Readonly<VerificationCodesTable>

export interface StoredNotice {
  readonly id: string
  readonly timeMs: number
  readonly kind: string
  readonly params: Readonly<Record<string, string | number>>
}

/** A trusted number beside the account's own (VER-11). */
export interface FurtherNumber {
  readonly id: string
  readonly phone: string
  readonly createdMs: number
}

const noticesKept = 200

function noticeOf(row: AccountNoticesTable): StoredNotice {
  return { id: row.notice_id, timeMs: row.time_ms, kind: row.kind, params: JSON.parse(row.params) as StoredNotice['params'] }
}

export class VerificationStore {
  readonly #db: Kysely<Schema>

  constructor(db: Kysely<Schema>) {
    this.#db = db
  }

  async insertCode(row: CodeRow): Promise<void> {
    await this.#db.insertInto('verification_codes').values(row).execute()
  }

  async findCode(account: AccountId, codeId: string): Promise<CodeRow | undefined> {
    return await this.#db
      .selectFrom('verification_codes')
      .selectAll()
      .where('account_id', '=', account)
      .where('code_id', '=', codeId)
      .executeTakeFirst()
  }

  /** Newest first. */
  async codesOf(account: AccountId, device: DeviceId | '', purposes: readonly string[]): Promise<CodeRow[]> {
    return await this.#db
      .selectFrom('verification_codes')
      .selectAll()
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .where('purpose', 'in', [...purposes])
      .orderBy('created_ms', 'desc')
      .execute()
  }

  /** The newest one that went out by SMS for this device, whatever for. */
  async lastSent(account: AccountId, device: DeviceId): Promise<CodeRow | undefined> {
    return await this.#db
      .selectFrom('verification_codes')
      .selectAll()
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .where('phone', 'is not', null)
      .orderBy('created_ms', 'desc')
      .limit(1)
      .executeTakeFirst()
  }

  /** A new code voids the ones before it. */
  async replaceCodes(account: AccountId, device: DeviceId | '', purpose: string): Promise<void> {
    await this.#db
      .updateTable('verification_codes')
      .set({ state: 'replaced' })
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .where('purpose', '=', purpose)
      .where('state', '=', 'open')
      .execute()
  }

  /** Counts a try before anything is compared; false when the code is used, replaced, expired, or out of tries. */
  async takeTry(account: AccountId, codeId: string, nowMs: number, tries: number): Promise<boolean> {
    const taken = await this.#db
      .updateTable('verification_codes')
      .set((eb) => ({ tries: eb('tries', '+', 1) }))
      .where('account_id', '=', account)
      .where('code_id', '=', codeId)
      .where('state', '=', 'open')
      .where('tries', '<', tries)
      .where('expires_ms', '>', nowMs)
      .returning('code_id')
      .executeTakeFirst()
    return taken !== undefined
  }

  /** True for exactly one caller. */
  async useCode(account: AccountId, codeId: string): Promise<boolean> {
    const used = await this.#db
      .updateTable('verification_codes')
      .set({ state: 'used' })
      .where('account_id', '=', account)
      .where('code_id', '=', codeId)
      .where('state', '=', 'open')
      .returning('code_id')
      .executeTakeFirst()
    return used !== undefined
  }

  /** A state goes forward only: a receipt may overtake the answer to its own message. */
  async setDelivery(account: AccountId, codeId: string, delivery: string, reason: string | null, messageId?: string): Promise<void> {
    if (messageId !== undefined)
      await this.#db
        .updateTable('verification_codes')
        .set({ message_id: messageId })
        .where('account_id', '=', account)
        .where('code_id', '=', codeId)
        .execute()
    await this.#db
      .updateTable('verification_codes')
      .set({ delivery, reason })
      .where('account_id', '=', account)
      .where('code_id', '=', codeId)
      .where('delivery', 'in', delivery === 'sent' ? ['queued'] : ['queued', 'sent'])
      .execute()
  }

  /** Receipts name nothing but the message. */
  async findByMessage(messageId: string): Promise<{ readonly account: AccountId; readonly codeId: string } | undefined> {
    const row = await this.#db
      .selectFrom('verification_codes')
      .select(['account_id', 'code_id'])
      .where('message_id', '=', messageId)
      .executeTakeFirst()
    return row && { account: row.account_id as AccountId, codeId: row.code_id }
  }

  /** Codes that went out by SMS since then, and how many of them were typed rightly. */
  async conversion(sinceMs: number): Promise<{ readonly sent: number; readonly used: number }> {
    const rows = await this.#db
      .selectFrom('verification_codes')
      .select((eb) => ['state', eb.fn.countAll<number>().as('n')])
      .where('phone', 'is not', null)
      .where('delivery', 'in', ['sent', 'delivered'])
      .where('created_ms', '>', sinceMs)
      .groupBy('state')
      .execute()
    const count = (state?: string): number =>
      rows.filter((row) => state === undefined || row.state === state).reduce((sum, row) => sum + Number(row.n), 0)
    return { sent: count(), used: count('used') }
  }

  async dropPass(account: AccountId, device: DeviceId, purpose: string): Promise<void> {
    await this.#db
      .deleteFrom('verification_passes')
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .where('purpose', '=', purpose)
      .execute()
  }

  async putPass(account: AccountId, device: DeviceId, signKey: Bytes, purpose: string, passedMs: number): Promise<void> {
    await this.dropPass(account, device, purpose)
    await this.#db
      .insertInto('verification_passes')
      .values({ account_id: account, device_id: device, sign_key: signKey, purpose, passed_ms: passedMs })
      .execute()
  }

  async findPass(
    account: AccountId,
    device: DeviceId,
    purpose: string,
  ): Promise<{ readonly signKey: Bytes; readonly passedMs: number } | undefined> {
    const row = await this.#db
      .selectFrom('verification_passes')
      .selectAll()
      .where('account_id', '=', account)
      .where('device_id', '=', device)
      .where('purpose', '=', purpose)
      .executeTakeFirst()
    return row && { signKey: row.sign_key, passedMs: row.passed_ms }
  }

  /** Times of sends under a key since then, oldest first. */
  async sendsSince(scopeKey: string, sinceMs: number): Promise<number[]> {
    const rows = await this.#db
      .selectFrom('sms_sends')
      .select('time_ms')
      .where('scope_key', '=', scopeKey)
      .where('time_ms', '>', sinceMs)
      .orderBy('time_ms')
      .execute()
    return rows.map((row) => Number(row.time_ms))
  }

  async countSend(account: AccountId, scopeKeys: readonly string[], sendId: string, timeMs: number): Promise<void> {
    for (const scope_key of scopeKeys)
      await this.#db.insertInto('sms_sends').values({ account_id: account, scope_key, send_id: sendId, time_ms: timeMs }).execute()
  }

  async setPhone(account: AccountId, phone: string): Promise<void> {
    await this.#db.updateTable('accounts').set({ phone }).where('account_id', '=', account).execute()
  }

  /** Oldest first. */
  async furtherNumbers(account: AccountId): Promise<FurtherNumber[]> {
    const rows = await this.#db
      .selectFrom('trusted_numbers')
      .selectAll()
      .where('account_id', '=', account)
      .orderBy('created_ms')
      .orderBy('number_id')
      .execute()
    return rows.map((row) => ({ id: row.number_id, phone: row.phone, createdMs: Number(row.created_ms) }))
  }

  async addFurtherNumber(account: AccountId, { id, phone, createdMs }: FurtherNumber): Promise<void> {
    await this.#db.insertInto('trusted_numbers').values({ account_id: account, number_id: id, phone, created_ms: createdMs }).execute()
  }

  /** The number that was there; undefined when there was none of that name. */
  async removeFurtherNumber(account: AccountId, id: string): Promise<string | undefined> {
    const gone = await this.#db
      .deleteFrom('trusted_numbers')
      .where('account_id', '=', account)
      .where('number_id', '=', id)
      .returning('phone')
      .executeTakeFirst()
    return gone?.phone
  }

  async setTwoFactorStatement(account: AccountId, statement: Bytes): Promise<void> {
    await this.#db.updateTable('accounts').set({ two_factor_statement: statement }).where('account_id', '=', account).execute()
  }

  async addNotice(account: AccountId, notice: StoredNotice): Promise<void> {
    const last = await this.#db
      .selectFrom('account_notices')
      .select('n')
      .where('account_id', '=', account)
      .orderBy('n', 'desc')
      .limit(1)
      .executeTakeFirst()
    const n = Number(last?.n ?? 0) + 1
    await this.#db
      .insertInto('account_notices')
      .values({
        account_id: account,
        n,
        notice_id: notice.id,
        time_ms: notice.timeMs,
        kind: notice.kind,
        params: JSON.stringify(notice.params),
      })
      .execute()
    await this.#db
      .deleteFrom('account_notices')
      .where('account_id', '=', account)
      .where('n', '<=', n - noticesKept)
      .execute()
  }

  /** Oldest first; those after `afterId`, or all when it is not there any more. */
  async notices(account: AccountId, afterId: string | undefined): Promise<StoredNotice[]> {
    const rows = await this.#db.selectFrom('account_notices').selectAll().where('account_id', '=', account).orderBy('n').execute()
    const at = rows.findIndex((row) => row.notice_id === afterId)
    return rows.slice(at + 1).map(noticeOf)
  }
}
