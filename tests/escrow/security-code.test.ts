/**
 * The security code of an account with two factors off, from setting it to coming back with it, with the real second factor before it: an SMS
 * to the verification number (F1, F3, F6, F7; ESC-1, ESC-6). Two factors on and off again, with what follows from that for the ways back.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { until } from '../e2e/harness.ts'
import { World, ShiftedClock, codeOf, dayMs, note, passcode, type TestDevice } from '../attacks/world.ts'

const email = 'liv@example.org'
const phone = '+4791234567'
const clock = new ShiftedClock()
let world: World
let pc: TestDevice
let tablet: TestDevice
beforeAll(async () => {
  world = await World.start({}, { clock })
  pc = await world.founder('PC', email)
  await pc.client.addItem(note('Hytta'))
  tablet = await world.joined('Nettbrett', pc)
})
afterAll(() => world.end())

let read = 0
/** The six digits of the newest message to the number, once it is out. */
async function sms(): Promise<string> {
  const all = (): string[] => {
    try {
      return readFileSync(join(world.server.folder, 'outbox', 'messages.jsonl'), 'utf8')
        .trim()
        .split('\n')
    } catch {
      return []
    }
  }
  const codes = () => all().flatMap((line) => /"channel":"sms".*#([0-9]{6})/.exec(line)?.[1] ?? [])
  await until(async () => codes().length > read)
  read = codes().length
  return codes().at(-1) as string
}

async function factor(device: TestDevice, purpose: 'recover' | 'two-factor'): Promise<void> {
  // messages have their pace (F8), which is not what is tested here
  clock.offsetMs += 900_000
  const { id, lastDigits } = await device.client.sendVerification(purpose)
  expect(lastDigits).toBe('67')
  await device.client.checkVerification(id, await sms(), purpose)
}

async function switchFactors(on: boolean): Promise<void> {
  if (!on) await factor(pc, 'two-factor')
  await pc.client.setTwoFactor(on, { passcode })
}

const ways = async (device: TestDevice): Promise<string[]> => (await device.client.waysBack()).ways.map(({ kind }) => kind).sort()

it('F2 with two factors on there is no security code to set', async () => {
  expect(await codeOf(() => pc.client.setSecurityCode({ kind: 'digits', code: '274913' }))).toBe('two-factor-on')
})

it('F1 F3 two factors off: the passcodes bring nobody back any more, and a code can be set once it is strong enough', async () => {
  const { id } = await pc.client.changeNumber(phone, { passcode })
  await pc.client.confirmNumber(id, await sms())
  await switchFactors(false)
  expect((await pc.client.status()).escrow).toMatchObject({ passcodes: 0, securityCode: false })
  for (const weak of ['111111', '123456', '112233', '12345', 'abcdef'])
    expect(await codeOf(() => pc.client.setSecurityCode({ kind: 'digits', code: weak }))).toBe('weak-security-code')
  expect(await pc.client.setSecurityCode({ kind: 'digits', code: '274913' })).toBe('274913')
  expect((await pc.client.status()).escrow).toMatchObject({ securityCode: true })
  await tablet.client.sync()
  const { notices, escrow } = await tablet.client.status()
  expect(notices.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['two-factor-off', 'recovery-added']))
  // its passcode stays at home, also after an unlocking by it
  await tablet.client.checkPasscode(passcode)
  await tablet.client.sync()
  expect(escrow).toMatchObject({ passcodes: 0, securityCode: true })
})

it('F3 F7 the SMS comes first, then the code; the device is in, and the same code goes on bringing devices back', async () => {
  for (const name of ['Ny', 'Enda en']) {
    const fresh = await world.device(name)
    await fresh.signIn(email)
    expect(await ways(fresh)).toEqual(['security-code'])
    const slot = (await fresh.client.waysBack()).ways[0]?.slot ?? ''
    expect(await codeOf(() => fresh.client.recoverWithCode(slot, '274913'))).toBe('verification-needed')
    await factor(fresh, 'recover')
    // a slip costs nothing
    expect(await codeOf(() => fresh.client.recoverWithCode(slot, '27491'))).toBe('weak-security-code')
    expect(await fresh.client.recoveryStanding(slot)).toEqual({ codeKind: 'digits', attemptsLeft: 10, waitMs: 0 })
    expect(await codeOf(() => fresh.client.recoverWithCode(slot, '274914'))).toBe('recovery-code-wrong')
    await fresh.client.recoverWithCode(slot, '274 913')
    expect(await fresh.titles()).toEqual(['Hytta'])
    expect((await fresh.client.status()).escrow).toMatchObject({ securityCode: true, passcodes: 0 })
  }
})

it('F6 forgotten, a trusted device sets another without it; the old one is worth nothing', async () => {
  // realms take three registrations of a slot in a day (A21)
  clock.offsetMs += dayMs
  const random = await pc.client.setSecurityCode({ kind: 'random' })
  expect(random).toMatch(/^([A-Z2-9]{4}-){5}[A-Z2-9]{4}$/)
  const fresh = await world.device('Tredje')
  await fresh.signIn(email)
  const slot = (await fresh.client.waysBack()).ways[0]?.slot ?? ''
  await factor(fresh, 'recover')
  expect(await codeOf(() => fresh.client.recoverWithCode(slot, '274913'))).toBe('weak-security-code')
  await fresh.client.recoverWithCode(slot, random.toLowerCase().replaceAll('-', ' '))
  expect(await fresh.titles()).toEqual(['Hytta'])
})

it('A21 more registrations than realms take in a day: the device is in all the same, and the person is told that the code is not', async () => {
  const again = await pc.client.setSecurityCode({ kind: 'own', code: 'bjørk og bekk i juni' })
  const fresh = await world.device('For mange')
  await fresh.signIn(email)
  const slot = (await fresh.client.waysBack()).ways[0]?.slot ?? ''
  await factor(fresh, 'recover')
  await fresh.client.recoverWithCode(slot, again)
  expect(await fresh.titles()).toEqual(['Hytta'])
  expect((await fresh.client.status()).escrow).toMatchObject({ securityCode: false, fault: 'rate-limited' })
  clock.offsetMs += dayMs
  await pc.client.setSecurityCode({ kind: 'own', code: 'bjørk og bekk i juni' })
})

it('F3 none: only approval is left', async () => {
  await pc.client.sync()
  expect(await pc.client.removeSecurityCode()).toBe(true)
  expect(await pc.client.removeSecurityCode()).toBe(false)
  const fresh = await world.device('Fjerde')
  await fresh.signIn(email)
  expect(await ways(fresh)).toEqual([])
})

it('F2 two factors on again: each device’s passcode, and no security code', async () => {
  clock.offsetMs += dayMs
  await pc.client.setSecurityCode({ kind: 'own', code: 'fjell og fjord i mars' })
  await switchFactors(true)
  expect((await pc.client.status()).escrow).toMatchObject({ securityCode: false, passcode: 'current', passcodes: 1 })
  await tablet.client.sync()
  await tablet.client.checkPasscode(passcode)
  await tablet.client.sync()
  expect((await tablet.client.status()).escrow).toMatchObject({ passcode: 'current', passcodes: 2 })
})
