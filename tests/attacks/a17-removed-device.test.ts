/**
 * A17: a removed device and the server work together: it has the old keys, the server puts its words into the log. Defence: what comes
 * after a rotation must know of the rotation and be signed by a member of that time; the rotation signs where the old epoch ended.
 * Fails when: a batch after a rotation may cite the circle before it; being a member once is enough to sign; the frozen end is not compared.
 */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemRandom, type Bytes, type DeviceId, type ItemId } from '@nokkel/base'
import { encodeItem } from '@nokkel/keychain'
import {
  decodeRecord,
  encodePushFrame,
  makeBatch,
  openRecord,
  openVaultKeys,
  recordKeyOf,
  sealRecord,
  type Circle,
  type DeviceKeys,
  type LogPosition,
} from '@nokkel/protocol'
import type { LocalKeychain } from '@nokkel/sync'
import { expectCaught } from './caught.ts'
import type { EvilProxy } from './evil-proxy.ts'
import { World, asItemId, codeOf, note, type TestDevice } from './world.ts'

let world: World
let anna: TestDevice
let berit: TestDevice
let carl: TestDevice
/** all that Carl knew when he was removed */
let known: LocalKeychain
/** where Berit stood when she went away, before the last words of the old epoch */
let absent: TestDevice
let target: ItemId

beforeAll(async () => {
  world = await World.start()
  anna = await world.founder('Anna', 'anna@example.org')
  target = await anna.client.addItem(note('target'))
  berit = await world.joined('Berit', anna)
  carl = await world.joined('Carl', anna)
  for (const device of [berit, carl]) await device.client.sync()
  known = await carl.look()
  absent = await world.copyOf(berit)
  await anna.client.addItem(note('before the removal'))
  await anna.client.removeDevice(await carl.id(), { deleteCopy: false })
  await absent.restart()
})
afterAll(() => world.end())

interface Forged {
  readonly batch: Bytes
  readonly record: Bytes
}

/** Carl's word: the target with another title, written later than anything, under the key that he has. */
async function forge(signer: DeviceKeys, circle: Circle, after: LogPosition, epoch = 1): Promise<Forged> {
  const { account, vault } = known.requireTrusted()
  const key = known.recordKey(vault, 1)
  const stored = await known.readItem(target)
  if (key === undefined || stored === undefined) throw new Error('Carl knows less than he should')
  const title = { value: 'forged', hlc: { ms: 9e15, ctr: 0, dev: 'f'.repeat(16) } }
  const sealed = sealRecord(
    systemRandom,
    key,
    { account, vault, item: target, epoch },
    encodeItem({ ...stored.item, fields: new Map([['title', title]]) }),
  )
  const batch = makeBatch(
    circle,
    signer,
    vault,
    after,
    [{ item: target, recordHash: sealed.hash, kind: 'put' }],
    systemRandom.bytes(32),
    Date.now(),
  )
  return { batch: batch.encoded, record: sealed.encoded }
}

const adding =
  ({ batch, record }: Forged) =>
  (proxy: EvilProxy): unknown =>
    proxy.editLog((frame) => ({
      ...frame,
      headSeq: frame.headSeq + 1,
      batches: [...frame.batches, batch],
      records: [...frame.records, record],
    }))

it('A17: his word after the removal, in every form that he and the server can give it', async () => {
  await berit.client.sync()
  const end = (await berit.look()).requireTrusted().log
  const old = known.requireTrusted()
  // the server lets him have the newest circle
  const { circle } = (await anna.look()).requireTrusted()
  const carlKeys = old.identity.keys
  const inAnnasName = { ...carlKeys, id: (await anna.id()) as DeviceId }
  const forged = [
    await forge(carlKeys, old.circle, end),
    await forge(carlKeys, circle, end),
    await forge(carlKeys, circle, end, 2),
    await forge(inAnnasName, circle, end),
    await forge(inAnnasName, old.circle, end),
  ]
  for (const each of forged) await expectCaught(berit, 'record-forged', adding(each))
  expect((await berit.client.item(target)).title).toBe('target')
})

it('A17: his word in place of the last ones before the removal, to a device that was away', async () => {
  const old = known.requireTrusted()
  const { log } = (await absent.look()).requireTrusted()
  const { batch, record } = await forge(old.identity.keys, old.circle, log)
  const lie = (proxy: EvilProxy): unknown =>
    proxy.editLog((frame) => ({ ...frame, batches: [batch], records: [record], headSeq: log.seq + 1 }))
  await expectCaught(absent, 'record-forged', lie, { circleMoves: true, goesOn: false })
  absent.proxy.honest()
  await absent.client.sync()
  expect(await absent.titles()).toContain('before the removal')
})

it('A17: the honest server takes nothing from him either, with his session or with a new one', async () => {
  const { identity, vault } = known.requireTrusted()
  const api = carl.connect(world.server.url)
  const session = { token: identity.token as string, deviceId: identity.keys.id, sign: identity.keys.sign }
  const frame = await forge(identity.keys, known.requireTrusted().circle, (await anna.look()).requireTrusted().log)
  const push = encodePushFrame({ batch: frame.batch, records: [frame.record] })
  expect(await codeOf(() => api.push(session, vault, [push]))).toBe('device-removed')
  expect(await codeOf(() => carl.signIn('anna@example.org'))).toBe('device-removed')
})

it('A17: what is written after the removal opens with nothing that he has, though the server gives him all of it', async () => {
  const id = await anna.client.addItem(note('after the removal', 'not for Carl'))
  await berit.client.sync()
  const { vault, account } = known.requireTrusted()
  const now = (await anna.look()).requireTrusted()
  const api = anna.connect(world.server.url)
  const session = { token: now.identity.token as string, deviceId: now.identity.keys.id, sign: now.identity.keys.sign }
  const { wraps } = await api.circleKeys(session)
  const [record] = await api.records(session, vault, [id])
  const opened = openVaultKeys(now.circle, wraps, known.accountKeys)
  expect(opened.map(({ epoch }) => epoch)).toEqual([1])
  const envelope = decodeRecord(record as Bytes)
  expect(envelope.epoch).toBe(2)
  for (const key of [...known.vaultKeys.values(), ...opened])
    expect(await codeOf(() => openRecord(recordKeyOf(key), { account, vault, item: asItemId(id) }, envelope))).toBe('open-failed')
})
