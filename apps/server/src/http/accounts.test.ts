/** Registration and its refusals (A2, A4). */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { toBase64url } from '@nokkel/base'
import { call, createPerson, register, type AccountOptions } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer()
})
afterAll(() => server.dispose())

const refused = async (options: AccountOptions, url = server.url) => (await register(url, options)).reply.problem

describe('new accounts', () => {
  test('A4: the first device is active at once, and the account says what the server holds', async () => {
    const { device, accountId, email } = await createPerson(server.url, { phone: '+4791234567', region: 'NO' })
    expect((await device.call('session')).json).toMatchObject({ state: 'active', accountId, deviceId: device.id })
    expect((await device.call('account')).json).toMatchObject({
      accountId,
      email,
      phone: '+4791234567',
      region: 'NO',
      twoFactor: true,
      usage: { records: 0, bytes: 0, batches: 0, circleEntries: 1 },
      quota: { records: 200_000 },
    })
    expect((await device.call('activity')).json).toMatchObject({
      events: [{ kind: 'account-created', deviceId: device.id, place: '127.0.0.0/24' }],
    })
  })

  test('an address is taken once, however it is spelt', async () => {
    await createPerson(server.url, { email: 'Kari.Åsen@Example.org' })
    expect(await refused({ email: 'kari.a\u030Asen@example.ORG' })).toMatchObject({ status: 409, code: 'account-exists' })
  })

  test('two registrations of one address at the same time: exactly one account', async () => {
    const results = await Promise.all(Array.from({ length: 8 }, () => register(server.url, { email: 'race@example.org' })))
    expect(results.map(({ reply }) => reply.status).sort()).toEqual([200, 409, 409, 409, 409, 409, 409, 409])
  })

  test('CIR-3: the genesis must be that of the registered account', async () => {
    const other = await register(server.url, { email: 'other-genesis@example.org' })
    let stolen: unknown
    await register(server.url, { email: 'source@example.org', tamper: (request) => ((stolen = request['genesis']), request) })
    expect(other.reply.status).toBe(200)
    expect(await refused({ tamper: (request) => ({ ...request, genesis: stolen }) })).toMatchObject({
      status: 400,
      code: 'circle-mismatch',
    })
  })

  test('CIR-2: a genesis with a broken signature', async () => {
    const flip = (text: unknown): string => {
      const bytes = Buffer.from(text as string, 'base64url')
      bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1
      return bytes.toString('base64url')
    }
    expect(await refused({ tamper: (request) => ({ ...request, genesis: flip(request['genesis']) }) })).toMatchObject({
      code: 'circle-invalid',
      params: { rule: 'CIR-2' },
    })
  })

  test('KEY-8 KEY-9: shares and wraps must be exactly those of the genesis', async () => {
    for (const change of [{ shares: [] }, { wraps: [] }]) {
      expect(await refused({ tamper: (request) => ({ ...request, ...change }) })).toMatchObject({ code: 'share-invalid' })
    }
    const twice = (request: Record<string, unknown>) => ({
      ...request,
      wraps: [...(request['wraps'] as string[]), ...(request['wraps'] as string[])],
    })
    expect(await refused({ tamper: twice })).toMatchObject({ code: 'share-invalid' })
    expect(await refused({ tamper: (request) => ({ ...request, shares: [toBase64url(new Uint8Array(90))] }) })).toMatchObject({
      code: 'malformed',
    })
  })

  test('a registration record that no sign-in could read is refused while the person is there', async () => {
    expect(await refused({ tamper: (request) => ({ ...request, registrationRecord: toBase64url(new Uint8Array(192)) }) })).toMatchObject({
      status: 400,
      code: 'malformed',
    })
    expect(await refused({ tamper: (request) => ({ ...request, bind: 'AAAA' }) })).toMatchObject({ status: 400, code: 'malformed' })
  })
})

describe('what an operator can close', () => {
  test('registration', async () => {
    const closed = await startTestServer({ registration: 'closed' })
    try {
      expect(await refused({}, closed.url)).toMatchObject({ status: 403, code: 'registration-closed' })
      const finish = {
        accountId: 'a'.repeat(32),
        email: 'a@b',
        registrationRecord: 'AA',
        bind: 'AA',
        region: null,
        phone: null,
        genesis: 'AA',
        shares: [],
        wraps: [],
      }
      expect((await call({ url: closed.url }, 'accountFinish', { json: finish })).problem.code).toBe('registration-closed')
    } finally {
      await closed.dispose()
    }
  })

  test('A2: regions; what is on devices stays, synchronising pauses with the region named', async () => {
    const offered = await startTestServer({ regions: ['NO', 'SE'] })
    const person = await createPerson(offered.url, { region: 'NO' })
    expect(await refused({ region: 'FR' }, offered.url)).toMatchObject({
      status: 451,
      code: 'region-unavailable',
      params: { region: 'FR' },
    })
    expect(await refused({ region: null }, offered.url)).toMatchObject({ status: 451 })
    await offered.stop()
    const narrowed = await startTestServer({ regions: ['SE'], data: offered.folder })
    try {
      const device = { url: narrowed.url, token: person.device.token, keys: person.device.keys }
      const vault = { params: { vault: person.vault } }
      for (const name of ['circle', 'circleKeys', 'joinList'] as const)
        expect((await call(device, name)).problem).toMatchObject({ status: 451, params: { region: 'NO' } })
      expect((await call(device, 'log', vault)).status).toBe(451)
      expect((await call(device, 'push', { ...vault, body: new Uint8Array(4) })).status).toBe(451)
      expect((await call(device, 'session')).status).toBe(200)
      expect((await call(device, 'account')).status).toBe(200)
    } finally {
      await narrowed.dispose()
    }
  })
})
