/**
 * Number, security code and tries of an account with two factors off, in the order in which a person meets them (F1–F8; section G "number
 * changed or wrong", "attempts used up", "codes confused"): real realms, and SMS by way of a message centre that speaks SMPP.
 */
import type { Symptom } from '@nokkel/doctor'
import { createMessages } from '@nokkel/messages'
import { createDoctorWords } from '@nokkel/messages/doctor'
import smpp, { type Pdu, type SmppServer } from 'smpp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ShiftedClock, World, codeOf, passcode, type TestDevice } from '../attacks/world.ts'
import { until } from '../e2e/harness.ts'
import { codesOf, look } from './lab.ts'

const phone = '+4791234567'
const code = '274913'
const clock = new ShiftedClock()
let world: World
let centre: SmppServer
/** what became of the next message, as its receipt says */
let receipt = 'DELIVRD'
const codes: string[] = []
let pc: TestDevice
let fresh: TestDevice

const ask = async (device: TestDevice, symptom: Symptom) => codesOf(await look(device.client.observe, { symptom }))

let read = 0
async function sms(): Promise<string> {
  await until(async () => codes.length > read)
  read = codes.length
  return codes.at(-1) as string
}
const received = async (id: string, state: string): Promise<void> =>
  until(async () => (await pc.client.verificationStatus(id)).state === state, `message ${state}`)

async function openCentre(): Promise<void> {
  centre = smpp.createServer((session) => {
    session.on('error', () => undefined)
    session.on('bind_transceiver', (pdu: Pdu) => session.send(pdu.response()))
    session.on('submit_sm', (pdu: Pdu) => {
      const { short_message: message } = pdu
      const text = typeof message === 'string' ? message : message?.message
      codes.push(/#([0-9]{6})/.exec(typeof text === 'string' ? text : Buffer.from(text ?? []).toString('latin1'))?.[1] ?? '')
      session.send(pdu.response({ message_id: `m${codes.length}` }))
      session.deliver_sm({ esm_class: 4, short_message: `id:m${codes.length} sub:001 dlvrd:001 stat:${receipt} err:000 text:` })
    })
    session.on('unbind', (pdu: Pdu) => session.send(pdu.response()))
  })
  await new Promise<void>((resolve) => centre.listen(0, '127.0.0.1', resolve))
}
/** Time passes for the server and for every device alike. */
function wait(ms: number): void {
  clock.offsetMs += ms
  for (const device of [pc, fresh]) if (device !== undefined) device.clock.offsetMs = clock.offsetMs
}

beforeAll(async () => {
  await openCentre()
  const gateway = {
    gateway: 'smpp',
    smppHost: '127.0.0.1',
    smppPort: centre.address().port,
    smppTls: false,
    smppSystemId: 'nokkel',
  } as const
  world = await World.start({ sms: gateway }, { clock, secrets: { sms: 'hemmelig' } })
  pc = await world.founder('PC', 'liv@example.org')
  const { id } = await pc.client.changeNumber(phone, { passcode })
  await pc.client.confirmNumber(id, await sms())
  clock.offsetMs += 900_000
  const factor = await pc.client.sendVerification('two-factor')
  await pc.client.checkVerification(factor.id, await sms(), 'two-factor')
  await pc.client.setTwoFactor(false, { passcode })
})
afterAll(async () => {
  await world.end()
  centre.close()
})

describe('G: number and security code, two factors off', () => {
  it('F8 the SMS does not come: the end of the number is shown, so that an old one is seen', async () => {
    const { findings } = await look(pc.client.observe, { symptom: 'sms-not-arriving' })
    expect(findings).toMatchObject([{ code: 'number-to-check', evidence: [{ name: 'digits', type: 'digits', value: '67' }] }])
  })

  it('F8 the gateway could not deliver: its reason is shown, on the device that asked and nowhere else, until a message comes', async () => {
    wait(900_000)
    receipt = 'UNDELIV'
    const { id } = await pc.client.sendVerification('number-test')
    await sms()
    await received(id, 'failed')
    const seen = await look(pc.client.observe, { symptom: 'sms-not-arriving' })
    expect(seen.findings).toMatchObject([{ code: 'sms-failed', evidence: [{ type: 'sms-reason', value: 'number-unreachable' }] }])
    expect(codesOf(await look(pc.client.observe))).toEqual(['sms-failed'])
    for (const [language, reason] of [
      ['nb', 'telefonen'],
      ['en', 'telephone'],
    ] as const)
      expect(createDoctorWords(createMessages(language)).because(seen.findings[0] ?? { code: '', evidence: [] })).toContain(reason)
    receipt = 'DELIVRD'
    wait(900_000)
    const again = await pc.client.sendVerification('number-test')
    await pc.client.checkVerification(again.id, await sms(), 'number-test')
    expect(await ask(pc, 'sms-not-arriving')).toEqual(['number-to-check'])
    expect(codesOf(await look(pc.client.observe))).toEqual([])
  })

  it('F5 support opens the number: the case is named with its day, on every device, until somebody stops it', async () => {
    const { support } = world.server.services
    const { caseId } = await support.open('kari', 'liv@example.org', '+4798765432')
    expect((await look(pc.client.observe, { symptom: 'number-not-changing' })).findings).toMatchObject([
      { code: 'number-by-support', evidence: [{ name: 'state', value: 'support-opened' }] },
    ])
    const { dueMs } = await support.approve('ola', caseId)
    expect((await look(pc.client.observe, { symptom: 'number-not-changing' })).findings).toMatchObject([
      {
        code: 'number-by-support',
        evidence: [
          { name: 'state', value: 'support-waiting' },
          { name: 'time', value: dueMs },
        ],
      },
    ])
    expect(codesOf(await look(pc.client.observe))).toEqual(['number-by-support'])
    await pc.client.stopSupportCase()
    expect(await ask(pc, 'number-not-changing')).toEqual(['number-here'])
    expect(codesOf(await look(pc.client.observe))).toEqual([])
  })

  it('F5 the number cannot be changed: here it can, the code first; on a device that is not approved it cannot', async () => {
    expect(await ask(pc, 'number-not-changing')).toEqual(['number-here'])
    fresh = await world.device('Ny', { clock: new ShiftedClock(clock.offsetMs) })
    await fresh.signIn('liv@example.org')
    expect(await ask(fresh, 'number-not-changing')).toEqual(['number-elsewhere'])
  })

  it('F6 forgotten: on a trusted device a new code is set, elsewhere there are other ways', async () => {
    expect(await ask(pc, 'code-forgotten')).toEqual(['code-settable'])
    await pc.client.setSecurityCode({ kind: 'digits', code })
    expect(await ask(fresh, 'code-forgotten')).toEqual(['code-other-ways'])
  })

  it('F7 wrong codes: how many are left, then how long to wait, then that it is void, and never by a guess of ours', async () => {
    wait(900_000)
    const { id } = await fresh.client.sendVerification('recover')
    await fresh.client.checkVerification(id, await sms(), 'recover')
    const slot = (await fresh.client.waysBack()).ways[0]?.slot ?? ''
    const guess = (): Promise<string> => codeOf(() => fresh.client.recoverWithCode(slot, '274914'))
    expect(await guess()).toBe('recovery-code-wrong')
    const seen = await look(fresh.client.observe, { symptom: 'code-too-many' })
    expect(seen.findings).toMatchObject([{ code: 'code-attempts-few', evidence: [{ name: 'count', value: 9 }] }])
    await guess()
    await guess()
    expect(await ask(fresh, 'code-too-many')).toEqual(['code-waits'])
    for (;;) {
      const standing = await fresh.client.recoveryStanding(slot).catch(() => null)
      if (standing === null) break
      wait(standing.waitMs + 1_000)
      if (standing.waitMs > 1_200_000) {
        // a device that waits for a day is signed out meanwhile, and its second factor is forgotten sooner
        await fresh.signIn('liv@example.org')
        const again = await fresh.client.sendVerification('recover')
        await fresh.client.checkVerification(again.id, await sms(), 'recover')
      }
      await guess()
    }
    expect(await ask(fresh, 'code-too-many')).toEqual(['code-destroyed'])
  })

  it('F7 a trusted device is told that the code is void, and a new code is what helps', async () => {
    wait(86_400_000)
    await pc.client.sync()
    expect(await ask(pc, 'code-too-many')).toEqual(['code-destroyed'])
    await pc.client.setSecurityCode({ kind: 'digits', code: '604182' })
    expect(await ask(pc, 'code-too-many')).toEqual(['code-settable'])
    expect(codesOf(await look(pc.client.observe))).toEqual([])
  })
})
