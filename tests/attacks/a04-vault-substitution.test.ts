/**
 * A4: the server replaces the sealed keys of a person by keys of its own, so that everything is written under a key that it knows.
 * Defence: shares are signed by members, and the circle holds a commitment to every account key and every vault key.
 * Fails when: a key need not be the one that the circle commits to; a share need not be signed by a member.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemRandom, type Bytes } from '@nokkel/base'
import {
  createAccountKey,
  createVaultKey,
  decodeRecord,
  openRecord,
  recordKeyOf,
  sealShare,
  wrapVaultKey,
  type AccountKey,
  type VaultKey,
} from '@nokkel/protocol'
import { decodePushFrame, splitFrames, type CircleKeys } from '@nokkel/protocol/wire'
import { World, codeOf, note, strangerKeys, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
/** what the server would like everybody to write under */
let evilAccountKey: AccountKey
let evilVaultKey: VaultKey

beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  await anna.client.addItem(note('a'))
  berit = await world.joined('Berit', anna)
  const carl = await world.joined('Carl', anna)
  await berit.client.sync()
  // a rotation: Berit has keys to fetch
  await anna.client.removeDevice(await carl.id(), { deleteCopy: true })
  const { circle, vault } = (await anna.look()).requireTrusted()
  evilAccountKey = createAccountKey(systemRandom, circle.accountKey.generation)
  evilVaultKey = createVaultKey(systemRandom, vault, 2)
})
afterAll(() => world.end())

async function substitutions(victim: TestDevice): Promise<Record<string, (keys: CircleKeys) => CircleKeys>> {
  const annaLook = await anna.look()
  const { account, circle } = annaLook.requireTrusted()
  const annaKeys = annaLook.identity?.keys
  const victimKeys = (await victim.look()).identity?.keys
  const accountKey = annaLook.accountKeys.get(circle.accountKey.generation)
  if (annaKeys === undefined || victimKeys === undefined || accountKey === undefined) throw new Error('no keys')
  const evil = strangerKeys()
  const toVictim = { id: victimKeys.id, sealKey: victimKeys.seal.publicKey }
  const evilWrap = wrapVaultKey(systemRandom, account, evilVaultKey, evilAccountKey)
  const share = (sender = evil, to = toVictim, key = evilAccountKey): Bytes => sealShare(systemRandom, sender, account, to, key)
  return {
    'everything, sealed by the server': () => ({ shares: [share()], wraps: [evilWrap] }),
    'everything, in a member’s name': () => ({ shares: [share({ ...evil, id: annaKeys.id })], wraps: [evilWrap] }),
    'everything, by a member that helps': () => ({ shares: [share(annaKeys)], wraps: [evilWrap] }),
    'everything, in the victim’s own name': () => ({ shares: [share({ ...evil, id: victimKeys.id })], wraps: [evilWrap] }),
    'the true account key, but not by a member': ({ wraps }) => ({
      shares: [share({ ...evil, id: annaKeys.id }, toVictim, accountKey)],
      wraps,
    }),
    'a share for another device': ({ wraps }) => ({
      shares: [share(annaKeys, { id: annaKeys.id, sealKey: annaKeys.seal.publicKey })],
      wraps,
    }),
    'the vault key alone': ({ shares }) => ({ shares, wraps: [evilWrap] }),
    // even one who holds the account key cannot bring in another vault key
    'the vault key, under the true account key': ({ shares }) => ({
      shares,
      wraps: [wrapVaultKey(systemRandom, account, evilVaultKey, accountKey)],
    }),
    'an older account key in place of the newest': ({ shares, wraps }) => ({ shares: shares.slice(0, 1), wraps }),
    'no share': ({ wraps }) => ({ shares: [], wraps }),
    'no wrap': ({ shares }) => ({ shares, wraps: [] }),
    'beside the true ones': ({ shares, wraps }) => ({ shares: [share(annaKeys), ...shares], wraps: [evilWrap, ...wraps] }),
  }
}

it('A4: every substitution after a rotation is refused with an alarm, and no key changes', async () => {
  const before = await berit.look()
  const keysOf = ({ accountKeys, vaultKeys }: typeof before): unknown => [[...accountKeys.keys()], [...vaultKeys.keys()]]
  for (const [name, edit] of Object.entries(await substitutions(berit))) {
    berit.proxy.honest().editKeys(edit)
    expect({ name, code: await codeOf(() => berit.client.sync()) }).toEqual({ name, code: 'share-invalid' })
    expect(await berit.alarms()).toContain('share-invalid')
    await berit.client.acknowledge((await berit.client.status()).notices.map(({ id }) => id))
    expect(keysOf(await berit.look())).toEqual(keysOf(before))
  }
  // nothing is written meanwhile, under any key
  const pushed = berit.proxy.exchanges('push').length
  await berit.client.addItem(note('waiting')).catch(() => undefined)
  expect(berit.proxy.exchanges('push').length).toBe(pushed)
  berit.proxy.honest()
  await berit.client.sync()
  expect(await berit.titles()).toEqual(['a', 'waiting'])
})

it('A4: a device that joins is given the server’s keys: it refuses, and what it writes later opens with none of them', async () => {
  const dora = await world.device('Dora')
  await dora.signIn('anna@example.org')
  dora.proxy.on('circleKeys', () => ({ status: 503, headers: {}, body: new Uint8Array(0) }))
  await codeOf(() => dora.joinBy(anna))
  for (const [name, edit] of Object.entries(await substitutions(dora))) {
    if (name.startsWith('an older')) continue
    dora.proxy.honest().editKeys(edit)
    expect({ name, code: await codeOf(() => dora.client.sync()) }).toEqual({ name, code: 'share-invalid' })
    expect((await dora.look()).vaultKeys.size).toBe(0)
  }
  dora.proxy.honest()
  await dora.client.sync()
  await dora.client.addItem(note('by Dora'))
  const { account, vault } = (await dora.look()).requireTrusted()
  const records = dora.proxy
    .exchanges('push')
    .flatMap(({ request }) => splitFrames(request.body).flatMap((frame) => decodePushFrame(frame).records))
  expect(records.length).toBeGreaterThan(0)
  for (const record of records) {
    const envelope = decodeRecord(record)
    expect(await codeOf(() => openRecord(recordKeyOf(evilVaultKey), { account, vault, item: envelope.item }, envelope))).toBe('open-failed')
  }
})
