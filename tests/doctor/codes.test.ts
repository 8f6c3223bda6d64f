/**
 * Number, security code and tries of an account with two factors off, in the order in which a person meets them (F1–F8; section G "number
 * changed or wrong", "attempts used up", "codes confused"): real realms, real SMS in the developer's outbox.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Symptom } from '@nokkel/doctor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ShiftedClock, World, codeOf, passcode, type TestDevice } from '../attacks/world.ts'
import { until } from '../e2e/harness.ts'
import { codesOf, look } from './lab.ts'

const phone = '+4791234567'
const code = '274913'
const clock = new ShiftedClock()
let world: World
let pc: TestDevice
let fresh: TestDevice

const ask = async (device: TestDevice, symptom: Symptom) => codesOf(await look(device.client.observe, { symptom }))

let read = 0
async function sms(): Promise<string> {
  const codes = (): string[] => {
    try {
      const lines = readFileSync(join(world.server.folder, 'outbox', 'messages.jsonl'), 'utf8')
        .trim()
        .split('\n')
      return lines.flatMap((line) => /"channel":"sms".*#([0-9]{6})/.exec(line)?.[1] ?? [])
    } catch {
      return []
    }
  }
  await until(async () => codes().length > read)
  read = codes().length
  return codes().at(-1) as string
}
/** Time passes for the server and for every device alike. */
function wait(ms: number): void {
  clock.offsetMs += ms
  for (const device of [pc, fresh]) if (device !== undefined) device.clock.offsetMs = clock.offsetMs
}

beforeAll(async () => {
  world = await World.start({}, { clock })
  pc = await world.founder('PC', 'liv@example.org')
  const { id } = await pc.client.changeNumber(phone, { passcode })
  await pc.client.confirmNumber(id, await sms())
  clock.offsetMs += 900_000
  const factor = await pc.client.sendVerification('two-factor')
  await pc.client.checkVerification(factor.id, await sms(), 'two-factor')
  await pc.client.setTwoFactor(false, { passcode })
})
afterAll(() => world.end())

describe('G: number and security code, two factors off', () => {
  it('F8 the SMS does not come: the end of the number is shown, so that an old one is seen', async () => {
    const { findings } = await look(pc.client.observe, { symptom: 'sms-not-arriving' })
    expect(findings).toMatchObject([{ code: 'number-to-check', evidence: [{ name: 'digits', type: 'digits', value: '67' }] }])
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
})
