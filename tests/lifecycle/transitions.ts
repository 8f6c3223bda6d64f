/**
 * The transitions of the state machine (SPEC LIF-1) as somebody carries them out, and what is true before, after, and in the end: for the tests
 * that cut them off, and for those in which another device does the opposite.
 */
import assert from 'node:assert/strict'
import { isNokkelError, type DeviceId, type ItemId } from '@nokkel/base'
import { joinBy, password, passcode, Stage, type Play, type PlayedDevice } from './stage.ts'

export type Name = 'pc' | 'phone' | 'fresh'
export type Cast = Play<Name>

export interface Transition {
  readonly title: string
  readonly stage: keyof Stages
  readonly actor: Name
  /** asks for the account's password, which takes time to stretch */
  readonly stretches?: true
  /** What a person does, and does again when it did not work. */
  readonly act: (play: Cast) => Promise<unknown>
  /** Is the actor where it was, as far as a person can tell? */
  readonly isBefore: (play: Cast) => Promise<boolean>
  readonly isAfter: (play: Cast) => Promise<boolean>
  /** What must hold in the end, on the other devices too. */
  readonly finally: (play: Cast) => Promise<void>
}

export const all = ['Bank', 'Usendt']
const same = (a: readonly string[], b: readonly string[]): boolean => a.join('\n') === b.join('\n')

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
  readonly dying: Stage<Name>
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
  const dying = await two.goOn(async ({ devices: { pc } }) => {
    await pc.client.deleteAccount()
  })
  return {
    two,
    phoneOffKeep: await phoneOff('keep'),
    phoneOffDelete: await phoneOff('delete'),
    phoneRemoved,
    allOffKeep,
    allOffDelete: await allOff('delete'),
    begunAnew,
    dying,
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

async function notesOf(device: PlayedDevice, title: string): Promise<unknown[]> {
  const { fields, history } = await device.client.item(await idOf(device, title))
  return [...fields, ...history.map(({ field, value }) => ({ name: field, value }))].flatMap(({ name, value }) =>
    name === 'notes' ? [value] : [],
  )
}

interface OnAgain {
  readonly title: string
  readonly stage: keyof Stages
  readonly actor: Name
  readonly copy?: 'merge' | 'discard'
  /** what the device kept */
  readonly before: readonly string[]
  readonly after: readonly string[]
  /** values that Bank's notes have or had, on every device in the end */
  readonly notes: readonly string[]
}

const onAgain: readonly OnAgain[] = [
  {
    title: 'D2 on again after off here, the copy kept',
    stage: 'phoneOffKeep',
    actor: 'phone',
    before: all,
    after: ['Bank', 'Imens', 'Usendt'],
    notes: ['endret imens'],
  },
  {
    title: 'D2 on again after off here, the copy deleted',
    stage: 'phoneOffDelete',
    actor: 'phone',
    before: [],
    after: ['Bank', 'Imens', 'Usendt'],
    notes: ['endret imens'],
  },
  {
    title: 'B3 D2 on again after it was removed, with changes that were never sent',
    stage: 'phoneRemoved',
    actor: 'phone',
    before: ['Bank', 'Fra mobilen', 'Usendt'],
    after: ['Bank', 'Fra mobilen', 'Imens', 'Usendt'],
    notes: ['endret imens', 'fra mobilen'],
  },
  { title: 'D3 on again after off everywhere, the copy kept', stage: 'allOffKeep', actor: 'pc', before: all, after: all, notes: [] },
  { title: 'D3 on again after off everywhere, the copy deleted', stage: 'allOffDelete', actor: 'pc', before: [], after: [], notes: [] },
  {
    title: 'D3 on again on the second device, its copy merged',
    stage: 'begunAnew',
    actor: 'phone',
    copy: 'merge',
    before: ['Bank'],
    after: ['Bank', 'Imens', 'Usendt'],
    notes: ['endret imens'],
  },
  {
    title: 'D3 D4 on again on the second device, its copy discarded',
    stage: 'begunAnew',
    actor: 'phone',
    copy: 'discard',
    before: ['Bank'],
    after: ['Bank', 'Imens', 'Usendt'],
    notes: ['endret imens'],
  },
]

function onAgainTransition({ title, stage, actor, copy, before, after, notes }: OnAgain): Transition {
  return {
    title,
    stage,
    actor,
    stretches: true,
    act: (play) => turnOn(play, actor, copy),
    // signed in it waits with what it kept; let in and not up to date yet, it has that and more
    isBefore: async ({ devices: { [actor]: device } }) => {
      const { state, items } = await device.client.status()
      if (state === 'signed-in') return items === before.length || (copy === 'discard' && items === 0)
      const titles = await device.titles()
      return copy === 'discard' || before.every((each) => titles.filter((other) => other === each).length === 1)
    },
    isAfter: async ({ devices: { [actor]: device } }) =>
      (await device.state()) === 'trusted' && same(await device.titles(), after) && (await device.client.status()).pendingChanges === 0,
    finally: async (play) => {
      const { pc, phone, fresh } = play.devices
      const device = play.devices[actor]
      await device.client.sync()
      await pc.client.sync()
      assert.deepEqual(await pc.titles(), after)
      assert.deepEqual((await pc.client.status()).circle?.activeDevices, actor === 'phone' ? 2 : 1)
      if (notes.length > 0)
        for (const each of [pc, phone]) assert.deepEqual((await notesOf(each, 'Bank')).sort(), notes, `${each.name}: notes of Bank`)
      assert.deepEqual(await device.client.duplicates(), [])
      await fresh.client.signIn(fresh.details)
      await joinBy(fresh, pc)
      assert.deepEqual(await fresh.titles(), after)
      assert.equal((await fresh.client.status()).quarantined, 0)
    },
  }
}

const pcHas = (state: string, titles: readonly string[]) => async (play: Cast) =>
  (await play.devices.pc.state()) === state && same(await play.devices.pc.titles(), titles)

async function dueMs({ devices: { pc } }: Cast): Promise<unknown> {
  return (
    (await pc.client.exportServerData())['account'] as {
      deletionDueMs: number | null
    }
  ).deletionDueMs
}

export const transitions: readonly Transition[] = [
  ...onAgain.map(onAgainTransition),
  ...(['keep', 'delete'] as const).map((copy): Transition => ({
    title: `D2 off on this device, ${copy}`,
    stage: 'two',
    actor: 'pc',
    act: ({ devices: { pc } }) => pc.client.turnOff({ copy }),
    isBefore: pcHas('trusted', all),
    isAfter: pcHas('off', copy === 'keep' ? all : []),
    finally: async (play) => {
      // what had not been sent was sent before it left, and the other device goes on with new keys
      await play.devices.phone.client.sync()
      assert.equal(await standing(play, 'phone'), `trusted: ${all.join(', ')}`)
      assert.partialDeepStrictEqual((await play.devices.phone.client.status()).circle, { activeDevices: 1, rotationDue: false })
    },
  })),
  ...(['keep', 'delete'] as const).map((copy): Transition => ({
    title: `D3 off everywhere, ${copy}`,
    stage: 'two',
    actor: 'pc',
    act: ({ devices: { pc } }) => pc.client.turnOff({ copy, everywhere: true }),
    isBefore: pcHas('trusted', all),
    isAfter: pcHas('off', copy === 'keep' ? all : []),
    finally: async (play) => {
      assert.match(await codeOf(() => play.devices.phone.client.sync()), /^(device-removed|keychain-ended)$/)
      assert.equal(await standing(play, 'phone'), `removed: ${copy === 'keep' ? 'Bank' : ''}`)
      const { fresh } = play.devices
      await fresh.client.signIn(fresh.details)
      assert.equal(await fresh.client.isOffEverywhere(), true)
    },
  })),
  ...(['device', 'nothing'] as const).map((from): Transition => ({
    title: `D4 reset from ${from}`,
    stretches: true,
    stage: 'two',
    actor: 'pc',
    act: async ({ devices: { pc } }) => {
      // cut off after the server took the new one, this device is without a session, and signing in is what it is told to do
      if ((await codeOf(() => pc.client.sync())) === 'session-invalid') await pc.client.signIn(pc.details)
      if ((await pc.client.status()).circle?.seq === 0) return
      await pc.client.resetKeychain({ password, from })
    },
    isBefore: async ({ devices: { pc } }) =>
      (await pc.state()) === 'trusted' && same(await pc.titles(), all) && ((await pc.client.status()).circle?.seq ?? 0) > 0,
    isAfter: async ({ devices: { pc } }) =>
      (await pc.state()) === 'trusted' &&
      same(await pc.titles(), from === 'device' ? all : []) &&
      (await pc.client.status()).circle?.seq === 0,
    finally: async (play) => {
      assert.equal(await codeOf(() => play.devices.phone.client.sync()), 'keychain-ended')
      assert.partialDeepStrictEqual(await play.devices.phone.client.status(), {
        state: 'reset',
        removal: { byName: 'pc' },
      })
      assert.equal((await play.devices.phone.titles())[0], 'Bank')
      // cut off after it, what stays here is on its way and not yet there
      await play.devices.pc.client.sync()
      await joinsAndSees(play, from === 'device' ? all : [])
    },
  })),
  ...([true, false] as const).map((deleteCopy): Transition => ({
    title: `B3 removing a device, its copy ${deleteCopy ? 'deleted' : 'kept'}`,
    stage: 'two',
    actor: 'pc',
    act: async ({ devices: { pc } }) => {
      const phone = (await pc.client.devices()).find(({ name }) => name === 'phone')
      if (phone?.status === 'active') await pc.client.removeDevice(phone.id, { deleteCopy })
      else await pc.client.sync()
    },
    isBefore: pcHas('trusted', all),
    isAfter: async (play) => {
      const phone = (await play.devices.pc.client.devices()).find(({ name }) => name === 'phone')
      return (
        phone?.status === 'removed' && (await pcHas('trusted', all)(play)) && (await play.devices.pc.client.status()).pendingChanges === 0
      )
    },
    finally: async (play) => {
      assert.equal(await codeOf(() => play.devices.phone.client.sync()), 'device-removed')
      assert.equal(await standing(play, 'phone'), `removed: ${deleteCopy ? '' : 'Bank'}`)
      await play.devices.pc.client.addItem({
        kind: 'note',
        fields: new Map([['title', 'Etterpå']]),
      })
      await joinsAndSees(play, ['Bank', 'Etterpå', 'Usendt'])
    },
  })),
  {
    title: 'H2 asking for the account to be erased',
    stage: 'two',
    actor: 'pc',
    act: ({ devices: { pc } }) => pc.client.deleteAccount(),
    isBefore: pcHas('trusted', all),
    isAfter: async (play) => (await pcHas('trusted', all)(play)) && (await dueMs(play)) !== null,
    finally: async (play) => {
      const first = await dueMs(play)
      await play.devices.pc.client.deleteAccount()
      assert.equal(await dueMs(play), first)
    },
  },
  {
    title: 'H2 taking that back',
    stage: 'dying',
    actor: 'pc',
    act: ({ devices: { pc } }) => pc.client.keepAccount(),
    isBefore: pcHas('trusted', all),
    isAfter: async (play) => (await pcHas('trusted', all)(play)) && (await dueMs(play)) === null,
    finally: async () => undefined,
  },
  {
    title: 'D1 restoring the settings of a device',
    stage: 'two',
    actor: 'fresh',
    act: async ({ devices: { fresh } }) => {
      await fresh.client.prepareDevice(passcode)
      await fresh.client.changeSettings({ autoLockMinutes: 17 })
    },
    isBefore: async ({ devices: { fresh } }) =>
      ['empty', 'locked'].includes(await fresh.state()) || (await fresh.client.settings()).autoLockMinutes === 5,
    isAfter: async ({ devices: { fresh } }) => (await fresh.client.settings()).autoLockMinutes === 17,
    finally: async ({ devices: { fresh } }) => {
      assert.equal(await fresh.state(), 'empty')
      assert.equal(await codeOf(() => fresh.client.checkPasscode(passcode)), 'done')
    },
  },
]

/** Somebody who was never there sees what the server has. */
export async function joinsAndSees(play: Cast, titles: readonly string[]): Promise<void> {
  const { fresh, pc } = play.devices
  await fresh.client.signIn(fresh.details)
  await joinBy(fresh, pc)
  assert.deepEqual(await fresh.titles(), titles)
  assert.equal((await fresh.client.status()).quarantined, 0)
}
