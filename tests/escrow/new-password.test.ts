/**
 * A new password for the account (SIG-9), with what hangs on the old one: the tie to the circle (SIG-5), the locks of a lone realm and the names
 * of ways back (ESC-3), and everybody's sessions.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { World, codeOf, note, passcode, password, type TestDevice } from '../attacks/world.ts'
import { sessionOf } from '@nokkel/sync'
import { jsonAnswer } from '../attacks/evil-proxy.ts'
import { pass, slotOf } from './second-factor.ts'

const email = 'ny@example.org'
const second = 'helt annet passord 7'
const third = 'enda et tredje passord 9'
let world: World
let pc: TestDevice
let phone: TestDevice
beforeAll(async () => {
  world = await World.start()
  pc = await world.founder('PC', email)
  await pc.client.addItem(note('Bank'))
  phone = await world.joined('Telefon', pc)
  for (const device of [pc, phone]) await device.client.sync()
})
afterAll(() => world.end())

describe('SIG-9 a new password', () => {
  it('needs the old one, and one that is not weak; otherwise nothing changes', async () => {
    expect(await codeOf(() => pc.client.changeAccountPassword('et helt galt passord', second))).toBe('sign-in-failed')
    expect(await codeOf(() => pc.client.changeAccountPassword(password, 'kort'))).toBe('weak-password')
    await phone.client.sync()
    const waiting = await world.device('Venter')
    await waiting.signIn(email)
    expect(await waiting.client.state()).toBe('signed-in')
  })

  it('ends every other session, also those that only wait; the device that set it goes on', async () => {
    const waiting = await world.device('Venter også')
    await waiting.signIn(email)
    await pc.client.changeAccountPassword(password, second)
    await pc.client.addItem(note('Etterpå'))
    await pc.client.sync()
    for (const device of [phone, waiting]) expect(await codeOf(() => device.client.twoFactor())).toBe('session-invalid')
    // still a member: only its session is gone, and nothing of its copy
    expect(await phone.client.state()).toBe('trusted')
    expect(await phone.titles()).toEqual(['Bank'])
  })

  it('the old one is worth nothing any more; with the new one a member is back at once and hears of it', async () => {
    expect(await codeOf(() => phone.signIn(email, password))).toBe('sign-in-failed')
    await phone.signIn(email, second)
    expect(await phone.titles()).toEqual(['Bank', 'Etterpå'])
    await phone.client.sync()
    expect((await phone.client.status()).notices.map(({ kind }) => kind)).toContain('password-changed')
    expect((await pc.client.activity()).map(({ kind }) => kind)).toContain('password-changed')
  })

  it('ESC-3 ways back that were laid down before open with it: names are read, and the passcode brings a new device back', async () => {
    const fresh = await world.device('Ny')
    await fresh.signIn(email, second)
    await pass(world.server, fresh)
    expect((await fresh.client.waysBack()).ways.map(({ name }) => name).sort()).toEqual(['PC', 'Telefon'])
    await fresh.client.recoverWithCode(await slotOf(fresh, 'Telefon'), passcode)
    expect(await fresh.titles()).toEqual(['Bank', 'Etterpå'])
  })

  it('the answer gets lost: typed again, it is found to be done, and what hangs on it works', async () => {
    pc.proxy.on('passwordFinish', async ({ forward }) => {
      await forward()
      return jsonAnswer({}, 503)
    })
    expect(await codeOf(() => pc.client.changeAccountPassword(second, third))).not.toBe('accepted')
    pc.proxy.honest()
    await pc.client.changeAccountPassword(second, third)
    await phone.signIn(email, third)
    // laid down anew under keys of the new password
    await pc.client.changePasscode(passcode, '739164')
    expect((await pc.client.status()).escrow).toMatchObject({ passcode: 'current', fault: null })
    const fresh = await world.device('Enda en')
    await fresh.signIn(email, third)
    await pass(world.server, fresh)
    await fresh.client.recoverWithCode(await slotOf(fresh, 'PC'), '739164')
    expect(await fresh.titles()).toEqual(['Bank', 'Etterpå'])
  })

  it('the server takes no change without proof of the old one, nor one that leaves a lock behind', async () => {
    let sent: Record<string, unknown> = {}
    const refusals: string[] = []
    for (const spoil of [
      (body: Record<string, unknown>) => ({ ...body, finishLoginRequest: 'AAAA' }),
      (body: Record<string, unknown>) => ({ ...body, loginId: '0'.repeat(32) }),
      (body: Record<string, unknown>) => ({ ...body, locks: [] }),
    ]) {
      const { api, session } = await signedBy(pc)
      pc.proxy.on('passwordFinish', ({ body }) => {
        sent = JSON.parse(body.toString('utf8')) as Record<string, unknown>
        return jsonAnswer({}, 503)
      })
      await codeOf(() => pc.client.changeAccountPassword(third, second))
      pc.proxy.honest()
      refusals.push(await codeOf(() => api.passwordFinish(session, spoil(sent) as unknown as Parameters<typeof api.passwordFinish>[1])))
    }
    expect(refusals).toEqual(['sign-in-failed', 'sign-in-failed', 'conflict'])
    await phone.client.sync()
    const again = await world.device('Sist')
    await again.signIn(email, third)
    expect(await again.client.state()).toBe('signed-in')
  })
})

async function signedBy(device: TestDevice) {
  const { identity } = (await device.look()).requireTrusted()
  return { api: device.connect(), session: sessionOf(identity) }
}
