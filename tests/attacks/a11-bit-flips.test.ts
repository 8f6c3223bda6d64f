/**
 * A11: stored ciphertext is changed bit by bit, to learn from how it is refused. Defence: every stored object is sealed or signed as a
 * whole, and each class of them has one refusal, whatever the bit.
 * Fails when: a sealed object opens without its tag; a batch’s signature is not checked; the passcode’s commitment is not compared; a
 * stored row opens in another place.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { isNokkelError, Secret, type Bytes } from '@nokkel/base'
import { openClient } from '@nokkel/client'
import {
  Circle,
  decodeRecord,
  openRecord,
  openShare,
  openVaultKeys,
  recordKeyOf,
  verifyBatch,
  type LogPosition,
  type VaultKey,
} from '@nokkel/protocol'
import { decodePushFrame, signedHash, splitFrames } from '@nokkel/protocol/wire'
import { MemoryDisk, storeTables, type StoreTable } from '@nokkel/store'
import { World, note, passcode, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  await anna.client.addItem(note('a', 'b'))
  await anna.client.addItem(note('c', 'd'))
})
afterAll(() => world.end())

/** Flips every bit of `bytes`, or one in `step`, and collects the codes of the refusals. */
async function refusals(bytes: Uint8Array, look: (changed: Bytes) => unknown, step = 1): Promise<Record<string, number>> {
  const codes: Record<string, number> = {}
  for (let bit = 0; bit < bytes.length * 8; bit += step) {
    const changed = bytes.slice() as Bytes
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
    let code = 'accepted'
    try {
      await look(changed)
    } catch (error) {
      if (!isNokkelError(error)) throw error
      // the params must not tell what the code hides
      code = error.group === 'proof' || error.code === 'store-damaged' ? `${error.code} ${JSON.stringify(error.params)}` : error.code
    }
    codes[code] = (codes[code] ?? 0) + 1
  }
  return codes
}

async function parts() {
  const look = await anna.look()
  const { circle, identity, account, vault } = look.requireTrusted()
  const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
  const { shares, wraps } = await anna.connect(world.server.url).circleKeys(session)
  const frames = anna.proxy.exchanges('push').flatMap(({ request }) => splitFrames(request.body).map(decodePushFrame))
  return {
    look,
    circle,
    identity,
    account,
    vault,
    share: shares[0] as Bytes,
    wrap: wraps[0] as Bytes,
    frames,
    entry: look.circleEntries[0] as Bytes,
  }
}

it('A11: a sealed item, every bit of its ciphertext, salt and revision: open-failed, always the same', async () => {
  const { look, account, vault, frames } = await parts()
  const envelope = decodeRecord(frames[1]?.records[0] as Bytes)
  const key = recordKeyOf([...look.vaultKeys.values()][0] as VaultKey)
  for (const part of ['ciphertext', 'salt', 'rev'] as const) {
    const codes = await refusals(envelope[part], (changed) =>
      openRecord(key, { account, vault, item: envelope.item }, { ...envelope, [part]: changed }),
    )
    expect(codes).toEqual({ 'open-failed {}': envelope[part].length * 8 })
  }
  // lengths are bits of another kind
  for (const length of [0, 1, 15, 16, 17, 255, envelope.ciphertext.length - 1, envelope.ciphertext.length + 1]) {
    const ciphertext = new Uint8Array(length)
    ciphertext.set(envelope.ciphertext.subarray(0, length))
    expect(() => openRecord(key, { account, vault, item: envelope.item }, { ...envelope, ciphertext })).toThrow('open-failed')
  }
})

it('A11: a share, a wrap: never a key, and the refusals do not tell which part was changed', async () => {
  const { look, circle, identity, share, wrap } = await parts()
  const shareCodes = await refusals(share, (changed) => openShare(circle, identity.keys, changed), 5)
  const wrapCodes = await refusals(wrap, (changed) => {
    // a wrap of a generation that is not held is passed over; then there is no key
    if (openVaultKeys(circle, [changed], look.accountKeys).length > 0) return
    openVaultKeys(circle, [new Uint8Array(0)], look.accountKeys)
  })
  for (const codes of [shareCodes, wrapCodes]) {
    // malformed and update-needed are what anybody can see in the clear outer form; everything behind it has one answer
    expect(Object.keys(codes).filter((code) => !['malformed', 'update-needed', 'share-invalid'].includes(code))).toEqual([])
    expect(codes['share-invalid']).toBeGreaterThan(500)
  }
})

it('A11: a batch and a circle entry: never valid', async () => {
  const { circle, vault, frames, entry } = await parts()
  const [first, second] = frames.map(({ batch }) => batch) as [Bytes, Bytes]
  const after: LogPosition = { seq: 1, hash: signedHash(first) }
  const batchCodes = await refusals(second, (changed) => verifyBatch(circle, vault, after, changed))
  expect(batchCodes).not.toHaveProperty('accepted')
  const entryCodes = await refusals(entry, (changed) => Circle.replay([changed]), 7)
  expect(entryCodes).not.toHaveProperty('accepted')
})

it('A11: every sealed row of the device’s own store: store-damaged, whichever bit and whichever row', async () => {
  const rows: { table: StoreTable; key: string; value: Bytes }[] = []
  for (const table of storeTables) if (table !== 'meta') for (const [key, value] of anna.disk.rows(table)) rows.push({ table, key, value })
  expect(new Set(rows.map(({ table }) => table)).size).toBeGreaterThan(2)
  for (const { table, key, value } of rows) {
    const codes = await refusals(
      value,
      async (changed) => {
        const disk = anna.disk.copy()
        disk.rows(table).set(key, changed)
        await anna.unseal(await disk.open()).get(table, key)
      },
      Math.max(1, Math.floor((value.length * 8) / 40)),
    )
    expect({ key, codes: Object.keys(codes) }).toEqual({ key, codes: [`store-damaged ${JSON.stringify({ table })}`] })
    // nor does it open in another place
    const other = rows.find((each) => each.key !== key && each.table === table)
    const moved = anna.disk.copy()
    moved.rows(other?.table ?? 'state').set(other?.key ?? 'nowhere', value)
    await expect(anna.unseal(await moved.open()).get(other?.table ?? 'state', other?.key ?? 'nowhere')).rejects.toMatchObject({
      code: 'store-damaged',
    })
  }
})

it('A11: the wrapped local key: no changed bit opens it', async () => {
  const row = anna.disk.rows('meta').get('passcode') as Bytes
  const codes = await refusals(
    row,
    async (changed) => {
      const disk = anna.disk.copy()
      disk.rows('meta').set('passcode', changed)
      await openClient(await disk.open(), anna.platform()).unlock(passcode)
    },
    97,
  )
  // a changed salt or commitment is a wrong passcode, a changed key behind the right one is damage; there is nothing else to see
  expect(
    Object.keys(codes).filter((code) => !code.startsWith('passcode-wrong {"attempts":1') && !code.startsWith('store-damaged {"part":"k')),
  ).toEqual([])
})

it('A11: a changed key check: the agent’s key is not taken', async () => {
  const key = anna.client.unlockKey().reveal().slice()
  const check = anna.disk.rows('meta').get('key-check') as Bytes
  const codes = await refusals(check, async (changed) => {
    const disk = new MemoryDisk()
    for (const [name, value] of anna.disk.rows('meta')) disk.rows('meta').set(name, value)
    disk.rows('meta').set('key-check', changed)
    await openClient(await disk.open(), anna.platform()).unlockWithKey(new Secret(key.slice()))
  })
  expect(codes).toEqual({ locked: check.length * 8 })
})
