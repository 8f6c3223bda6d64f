/** Pages beside the protocol, pace, headers, and what the log must never hold. */
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fromBase64url, toHex } from '@nokkel/base'
import { routes } from '@nokkel/protocol/wire'
import { call, createPerson, Device, makeFrame, register, signIn, startSignIn } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => {
  server = await startTestServer({ name: 'Ringen <b>"på hjørnet"</b>', minimumClient: { cli: '0.1.0', web: '0.2.0', extension: '0.1.0' } })
})
afterAll(() => server.dispose())

const get = (path: string, headers: Record<string, string> = {}, url = server.url) => fetch(url + path, { headers })

describe('for operators', () => {
  test('health and readiness', async () => {
    expect((await get('/healthz')).status).toBe(200)
    expect((await get('/readyz')).status).toBe(200)
    expect((await fetch(`${server.url}/healthz`, { method: 'POST' })).status).toBe(405)
    expect((await get('/nothing')).status).toBe(404)
    expect(await (await get('/v1/nothing')).json()).toMatchObject({ code: 'not-found' })
  })

  test('A2 A3: what the server is, offers and demands, without any header', async () => {
    expect(await (await get('/v1/server')).json()).toMatchObject({
      serverId: server.services.store.serverId,
      name: 'Ringen <b>"på hjørnet"</b>',
      protocol: { min: 1, max: 1 },
      minimumClient: { cli: '0.1.0', web: '0.2.0', extension: '0.1.0' },
      registration: 'open',
      regions: null,
    })
    const old = await call({ url: server.url }, 'session', { headers: { 'nokkel-client': 'web/0.1.9' } })
    expect(old.problem).toMatchObject({ status: 426, params: { minimum: '0.2.0' } })
  })

  test('ESC-H2: a copied data folder without its realm’s key serves the keychain, makes no new key, and says so in the log', async () => {
    const first = await startTestServer()
    await createPerson(first.url)
    const copy = mkdtempSync(join(tmpdir(), 'nokkel-server-'))
    await first.stop()
    cpSync(first.folder, copy, { recursive: true })
    const second = await startTestServer({ data: copy })
    await createPerson(second.url)
    expect(existsSync(join(`${copy}.realm`, 'realm.key'))).toBe(false)
    expect(second.logLines.join('')).toContain('the realm was not opened')
    expect((await fetch(`${second.url}/v1/realm/info`, { method: 'POST' })).status).toBe(404)
    await second.dispose()
    await first.dispose()
  })

  test('metrics: by route, for local eyes by default, off when off', async () => {
    await createPerson(server.url)
    const text = await (await get('/metrics')).text()
    expect(text).toContain('nokkel_http_requests_total{route="accountFinish",status="200"}')
    expect(text).toContain('nokkel_live_connections 0')
    expect((await get('/metrics', { 'x-forwarded-for': '203.0.113.9' })).status).toBe(404)
    const off = await startTestServer({ metrics: 'off' })
    expect((await get('/metrics', {}, off.url)).status).toBe(404)
    await off.dispose()
  })

  test('API-1: the OpenAPI document has every route, its schemas and its problems', async () => {
    const document = (await (await get('/openapi.json')).json()) as {
      openapi: string
      paths: Record<string, Record<string, { operationId: string; responses: Record<string, unknown> }>>
    }
    expect(document.openapi).toBe('3.1.0')
    const operations = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    expect(operations.map(({ operationId }) => operationId).sort()).toEqual([...Object.keys(routes), 'siteData'].sort())
    for (const { responses } of operations) expect(Object.keys(responses)).toEqual(expect.arrayContaining(['200', '429', 'default']))
  })

  test('the page: in the reader’s language, escaped, with nothing inline', async () => {
    const nb = await get('/', { 'accept-language': 'fr;q=0.9, nn-NO;q=0.8, en;q=0.1' })
    const page = await nb.text()
    expect(page).toContain('lang="nb"')
    expect(page).toContain('Serveren er i drift.')
    expect(page).toContain('Ringen &lt;b&gt;&quot;på hjørnet&quot;&lt;/b&gt;')
    expect(page).not.toMatch(/<script|style="|<style| on\w+=/)
    expect(nb.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    )
    expect(await (await get('/', { 'accept-language': 'de' })).text()).toContain('The server is running.')
    expect((await get('/style.css')).headers.get('content-type')).toContain('text/css')
  })

  test('every answer carries the security headers and a request id; none allows another origin', async () => {
    for (const reply of [
      await call({ url: server.url }, 'server'),
      await call({ url: server.url }, 'session', { headers: { origin: 'https://evil.example' } }),
    ]) {
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
      expect(reply.headers.get('cache-control')).toBe('no-store')
      expect(reply.headers.get('content-security-policy')).toContain("default-src 'none'")
      expect(reply.headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-\d+$/)
      expect(reply.headers.get('access-control-allow-origin')).toBeNull()
    }
    expect((await fetch(`${server.url}/v1/session`, { method: 'OPTIONS' })).status).toBe(405)
  })
})

describe('pace', () => {
  test('requests of a session, of an address without one, sign-ins and registrations', async () => {
    const paced = await startTestServer({
      trustProxy: true,
      rateLimits: {
        enabled: true,
        requestsPerMinute: 40,
        signInPerMinutePerAddress: 3,
        signInPerHourPerAccount: 5,
        accountsPerHourPerAddress: 2,
      },
    })
    const from = (address: string) => ({ headers: { 'x-forwarded-for': `198.51.100.1, ${address}` } })
    try {
      const person = await createPerson(paced.url)
      const registered = [await register(paced.url), await register(paced.url)].map(({ reply }) => reply.status)
      expect(registered).toEqual([200, 429])

      const start = async (address: string, email = person.email) => {
        const { startLoginRequest } = await import('@serenity-kit/opaque').then(({ client }) => client.startLogin({ password: 'x' }))
        return await call({ url: paced.url }, 'signInStart', { json: { email, startLoginRequest }, ...from(address) })
      }
      for (let i = 0; i < 3; i++) expect((await start('203.0.113.7')).status).toBe(200)
      const refused = await start('203.0.113.7')
      expect(refused.problem).toMatchObject({ status: 429, code: 'rate-limited' })
      expect(refused.problem.params?.['retryAfterSeconds']).toBe(Number(refused.headers.get('retry-after')))
      // two more from elsewhere use the account's five up, wherever the next one comes from; an unknown one has the same limit
      expect((await start('203.0.113.8')).status).toBe(200)
      expect((await start('203.0.113.8')).status).toBe(200)
      expect((await start('203.0.113.9')).status).toBe(429)
      for (let i = 0; i < 5; i++) expect((await start(`203.0.113.${20 + i}`, 'ghost@example.org')).status).toBe(200)
      expect((await start('203.0.113.30', 'ghost@example.org')).status).toBe(429)

      let allowed = 0
      while ((await person.device.call('session')).status === 200) allowed++
      expect(allowed).toBe(40)
      let guesses = 0
      while ((await call({ url: paced.url }, 'session', { token: 'A'.repeat(43), ...from('192.0.2.1') })).status === 401) guesses++
      expect(guesses).toBe(40)
    } finally {
      await paced.dispose()
    }
  })

  test('the address is the proxy’s word only where a proxy is trusted', async () => {
    const headers = { 'x-forwarded-for': '203.0.113.77', 'x-country': 'NO' }
    const placeOf = async (settings: Parameters<typeof startTestServer>[0]): Promise<unknown> => {
      const own = await startTestServer(settings)
      const person = await createPerson(own.url)
      const device = new Device(own.url)
      await signIn(device, person.email, person.password)
      await call(device, 'joinCreate', { json: { name: 'x' }, headers })
      const [request] = (await person.device.call('joinList')).json['requests'] as { place: string }[]
      await own.dispose()
      return request?.place
    }
    expect(await placeOf({})).toBe('127.0.0.0/24')
    expect(await placeOf({ trustProxy: true })).toBe('203.0.113.0/24')
    expect(await placeOf({ trustProxy: true, countryHeader: 'x-country' })).toBe('NO')
  })
})

test('A42: no address, number, name, token, password message or ciphertext in the log; none in the clear in the database', async () => {
  const own = await startTestServer({ logLevel: 'trace' })
  const canaries = { email: 'canary-mail@example.org', phone: '+4799887766', password: 'canary-password-1', name: 'Canary Device' }
  const person = await createPerson(own.url, { email: canaries.email, phone: canaries.phone, password: canaries.password })
  const device = new Device(own.url)
  await signIn(device, person.email, person.password)
  await signIn(new Device(own.url), person.email, 'canary-wrong')
  await startSignIn(own.url, 'canary-ghost@example.org', 'x')
  await device.call('joinCreate', { json: { name: canaries.name } })
  const circle = await person.device.circle()
  const frame = makeFrame(circle, person.device, person.vault, { seq: 0, hash: circle.genesisHash })
  await person.device.push(person.vault, frame.frame)
  await call(device, 'session', { token: `${person.device.token?.slice(0, 42)}!` })
  await call({ url: own.url }, 'signInStart', { json: { email: 'canary-broken', startLoginRequest: '???' } })
  await fetch(`${own.url}/v1/circle?after=canary-query`, { headers: { authorization: 'Bearer canary-token' } })
  const tokens = [person.device.token ?? '', device.token ?? '']
  await own.stop()
  const log = own.logLines.join('')
  expect(log).toContain('"route":"push"')
  const ciphertext = (frame.records[0] ?? new Uint8Array(0)).slice(-64)
  const texts = [
    ...Object.values(canaries),
    ...tokens,
    'canary',
    Buffer.from(ciphertext).toString('base64').slice(0, 40),
    toHex(ciphertext),
  ]
  for (const text of texts) expect(log.toLowerCase()).not.toContain(text.toLowerCase())
  // the database needs the address and the number to work; passwords and tokens it never gets
  for (const { name: file } of readdirSync(own.folder, { withFileTypes: true }).filter((entry) => entry.isFile())) {
    const content = readFileSync(join(own.folder, file)).toString('latin1')
    for (const token of tokens) {
      expect(content).not.toContain(token)
      expect(content).not.toContain(Buffer.from(fromBase64url(token)).toString('latin1'))
    }
    expect(content).not.toContain(canaries.password)
  }
  await own.dispose()
})
