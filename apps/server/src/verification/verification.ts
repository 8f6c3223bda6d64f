/**
 * Codes from sending to use (F2, F4, F8; attack rows A27, A28). Knows no HTTP. The text message leaves in the background, after the answer,
 * so that an answer tells nothing about the number, its country or the gateway; the state is asked for separately.
 */
import { newId, NokkelError, type AccountId, type Clock, type DeviceId, type Random, type RequestId, type Secret } from '@nokkel/base'
import { callerOf } from '../domain/place.ts'
import type { SessionRow, Store, StoreTx } from '../store/store.ts'
import { SmsError, type SmsGateway, type SmsReason, type SmsReceipt } from '../sms/sms-gateway.ts'
import { codeHash, codeRules, isSameHash, newCode, scopeKey, type CodePurpose } from './codes.ts'
import type { CodeRow } from './verification-store.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs

export interface VerificationSettings {
  /** host that the last line of the message names, for browsers that fill the code */
  readonly host: string
  /** calling codes that messages may go to, without plus; null: all */
  readonly callingCodes: readonly string[] | null
  readonly perDay: number
  /** first messages to numbers that were not stored before have a small budget of their own */
  readonly newNumbersPerDay: number
  /** numbers that differ only in their last three digits */
  readonly perBlockPerDay: number
}

export const defaultVerificationSettings: VerificationSettings = {
  host: 'localhost',
  callingCodes: null,
  perDay: 1_000,
  newNumbersPerDay: 200,
  perBlockPerDay: 20,
}

export interface VerificationParts {
  readonly store: Store
  readonly clock: Clock
  readonly random: Random
  readonly sms: SmsGateway
  /** in memory and in server.key, never in the database */
  readonly key: Secret
  readonly settings: VerificationSettings
  /** words before the line that names the host */
  readonly text: (code: string, phone: string) => string
}

export interface Sent {
  readonly id: string
  readonly lastDigits: string
  readonly resendAfterMs: number
  readonly expiresMs: number
}

export interface DeliveryState {
  readonly state: 'queued' | 'sent' | 'delivered' | 'failed'
  readonly reason: string | null
  readonly resendAfterMs: number
}

const shownOnDevice = ''
const pollApartMs = 5_000
const rememberedMost = 10_000
const noKey = new Uint8Array(0)

export class Verification {
  readonly #parts: VerificationParts
  readonly #onTheWay = new Set<Promise<void>>()
  /** receipts of messages whose id is not stored yet: one can overtake the answer to its own message */
  readonly #early = new Map<string, SmsReceipt>()
  readonly #polledMs = new Map<string, number>()
  #sends: Promise<unknown> = Promise.resolve()

  constructor(parts: VerificationParts) {
    this.#parts = parts
    parts.sms.onReceipt((receipt) => this.#track(this.#noteReceipt(receipt)))
  }

  /**
   * To the number of the account, or to a further one that is named; for a session that has signed in. Throws `rate-limited`, `number-missing`,
   * `not-found`.
   */
  async send(
    session: SessionRow,
    purpose: 'recover' | 'two-factor' | 'number-test',
    address: string,
    to: string | null = null,
  ): Promise<Sent> {
    const { store } = this.#parts
    if (to !== null) {
      const further = (await store.verification.furtherNumbers(session.accountId)).find(({ id }) => id === to)
      if (further === undefined) throw new NokkelError('not-found', { what: 'number' })
      return await this.#send(session, purpose, further.phone, address, false)
    }
    const account = await store.findAccount(session.accountId)
    const phone = account?.phone ?? null
    if (phone === null) throw new NokkelError('number-missing')
    return await this.#send(session, purpose, phone, address, false)
  }

  /** To a number that is not the account's yet. The caller has checked that the session is a trusted device's. */
  async sendToNewNumber(session: SessionRow, purpose: 'number-change' | 'number-add', phone: string, address: string): Promise<Sent> {
    return await this.#send(session, purpose, phone, address, true)
  }

  /** A code that a trusted device shows; it voids the one shown before. */
  async deviceCode(session: SessionRow): Promise<{ readonly code: string; readonly expiresMs: number }> {
    const { store, clock, random } = this.#parts
    const code = newCode(random)
    const nowMs = clock.nowMs()
    const expiresMs = nowMs + codeRules.lifetimeMs
    const codeId = newId<RequestId>(random)
    await store.transaction(session.accountId, async (tx) => {
      await tx.verification.replaceCodes(session.accountId, shownOnDevice, 'recover')
      await tx.verification.insertCode({
        ...this.#row(session, codeId, 'recover', code, nowMs, shownOnDevice),
        phone: null,
        delivery: 'delivered',
      })
    })
    return { code, expiresMs }
  }

  /**
   * `id` null: a code shown on a trusted device. `announce` runs in the same transaction. Throws `verification-code-wrong`, whatever was
   * wrong. A test of the number opens no gate.
   */
  async check(
    session: SessionRow,
    id: string | null,
    code: string,
    purpose: 'recover' | 'two-factor' | 'number-test',
    announce: (tx: StoreTx) => Promise<void> = () => Promise.resolve(),
  ): Promise<void> {
    const { store, clock } = this.#parts
    const nowMs = clock.nowMs()
    const right = await store.transaction(session.accountId, async (tx) => {
      const used = await this.#use(tx, session, id, code, purpose, nowMs)
      if (used === undefined) return false
      if (purpose !== 'number-test') await tx.verification.putPass(session.accountId, session.deviceId, session.signKey, purpose, nowMs)
      await announce(tx)
      return true
    })
    // outside the transaction: a wrong try must stay counted
    if (!right) throw new NokkelError('verification-code-wrong')
  }

  /**
   * The code that came to the new number makes it the account's, if `allow` still says so. `announce` runs in the same transaction and is given
   * the number before.
   * Throws `verification-code-wrong`.
   */
  async confirmNumber(
    session: SessionRow,
    id: string,
    code: string,
    allow: (phone: string, tx: StoreTx) => Promise<boolean>,
    announce: (tx: StoreTx, change: { readonly before: string | null; readonly after: string }) => Promise<void>,
  ): Promise<void> {
    const { store, clock } = this.#parts
    const done = await store.transaction(session.accountId, async (tx) => {
      const used = await this.#use(tx, session, id, code, 'number-change', clock.nowMs())
      if (used === undefined || used.phone === null || !(await allow(used.phone, tx))) return false
      const before = (await tx.findAccount(session.accountId))?.phone ?? null
      await tx.verification.setPhone(session.accountId, used.phone)
      await announce(tx, { before, after: used.phone })
      return true
    })
    if (!done) throw new NokkelError('verification-code-wrong')
  }

  /** The code that came to a further number is right: `take` adds it, in the same transaction. Throws `verification-code-wrong`, and what `take` throws. */
  async confirmFurther(session: SessionRow, id: string, code: string, take: (tx: StoreTx, phone: string) => Promise<void>): Promise<void> {
    const { store, clock } = this.#parts
    const done = await store.transaction(session.accountId, async (tx) => {
      const used = await this.#use(tx, session, id, code, 'number-add', clock.nowMs())
      if (used === undefined || used.phone === null) return false
      await take(tx, used.phone)
      return true
    })
    if (!done) throw new NokkelError('verification-code-wrong')
  }

  /** Only for the session that asked. Throws `not-found`. */
  async status(session: SessionRow, id: string): Promise<DeliveryState> {
    const { store, sms, clock } = this.#parts
    let row = await store.verification.findCode(session.accountId, id)
    if (row === undefined || row.device_id !== session.deviceId) throw new NokkelError('not-found', { what: 'code' })
    if (row.delivery === 'sent' && row.message_id !== null && sms.poll !== undefined && this.#mayPoll(id)) {
      const receipt = await sms.poll(row.message_id).catch(() => undefined)
      if (receipt !== undefined && receipt.state !== 'sent') {
        await this.#setDelivery(session.accountId, id, receipt.state, receipt.reason)
        row = { ...row, delivery: receipt.state, reason: receipt.reason }
      }
    }
    return {
      state: row.delivery as DeliveryState['state'],
      reason: row.reason,
      resendAfterMs: Math.max(0, Number(row.created_ms) + codeRules.resendAfterMs - clock.nowMs()),
    }
  }

  /** How the newest message for this device is doing; null when there is none, or its code has been typed: then it came (F8). */
  async lastSms(
    session: SessionRow,
  ): Promise<{ readonly state: DeliveryState['state']; readonly reason: string | null; readonly ageMs: number } | null> {
    const { store, clock } = this.#parts
    const row = await store.verification.lastSent(session.accountId, session.deviceId)
    if (row === undefined || row.state === 'used') return null
    const { state, reason } = await this.status(session, row.code_id)
    return { state, reason, ageMs: Math.max(0, clock.nowMs() - Number(row.created_ms)) }
  }

  /** Whoever asks for the state every moment does not make us ask the gateway every moment. */
  #mayPoll(id: string): boolean {
    const nowMs = this.#parts.clock.nowMs()
    if (nowMs - (this.#polledMs.get(id) ?? 0) < pollApartMs) return false
    if (this.#polledMs.size >= rememberedMost) this.#polledMs.clear()
    this.#polledMs.set(id, nowMs)
    return true
  }

  /** How many of the last day's messages led to a code that was typed: bots that pump do not type (A28). */
  async conversion(): Promise<{ readonly sent: number; readonly used: number }> {
    return await this.#parts.store.verification.conversion(this.#parts.clock.nowMs() - dayMs)
  }

  /** Resolves when no message is on its way any more. */
  async settle(): Promise<void> {
    while (this.#onTheWay.size > 0) await Promise.all(this.#onTheWay)
  }

  #row(session: SessionRow, codeId: string, purpose: CodePurpose, code: string, nowMs: number, device: DeviceId | ''): CodeRow {
    const signKey = device === shownOnDevice ? noKey : session.signKey
    return {
      account_id: session.accountId,
      code_id: codeId,
      purpose,
      device_id: device,
      code_hash: codeHash(this.#parts.key.reveal(), code, { codeId, account: session.accountId, device, signKey, purpose }),
      phone: null,
      tries: 0,
      state: 'open',
      created_ms: nowMs,
      expires_ms: nowMs + codeRules.lifetimeMs,
      delivery: 'queued',
      reason: null,
      message_id: null,
    }
  }

  /** Counts, compares, uses: at most once, whoever asks at the same time. */
  async #use(
    tx: StoreTx,
    session: SessionRow,
    id: string | null,
    code: string,
    purpose: CodePurpose,
    nowMs: number,
  ): Promise<CodeRow | undefined> {
    const { accountId, deviceId, signKey } = session
    const row =
      id === null
        ? (await tx.verification.codesOf(accountId, shownOnDevice, [purpose])).find((known) => known.state === 'open')
        : await tx.verification.findCode(accountId, id)
    const device = id === null ? shownOnDevice : deviceId
    const codeId = row?.code_id ?? ''
    const binding = { codeId, account: accountId, device, signKey: id === null ? noKey : signKey, purpose }
    // made and compared even where there is no row, so that the time is the same
    const isRight = isSameHash(codeHash(this.#parts.key.reveal(), code, binding), row?.code_hash ?? new Uint8Array(32))
    // another device's guesses must not use up the tries of the one that asked
    if (row === undefined || row.device_id !== device || row.purpose !== purpose) return undefined
    const counted = await tx.verification.takeTry(accountId, codeId, nowMs, codeRules.tries)
    if (!counted || !isRight || !(await tx.verification.useCode(accountId, codeId))) return undefined
    return row
  }

  async #send(session: SessionRow, purpose: CodePurpose, phone: string, address: string, isNew: boolean): Promise<Sent> {
    const { store, clock, random } = this.#parts
    const { accountId, deviceId } = session
    const nowMs = clock.nowMs()
    const codeId = newId<RequestId>(random)
    const code = newCode(random)
    const row = this.#row(session, codeId, purpose, code, nowMs, deviceId)
    const isServed = this.#isServed(phone)
    // one after the other: limits over numbers and addresses look across accounts, whose transactions may run at the same time
    const stored = this.#sends.then(() =>
      store.transaction(accountId, async (tx) => {
        await this.#ensureWithin(tx, session, phone, address, isNew, nowMs, codeId)
        await tx.verification.replaceCodes(accountId, deviceId, purpose)
        await tx.verification.insertCode({
          ...row,
          phone,
          ...(!isServed && { delivery: 'failed', reason: 'country-not-allowed' satisfies SmsReason }),
        })
      }),
    )
    this.#sends = stored.catch(() => undefined)
    await stored
    if (isServed) this.#dispatch(session, codeId, phone, code)
    return { id: codeId, lastDigits: phone.slice(-2), resendAfterMs: codeRules.resendAfterMs, expiresMs: row.expires_ms }
  }

  #isServed(phone: string): boolean {
    const { callingCodes } = this.#parts.settings
    return callingCodes === null || callingCodes.some((code) => phone.startsWith(`+${code}`))
  }

  /** Every limit of F8 and A28, over the last hour and day, in the transaction that stores the code. */
  async #ensureWithin(
    tx: StoreTx,
    session: SessionRow,
    phone: string,
    address: string,
    isNew: boolean,
    nowMs: number,
    sendId: string,
  ): Promise<void> {
    const { key, settings } = this.#parts
    const name = (scope: string, value: string): string => scopeKey(key.reveal(), scope, value)
    const person = { perHour: codeRules.perHour, perDay: codeRules.perDay }
    const scopes = [
      { key: name('account', session.accountId), ...person, apartMs: codeRules.resendAfterMs },
      { key: name('number', phone), ...person, apartMs: 0 },
      { key: name('address', callerOf(address)), ...person, apartMs: 0 },
      { key: name('block', phone.slice(0, -3)), perHour: settings.perBlockPerDay, perDay: settings.perBlockPerDay, apartMs: 0 },
      isNew
        ? { key: name('new-numbers', ''), perHour: settings.newNumbersPerDay, perDay: settings.newNumbersPerDay, apartMs: 0 }
        : { key: name('all', ''), perHour: settings.perDay, perDay: settings.perDay, apartMs: 0 },
    ]
    let freeMs = nowMs
    for (const scope of scopes) {
      const times = await tx.verification.sendsSince(scope.key, nowMs - dayMs)
      const hour = times.filter((time) => time > nowMs - hourMs)
      if (times.length >= scope.perDay) freeMs = Math.max(freeMs, (times.at(-scope.perDay) ?? nowMs) + dayMs)
      if (hour.length >= scope.perHour) freeMs = Math.max(freeMs, (hour.at(-scope.perHour) ?? nowMs) + hourMs)
      freeMs = Math.max(freeMs, (times.at(-1) ?? 0) + scope.apartMs)
    }
    if (freeMs > nowMs) throw new NokkelError('rate-limited', { retryAfterSeconds: Math.max(1, Math.ceil((freeMs - nowMs) / 1_000)) })
    await tx.verification.countSend(
      session.accountId,
      scopes.map((scope) => scope.key),
      sendId,
      nowMs,
    )
  }

  #dispatch(session: SessionRow, codeId: string, phone: string, code: string): void {
    const { sms, settings, text } = this.#parts
    const run = async (): Promise<void> => {
      let messageId: string
      try {
        messageId = (await sms.send({ to: phone, text: `${text(code, phone)}\n\n@${settings.host} #${code}` })).messageId
      } catch (error) {
        return await this.#setDelivery(session.accountId, codeId, 'failed', error instanceof SmsError ? error.reason : 'unknown')
      }
      await this.#setDelivery(session.accountId, codeId, 'sent', null, messageId)
      const receipt = this.#early.get(messageId)
      if (receipt !== undefined && this.#early.delete(messageId))
        await this.#setDelivery(session.accountId, codeId, receipt.state, receipt.reason)
    }
    this.#track(run())
  }

  async #noteReceipt(receipt: SmsReceipt): Promise<void> {
    const { store } = this.#parts
    const code = await store.verification.findByMessage(receipt.messageId)
    if (code !== undefined) return await this.#setDelivery(code.account, code.codeId, receipt.state, receipt.reason)
    if (this.#early.size >= rememberedMost) this.#early.clear()
    this.#early.set(receipt.messageId, receipt)
  }

  async #setDelivery(account: AccountId, codeId: string, delivery: string, reason: SmsReason | null, messageId?: string): Promise<void> {
    await this.#parts.store.transaction(account, (tx) => tx.verification.setDelivery(account, codeId, delivery, reason, messageId))
  }

  #track(work: Promise<void>): void {
    const guarded = work.catch(() => undefined).finally(() => this.#onTheWay.delete(guarded))
    this.#onTheWay.add(guarded)
  }
}
