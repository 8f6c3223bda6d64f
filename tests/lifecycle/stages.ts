/**
 * Where the plays begin: one person's devices and their server at the moments from which the transitions of LIF-1 start, and the few things that
 * people do in more than one of them.
 */
import assert from 'node:assert/strict'
import { isNokkelError, type DeviceId, type ItemId } from '@nokkel/base'
import { joinBy, password, Stage, type Play, type PlayedDevice } from './stage.ts'

export type Name = 'pc' | 'phone' | 'fresh'
export type Cast = Play<Name>

export const otherEmail = 'ny@example.org'
export const all = ['Bank', 'Usendt']
export const same = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n')

export const codeOf = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work()
    return 'done'
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
}

export async function standing(play: Cast, name: Name): Promise<string> {
  const device = play.devices[name]
  const titles = await device.titles().catch(() => ['no copy'])
  return `${await device.state()}: ${titles.join(', ')}`
}

export interface Stages {
  readonly two: Stage<Name>
  /** the phone left and kept its copy, or did not; the other device went on since */
  readonly phoneOffKeep: Stage<Name>
  readonly phoneOffDelete: Stage<Name>
  /** the phone was removed with changes that it had never sent */
  readonly phoneRemoved: Stage<Name>
  readonly allOffKeep: Stage<Name>
  readonly allOffDelete: Stage<Name>
  /** off everywhere, and on again on the pc; the phone still has the copy that it was left with */
  readonly begunAnew: Stage<Name>
  /** reset on the pc; the phone has heard of it, and has a change that was never sent */
  readonly replaced: Stage<Name>
  /** the phone was removed, or the keychain reset, and it has not heard of that */
  readonly unheardKeep: Stage<Name>
  readonly unheardDelete: Stage<Name>
  readonly unheardReset: Stage<Name>
  readonly dying: Stage<Name>
  /** as `phoneOffKeep`, and `fresh` has another account */
  readonly otherAccount: Stage<Name>
}

export async function buildStages(): Promise<Stages> {
  const two = await Stage.build<Name>(['pc', 'phone', 'fresh'], async ({ devices: { pc, phone } }) => {
    await pc.client.createAccount(pc.details)
    pc.keepKey()
    await pc.client.addItem({
      kind: 'note',
      fields: new Map([['title', 'Bank']]),
    })
    await phone.client.signIn(phone.details)
    phone.keepKey()
    await joinBy(phone, pc)
    await pc.client.sync()
    // one change that has not left the device yet
    pc.faults.arm({ kind: 'refuses', request: 0 })
    await pc.client.addItem({
      kind: 'note',
      fields: new Map([['title', 'Usendt']]),
    })
    pc.faults.revive()
    assert.equal((await pc.client.status()).pendingChanges, 1)
  })
  const phoneOff = (copy: 'keep' | 'delete') =>
    two.goOn(async ({ devices: { pc, phone } }) => {
      await pc.client.sync()
      await phone.client.sync()
      await phone.client.turnOff({ copy })
      await changeMeanwhile(pc)
    })
  const phoneRemoved = await two.goOn(async ({ devices: { pc, phone } }) => {
    await pc.client.sync()
    await phone.client.sync()
    phone.faults.cutOff = true
    await phone.client.addItem({ kind: 'note', fields: new Map([['title', 'Fra mobilen']]) })
    await phone.client.editItem(await idOf(phone, 'Bank'), { set: new Map([['notes', 'fra mobilen']]) })
    phone.faults.cutOff = false
    const { id } = (await pc.client.devices()).find(({ name }) => name === 'phone') ?? { id: '' as DeviceId }
    await pc.client.removeDevice(id, { deleteCopy: false })
    await changeMeanwhile(pc)
    assert.equal(await codeOf(() => phone.client.sync()), 'device-removed')
  })
  const allOff = (copy: 'keep' | 'delete') =>
    two.goOn(async ({ devices: { pc, phone } }) => {
      await pc.client.turnOff({ copy, everywhere: true })
      await codeOf(() => phone.client.sync())
    })
  const allOffKeep = await allOff('keep')
  const begunAnew = await allOffKeep.goOn(async (play) => {
    await turnOn(play, 'pc')
    await changeMeanwhile(play.devices.pc)
  })
  const phoneOffKeep = await phoneOff('keep')
  const otherAccount = await phoneOffKeep.goOn(async ({ devices: { fresh } }) => {
    await fresh.client.createAccount({ ...fresh.details, email: otherEmail })
    fresh.keepKey()
  })
  const unheard = (deleteCopy: boolean) =>
    two.goOn(async ({ devices: { pc } }) => {
      const { id } = (await pc.client.devices()).find(({ name }) => name === 'phone') ?? { id: '' as DeviceId }
      await pc.client.removeDevice(id, { deleteCopy })
    })
  const unheardReset = await two.goOn(async ({ devices: { pc, phone } }) => {
    phone.faults.cutOff = true
    await phone.client.addItem({ kind: 'note', fields: new Map([['title', 'Fra mobilen']]) })
    phone.faults.cutOff = false
    await pc.client.resetKeychain({ password, from: 'device' })
    await changeMeanwhile(pc)
  })
  const replaced = await unheardReset.goOn(async ({ devices: { phone } }) => {
    assert.equal(await codeOf(() => phone.client.sync()), 'keychain-ended')
  })
  const dying = await two.goOn(async ({ devices: { pc } }) => {
    await pc.client.deleteAccount()
  })
  return {
    two,
    phoneOffKeep,
    phoneOffDelete: await phoneOff('delete'),
    phoneRemoved,
    allOffKeep,
    allOffDelete: await allOff('delete'),
    begunAnew,
    replaced,
    unheardKeep: await unheard(false),
    unheardDelete: await unheard(true),
    unheardReset,
    dying,
    otherAccount,
  }
}

export async function idOf(device: PlayedDevice, title: string): Promise<ItemId> {
  const item = (await device.client.items()).find((each) => each.title === title)
  assert.ok(item, title)
  return item.id
}

/** What a device that was away must find when it comes back: something new, and another value in what its copy has. */
async function changeMeanwhile(pc: PlayedDevice): Promise<void> {
  await pc.client.addItem({ kind: 'note', fields: new Map([['title', 'Imens']]) })
  await pc.client.editItem(await idOf(pc, 'Bank'), { set: new Map([['notes', 'endret imens']]) })
  await pc.client.sync()
}

/** As `nokkel on` does it, again and again. */
export async function turnOn({ devices }: Cast, name: Name, copy?: 'merge' | 'discard'): Promise<void> {
  const device = devices[name]
  const signIn = () => device.client.signIn({ ...device.details, ...(copy !== undefined && { copy }) })
  if ((await device.state()) === 'trusted') return void (await device.client.sync())
  if ((await device.state()) !== 'signed-in') await signIn()
  const isOff = await device.client.isOffEverywhere().catch(async (error: unknown) => {
    if (!isNokkelError(error, 'session-invalid')) throw error
    await signIn()
    return (await device.state()) !== 'trusted' && (await device.client.isOffEverywhere())
  })
  if (isOff) await device.client.resetKeychain({ password, from: 'device' })
  else if ((await device.state()) !== 'trusted') await joinBy(device, devices.pc)
}

/** Somebody who was never there sees what the server has. */
export async function joinsAndSees(play: Cast, titles: readonly string[]): Promise<void> {
  const { fresh, pc } = play.devices
  await fresh.client.signIn(fresh.details)
  await joinBy(fresh, pc)
  assert.deepEqual(await fresh.titles(), titles)
  assert.equal((await fresh.client.status()).quarantined, 0)
}
