import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { twilioGateway } from './twilio-gateway.ts'

/** A double of the two calls of Twilio's API that we make, in the shape of its documentation: the service itself cannot run here. */
describe('Twilio', () => {
  let server: Server | undefined
  afterEach(() => server?.close())

  interface Call {
    readonly method: string
    readonly path: string
    readonly authorization: string
    readonly form: URLSearchParams
  }

  async function setUp(answer: (call: Call) => { status: number; body: unknown }) {
    const calls: Call[] = []
    const double = createServer((request, response) => {
      let body = ''
      request.on('data', (data: Buffer) => (body += data.toString('utf8')))
      request.on('end', () => {
        const { method = '', url = '', headers } = request
        const call = { method, path: url, authorization: headers.authorization ?? '', form: new URLSearchParams(body) }
        calls.push(call)
        const { status, body: text } = answer(call)
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(text))
      })
    })
    server = double
    await new Promise<void>((resolve) => double.listen(0, '127.0.0.1', resolve))
    const origin = `http://127.0.0.1:${(double.address() as AddressInfo).port}`
    const gateway = twilioGateway({
      accountSid: `AC${'0'.repeat(32)}`,
      authToken: 'token',
      from: '+4759440000',
      timeoutMs: 5_000,
      callbackUrl: null,
      origin,
    })
    return { calls, gateway }
  }
  const message = { to: '+4799887766', text: '123456 is your code\n\n@keys.example.org #123456' }

  it('F8: sends number and text with the account’s credentials, and asks for the state', async () => {
    const { calls, gateway } = await setUp(({ method }) =>
      method === 'POST'
        ? { status: 201, body: { sid: 'SM1', status: 'queued' } }
        : { status: 200, body: { sid: 'SM1', status: 'undelivered', error_code: 30_003 } },
    )
    expect(await gateway.send(message)).toEqual({ messageId: 'SM1' })
    expect(calls[0]?.path).toBe(`/2010-04-01/Accounts/AC${'0'.repeat(32)}/Messages.json`)
    expect(calls[0]?.authorization).toMatch(/^Basic /)
    expect(Object.fromEntries(calls[0]?.form ?? [])).toMatchObject({ To: message.to, From: '+4759440000', Body: message.text })
    expect(await gateway.poll?.('SM1')).toEqual({ messageId: 'SM1', state: 'failed', reason: 'number-unreachable' })
  })

  it.each([
    [400, 21_211, 'number-invalid'],
    [400, 21_408, 'country-not-allowed'],
    [429, 20_429, 'gateway-throttled'],
    [401, 20_003, 'gateway-refused'],
    [503, 0, 'gateway-unavailable'],
  ])('F8: status %i, code %i is %s', async (status, code, reason) => {
    const { gateway } = await setUp(() => ({ status, body: { status, code, message: 'no' } }))
    await expect(gateway.send(message)).rejects.toMatchObject({ reason })
  })
})
