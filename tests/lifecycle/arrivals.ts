/** The transitions by which a device comes to the keychain, or back to it: an account of its own, approval, on again (A4, A5, D2 to D4). */
import assert from 'node:assert/strict'
import { joinBy, passcode, type PlayedDevice } from './stage.ts'
import { otherEmail, all, codeOf, idOf, same, standing, turnOn, type Cast, type Name, type Stages } from './stages.ts'
import type { Transition } from './transitions.ts'

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
  {
    title: 'D4 on again after a reset elsewhere, its copy merged',
    stage: 'replaced',
    actor: 'phone',
    copy: 'merge',
    before: ['Bank', 'Fra mobilen'],
    after: ['Bank', 'Fra mobilen', 'Imens', 'Usendt'],
    notes: ['endret imens'],
  },
  {
    title: 'D4 on again after a reset elsewhere, its copy discarded',
    stage: 'replaced',
    actor: 'phone',
    copy: 'discard',
    before: ['Bank', 'Fra mobilen'],
    after: ['Bank', 'Imens', 'Usendt'],
    notes: ['endret imens'],
  },
]

function onAgainTransition({ title, stage, actor, copy, before, after, notes }: OnAgain): Transition {
  return {
    title,
    row: stage === 'allOffKeep' || stage === 'allOffDelete' ? 'reset; turning on' : 'signing in',
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

/** A device that died before anybody kept its key is opened by its passcode. */
async function openState({ client }: PlayedDevice): Promise<string> {
  if ((await client.state()) === 'locked') await client.unlock(passcode)
  return client.state()
}

/** Another person's account, or another one of the same person: the copy that is here goes there only when that is said (LIF-3). */
function changesAccount(copy: 'merge' | 'discard', after: readonly string[]): Transition {
  return {
    title: `LIF-3 another account on this device, the copy ${copy === 'merge' ? 'merged' : 'discarded'}`,
    row: 'signing in',
    stage: 'otherAccount',
    actor: 'phone',
    stretches: true,
    act: async ({ devices: { phone, fresh } }) => {
      const details = { ...phone.details, email: otherEmail }
      if ((await phone.state()) === 'off') {
        assert.equal(await codeOf(() => phone.client.signIn(details)), 'other-account-copy')
        await phone.client.signIn({ ...details, copy })
      }
      if ((await phone.state()) === 'trusted') await phone.client.sync()
      else await joinBy(phone, fresh)
    },
    isBefore: async ({ devices: { phone } }) => {
      const { state, items } = await phone.client.status()
      return state === 'trusted' || items === all.length || (copy === 'discard' && state === 'signed-in' && items === 0)
    },
    isAfter: async ({ devices: { phone } }) =>
      (await phone.state()) === 'trusted' && same(await phone.titles(), after) && (await phone.client.status()).pendingChanges === 0,
    finally: async ({ devices: { phone, fresh, pc } }) => {
      for (const device of [phone, fresh, pc]) await device.client.sync()
      assert.deepEqual(await fresh.titles(), after)
      assert.equal((await phone.client.status()).email, otherEmail)
      // the account that it left knows nothing of it
      assert.equal(await standing({ devices: { pc } } as Cast, 'pc'), 'trusted: Bank, Imens, Usendt')
    },
  }
}

const newcomers: readonly Transition[] = [
  changesAccount('merge', all),
  changesAccount('discard', []),
  {
    title: 'A4 creating an account',
    row: 'creating an account',
    stage: 'two',
    actor: 'fresh',
    stretches: true,
    // typed again it finds what it made, or makes it
    act: async ({ devices: { fresh } }) => {
      const made = await codeOf(() => fresh.client.createAccount({ ...fresh.details, email: otherEmail }))
      if (made !== 'done') assert.equal(made, 'already-signed-in')
      await fresh.client.sync()
    },
    isBefore: async ({ devices: { fresh } }) => ['empty', 'trusted'].includes(await openState(fresh)),
    isAfter: async ({ devices: { fresh } }) =>
      (await openState(fresh)) === 'trusted' && (await codeOf(() => fresh.client.sync())) === 'done',
    finally: async ({ devices: { fresh, phone } }) => {
      assert.equal((await fresh.client.status()).circle?.activeDevices, 1)
      await fresh.client.addItem({ kind: 'note', fields: new Map([['title', 'Først']]) })
      assert.equal((await fresh.client.sync()).pending, 0)
      assert.equal(await standing({ devices: { fresh, phone } } as Cast, 'phone'), 'trusted: Bank')
    },
  },
  ...(['fresh', 'pc'] as const).map((actor): Transition => ({
    title: `A5 approval, cut off on the device that ${actor === 'pc' ? 'approves' : 'asks'}`,
    row: 'approval',
    stage: 'two',
    actor,
    stretches: true,
    act: (play) => turnOn(play, 'fresh'),
    isBefore: async ({ devices: { fresh } }) => ['empty', 'signed-in', 'trusted'].includes(await openState(fresh)),
    isAfter: async ({ devices: { fresh } }) => (await openState(fresh)) === 'trusted' && (await fresh.titles()).includes('Bank'),
    finally: async ({ devices: { fresh, pc, phone } }) => {
      for (const device of [pc, fresh, phone]) await device.client.sync()
      for (const device of [pc, fresh, phone]) assert.deepEqual(await device.titles(), all)
      // once, however often it was tried
      assert.equal((await pc.client.status()).circle?.activeDevices, 3)
      assert.deepEqual(
        (await pc.client.joinRequests()).filter(({ state }) => state === 'pending'),
        [],
      )
    },
  })),
]

export const arrivals: readonly Transition[] = [...newcomers, ...onAgain.map(onAgainTransition)]
