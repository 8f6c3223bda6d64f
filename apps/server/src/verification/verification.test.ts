import { DatabaseSync } from 'node:sqlite'
import { afterEach, describe, expect, it } from 'vitest'
import { newId, Secret, systemRandom, type AccountId, type DeviceId } from '@nokkel/base'
import { openSqliteStore } from '../store/open-sqlite.ts'
import type { SessionRow, Store } from '../store/store.ts'
import { SmsError, type SmsGateway, type SmsMessage, type SmsReceipt } from '../sms/sms-gateway.ts'
import { hasPassed, passLifetimeMs } from './gate.ts'
import { codeRules } from './codes.ts'
import { defaultVerificationSettings, Verification, type VerificationSettings } from './verification.ts'

const hourMs = 3_600_000
const allowed = () => Promise.resolve(true)

/** a network in memory: what was sent, and what it says next */
class Network implements SmsGateway {
  readonly name = 'memory'
  readonly sent: SmsMessage[] = []
  fails: SmsError | undefined
  #listener: (receipt: SmsReceipt) => void = () => undefined
  send(message: SmsMessage) {
    if (this.fails !== undefined) return Promise.reject(this.fails)
    this.sent.push(message)
    return Promise.resolve({ messageId: `m${this.sent.length}` })
  }
  onReceipt(listener: (receipt: SmsReceipt) => void) {
    this.#listener = listener
  }
  say(receipt: SmsReceipt) {
    this.#listener(receipt)
  }
  close() {
    return Promise.resolve()
  }
  get lastCode() {
    return /#(\d{6})$/.exec(this.sent.at(-1)?.text ?? '')?.[1] ?? ''
  }
}

const wrongOf = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

describe('verification codes', () => {
  const open: Store[] = []
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })

  async function setUp(settings: Partial<VerificationSettings> = {}) {
    const store = await openSqliteStore(new DatabaseSync(':memory:'), systemRandom)
    open.push(store)
    const time = { nowMs: 1_800_000_000_000 }
    const network = new Network()
    const verification = new Verification({
      store,
      clock: { nowMs: () => time.nowMs },
      random: systemRandom,
      sms: network,
      key: new Secret(systemRandom.bytes(32)),
      settings: { ...defaultVerificationSettings, host: 'keys.example.org', ...settings },
      text: (code) => `${code} is your code`,
    })
    const addAccount = async (phone: string | null): Promise<AccountId> => {
      const accountId = newId<AccountId>(systemRandom)
      const email = `${accountId}@example.org`
      await store.transaction(accountId, (tx) =>
        tx.insertAccount({
          accountId,
          email,
          emailKey: email,
          phone,
          region: null,
          registrationRecord: '',
          bind: new Uint8Array(32),
          genesisHash: new Uint8Array(32),
          createdMs: time.nowMs,
        }),
      )
      return accountId
    }
    const session = (accountId: AccountId): SessionRow => ({
      accountId,
      deviceId: newId<DeviceId>(systemRandom),
      tokenHash: systemRandom.bytes(32),
      class: 'cli',
      signKey: systemRandom.bytes(32),
      state: 'pending',
      createdMs: time.nowMs,
      usedMs: time.nowMs,
    })
    const passed = (of: SessionRow) => hasPassed(store, of, 'recover', time.nowMs)
    return { store, time, network, verification, addAccount, session, passed }
  }

  it('F8: the message names host and code, the answer the last two digits only, and the right code opens the gate for 30 minutes', async () => {
    const { network, verification, addAccount, session, passed, time } = await setUp()
    const person = session(await addAccount('+4799887766'))
    const sent = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    expect(network.sent[0]?.text).toMatch(/^(\d{6}) is your code\n\n@keys\.example\.org #\1$/)
    expect(sent).toMatchObject({ lastDigits: '66', resendAfterMs: 30_000 })
    expect(JSON.stringify(sent)).not.toContain('998877')
    expect(await passed(person)).toBe(false)
    await verification.check(person, sent.id, network.lastCode, 'recover')
    expect(await passed(person)).toBe(true)
    expect(await passed({ ...person, signKey: systemRandom.bytes(32) })).toBe(false)
    time.nowMs += passLifetimeMs
    expect(await passed(person)).toBe(false)
  })

  it('A27: replayed, for another purpose, from another device or account, expired, after a resend: verification-code-wrong, and nothing more', async () => {
    const { network, verification, addAccount, session, time } = await setUp()
    const accountId = await addAccount('+4799887766')
    const person = session(accountId)
    const first = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    const code = network.lastCode
    await expect(verification.check(person, first.id, code, 'two-factor')).rejects.toThrow('verification-code-wrong')
    await expect(verification.check(session(accountId), first.id, code, 'recover')).rejects.toThrow('verification-code-wrong')
    await expect(verification.check(session(await addAccount(null)), first.id, code, 'recover')).rejects.toThrow('verification-code-wrong')
    await expect(verification.check(person, null, code, 'recover')).rejects.toThrow('verification-code-wrong')
    // none of these cost a try of the right person
    await expect(verification.check(person, first.id, wrongOf(code), 'recover')).rejects.toThrow('verification-code-wrong')
    await verification.check(person, first.id, code, 'recover')
    await expect(verification.check(person, first.id, code, 'recover')).rejects.toThrow('verification-code-wrong')

    time.nowMs += 31_000
    const second = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    const replaced = network.lastCode
    time.nowMs += 31_000
    const third = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    await expect(verification.check(person, second.id, replaced, 'recover')).rejects.toThrow('verification-code-wrong')
    time.nowMs += codeRules.lifetimeMs
    await expect(verification.check(person, third.id, network.lastCode, 'recover')).rejects.toThrow('verification-code-wrong')
  })

  it('A27: three tries a code, also when they come together, and the right code is too late after them', async () => {
    const { network, verification, addAccount, session } = await setUp()
    const person = session(await addAccount('+4799887766'))
    const { id } = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    const wrong = wrongOf(network.lastCode)
    await Promise.allSettled(Array.from({ length: 20 }, () => verification.check(person, id, wrong, 'recover')))
    await expect(verification.check(person, id, network.lastCode, 'recover')).rejects.toThrow('verification-code-wrong')
  })

  it('A27: 500 parallel uses of one code: one success', async () => {
    const { network, verification, addAccount, session } = await setUp()
    const person = session(await addAccount('+4799887766'))
    const { id } = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    const code = network.lastCode
    const results = await Promise.allSettled(Array.from({ length: 500 }, () => verification.check(person, id, code, 'recover')))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  })

  it('F2: a code shown on a trusted device lets a waiting device of the same account through, once, and the newest counts', async () => {
    const { verification, addAccount, session, passed } = await setUp()
    const accountId = await addAccount(null)
    const waiting = session(accountId)
    const old = await verification.deviceCode(session(accountId))
    const { code } = await verification.deviceCode(session(accountId))
    if (old.code !== code) await expect(verification.check(waiting, null, old.code, 'recover')).rejects.toThrow('verification-code-wrong')
    await expect(verification.check(session(await addAccount(null)), null, code, 'recover')).rejects.toThrow('verification-code-wrong')
    await verification.check(waiting, null, code, 'recover')
    expect(await passed(waiting)).toBe(true)
    await expect(verification.check(session(accountId), null, code, 'recover')).rejects.toThrow('verification-code-wrong')
  })

  it('F8: again after 30 s, five an hour, twenty a day', async () => {
    const { verification, addAccount, session, time, network } = await setUp()
    const person = session(await addAccount('+4799887766'))
    const send = () => verification.send(person, 'recover', '192.0.2.1')
    await send()
    await expect(send()).rejects.toMatchObject({ code: 'rate-limited', params: { retryAfterSeconds: 30 } })
    const startMs = time.nowMs
    let refused = 0
    while (time.nowMs < startMs + 23 * hourMs) {
      time.nowMs += 5 * 60_000
      await send().catch(() => refused++)
    }
    await verification.settle()
    expect(network.sent).toHaveLength(20)
    expect(refused).toBeGreaterThan(0)
  })

  it('F8: one number or one address behind many accounts is one, and five an hour', async () => {
    const { verification, addAccount, session, network } = await setUp()
    for (let i = 0; i < 10; i++)
      await verification.send(session(await addAccount('+4799887766')), 'recover', `198.51.100.${i}`).catch(() => undefined)
    await verification.settle()
    expect(network.sent).toHaveLength(5)
    for (let i = 0; i < 10; i++)
      await verification.send(session(await addAccount(`+479${i}887755`)), 'recover', '192.0.2.7').catch(() => undefined)
    await verification.settle()
    expect(network.sent).toHaveLength(10)
  })

  it('A28: a pumping bot over adjacent numbers and addresses stops at the block, one over many blocks at the budget', async () => {
    const { verification, addAccount, session, network } = await setUp({ newNumbersPerDay: 60 })
    for (let i = 0; i < 100; i++)
      await verification
        .sendToNewNumber(session(await addAccount(null)), 'number-change', `+4799887${String(i).padStart(3, '0')}`, `198.51.100.${i}`)
        .catch(() => undefined)
    await verification.settle()
    expect(network.sent).toHaveLength(20)
    for (let i = 0; i < 200; i++)
      await verification
        .sendToNewNumber(session(await addAccount(null)), 'number-change', `+47${String(90_000_000 + i * 1_000)}`, `203.0.113.${i}`)
        .catch(() => undefined)
    await verification.settle()
    expect(network.sent).toHaveLength(60)
  })

  it('A28: nothing goes to a country that is not served, and the answer does not say so, the state does', async () => {
    const { verification, addAccount, session, network } = await setUp({ callingCodes: ['47'] })
    const person = session(await addAccount('+88213000001'))
    const sent = await verification.send(person, 'recover', '192.0.2.1')
    expect(Object.keys(sent).sort()).toEqual(['expiresMs', 'id', 'lastDigits', 'resendAfterMs'])
    await verification.settle()
    expect(network.sent).toHaveLength(0)
    expect(await verification.status(person, sent.id)).toMatchObject({ state: 'failed', reason: 'country-not-allowed' })
  })

  it('F8: receipts are stored, the reason of a failure is told, to the session that asked alone', async () => {
    const { verification, addAccount, session, network, time } = await setUp()
    const accountId = await addAccount('+4799887766')
    const person = session(accountId)
    const { id } = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    expect(await verification.status(person, id)).toMatchObject({ state: 'sent', reason: null })
    await expect(verification.status(session(accountId), id)).rejects.toThrow('not-found')
    network.say({ messageId: 'm1', state: 'failed', reason: 'number-unreachable' })
    await new Promise((resolve) => setImmediate(resolve))
    await verification.settle()
    expect(await verification.status(person, id)).toMatchObject({ state: 'failed', reason: 'number-unreachable' })
    network.fails = new SmsError('gateway-throttled')
    time.nowMs += 31_000
    const again = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    expect(await verification.status(person, again.id)).toMatchObject({ state: 'failed', reason: 'gateway-throttled' })
  })

  it('F4: a number changes only by the code that came to the new one, and the announcement is part of the change', async () => {
    const { verification, addAccount, session, network, store, time } = await setUp()
    const accountId = await addAccount('+4799887766')
    const device = session(accountId)
    const phoneNow = async () => (await store.findAccount(accountId))?.phone
    const { id } = await verification.sendToNewNumber(device, 'number-change', '+4740000001', '192.0.2.1')
    await verification.settle()
    expect(network.sent.at(-1)?.to).toBe('+4740000001')
    const code = network.lastCode
    const announced: unknown[] = []
    await expect(verification.confirmNumber(device, id, wrongOf(code), allowed, async () => undefined)).rejects.toThrow(
      'verification-code-wrong',
    )
    const failing = verification.confirmNumber(device, id, code, allowed, () => Promise.reject(new Error('no notice')))
    await expect(failing).rejects.toThrow('no notice')
    expect(await phoneNow()).toBe('+4799887766')
    await verification.confirmNumber(device, id, code, allowed, async (tx, change) => {
      announced.push(change)
      await tx.verification.addNotice(accountId, { id: 'n1', timeMs: time.nowMs, kind: 'number-changed', params: { lastDigits: '01' } })
    })
    expect(announced).toEqual([{ before: '+4799887766', after: '+4740000001' }])
    expect(await phoneNow()).toBe('+4740000001')
    expect(await store.verification.notices(accountId, undefined)).toHaveLength(1)
    expect(await store.verification.notices(accountId, 'n1')).toHaveLength(0)
  })

  it('A27: the stored hash is not the code, and no table of six digits opens it without the key', async () => {
    const { verification, addAccount, session, network, store } = await setUp()
    const person = session(await addAccount('+4799887766'))
    const { id } = await verification.send(person, 'recover', '192.0.2.1')
    await verification.settle()
    const row = await store.verification.findCode(person.accountId, id)
    expect(row?.code_hash).toHaveLength(32)
    expect(JSON.stringify({ ...row, code_hash: Buffer.from(row?.code_hash ?? []).toString('latin1') })).not.toContain(network.lastCode)
  })
})
