/**
 * The support's way back to a number that cannot be changed otherwise (F5): one operator opens a case, another agrees, 72 hours pass in which the
 * person is told everywhere and any trusted device can stop it, and then the number, and nothing else, is open for the one new number that was
 * named. Every step is in the audit log. There is no function here that sees or changes anything of a keychain.
 */
import { newId, NokkelError, type AccountId, type Clock, type DeviceId, type Random, type RequestId } from '@nokkel/base'
import type { AuditLog } from '../audit/audit-log.ts'
import { announce, type News } from '../outgoing/news.ts'
import { emailKeyOf, type Store, type StoreTx } from '../store/store.ts'
import { supportDelayMs, supportOpenMs } from './cases.ts'
import type { SupportCase } from './support-store.ts'

const listed = 100
const duePerRun = 100

export interface SupportParts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly audit: AuditLog
  /** after a commit that told somebody something */
  readonly onTold: (account: AccountId) => void
}

/** What operators see of a case: no address, no number, no account. */
export interface ListedCase {
  readonly caseId: string
  readonly state: string
  readonly openedBy: string
  readonly approvedBy: string | null
  readonly openedMs: number
  readonly dueMs: number | null
  readonly endedMs: number | null
}

export class Support {
  readonly #parts: SupportParts

  constructor(parts: SupportParts) {
    this.#parts = parts
  }

  /** Throws `not-found` for an address without an account, `conflict` while another case of it is under way. */
  async open(operator: string, email: string, phone: string): Promise<{ readonly caseId: string }> {
    const { store, clock, random } = this.#parts
    const account = await store.findAccountByEmail(emailKeyOf(email))
    if (account === undefined) throw new NokkelError('not-found', { what: 'account' })
    const { accountId } = account
    const caseId = newId<RequestId>(random)
    await this.#act(accountId, async (tx) => {
      if ((await tx.support.live(accountId)) !== undefined) throw new NokkelError('conflict', { what: 'case' })
      await tx.support.insert({
        accountId,
        caseId,
        state: 'opened',
        phone,
        openedBy: operator,
        approvedBy: null,
        openedMs: clock.nowMs(),
        dueMs: null,
        endedMs: null,
      })
      await this.#note(tx, operator, 'support-open', caseId, { kind: 'support-opened' }, accountId)
    })
    return { caseId }
  }

  /** The second operator. Throws `conflict` (what: operator) for the one who opened it. */
  async approve(operator: string, caseId: string): Promise<{ readonly dueMs: number }> {
    const { clock } = this.#parts
    const dueMs = clock.nowMs() + supportDelayMs
    await this.#change(caseId, ['opened'], async (tx, found) => {
      if (found.openedBy === operator) throw new NokkelError('conflict', { what: 'operator' })
      const moved = await tx.support.move(found, { state: 'waiting', dueMs, approvedBy: operator })
      if (moved) await this.#note(tx, operator, 'support-approve', caseId, { kind: 'support-waiting', params: { dueMs } }, found.accountId)
      return moved
    })
    return { dueMs }
  }

  async cancel(operator: string, caseId: string): Promise<void> {
    const { clock } = this.#parts
    await this.#change(caseId, ['opened', 'waiting', 'open'], async (tx, found) => {
      const moved = await tx.support.move(found, { state: 'cancelled', endedMs: clock.nowMs() })
      if (moved) await this.#note(tx, operator, 'support-cancel', caseId, { kind: 'support-stopped' }, found.accountId)
      return moved
    })
  }

  async list(): Promise<ListedCase[]> {
    const cases = await this.#parts.store.support.list(listed)
    return cases.map(({ caseId, state, openedBy, approvedBy, openedMs, dueMs, endedMs }) => ({
      caseId,
      state,
      openedBy,
      approvedBy,
      openedMs,
      dueMs,
      endedMs,
    }))
  }

  /** By a trusted device; false when nothing is under way. `say` runs in the same transaction. */
  async stop(account: AccountId, device: DeviceId, say: (tx: StoreTx) => Promise<void>): Promise<boolean> {
    const { clock, audit } = this.#parts
    return await this.#act(account, async (tx) => {
      const found = await tx.support.live(account)
      if (found === undefined || !(await tx.support.move(found, { state: 'stopped', endedMs: clock.nowMs() }))) return false
      await audit.append(tx, { timeMs: clock.nowMs(), operator: 'device', action: 'support-stop', subject: found.caseId, detail: device })
      await say(tx)
      return true
    })
  }

  /** The number that a case was for has become the account's: the case is done. */
  async noteUsed(tx: StoreTx, account: AccountId, phone: string): Promise<void> {
    const { clock, audit } = this.#parts
    const found = await tx.support.live(account)
    if (found?.state !== 'open' || found.phone !== phone) return
    if (await tx.support.move(found, { state: 'used', endedMs: clock.nowMs() }))
      await audit.append(tx, { timeMs: clock.nowMs(), operator: 'server', action: 'number-changed', subject: found.caseId, detail: '' })
  }

  /** Opens what has waited long enough, closes what was open long enough. */
  async run(): Promise<void> {
    const { store, clock, onTold } = this.#parts
    const nowMs = clock.nowMs()
    for (const found of await store.support.due(nowMs, duePerRun)) {
      const isOpening = found.state === 'waiting'
      const to = isOpening ? ({ state: 'open', dueMs: nowMs + supportOpenMs } as const) : ({ state: 'lapsed', endedMs: nowMs } as const)
      await this.#act(found.accountId, async (tx) => {
        if (!(await tx.support.move(found, to))) return
        const news: News | null = isOpening ? { kind: 'support-open' } : null
        await this.#note(tx, 'server', isOpening ? 'number-opened' : 'number-lapsed', found.caseId, news, found.accountId)
      })
      onTold(found.accountId)
    }
  }

  async #change(
    caseId: string,
    from: readonly SupportCase['state'][],
    work: (tx: StoreTx, found: SupportCase) => Promise<boolean>,
  ): Promise<void> {
    const { store, onTold } = this.#parts
    const found = await store.support.find(caseId)
    if (found === undefined) throw new NokkelError('not-found', { what: 'case' })
    await this.#act(found.accountId, async (tx) => {
      const present = await tx.support.find(caseId)
      if (present === undefined || !from.includes(present.state) || !(await work(tx, present)))
        throw new NokkelError('conflict', { what: 'case' })
    })
    onTold(found.accountId)
  }

  async #note(tx: StoreTx, operator: string, action: string, caseId: string, news: News | null, account: AccountId): Promise<void> {
    const { audit, clock } = this.#parts
    await audit.append(tx, { timeMs: clock.nowMs(), operator, action, subject: caseId, detail: '' })
    const phone = (await tx.findAccount(account))?.phone ?? null
    if (news !== null) await announce(this.#parts, tx, account, news, phone)
  }

  async #act<T>(account: AccountId, work: (tx: StoreTx) => Promise<T>): Promise<T> {
    const { store, audit, onTold } = this.#parts
    const result = await audit.exclusively(() => store.transaction(account, work))
    onTold(account)
    return result
  }
}
