/** The support's path (F5, H1): two operators, three days, told everywhere, stopped by any device, in the audit log; and nothing but the number. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemRandom } from '@nokkel/base'
import { createOperatorKey, signAsOperator } from '../operator/operator-key.ts'
import { createPerson, Device, serverIdOf, signIn, type Person } from '../testing/test-client.ts'
import { startTestServer, type TestServer } from '../testing/test-server.ts'

const realNow = Date.now
let offsetMs = 0
const clock = { nowMs: () => realNow() + offsetMs }
const hourMs = 3_600_000

let folder: string
let server: TestServer
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-operators-'))
  const entries = ['kari', 'ola'].map((name) => createOperatorKey(join(folder, name), name, systemRandom))
  createOperatorKey(join(folder, 'eve'), 'kari', systemRandom)
  writeFileSync(join(folder, 'operators.json'), JSON.stringify(entries))
  server = await startTestServer({ operators: join(folder, 'operators.json') }, { clock })
})
afterAll(async () => {
  await server.dispose()
  rmSync(folder, { recursive: true, force: true })
})

interface Answer {
  readonly status: number
  readonly json: Record<string, unknown>
}

async function operate(who: string, action: string, json: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const path = `/v1/operator/${action}`
  const body = new TextEncoder().encode(JSON.stringify(json))
  const serverId = await serverIdOf(server.url)
  const signed = await signAsOperator(join(folder, who), { serverId, path, timeMs: clock.nowMs(), body })
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { ...signed, 'content-type': 'application/json', ...headers },
    body,
  })
  return { status: response.status, json: (await response.json()) as Record<string, unknown> }
}

const proof = () => ({ proofTimeMs: clock.nowMs() })
const later = (ms: number): void => void (offsetMs += ms)

async function messages(): Promise<{ channel: string; to: string; text: string; subject: string }[]> {
  await server.services.verification.settle()
  await server.services.delivery.settle()
  const text = readFileSync(join(server.folder, 'outbox', 'messages.jsonl'), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as never)
}

let numbers = 0
const newNumber = (): string => `+47${String(40_000_000 + numbers++ * 10_000)}`

async function waiting(of: Person): Promise<Device> {
  const device = new Device(server.url)
  expect((await signIn(device, of.email, of.password)).status).toBe(200)
  return device
}

/** A case that two operators agreed to. */
async function agreed(of: Person, number: string): Promise<string> {
  const opened = await operate('kari', 'support-open', { email: of.email, number })
  expect(opened.status).toBe(200)
  const caseId = String(opened.json['caseId'])
  expect((await operate('ola', 'support-approve', { case: caseId })).status).toBe(200)
  return caseId
}

async function changeTo(device: Device, number: string) {
  const sent = await device.call('numberChange', { json: { number }, ...proof() })
  if (sent.status !== 200) return sent
  const code = /#(\d{6})$/.exec((await messages()).findLast(({ to }) => to === number)?.text ?? '')?.[1]
  return await device.call('numberConfirm', { json: { id: sent.json['id'], code }, ...proof() })
}

describe('a support case', () => {
  test('F5: opens the number that was named, after two operators and 72 hours, for a session with the password; each step is told', async () => {
    const oldNumber = newNumber()
    const anna = await createPerson(server.url, { phone: oldNumber })
    const number = newNumber()
    const caseId = await agreed(anna, number)
    const device = await waiting(anna)
    expect((await device.call('verification')).json['supportCase']).toMatchObject({ state: 'waiting' })
    expect((await changeTo(device, number)).problem.code).toBe('session-pending')
    later(71 * hourMs)
    await server.services.support.run()
    // a session that waits lasts a day: the person signs in again
    expect((await changeTo(await waiting(anna), number)).problem.code).toBe('session-pending')
    later(2 * hourMs)
    await server.services.support.run()
    const again = await waiting(anna)
    expect((await changeTo(again, newNumber())).problem.code).toBe('session-pending')
    expect((await changeTo(again, number)).status).toBe(200)
    expect((await server.services.store.findAccount(anna.accountId))?.phone).toBe(number)
    // used: not open a second time, and the number is not kept with the case
    expect((await changeTo(again, number)).problem.code).toBe('session-pending')
    expect(await server.services.store.support.find(caseId)).toMatchObject({ state: 'used', phone: '' })
    const { notices } = (await anna.device.call('notices')).json as { notices: { kind: string }[] }
    expect(notices.map(({ kind }) => kind).filter((kind) => kind !== 'new-sign-in')).toEqual([
      'support-opened',
      'support-waiting',
      'support-open',
      'number-changed',
    ])
    const out = await messages()
    expect(out.filter(({ to, text }) => to === oldNumber && !text.includes('#'))).toHaveLength(4)
    expect(out.filter(({ to, channel }) => to === anna.email && channel === 'mail').length).toBeGreaterThanOrEqual(4)
  })

  test('F5: the one who opened it cannot agree to it; a case needs its order', async () => {
    const berit = await createPerson(server.url, { phone: newNumber() })
    const opened = await operate('kari', 'support-open', { email: berit.email, number: newNumber() })
    const caseId = String(opened.json['caseId'])
    expect((await operate('kari', 'support-approve', { case: caseId })).json).toMatchObject({
      code: 'conflict',
      params: { what: 'operator' },
    })
    expect((await operate('kari', 'support-open', { email: berit.email, number: newNumber() })).json).toMatchObject({ code: 'conflict' })
    later(80 * hourMs)
    await server.services.support.run()
    expect((await changeTo(await waiting(berit), newNumber())).problem.code).toBe('session-pending')
    expect((await operate('ola', 'support-cancel', { case: caseId })).status).toBe(200)
    expect((await operate('ola', 'support-approve', { case: caseId })).json).toMatchObject({ code: 'conflict', params: { what: 'case' } })
  })

  test('F5: any trusted device stops it, a device that only signed in does not; it lapses after seven days', async () => {
    const cato = await createPerson(server.url, { phone: newNumber() })
    await agreed(cato, newNumber())
    expect((await (await waiting(cato)).call('supportStop', proof())).problem.code).toBe('session-pending')
    expect((await cato.device.call('supportStop', proof())).status).toBe(200)
    expect((await cato.device.call('supportStop', proof())).problem.code).toBe('not-found')
    const number = newNumber()
    await agreed(cato, number)
    later(73 * hourMs)
    await server.services.support.run()
    expect((await cato.device.call('verification')).json['supportCase']).toMatchObject({ state: 'open' })
    later(8 * 24 * hourMs)
    await server.services.support.run()
    expect((await cato.device.call('verification')).json['supportCase']).toBeNull()
    expect((await changeTo(await waiting(cato), number)).problem.code).toBe('session-pending')
  })

  test('H1: only operators of the list, once a signature, from this machine, through no proxy; answers name no address and no number', async () => {
    const dag = await createPerson(server.url, { phone: newNumber() })
    expect((await operate('eve', 'support-open', { email: dag.email, number: newNumber() })).json).toMatchObject({
      code: 'signature-invalid',
    })
    const forwarded = await operate('kari', 'support-list', {}, { 'x-forwarded-for': '192.0.2.1' })
    expect(forwarded.status).toBe(404)
    const path = '/v1/operator/support-list'
    const body = new TextEncoder().encode('{}')
    const signed = await signAsOperator(join(folder, 'ola'), { serverId: await serverIdOf(server.url), path, timeMs: clock.nowMs(), body })
    const once = () =>
      fetch(server.url + path, { method: 'POST', headers: { ...signed, 'content-type': 'application/json' }, body }).then(
        ({ status }) => status,
      )
    expect([await once(), await once()]).toEqual([200, 401])
    const text = JSON.stringify((await operate('ola', 'support-list', {})).json)
    expect(text).not.toMatch(/@|\+47/)
  })

  test('H1: the audit log names each act, is whole, and is not appended to once somebody has touched it', async () => {
    const entries = await server.services.store.audit.entries()
    expect(entries.map(({ operator, action }) => `${operator} ${action}`).slice(0, 4)).toEqual([
      'kari support-open',
      'ola support-approve',
      'server number-opened',
      'server number-changed',
    ])
    expect(JSON.stringify(entries)).not.toMatch(/@|\+47/)
    const database = new DatabaseSync(join(server.folder, 'nokkel.db'))
    database.exec("update audit_log set operator = 'ola' where n = 1")
    database.close()
    const erik = await createPerson(server.url, { phone: newNumber() })
    expect((await operate('kari', 'support-open', { email: erik.email, number: newNumber() })).status).toBe(500)
    expect((await erik.device.call('verification')).json['supportCase']).toBeNull()
  })
})
