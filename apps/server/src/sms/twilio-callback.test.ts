/** Twilio's callbacks over HTTP: believed with its signature over our own address alone (F8). The service is a double, its signature is its library's. */
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import twilio from 'twilio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createPerson } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const token = 'a token of forty signs, for instance'
const publicUrl = 'https://keys.example.org'
const callbackUrl = `${publicUrl}/v1/sms/twilio`
const asked: URLSearchParams[] = []
let double: Server
let server: TestServer
beforeAll(async () => {
  double = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => (body += data.toString('utf8')))
    request.on('end', () => {
      asked.push(new URLSearchParams(body))
      response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify({ sid: `SM${asked.length}`, status: 'queued' }))
    })
  })
  await new Promise<void>((resolve) => double.listen(0, '127.0.0.1', resolve))
  server = await startTestServer(
    {
      publicUrl,
      sms: {
        gateway: 'twilio',
        twilioAccount: `AC${'0'.repeat(32)}`,
        twilioOrigin: `http://127.0.0.1:${(double.address() as AddressInfo).port}`,
        from: '+4759440000',
      },
    },
    { secrets: { sms: token } },
  )
})
afterAll(async () => {
  await server.dispose()
  double.close()
})

async function callBack(fields: Record<string, string>, signature: string): Promise<number> {
  const response = await fetch(`${server.url}/v1/sms/twilio`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-twilio-signature': signature },
    body: new URLSearchParams(fields),
  })
  return response.status
}
const signed = (fields: Record<string, string>, key = token, url = callbackUrl): string =>
  twilio.getExpectedTwilioSignature(key, url, fields)

test('F8: sent with our callback address; a receipt counts with Twilio’s signature over that address and these fields, and never backwards', async () => {
  const { device } = await createPerson(server.url, { phone: '+4799887766' })
  const { json } = await device.call('verificationSend', { json: { purpose: 'number-test' } })
  await server.services.verification.settle()
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({ To: '+4799887766', StatusCallback: callbackUrl })
  const state = async (): Promise<unknown> => {
    await server.services.verification.settle()
    return (await device.call('verificationStatus', { params: { id: String(json['id']) } })).json
  }
  const failed = { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30003' }
  expect(await callBack(failed, signed(failed, 'another token'))).toBe(403)
  expect(await callBack(failed, signed(failed, token, `${server.url}/v1/sms/twilio`))).toBe(403)
  expect(await callBack({ ...failed, MessageStatus: 'delivered' }, signed(failed))).toBe(403)
  expect(await callBack(failed, '')).toBe(403)
  expect(await callBack(failed, signed(failed))).toBe(204)
  expect(await state()).toMatchObject({ state: 'failed', reason: 'number-unreachable' })
  const late = { MessageSid: 'SM1', MessageStatus: 'sent' }
  expect(await callBack(late, signed(late))).toBe(204)
  expect(await state()).toMatchObject({ state: 'failed' })
  const strange = { MessageSid: 'SM999', MessageStatus: 'delivered' }
  expect(await callBack(strange, signed(strange))).toBe(204)
  expect(server.logLines.join('')).not.toContain(token)
  expect(server.logLines.join('')).not.toContain('99887766')
})
