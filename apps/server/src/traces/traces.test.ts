/** Traces reach a collector over real HTTP, say what the log says and no more, and cost nothing when it is away. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPerson, signIn } from '../testing/test-client.ts'
import { startTestServer } from '../testing/test-server.ts'

interface Span {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly attributes: { readonly key: string; readonly value: { readonly stringValue?: string; readonly intValue?: string } }[]
}

let collector: Server
const received: string[] = []
const spans = (): Span[] =>
  received.flatMap(
    (body) => (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans[0]?.scopeSpans[0]?.spans ?? [],
  )

beforeAll(async () => {
  collector = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (data: Buffer) => (body += data.toString('utf8')))
    incoming.on('end', () => {
      expect([incoming.url, incoming.headers['content-type']]).toEqual(['/v1/traces', 'application/json'])
      received.push(body)
      outgoing.end('{}')
    })
  })
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
})
afterAll(() => collector.close())

test('a span a request, in the trace of the caller; nothing of a person in it', async () => {
  const endpoint = `http://127.0.0.1:${(collector.address() as AddressInfo).port}/`
  const server = await startTestServer({ traces: { endpoint, service: 'nokkel-server' } })
  const person = await createPerson(server.url)
  await signIn(person.device, person.email, 'wrong, this one')
  const traceId = 'a'.repeat(32)
  await person.device.call('session', { headers: { traceparent: `00-${traceId}-${'b'.repeat(16)}-01` } })
  await person.device.call('circle', { query: { after: '-1' }, headers: { traceparent: `00-${'c'.repeat(32)}-${'b'.repeat(16)}-00` } })
  await person.device.call('session', { headers: { traceparent: '00-zz-1-01' } })
  await server.dispose()
  const sessions = spans().filter(({ name }) => name === 'session')
  expect(sessions[0]).toMatchObject({ traceId, parentSpanId: 'b'.repeat(16) })
  expect(sessions[1]?.parentSpanId).toBeUndefined()
  expect(BigInt(sessions[0]?.endTimeUnixNano ?? 0) >= BigInt(sessions[0]?.startTimeUnixNano ?? 0)).toBe(true)
  expect(spans().find(({ name }) => name === 'signInFinish')?.attributes).toContainEqual({
    key: 'error.type',
    value: { stringValue: 'sign-in-failed' },
  })
  // not sampled by whoever began the trace
  expect(
    spans()
      .filter(({ name }) => name === 'circle')
      .some((span) => span.traceId === 'c'.repeat(32)),
  ).toBe(false)
  const said = received.join()
  for (const secret of [person.email, person.accountId, person.device.id, person.device.token ?? 'none', '127.0.0.1'])
    expect(said).not.toContain(secret)
})

test('a collector that is away costs no request', async () => {
  const server = await startTestServer({ traces: { endpoint: 'http://127.0.0.1:9', service: 'x' } })
  const person = await createPerson(server.url)
  expect((await person.device.call('session')).status).toBe(200)
  await server.dispose()
  expect(server.logLines.join('')).toContain('traces')
})
