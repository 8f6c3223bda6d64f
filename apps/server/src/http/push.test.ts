/** Notices to closed apps (F9): who is told of what, sealed for the browser, by a real push endpoint (RFC 8030, 8291, 8292). */
import { createECDH, createHmac, createDecipheriv, createPublicKey, hkdfSync, randomBytes, verify } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ManualClock } from '@nokkel/base/testing'
import { addDevice, createPerson, Device, signIn, type Person } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

interface Delivered {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

const clock = new ManualClock()
let server: TestServer
let status = 201
const delivered: Delivered[] = []
const endpoint = createServer((request, response) => {
  void (async () => {
    delivered.push({ path: request.url ?? '', headers: request.headers, body: await buffer(request) })
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end('ignored')
  })()
})
let base = ''

beforeAll(async () => {
  await new Promise<void>((done) => endpoint.listen(0, '127.0.0.1', done))
  base = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`
  server = await startTestServer({ push: { contact: 'mailto:ops@example.org', endpoints: 'any' } }, { clock })
})
afterAll(async () => {
  await server.dispose()
  endpoint.close()
})

/** A browser's side of a subscription. */
function browserKeys(): {
  readonly ecdh: ReturnType<typeof createECDH>
  readonly auth: Buffer
  readonly keys: { p256dh: string; auth: string }
} {
  const ecdh = createECDH('prime256v1')
  ecdh.generateKeys()
  const auth = randomBytes(16)
  return { ecdh, auth, keys: { p256dh: ecdh.getPublicKey('base64url'), auth: auth.toString('base64url') } }
}

/** RFC 8291, 3.4 and RFC 8188, written from the paragraphs. */
function open({ ecdh, auth }: ReturnType<typeof browserKeys>, body: Buffer): string {
  const [salt, idLength] = [body.subarray(0, 16), body[20] ?? 0]
  const sender = body.subarray(21, 21 + idLength)
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), ecdh.getPublicKey(), sender])
  const ikm = Buffer.from(hkdfSync('sha256', ecdh.computeSecret(sender), auth, info, 32))
  const prk = createHmac('sha256', salt).update(ikm).digest()
  const derive = (label: string, length: number): Buffer =>
    createHmac('sha256', prk)
      .update(`Content-Encoding: ${label}\0`)
      .update(Buffer.from([1]))
      .digest()
      .subarray(0, length)
  const sealed = body.subarray(21 + idLength)
  const decipher = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12))
  decipher.setAuthTag(sealed.subarray(-16))
  const padded = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()])
  return padded.subarray(0, padded.lastIndexOf(2)).toString()
}

const at = () => ({ proofTimeMs: clock.nowMs() })
const subscribe = (device: Device, path: string, keys: { p256dh: string; auth: string }) =>
  device.call('pushSubscribe', { ...at(), json: { endpoint: base + path, ...keys } })

async function ask(person: Person): Promise<void> {
  const applicant = new Device(person.url, 'web')
  await signIn(applicant, person.email, person.password)
  expect((await applicant.call('joinCreate', { ...at(), json: { name: 'Karis hemmelige telefon' } })).status).toBe(200)
}
async function settled(): Promise<readonly Delivered[]> {
  await server.services.push.settled()
  return delivered.splice(0)
}

describe('notices to closed apps', () => {
  test('PUSH-1: a request for approval reaches the device, sealed, signed by this server, and says only what kind it is', async () => {
    const person = await createPerson(server.url)
    const browser = browserKeys()
    expect((await subscribe(person.device, '/kari', browser.keys)).status).toBe(200)
    await ask(person)
    const [notice, ...more] = await settled()
    expect(more).toEqual([])
    expect(notice?.path).toBe('/kari')
    expect(open(browser, notice?.body ?? Buffer.alloc(0))).toBe('{"kind":"join-request"}')
    expect(notice?.headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'high', ttl: '86400' })
    const everything = JSON.stringify(notice?.headers) + (notice?.body.toString('latin1') ?? '')
    for (const secret of [person.email, person.accountId, person.device.id, 'Karis']) expect(everything).not.toContain(secret)
    // RFC 8292: a token of this server for that push service
    const [, token = '', key = ''] = /^vapid t=([\w.-]+), k=([\w-]+)$/.exec(notice?.headers.authorization ?? '') ?? []
    expect((await person.device.call('pushKey')).json['publicKey']).toBe(key)
    const [head = '', claims = '', signature = ''] = token.split('.')
    const raw = Buffer.from(key, 'base64url')
    const jwk = { kty: 'EC', crv: 'P-256', x: raw.subarray(1, 33).toString('base64url'), y: raw.subarray(33).toString('base64url') }
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' })
    const signed = Buffer.from(`${head}.${claims}`)
    expect(verify('sha256', signed, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'))).toBe(true)
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ aud: base, sub: 'mailto:ops@example.org' })
  })

  test('PUSH-1: the device that does something is not told of it, the others are; one of a kind in half a minute', async () => {
    const person = await createPerson(server.url)
    const keys = browserKeys()
    await subscribe(person.device, '/first', keys.keys)
    const second = await addDevice(person)
    expect(await settled()).toEqual([])
    await subscribe(second, '/second', keys.keys)
    await ask(person)
    expect((await settled()).map(({ path }) => path).sort()).toEqual(['/first', '/second'])
    await ask(person)
    expect(await settled()).toEqual([])
    clock.advance(31_000)
    await ask(person)
    expect(await settled()).toHaveLength(2)
  })

  test('PUSH-3: a subscription that the browser took back goes, one that failed stays, a redirect is not followed', async () => {
    const person = await createPerson(server.url)
    await subscribe(person.device, '/kept', browserKeys().keys)
    const has = async () => (await server.services.store.pushSubscriptions(person.accountId)).length
    for (const [answer, left] of [
      [302, 1],
      [500, 1],
      [429, 1],
      [410, 0],
    ] as const) {
      status = answer
      // three requests an hour
      clock.advance(3_600_000)
      await ask(person)
      expect((await settled()).map(({ path }) => path)).toEqual(['/kept'])
      expect([answer, await has()]).toEqual([answer, left])
    }
    status = 201
  })

  test('PUSH-3: signing out and unsubscribing end it, and a device has one', async () => {
    const person = await createPerson(server.url)
    const has = async () => (await server.services.store.pushSubscriptions(person.accountId)).map(({ endpoint: to }) => to)
    await subscribe(person.device, '/one', browserKeys().keys)
    await subscribe(person.device, '/two', browserKeys().keys)
    expect(await has()).toEqual([`${base}/two`])
    expect((await person.device.call('pushUnsubscribe')).status).toBe(200)
    expect(await has()).toEqual([])
    await subscribe(person.device, '/three', browserKeys().keys)
    await person.device.call('signOut', at())
    expect(await has()).toEqual([])
  })

  test('PUSH-2: without leave, the server sends nothing into its own network', async () => {
    const strict = await startTestServer({}, { clock })
    try {
      const person = await createPerson(strict.url)
      for (const to of [`${base}/x`, 'https://127.0.0.1/x', 'https://router.lan/x', 'https://169.254.169.254/latest']) {
        const reply = await person.device.call('pushSubscribe', { ...at(), json: { endpoint: to, ...browserKeys().keys } })
        expect([to, reply.status, reply.json['code']]).toEqual([to, 400, 'malformed'])
      }
      // one that was let in under another rule is passed over
      await strict.services.store.transaction(person.accountId, (tx) =>
        tx.putPushSubscription(person.accountId, { deviceId: person.device.id, endpoint: `${base}/x`, ...browserKeys().keys }),
      )
      await ask(person)
      await strict.services.push.settled()
      expect(delivered.splice(0)).toEqual([])
    } finally {
      await strict.dispose()
    }
  })

  test('PUSH-1: the key is private to the server and stays the same', async () => {
    const file = join(server.folder, 'push.key')
    expect(statSync(file).mode & 0o777).toBe(0o600)
    const { publicKey } = JSON.parse(readFileSync(file, 'utf8')) as { publicKey: string }
    expect(publicKey).toBe(server.services.push.publicKey)
  })
})
