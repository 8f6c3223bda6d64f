/** Every route of the table against bodies that nobody honest sends: a problem with a 4xx status, never a 500, never a hang. */
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { problemType, routes, type RouteName } from '@nokkel/protocol/wire'
import { newId, SeededBytes, type Attack } from '../testing/hostile.ts'
import { call, createPerson, Device, signIn, type Person } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

let server: TestServer
let person: Person
let waiting: Device
beforeAll(async () => {
  server = await startTestServer()
  person = await createPerson(server.url)
  waiting = new Device(server.url)
  await signIn(waiting, person.email, person.password)
})
afterAll(() => server.dispose())

const seed = Number(process.env['NOKKEL_TEST_SEED'] ?? 20_261_122)
const bytes = new SeededBytes(seed)
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const attacks: readonly Attack[] = [
  { name: 'random bytes', bodies: () => Array.from({ length: 40 }, () => bytes.next(1 + bytes.below(400))) },
  { name: 'nothing', bodies: () => [new Uint8Array(0)] },
  {
    name: 'deep arrays',
    bodies: () => [text('['.repeat(30_000)), text('['.repeat(20_000) + ']'.repeat(20_000)), new Uint8Array(30_000).fill(0x81)],
  },
  { name: 'deep objects', bodies: () => [text('{"a":'.repeat(10_000) + '1' + '}'.repeat(10_000))] },
  {
    name: '__proto__',
    bodies: () => [
      text('{"__proto__":{"accountId":"x"}}'),
      text('{"\\u005f_proto__":1,"email":"a@b"}'),
      text('{"constructor":{"prototype":{}}}'),
      text('{"email":{"__proto__":null}}'),
    ],
  },
  {
    name: 'wrong types',
    bodies: () => ['null', 'true', '0', '"x"', '[]', '{}', '[{}]', '{"email":[]}', '1e999', '{"email":"a@b","email":"c@d"}'].map(text),
  },
  { name: 'broken text', bodies: () => [new Uint8Array([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), text('\uFEFF{}'), text('{"a":"\\ud800"}')] },
  {
    name: 'cbor bombs',
    bodies: () => [
      new Uint8Array([0x9b, 255, 255, 255, 255, 255, 255, 255, 255]),
      new Uint8Array([0x5f, 0x41, 0]),
      new Uint8Array([0, 0, 0, 1, 0xff]),
      new Uint8Array([0, 0, 0, 0]),
    ],
  },
]

const withBody = (Object.keys(routes) as RouteName[]).filter((name) => routes[name].request !== null)
const all = Object.keys(routes) as RouteName[]
const params = () => ({ vault: person.vault, request: newId() })

/** Whoever gets furthest on the route. */
const callerOf = (name: RouteName) => (name.startsWith('join') && name !== 'joinList' ? waiting : person.device)

describe.each(withBody)('%s', (name) => {
  test.each(attacks)('$name', async ({ bodies }) => {
    for (const body of bodies()) {
      const reply = await call(callerOf(name), name, { params: params(), body })
      expect.soft(reply.status, `seed ${seed}`).toBeGreaterThanOrEqual(400)
      expect.soft(reply.status, `seed ${seed}`).toBeLessThan(500)
      expect.soft(reply.headers.get('content-type')).toBe(problemType)
      expect.soft(reply.problem.code).toBeTypeOf('string')
    }
  })

  test('wrong content type, compression', async () => {
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/jsonx']) {
      expect(
        (await call(callerOf(name), name, { params: params(), body: text('{}'), headers: { 'content-type': type } })).problem,
      ).toMatchObject({ status: 400, code: 'malformed', params: { what: 'content-type' } })
    }
    for (const encoding of ['gzip', 'br', 'zstd']) {
      expect(
        (await call(callerOf(name), name, { params: params(), body: text('{}'), headers: { 'content-encoding': encoding } })).problem,
      ).toMatchObject({ status: 400, params: { what: 'content-encoding' } })
    }
  })

  test('larger than allowed: refused by its announced length, and while it streams', async () => {
    if (name === 'push') return
    expect((await call(callerOf(name), name, { params: params(), body: new Uint8Array(2_000_000) })).problem).toMatchObject({
      status: 413,
      code: 'too-large',
    })
    let pulled = 0
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pulled++
        controller.enqueue(new Uint8Array(16_384).fill(0x20))
        if (pulled > 2_000) controller.close()
      },
    })
    const outcome = await call(callerOf(name), name, { params: params(), body: endless, prover: null }).then(
      ({ status }) => status,
      () => 'cut off',
    )
    expect([413, 'cut off']).toContain(outcome)
    expect(pulled).toBeLessThan(2_000)
  })

  test('a body that ends early leaves the server well', async () => {
    const [path] = [routes[name].path.replace(':vault', person.vault).replace(':request', newId())]
    await new Promise<void>((resolve) => {
      const socket = connect(server.port, '127.0.0.1', () => {
        const caller = callerOf(name)
        socket.write(
          `${routes[name].method} ${path} HTTP/1.1\r\nhost: x\r\nnokkel-client: cli/0.1.0\r\nnokkel-protocol: 1\r\nauthorization: Bearer ${caller.token}\r\ncontent-type: ${routes[name].request === 'cbor' || routes[name].request === 'frames' ? 'application/octet-stream' : 'application/json'}\r\ncontent-length: 1000\r\n\r\n{"half`,
          () => setTimeout(() => socket.destroy(), 20),
        )
      })
      socket.on('close', () => resolve())
      socket.on('error', () => undefined)
    })
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })
})

describe('every route', () => {
  test.each(all)('%s: without a session, with a wrong method, with an old or nameless client', async (name) => {
    const route = routes[name]
    const body = route.request === null ? {} : { body: text('{}') }
    if (route.auth !== 'none') {
      expect((await call({ url: server.url }, name, { params: params(), ...body })).problem).toMatchObject({
        status: 401,
        code: 'session-invalid',
      })
    }
    const path = route.path.replace(':vault', person.vault).replace(':request', newId())
    const wrong = await fetch(server.url + path, { method: 'PUT' })
    expect(wrong.status).toBe(405)
    expect(wrong.headers.get('allow')).toContain(route.method)
    expect(await wrong.json()).toMatchObject({ code: 'method-not-allowed' })
    if (name === 'server') return
    const old = await call(callerOf(name), name, { params: params(), ...body, headers: { 'nokkel-client': 'cli/0.0.9' } })
    expect(old.problem).toMatchObject({ status: 426, code: 'client-too-old', params: { minimum: '0.1.0' } })
    for (const headers of [{ 'nokkel-client': 'curl' }, { 'nokkel-protocol': 'x' }])
      expect((await call(callerOf(name), name, { params: params(), ...body, headers })).problem.code).toBe('malformed')
    expect((await call(callerOf(name), name, { params: params(), ...body, headers: { 'nokkel-protocol': '2' } })).problem.code).toBe(
      'server-too-old',
    )
    expect((await call(callerOf(name), name, { params: params(), ...body, headers: { 'nokkel-protocol': '0' } })).problem.code).toBe(
      'client-too-old',
    )
  })

  test('nothing of this was an internal error', () => {
    expect(server.logLines.filter((line) => line.includes('"code":"internal"') || line.includes('outside the pipeline'))).toEqual([])
  })
})
