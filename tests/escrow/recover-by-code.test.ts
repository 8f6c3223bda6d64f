/**
 * Coming back with the passcode of one of the person's devices, end to end: real server with its realm, real clients (F2, F7, A5(b),
 * ESC-4 … ESC-8). The second factor is put in place directly: how it is shown is another suite's matter.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { isNokkelError } from '@nokkel/base'
import { World, ShiftedClock, codeOf, note, passcode, type TestDevice } from '../attacks/world.ts'
import { pass, slotOf } from './second-factor.ts'

const email = 'kari@example.org'

describe('the passcode of a device brings a new one back', () => {
  const clock = new ShiftedClock()
  let world: World
  let laptop: TestDevice
  let phone: TestDevice
  beforeAll(async () => {
    world = await World.start({}, { clock })
    laptop = await world.founder('Laptop', email)
    await laptop.client.addItem(note('Bank'))
    phone = await world.joined('Telefon', laptop)
  })
  afterAll(() => world.end())

  it('F2 every device lays its passcode down by itself when it is turned on', async () => {
    for (const device of [laptop, phone]) {
      await device.client.sync()
      expect((await device.client.status()).escrow).toMatchObject({ passcode: 'current', fault: null, passcodes: 2, securityCode: false })
    }
  })

  it('F2 F7 with the second factor, the attempts are shown first; the wrong code costs one, the right one brings everything', async () => {
    const fresh = await world.device('Ny')
    await fresh.signIn(email)
    const { ways, passed } = await fresh.client.waysBack()
    expect(passed).toBe(false)
    // ESC-4: the password alone tells how many there are, and not whose
    expect(ways.map(({ kind, name }) => [kind, name])).toEqual([
      ['passcode', ''],
      ['passcode', ''],
    ])
    expect(await codeOf(() => fresh.client.recoveryStanding(ways[0]?.slot ?? ''))).toBe('verification-needed')
    await pass(world.server, fresh)
    expect((await fresh.client.waysBack()).ways.map(({ name }) => name).sort()).toEqual(['Laptop', 'Telefon'])
    const slot = await slotOf(fresh, 'Telefon')
    expect(await fresh.client.recoveryStanding(slot)).toEqual({ codeKind: 'passcode', attemptsLeft: 10, waitMs: 0 })
    const wrong = await fresh.client.recoverWithCode(slot, '000111').catch((error: unknown) => error)
    expect(isNokkelError(wrong, 'recovery-code-wrong') && wrong.params).toMatchObject({ attemptsLeft: 9 })
    expect(await fresh.client.state()).toBe('signed-in')
    await fresh.client.recoverWithCode(slot, passcode)
    expect(await fresh.client.state()).toBe('trusted')
    expect(await fresh.titles()).toEqual(['Bank'])
    // its own passcode is laid down at once, and the one that was used is closed until that device does so again
    expect((await fresh.client.status()).escrow).toMatchObject({ passcode: 'current', passcodes: 2 })
    await laptop.client.sync()
    expect((await laptop.client.status()).notices.map(({ kind }) => kind)).toContain('device-recovered')
  })

  it('F2 the device whose passcode was used lays it down again at its next unlocking', async () => {
    await phone.client.sync()
    expect((await phone.client.status()).escrow).toMatchObject({ passcode: 'missing' })
    await phone.client.checkPasscode(passcode)
    await phone.client.sync()
    expect((await phone.client.status()).escrow).toMatchObject({ passcode: 'current', passcodes: 3 })
  })

  it('F2 a changed passcode is the one that counts, from the moment of the change', async () => {
    await laptop.client.changePasscode(passcode, '739 164')
    expect((await laptop.client.status()).escrow).toMatchObject({ passcode: 'current' })
    const fresh = await world.device('Enda en')
    await fresh.signIn(email)
    await pass(world.server, fresh)
    const slot = await slotOf(fresh, 'Laptop')
    expect(await codeOf(() => fresh.client.recoverWithCode(slot, passcode))).toBe('recovery-code-wrong')
    await fresh.client.recoverWithCode(slot, '739 164')
    expect(await fresh.titles()).toEqual(['Bank'])
  })

  it('CIR-21 a removed device’s passcode brings nobody back, and is destroyed at the realm', async () => {
    const lost = await world.joined('Mistet', phone)
    await lost.client.sync()
    const fresh = await world.device('Tyv')
    await fresh.signIn(email)
    await pass(world.server, fresh)
    const slot = await slotOf(fresh, 'Mistet')
    expect((await fresh.client.recoveryStanding(slot)).attemptsLeft).toBe(10)
    await phone.client.removeDevice(await lost.id(), { deleteCopy: false })
    expect(await codeOf(() => fresh.client.recoverWithCode(slot, passcode))).toBe('recovery-unknown')
    expect((await fresh.client.waysBack()).ways.map(({ name }) => name)).not.toContain('Mistet')
  })

  it('F7 after ten wrong codes the record is gone for everybody; the waits between them are kept', async () => {
    const fresh = await world.device('Gjetter')
    await fresh.signIn(email)
    await pass(world.server, fresh)
    const slot = await slotOf(fresh, 'Telefon')
    const seen: unknown[] = []
    for (let attempt = 1; attempt <= 10; attempt++) {
      await pass(world.server, fresh)
      const error = await fresh.client.recoverWithCode(slot, String(100_000 + attempt)).catch((thrown: unknown) => thrown)
      if (!isNokkelError(error)) throw new Error('let in')
      seen.push([error.code, error.params['attemptsLeft']])
      if (error.code === 'recovery-wait') throw new Error('asked before the wait was over')
      const wait = Number(error.params['retryAfterSeconds'] ?? 0)
      if (wait > 0 && attempt < 10) {
        expect(await codeOf(() => fresh.client.recoverWithCode(slot, '654987'))).toBe('recovery-wait')
        clock.offsetMs += wait * 1_000
        // a session that only waits ends within a day; the count is the realm's and does not care
        await fresh.signIn(email)
      }
    }
    expect(seen.map((row) => (row as unknown[])[0])).toEqual([...Array<string>(9).fill('recovery-code-wrong'), 'recovery-burned'])
    expect(seen.slice(0, 9).map((row) => (row as unknown[])[1])).toEqual([9, 8, 7, 6, 5, 4, 3, 2, 1])
    await pass(world.server, fresh)
    expect(await codeOf(() => fresh.client.recoverWithCode(slot, passcode))).toBe('recovery-burned')
  })
})
