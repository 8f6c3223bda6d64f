/**
 * The transitions of the state machine (SPEC LIF-1) as somebody carries them out, and what is true before, after, and in the end: for the tests
 * that cut them off, and for the table in docs.
 */
import assert from 'node:assert/strict'
import { arrivals } from './arrivals.ts'
import { joinBy, password, passcode } from './stage.ts'
import { all, codeOf, joinsAndSees, same, standing, type Cast, type Name, type Stages } from './stages.ts'

export interface Transition {
  readonly title: string
  /** the row of LIF-1's table: what leads from one state to the other; null for what changes no state of the machine */
  readonly row: string | null
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

const pcHas = (state: string, titles: readonly string[]) => async (play: Cast) =>
  (await play.devices.pc.state()) === state && same(await play.devices.pc.titles(), titles)

async function dueMs({ devices: { pc } }: Cast): Promise<unknown> {
  return (
    (await pc.client.exportServerData())['account'] as {
      deletionDueMs: number | null
    }
  ).deletionDueMs
}

/** A device that hears of what another one did: its keys go, its copy stays or goes, and hearing of it again changes nothing. */
function hears(title: string, row: string, stage: keyof Stages, state: string, titles: readonly string[]): Transition {
  return {
    title,
    row,
    stage,
    actor: 'phone',
    act: ({ devices: { phone } }) => codeOf(() => phone.client.sync()),
    isBefore: async ({ devices: { phone } }) => (await phone.state()) === 'trusted' && (await phone.titles()).includes('Bank'),
    isAfter: async ({ devices: { phone } }) => (await phone.state()) === state && same(await phone.titles(), titles),
    finally: async ({ devices: { pc, phone } }) => {
      const { removal } = await phone.client.status()
      assert.equal(removal?.byName, 'pc')
      await pc.client.sync()
      assert.equal((await pc.client.status()).circle?.activeDevices, 1)
    },
  }
}

const endings: readonly Transition[] = [
  hears('B3 hearing that it was removed, the copy kept', 'a signed entry', 'unheardKeep', 'removed', ['Bank']),
  hears('B3 hearing that it was removed, the copy deleted', 'a signed entry', 'unheardDelete', 'removed', []),
  hears('D4 hearing of a reset', 'the keychain ended', 'unheardReset', 'reset', ['Bank', 'Fra mobilen']),
  {
    title: 'D4 erasing this device',
    row: 'erasing this device',
    stage: 'phoneOffKeep',
    actor: 'phone',
    act: async ({ devices: { phone } }) => {
      if ((await phone.state()) !== 'empty') await phone.client.eraseDevice()
    },
    isBefore: async ({ devices: { phone } }) => (await phone.state()) === 'off' && same(await phone.titles(), all),
    isAfter: async ({ devices: { phone } }) => (await phone.state()) === 'empty',
    finally: async (play) => {
      const { pc, phone } = play.devices
      await phone.client.signIn(phone.details)
      await joinBy(phone, pc)
      assert.deepEqual(await phone.titles(), ['Bank', 'Imens', 'Usendt'])
    },
  },
]

export const transitions: readonly Transition[] = [
  ...endings,
  ...arrivals,
  ...(['keep', 'delete'] as const).map((copy): Transition => ({
    title: `D2 off on this device, ${copy}`,
    row: 'turning off',
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
    row: 'turning off',
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
    row: 'its own reset',
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
    row: null,
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
    row: null,
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
    row: null,
    stage: 'dying',
    actor: 'pc',
    act: ({ devices: { pc } }) => pc.client.keepAccount(),
    isBefore: pcHas('trusted', all),
    isAfter: async (play) => (await pcHas('trusted', all)(play)) && (await dueMs(play)) === null,
    finally: async () => undefined,
  },
  {
    title: 'D1 restoring the settings of a device',
    row: null,
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
