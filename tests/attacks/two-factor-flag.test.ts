/**
 * The server flips the two-factor flag, to have devices lay down a weaker way back or to stop laying down any. Defence: devices follow a statement that a
 * member signed, the newest that they know, and take "on" where there is none (VER-8, VER-9).
 * Fails when: the flag itself is believed; a statement is taken from whoever is no member, for another account, or back in time.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDeviceKeys, makeTwoFactor } from '@nokkel/protocol'
import { newId, systemRandom, toBase64url, type AccountId, type DeviceId } from '@nokkel/base'
import { passcode, World, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  berit = await world.joined('Berit', anna)
})
afterAll(() => world.end())

const alarms = async (device: TestDevice): Promise<unknown[]> =>
  (await device.client.status()).notices.filter(({ kind, params }) => kind === 'alarm' && params.what === 'two-factor')

async function twoFactorSeen(device: TestDevice, told: object): Promise<boolean> {
  device.proxy.honest().editJson('verification', (value) => ({ ...value, ...told }))
  await device.client.sync()
  const { on } = await device.client.twoFactor()
  expect((await device.client.status()).twoFactor).toBe(on)
  return on
}

it('VER-8: "off" without a statement, and with one of a stranger or about another account: on, and an alarm where one was shown', async () => {
  expect(await twoFactorSeen(berit, { twoFactor: false, twoFactorStatement: null })).toBe(true)
  expect(await alarms(berit)).toEqual([])
  const stranger = createDeviceKeys(systemRandom, newId<DeviceId>(systemRandom), 'cli')
  const { identity } = await anna.look()
  const account = identity?.account as AccountId
  const forged = makeTwoFactor(stranger, { account, counter: 1, on: false, timeMs: 1 })
  expect(await twoFactorSeen(berit, { twoFactor: false, twoFactorStatement: toBase64url(forged) })).toBe(true)
  const elsewhere = makeTwoFactor(identity?.keys ?? stranger, { account: newId<AccountId>(systemRandom), counter: 1, on: false, timeMs: 1 })
  expect(await twoFactorSeen(berit, { twoFactor: false, twoFactorStatement: toBase64url(elsewhere) })).toBe(true)
  expect(await twoFactorSeen(berit, { twoFactor: false, twoFactorStatement: 'AAAA' })).toBe(true)
  expect((await alarms(berit)).length).toBeGreaterThan(0)
})

it('VER-8: a device that knows a newer statement follows neither an older one, nor none, nor another of the same count', async () => {
  const { identity } = await anna.look()
  if (identity === null) throw new Error('not signed in')
  const make = (counter: number, on: boolean, timeMs = 1) =>
    toBase64url(makeTwoFactor(identity.keys, { account: identity.account, counter, on, timeMs }))
  expect(await twoFactorSeen(berit, { twoFactorStatement: make(3, false) })).toBe(false)
  expect(await twoFactorSeen(berit, { twoFactorStatement: make(4, true) })).toBe(true)
  await berit.client.acknowledge((await berit.client.status()).notices.map(({ id }) => id))
  for (const twoFactorStatement of [make(3, false), make(4, false), null]) {
    expect(await twoFactorSeen(berit, { twoFactor: false, twoFactorStatement })).toBe(true)
    expect((await alarms(berit)).length).toBe(1)
    await berit.client.acknowledge((await berit.client.status()).notices.map(({ id }) => id))
  }
})

it('VER-9: what a device said holds no longer than its membership', async () => {
  const cato = await world.joined('Cato', anna)
  const { identity } = await cato.look()
  if (identity === null) throw new Error('not signed in')
  const off = toBase64url(makeTwoFactor(identity.keys, { account: identity.account, counter: 9, on: false, timeMs: 1 }))
  expect(await twoFactorSeen(berit, { twoFactorStatement: off })).toBe(false)
  await anna.client.removeDevice(identity.keys.id, { deleteCopy: false })
  expect(await twoFactorSeen(berit, { twoFactorStatement: off })).toBe(true)
})

it('C1: turning off asks for the passcode here, and the server for a code', async () => {
  anna.proxy.honest()
  await expect(anna.client.setTwoFactor(false, { passcode: '000000' })).rejects.toThrow('passcode-wrong')
  await expect(anna.client.setTwoFactor(false, { passcode })).rejects.toThrow('number-missing')
})
