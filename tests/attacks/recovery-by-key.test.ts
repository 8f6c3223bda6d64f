/**
 * A device that comes back with the recovery key has nothing to hold the server's words against but the password, the paper, and what members
 * signed (A1, A16, A25). The server shows a circle that ends early, another account's, a bundle that is gone, old, changed, or of another way
 * back. Defence: the circle must belong to the password and go on from the head that a member signed in the bundle; nothing is entered before.
 * Fails when: the head in the bundle is not looked for; the bundle's signer or key is not held against the circle.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { Bytes } from '@nokkel/base'
import { decodeCircleEntries, describeEntry, encodeCircleEntries, recoveryMemberName } from '@nokkel/protocol/wire'
import { World, codeOf, note, type TestDevice } from './world.ts'

const email = 'anna@example.org'
let world: World
let anna: TestDevice
let key: string
let lost: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', email)
  for (const title of ['a', 'b']) await anna.client.addItem(note(title))
  await world.joined('Berit', anna)
  key = await anna.client.createRecoveryKey()
  lost = await world.device('Ny')
  await lost.signIn(email)
})
afterAll(() => world.end())

type Entries = readonly Bytes[]
function showCircle(device: TestDevice, edit: (entries: Entries) => Entries): void {
  device.proxy.honest().on('recoveryCircle', async ({ forward }) => {
    const answer = await forward()
    return { ...answer, headers: {}, body: encodeCircleEntries(edit(decodeCircleEntries(answer.body))) }
  })
}
type Bundles = { readonly member: string; readonly bundle: string }[]
function showBundles(device: TestDevice, edit: (bundles: Bundles) => unknown): void {
  device.proxy.honest().editJson('recoveryBundles', (value) => ({ bundles: edit(value['bundles'] as Bundles) }))
}

async function expectOut(expected: readonly string[]): Promise<void> {
  expect(expected).toContain(await codeOf(() => lost.client.recoverWithKey(key)))
  expect(await lost.client.state()).toBe('signed-in')
  const look = await lost.look()
  expect({ circle: look.circle, keys: look.vaultKeys.size, account: look.accountKeys.size }).toEqual({ circle: null, keys: 0, account: 0 })
}

it('A16 every circle that ends before what the bundle’s member had seen', async () => {
  const { seq } = (await anna.look()).requireTrusted().circle
  for (let upTo = 0; upTo <= seq; upTo++) {
    showCircle(lost, (entries) => entries.slice(0, upTo + 1))
    // without the entry that opened it, there is no way back at all; the bundle was signed at the head before that entry
    if (upTo < seq) await expectOut(['recovery-key-unknown'])
  }
  // the newest bundle says how far the circle had come: an account that removed a device meanwhile is not shown as it was before
  const carl = await world.joined('Carl', anna)
  const before = (await anna.look()).requireTrusted().circle.seq
  await anna.client.removeDevice((await carl.look()).requireTrusted().identity.keys.id, { deleteCopy: false })
  showCircle(lost, (entries) => entries.slice(0, before + 1))
  await expectOut(['circle-rolled-back'])
})

it('A3 another account’s circle, whole', async () => {
  const mallory = await world.founder('Mallory', 'mallory@example.org')
  const { circleEntries } = await mallory.look()
  showCircle(lost, () => [...circleEntries])
  await expectOut(['circle-mismatch'])
})

it('A4 a bundle that is missing, cut, bent at any place, or somebody else’s', async () => {
  showBundles(lost, () => [])
  await expectOut(['share-invalid'])
  for (let part = 0; part < 24; part++) {
    showBundles(lost, (bundles) =>
      bundles.map(({ member, bundle }) => {
        const bytes = Buffer.from(bundle, 'base64url')
        const at = Math.floor((part / 24) * bytes.length)
        bytes[at] = (bytes[at] ?? 0) ^ 0x41
        return { member, bundle: bytes.toString('base64url') }
      }),
    )
    await expectOut([
      'malformed',
      'open-failed',
      'signature-invalid',
      'share-invalid',
      'update-needed',
      'circle-forked',
      'circle-rolled-back',
    ])
  }
  const mallory = await world.founder('Mallory II', 'mallory2@example.org')
  await mallory.client.createRecoveryKey()
  const theirs = mallory.proxy
    .exchanges('recoveryBundle')
    .map(({ request }) => JSON.parse(request.body.toString('utf8')) as Bundles[number])
  showBundles(lost, (bundles) => bundles.map(({ member }) => ({ member, bundle: theirs[0]?.bundle ?? '' })))
  await expectOut(['share-invalid', 'signature-invalid', 'open-failed'])
})

it('A1 the server cannot open a way back by itself: nothing is sealed to a key that no member signed for', async () => {
  const before = anna.proxy.exchanges('recoveryBundle').length
  anna.proxy.editJson('recoveryBundles', (value) => ({
    bundles: [...(value['bundles'] as Bundles), { member: '7'.repeat(64), bundle: Buffer.alloc(400, 9).toString('base64url') }],
  }))
  await anna.client.sync()
  const members = anna.proxy
    .exchanges('recoveryBundle')
    .map(({ request }) => (JSON.parse(request.body.toString('utf8')) as Bundles[number]).member)
  expect(members.length).toBeGreaterThanOrEqual(before)
  // every one is of a way back that a member of the circle opened
  const opened = (await anna.look()).circleEntries.flatMap((entry) => {
    const { payload } = describeEntry(entry).entry
    return payload.type === 'recovery-add' ? [recoveryMemberName(payload.recovery.signKey)] : []
  })
  expect(opened).toEqual(expect.arrayContaining([...new Set(members)]))
  anna.proxy.honest()
})

it('and with an honest server the same paper brings everything back', async () => {
  lost.proxy.honest()
  await lost.client.recoverWithKey(key)
  expect(await lost.titles()).toEqual(['a', 'b'])
})
