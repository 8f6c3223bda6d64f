/** Verification over HTTP: who may ask for what, what the answers tell, and what everybody hears of it (F1–F4, F8, F9). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toBase64url } from '@nokkel/base'
import { makeTwoFactor } from '@nokkel/protocol'
import { addDevice, createPerson, Device, makeRotationAppend, signIn, type AccountOptions, type Person } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const realNow = Date.now
let offsetMs = 0
let server: TestServer
beforeAll(async () => {
  server = await startTestServer({}, { clock: { nowMs: () => realNow() + offsetMs } })
})
afterAll(() => server.dispose())

interface Sent {
  readonly channel: string
  readonly to: string
  readonly subject: string
  readonly text: string
}

/** What went out, oldest first. */
async function outbox(): Promise<Sent[]> {
  await server.services.verification.settle()
  await server.services.delivery.settle()
  const text = readFileSync(join(server.folder, 'outbox', 'messages.jsonl'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Sent)
}

async function codeTo(phone: string): Promise<string> {
  const message = (await outbox()).findLast(({ channel, to, text }) => channel === 'sms' && to === phone && text.includes('#'))
  return /#(\d{6})$/.exec(message?.text ?? '')?.[1] ?? ''
}

let numbers = 0
/** numbers of blocks of their own, so that the tests do not use up each other's budgets */
const newNumber = (): string => `+47${String(90_000_000 + numbers++ * 10_000)}`

async function person(options: AccountOptions = {}): Promise<Person & { readonly phone: string }> {
  const phone = options.phone ?? newNumber()
  return { ...(await createPerson(server.url, { ...options, phone })), phone }
}

async function waiting(of: Person): Promise<Device> {
  const device = new Device(server.url)
  expect((await signIn(device, of.email, of.password)).json['state']).toBe('pending')
  return device
}

const later = (ms: number): void => void (offsetMs += ms)
/** beyond the pace of F8, which is another test's business */
const afterAnHour = (): void => later(3_700_000)
const proofTime = () => ({ proofTimeMs: realNow() + offsetMs })

async function send(device: Device, purpose: string) {
  return await device.call('verificationSend', { json: { purpose }, ...proofTime() })
}
async function check(device: Device, id: unknown, code: string, purpose: string) {
  return await device.call('verificationCheck', { json: { id, code, purpose }, ...proofTime() })
}

describe('codes', () => {
  test('F2, F8: a device that only signed in gets a code by SMS, sees two digits of the number, and passes the gate with it', async () => {
    const anna = await person()
    const device = await waiting(anna)
    expect((await device.call('verification')).json).toEqual({
      twoFactor: true,
      twoFactorStatement: null,
      numberEnd: anna.phone.slice(-2),
      further: [],
      supportCase: null,
      lastSms: null,
    })
    const sent = await send(device, 'recover')
    expect(sent.json).toMatchObject({ lastDigits: anna.phone.slice(-2), resendAfterMs: 30_000 })
    expect(JSON.stringify(sent.json)).not.toContain(anna.phone.slice(3, -2))
    const code = await codeTo(anna.phone)
    expect((await outbox()).findLast(({ to }) => to === anna.phone)?.text).toBe(
      `${code} er verifiseringskoden din for Nøkkelring. Ikke gi den til noen.\n\n@localhost #${code}`,
    )
    expect((await device.call('verificationStatus', { params: { id: String(sent.json['id']) } })).json).toMatchObject({ state: 'sent' })
    expect((await check(device, sent.json['id'], code === '000000' ? '000001' : '000000', 'recover')).problem.code).toBe(
      'verification-code-wrong',
    )
    expect((await check(device, sent.json['id'], code, 'recover')).status).toBe(200)
    expect((await check(device, sent.json['id'], code, 'recover')).problem.code).toBe('verification-code-wrong')
  })

  test('F9, A29: everybody hears that a code was used to recover, with kind and place, and of the sign-in before it', async () => {
    const anna = await person()
    const device = await waiting(anna)
    const sent = await send(device, 'recover')
    await check(device, sent.json['id'], await codeTo(anna.phone), 'recover')
    const { notices } = (await anna.device.call('notices')).json as { notices: { kind: string; id: string; params: object }[] }
    expect(notices.map(({ kind }) => kind)).toEqual(['new-sign-in', 'recovery-verified'])
    expect(notices[1]?.params).toEqual({ class: 'cli', place: '127.0.0.0/24' })
    expect((await anna.device.call('notices', { query: { after: notices[1]?.id ?? '' } })).json).toEqual({ notices: [] })
    const mails = (await outbox()).filter(({ channel, to }) => channel === 'mail' && to === anna.email)
    expect(mails.map(({ subject }) => subject)).toEqual([
      'Nøkkelring: En ny enhet logget på',
      'Nøkkelring: En verifiseringskode ble brukt til gjenoppretting',
    ])
    for (const { text } of mails) expect(text).not.toMatch(/\d{6}|https?:/)
  })

  test('F2: a code shown on a trusted device lets a waiting one pass; a waiting one cannot have one shown', async () => {
    const anna = await person()
    const device = await waiting(anna)
    expect((await device.call('deviceCode', proofTime())).problem.code).toBe('session-pending')
    const { code } = (await anna.device.call('deviceCode', proofTime())).json as { code: string }
    const stranger = await waiting(await person())
    expect((await check(stranger, null, code, 'recover')).problem.code).toBe('verification-code-wrong')
    expect((await check(device, null, code, 'recover')).status).toBe(200)
  })

  test('F8: no number, no code; the next one after 30 seconds', async () => {
    const bare = await createPerson(server.url)
    expect((await send(bare.device, 'number-test')).problem.code).toBe('number-missing')
    afterAnHour()
    const anna = await person()
    expect((await send(anna.device, 'number-test')).status).toBe(200)
    const soon = await send(anna.device, 'number-test')
    expect([soon.status, soon.headers.get('retry-after')]).toEqual([429, '30'])
  })

  test('F4: a test message arrives, is typed, and opens nothing', async () => {
    afterAnHour()
    const anna = await person()
    const sent = await send(anna.device, 'number-test')
    expect((await check(anna.device, sent.json['id'], await codeTo(anna.phone), 'number-test')).status).toBe(200)
    expect(await server.services.store.verification.findPass(anna.accountId, anna.device.id, 'number-test')).toBeUndefined()
    const device = await waiting(anna)
    expect((await send(device, 'number-test')).problem.code).toBe('session-pending')
  })
})

describe('the number', () => {
  test('F4: changed by a trusted device with the code that came to the new number; told to the old number, by mail and to all devices', async () => {
    afterAnHour()
    const anna = await person()
    const number = newNumber()
    const sent = await anna.device.call('numberChange', { json: { number }, ...proofTime() })
    expect(sent.json).toMatchObject({ lastDigits: number.slice(-2) })
    expect((await anna.device.call('account')).json).toMatchObject({ phone: anna.phone })
    const confirm = { json: { id: sent.json['id'], code: await codeTo(number) }, ...proofTime() }
    expect((await anna.device.call('numberConfirm', confirm)).status).toBe(200)
    expect((await anna.device.call('account')).json).toMatchObject({ phone: number })
    expect((await anna.device.call('notices')).json).toMatchObject({
      notices: [{ kind: 'number-changed', params: { lastDigits: number.slice(-2) } }],
    })
    const out = await outbox()
    expect(out.findLast(({ to }) => to === anna.phone)?.text).toBe('Nøkkelring (Nøkkelring): Verifiseringsnummeret ble endret.')
    expect(out.findLast(({ to }) => to === anna.email)?.subject).toBe('Nøkkelring: Verifiseringsnummeret ble endret')
  })

  test('F4: not by a device that is not trusted, and not with a code for something else', async () => {
    afterAnHour()
    const anna = await person()
    const device = await waiting(anna)
    expect((await device.call('numberChange', { json: { number: newNumber() }, ...proofTime() })).problem.code).toBe('session-pending')
    const sent = await send(anna.device, 'number-test')
    const confirm = { json: { id: sent.json['id'], code: await codeTo(anna.phone) }, ...proofTime() }
    expect((await anna.device.call('numberConfirm', confirm)).problem.code).toBe('verification-code-wrong')
  })
})

describe('further trusted numbers (VER-11, F2)', () => {
  async function add(anna: Person, number: string) {
    const sent = await anna.device.call('numberAdd', { json: { number }, ...proofTime() })
    if (sent.status !== 200) return sent
    return await anna.device.call('numberAddConfirm', { json: { id: sent.json['id'], code: await codeTo(number) }, ...proofTime() })
  }
  const numbersOf = async (anna: Person) => (await anna.device.call('account')).json['further'] as { id: string; number: string }[]

  test('one is added by the code that came there, and told everywhere; a waiting device sees its end and gets a code by it', async () => {
    afterAnHour()
    const anna = await person()
    const number = newNumber()
    expect((await add(anna, number)).status).toBe(200)
    expect(await numbersOf(anna)).toEqual([{ id: expect.any(String) as string, number }])
    const { notices } = (await anna.device.call('notices')).json as { notices: object[] }
    expect(notices).toMatchObject([{ kind: 'number-added', params: { lastDigits: number.slice(-2) } }])
    expect((await outbox()).findLast(({ to }) => to === anna.phone)?.text).toContain('Et godkjent telefonnummer ble lagt til')
    const device = await waiting(anna)
    const seen = (await device.call('verification')).json
    expect(seen['further']).toEqual([{ id: (await numbersOf(anna))[0]?.id, end: number.slice(-2) }])
    expect(JSON.stringify(seen)).not.toContain(number.slice(3, -2))
    const to = (seen['further'] as { id: string }[])[0]?.id
    afterAnHour()
    const sent = await device.call('verificationSend', { json: { purpose: 'recover', to }, ...proofTime() })
    expect((await check(device, sent.json['id'], await codeTo(number), 'recover')).status).toBe(200)
  })

  test('not by a device that waits, not without a number of one’s own, not a fourth, and none twice', async () => {
    afterAnHour()
    const anna = await person()
    const device = await waiting(anna)
    expect((await device.call('numberAdd', { json: { number: newNumber() }, ...proofTime() })).problem.code).toBe('session-pending')
    const bare = await createPerson(server.url)
    expect((await add(bare, newNumber())).problem.code).toBe('number-missing')
    const first = newNumber()
    for (const number of [first, anna.phone, first, newNumber(), newNumber()]) {
      afterAnHour()
      expect((await add(anna, number)).status).toBe(200)
    }
    expect(await numbersOf(anna)).toHaveLength(3)
    afterAnHour()
    expect((await add(anna, newNumber())).problem.code).toBe('number-limit')
  })

  test('a code to become the account’s number adds none, and the other way round', async () => {
    afterAnHour()
    const anna = await person()
    const number = newNumber()
    const sent = await anna.device.call('numberChange', { json: { number }, ...proofTime() })
    const code = await codeTo(number)
    const wrong = await anna.device.call('numberAddConfirm', { json: { id: sent.json['id'], code }, ...proofTime() })
    expect(wrong.problem.code).toBe('verification-code-wrong')
    expect(await numbersOf(anna)).toEqual([])
  })

  test('F3: with two factors off no code goes to it; two factors do not go off by it; gone, nothing goes there', async () => {
    afterAnHour()
    const anna = await person()
    await add(anna, newNumber())
    const [further] = await numbersOf(anna)
    const to = further?.id
    afterAnHour()
    const device = await waiting(anna)
    const ask = async (of: Device, purpose: string) =>
      (await of.call('verificationSend', { json: { purpose, to }, ...proofTime() })).problem.code
    expect(await ask(anna.device, 'two-factor')).toBe('not-found')
    const off = makeTwoFactor(anna.device.keys, { account: anna.accountId, counter: 1, on: false, timeMs: 1 })
    const sent = await send(anna.device, 'two-factor')
    await check(anna.device, sent.json['id'], await codeTo(anna.phone), 'two-factor')
    expect((await anna.device.call('twoFactorSet', { json: { statement: toBase64url(off) }, ...proofTime() })).status).toBe(200)
    afterAnHour()
    expect(await ask(device, 'recover')).toBe('not-found')
    expect((await device.call('numberRemove', { json: { id: to }, ...proofTime() })).problem.code).toBe('session-pending')
    expect((await anna.device.call('numberRemove', { json: { id: to }, ...proofTime() })).status).toBe(200)
    expect((await anna.device.call('numberRemove', { json: { id: to }, ...proofTime() })).problem.code).toBe('not-found')
    expect(await numbersOf(anna)).toEqual([])
    expect(await ask(anna.device, 'number-test')).toBe('not-found')
  })
})

describe('two factors', () => {
  const statement = (of: Person, device: Device, on: boolean, counter: number) => ({
    json: { statement: toBase64url(makeTwoFactor(device.keys, { account: of.accountId, counter, on, timeMs: 1 })) },
    ...proofTime(),
  })
  async function pass(device: Device, phone: string): Promise<void> {
    const sent = await send(device, 'two-factor')
    expect((await check(device, sent.json['id'], await codeTo(phone), 'two-factor')).status).toBe(200)
  }

  test('F1: on by default; off needs a number and a fresh code, each time anew; on needs neither', async () => {
    afterAnHour()
    const bare = await createPerson(server.url)
    expect((await bare.device.call('twoFactorSet', statement(bare, bare.device, false, 1))).problem.code).toBe('number-missing')
    const anna = await person()
    expect((await anna.device.call('twoFactorSet', statement(anna, anna.device, false, 1))).problem.code).toBe('verification-needed')
    await pass(anna.device, anna.phone)
    expect((await anna.device.call('twoFactorSet', statement(anna, anna.device, false, 1))).status).toBe(200)
    expect((await anna.device.call('account')).json).toMatchObject({ twoFactor: false })
    expect((await anna.device.call('twoFactorSet', statement(anna, anna.device, true, 2))).status).toBe(200)
    expect((await anna.device.call('account')).json).toMatchObject({ twoFactor: true })
    expect((await anna.device.call('twoFactorSet', statement(anna, anna.device, false, 3))).problem.code).toBe('verification-needed')
    expect((await outbox()).filter(({ to }) => to === anna.email).map(({ subject }) => subject)).toEqual([
      'Nøkkelring: Tofaktor er av',
      'Nøkkelring: Tofaktor er på',
    ])
  })

  test('VER-8: an old count, another account’s statement and another device’s signature are refused', async () => {
    afterAnHour()
    const [anna, berit] = [await person(), await person()]
    const second = await addDevice(anna)
    await pass(anna.device, anna.phone)
    expect((await anna.device.call('twoFactorSet', statement(anna, anna.device, false, 5))).status).toBe(200)
    expect((await anna.device.call('twoFactorSet', statement(anna, anna.device, true, 5))).problem.code).toBe('conflict')
    expect((await anna.device.call('twoFactorSet', statement(berit, anna.device, true, 6))).problem.code).toBe('signature-invalid')
    expect((await anna.device.call('twoFactorSet', statement(anna, second, true, 6))).problem.code).toBe('signature-invalid')
    expect((await anna.device.call('verification')).json).toMatchObject({ twoFactor: false })
  })

  test('VER-9: off holds while the device that said so is in the circle', async () => {
    afterAnHour()
    const anna = await person()
    const second = await addDevice(anna)
    await pass(second, anna.phone)
    expect((await second.call('twoFactorSet', statement(anna, second, false, 1))).status).toBe(200)
    expect((await anna.device.call('verification')).json).toMatchObject({ twoFactor: false })
    expect((await anna.device.append(await makeRotationAppend(anna, anna.device, [second]))).status).toBe(200)
    expect((await anna.device.call('verification')).json).toMatchObject({ twoFactor: true })
  })
})
