/**
 * A server that hides, drops, reorders, replays, replaces, forks, withholds, revives and lies (protocol attacks A4 … A40): every honest
 * device says what was done, by code and in a notice, and takes nothing of it over. Each title names the attack.
 * Long because it is a catalogue: one lie, one test.
 */
import { beforeEach, describe, expect, it } from 'vitest'
import {
  encodeCbor,
  isNokkelError,
  NokkelError,
  toHex,
  type AccountId,
  type Bytes,
  type DeviceId,
  type ErrorCode,
  type ItemId,
} from '@nokkel/base'
import { ManualClock, SeededRandom } from '@nokkel/base/testing'
import { decodeItem, encodeItem, maxHlcMs } from '@nokkel/keychain'
import {
  Circle,
  createAccountKey,
  createDeviceKeys,
  createVaultKey,
  decodeRecord,
  encodeRecord,
  makeAdd,
  makeBatch,
  makeReverseSignature,
  makeRotation,
  deviceRecordOf,
  openRecord,
  recordHash,
  sealRecord,
  sealShare,
  StateRoot,
  wrapVaultKey,
  type BatchOp,
  type LogPosition,
} from '@nokkel/protocol'
import type { ChangesFrame } from '@nokkel/protocol/wire'
import type { ServerApi } from '@nokkel/sync'
import { lying, lyingLog } from './lying-server.ts'
import { SimDevice } from './sim-device.ts'
import { SimulatedServer } from './simulated-server.ts'

const random = new SeededRandom(7)
let server: SimulatedServer
let account: AccountId
let anna: SimDevice
let berit: SimDevice

function device(name: string): SimDevice {
  return new SimDevice({ name, server, random, clock: new ManualClock() })
}

async function join(name: string, sponsor: SimDevice): Promise<SimDevice> {
  const joined = device(name)
  await joined.signIn(account)
  await joined.joinDirectly(sponsor)
  await joined.client.sync()
  await sponsor.client.sync()
  return joined
}

function note(title: string) {
  return { kind: 'note' as const, fields: new Map([['title', title]]) }
}

async function titles(of: SimDevice): Promise<string[]> {
  return (await of.client.items()).map(({ title }) => title).sort()
}

async function idOf(of: SimDevice): Promise<DeviceId> {
  return (await of.client.status()).deviceId as DeviceId
}

async function endOf(of: SimDevice): Promise<LogPosition> {
  return (await of.look()).requireTrusted().log
}

/** What a device holds, without its notices and its clock: what no lie may change. */
async function holdings(of: SimDevice) {
  const keychain = await of.look()
  const items = await Promise.all([...keychain.index.keys()].sort().map(async (id) => [id, (await keychain.readItem(id))?.item] as const))
  return {
    seq: keychain.log?.seq,
    hash: keychain.log?.hash,
    circle: keychain.circle?.seq,
    mode: keychain.identity?.mode,
    root: toHex(keychain.root.root()),
    items,
  }
}

async function codeOf(action: () => Promise<unknown>): Promise<string> {
  try {
    await action()
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
  return 'accepted'
}

/** The lie is refused with `code`, told in a notice, nothing of it stays, and with the truth the device goes on. */
async function expectCaught(
  of: SimDevice,
  code: ErrorCode,
  disguise: (api: ServerApi) => ServerApi,
  options: { readonly notice?: boolean; readonly goesOn?: boolean; readonly circleMoves?: boolean } = {},
) {
  const before = await holdings(of)
  of.disguise = disguise
  of.stop()
  await of.start()
  expect(await codeOf(() => of.client.sync())).toBe(code)
  const after = await holdings(of)
  // what the honest part of an answer says about the circle may be learnt
  expect(options.circleMoves === true ? { ...after, circle: before.circle } : after).toEqual(before)
  const alarms = (await of.client.status()).notices.filter(({ kind }) => kind === 'alarm').map(({ params }) => params.code)
  if (options.notice !== false) expect(alarms).toContain(code)
  of.disguise = (api) => api
  of.stop()
  await of.start()
  if (options.goesOn !== false) expect(await codeOf(() => of.client.sync())).toBe('accepted')
}

beforeEach(async () => {
  server = new SimulatedServer({ clock: new ManualClock(), random })
  anna = device('anna')
  account = await anna.found()
  for (const title of ['a', 'b', 'c']) await anna.client.addItem(note(title))
  berit = await join('berit', anna)
})

const hide = (k: number) => (frame: ChangesFrame) => ({
  ...frame,
  headSeq: frame.headSeq - k,
  batches: frame.batches.slice(0, frame.batches.length - k),
})

describe('the log', () => {
  it('A14: hiding the newest batches is a rollback for a device that has seen them, however many are hidden', async () => {
    const { seq } = await endOf(berit)
    for (let k = 1; k <= seq; k++) {
      await expectCaught(berit, 'log-rolled-back', (api) =>
        lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq - k, batches: [], records: [] })),
      )
    }
  })

  it('A16: a device that joins is shown every shorter log, and knows each for what it is', async () => {
    const { seq } = await endOf(anna)
    for (let k = 1; k <= seq; k++) {
      const late = device(`late ${k}`)
      late.disguise = (api) => lyingLog(api, (frame) => ({ ...hide(k)(frame), records: [] }))
      await late.signIn(account)
      expect(await codeOf(() => late.joinByCode(anna))).toBe('log-rolled-back')
      expect((await late.client.status()).notices.map(({ params }) => params.code)).toContain('log-rolled-back')
      await anna.client.removeDevice(await idOf(late), { deleteCopy: true })
    }
  })

  it('A14: a batch dropped in the middle', async () => {
    for (const title of ['d', 'e', 'f']) await anna.client.addItem(note(title))
    for (const at of [0, 1])
      await expectCaught(berit, 'batch-gap', (api) => lyingLog(api, (frame) => ({ ...frame, batches: frame.batches.toSpliced(at, 1) })), {
        goesOn: false,
      })
    expect(await codeOf(() => berit.client.sync())).toBe('accepted')
  })

  it('A14: batches in another order, and a batch twice', async () => {
    await anna.client.addItem(note('d'))
    await anna.client.addItem(note('e'))
    await expectCaught(berit, 'batch-gap', (api) => lyingLog(api, (frame) => ({ ...frame, batches: frame.batches.toReversed() })), {
      goesOn: false,
    })
    await expectCaught(berit, 'batch-gap', (api) =>
      lyingLog(api, (frame) => ({ ...frame, batches: frame.batches.flatMap((batch) => [batch, batch]) })),
    )
  })

  it('A14: an old record of an item in place of the new one', async () => {
    const [item] = await anna.client.items()
    const id = item?.id as ItemId
    const old = server.log(account).records.get(id)?.bytes as Bytes
    await anna.client.editItem(id, { set: new Map([['title', 'new']]) })
    await expectCaught(berit, 'record-forged', (api) => lyingLog(api, (frame) => ({ ...frame, records: frame.records.map(() => old) })))
    expect(await titles(berit)).toContain('new')
  })

  it('A14: a deleted item does not come back', async () => {
    const [item] = await anna.client.items()
    const id = item?.id as ItemId
    const old = server.log(account).records.get(id)?.bytes as Bytes
    await anna.client.deleteItem(id)
    // its last living record in place of the deletion
    await expectCaught(berit, 'record-forged', (api) => lyingLog(api, (frame) => ({ ...frame, records: [old] })), { goesOn: false })
    // the deletion left out, with the batch that tells of it
    await anna.client.addItem(note('later'))
    await expectCaught(berit, 'batch-gap', (api) =>
      lyingLog(api, (frame) => ({ ...frame, batches: frame.batches.slice(1), records: frame.records.slice(1) })),
    )
    expect((await berit.client.items()).map((each) => each.id)).not.toContain(id)
  })

  it('A6, A14: every record in the place of every other', async () => {
    for (const title of ['d', 'e', 'f']) await anna.client.addItem(note(title))
    const all = [...server.log(account).records.values()].map(({ bytes }) => bytes)
    for (let place = 0; place < 3; place++) {
      for (const other of all) {
        const truth = [...server.log(account).records.values()].at(-3 + place)?.bytes as Bytes
        if (other === truth) continue
        await expectCaught(
          berit,
          'record-forged',
          (api) => lyingLog(api, (frame) => ({ ...frame, records: frame.records.map((record) => (record === truth ? other : record)) })),
          { goesOn: false },
        )
      }
    }
    expect(await codeOf(() => berit.client.sync())).toBe('accepted')
  })

  it('A5: bytes exchanged between two sealed records', async () => {
    await anna.client.addItem(note('d'))
    await anna.client.addItem(note('e'))
    const [one, two] = [...server.log(account).records.values()].slice(-2).map(({ bytes }) => decodeRecord(bytes))
    if (one === undefined || two === undefined) throw new Error('no records')
    const mixed = [
      { ...one, ciphertext: two.ciphertext },
      { ...one, salt: two.salt },
      { ...one, rev: two.rev },
      { ...one, item: two.item },
    ]
    for (const record of mixed)
      await expectCaught(
        berit,
        'record-forged',
        (api) => lyingLog(api, (frame) => ({ ...frame, records: [encodeRecord(record), ...frame.records.slice(1)] })),
        { goesOn: false },
      )
  })

  it('A14: a record that is listed and kept back', async () => {
    const id = await anna.client.addItem(note('d'))
    const withheld = (api: ServerApi) =>
      lying(
        lyingLog(api, (frame) => ({ ...frame, records: [] })),
        { records: async () => [] },
      )
    const before = await titles(berit)
    berit.disguise = withheld
    berit.stop()
    await berit.start()
    expect(await codeOf(() => berit.client.sync())).toBe('record-withheld')
    expect(await titles(berit)).toEqual(before)
    expect((await berit.client.status()).notices.map(({ params }) => params.code)).toContain('record-withheld')
    // and again, and as soon as it comes, all is well
    expect(await codeOf(() => berit.client.sync())).toBe('record-withheld')
    berit.disguise = (api) => api
    berit.stop()
    await berit.start()
    await berit.client.sync()
    expect((await berit.client.item(id)).title).toBe('d')
  })

  it('A14: a log that never ends is not "up to date"', async () => {
    await anna.client.addItem(note('d'))
    berit.disguise = (api) =>
      lying(
        lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq + 1, records: [] })),
        { records: async () => [] },
      )
    berit.stop()
    await berit.start()
    expect(await codeOf(() => berit.client.sync())).not.toBe('accepted')
  })

  it('A15: two devices are shown different logs: the first word from the other side tells', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    const fork = server.backup()
    await anna.client.addItem(note('left'))
    const leftBatch = server.log(account).batches.at(-1) as Bytes
    const leftRecord = [...server.log(account).records.values()].at(-1)?.bytes as Bytes
    // the other side of the fork, as the server would keep it: same incarnation, another continuation
    const { incarnation } = server
    server.restore(fork)
    server.incarnation = incarnation
    await berit.client.addItem(note('right'))
    await carl.client.sync()
    expect(await titles(carl)).toContain('right')
    // Anna, on the left, is shown the right side's next word; Carl, on the right, the left side's
    await expectCaught(
      anna,
      'batch-gap',
      (api) =>
        lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq + 1, batches: server.log(account).batches.slice(-1), records: [] })),
      { goesOn: false },
    )
    await expectCaught(carl, 'batch-gap', (api) =>
      lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq + 1, batches: [leftBatch], records: [leftRecord] })),
    )
  })

  it('A6: a record of another vault, item or epoch that a member itself listed is set aside and stops nothing (B4)', async () => {
    const keychain = await anna.look()
    const { identity, circle, log, vault } = keychain.requireTrusted()
    const key = keychain.recordKey(vault, 1)
    if (key === undefined) throw new Error('no key')
    const item = toHex(random.bytes(16)) as ItemId
    const plaintext = encodeItem(
      (await anna.itemOf((await anna.client.items())[0]?.id as ItemId)) as NonNullable<Awaited<ReturnType<SimDevice['itemOf']>>>,
    )
    const wrongItem = sealRecord(random, key, { account, vault, item: toHex(random.bytes(16)) as ItemId, epoch: 1 }, plaintext)
    const ops: BatchOp[] = [{ item, recordHash: wrongItem.hash, kind: 'put' }]
    const root = new StateRoot()
    for (const entry of keychain.index.values()) if (entry.recordHash !== null) root.set(entry.id, entry.recordHash)
    root.set(item, wrongItem.hash)
    const batch = makeBatch(circle, identity.keys, vault, log, ops, root.root(), 0)
    const before = await titles(berit)
    berit.disguise = (api) =>
      lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq + 1, batches: [batch.encoded], records: [wrongItem.encoded] }))
    berit.stop()
    await berit.start()
    expect(await codeOf(() => berit.client.sync())).toBe('accepted')
    expect(await titles(berit)).toEqual(before)
    expect((await berit.client.status()).quarantined).toBe(1)
    expect(() => openRecord(key, { account, vault, item }, decodeRecord(wrongItem.encoded))).toThrow(NokkelError)
    expect(decodeItem(plaintext).kind).toBe('note')
    expect(recordHash(wrongItem.encoded)).toEqual(wrongItem.hash)
  })

  it('B4: a newer record that this version cannot read is not written over', async () => {
    const keychain = await anna.look()
    const { identity, circle, log, vault } = keychain.requireTrusted()
    const key = keychain.recordKey(vault, 1)
    if (key === undefined) throw new Error('no key')
    const item = (await berit.client.items())[0]?.id as ItemId
    const unreadable = sealRecord(random, key, { account, vault, item, epoch: 1 }, new Uint8Array([0x81, 0x18]))
    const root = new StateRoot()
    for (const entry of keychain.index.values()) if (entry.recordHash !== null) root.set(entry.id, entry.recordHash)
    root.set(item, unreadable.hash)
    const batch = makeBatch(circle, identity.keys, vault, log, [{ item, recordHash: unreadable.hash, kind: 'put' }], root.root(), 0)
    // a change of its own is waiting when the unreadable record arrives
    server.down = true
    await berit.client.editItem(item, { set: new Map([['title', 'mine']]) })
    server.down = false
    berit.disguise = (api) =>
      lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq + 1, batches: [batch.encoded], records: [unreadable.encoded] }))
    berit.stop()
    await berit.start()
    expect(await codeOf(() => berit.client.sync())).toBe('accepted')
    expect(await berit.client.status()).toMatchObject({ quarantined: 1, pendingChanges: 1 })
    expect(await codeOf(() => berit.client.editItem(item, { set: new Map([['title', 'again']]) }))).toBe('update-needed')
    expect((await berit.client.item(item)).title).toBe('mine')
  })
})

describe('the circle', () => {
  it('A16: every shorter circle', async () => {
    await join('carl', anna)
    await berit.client.sync()
    const { seq } = server.account(account).circle
    for (let upTo = 0; upTo < seq; upTo++)
      await expectCaught(berit, 'circle-rolled-back', (api) =>
        lying(api, { circle: async (session, after) => (await api.circle(session, after)).slice(0, Math.max(0, upTo - after)) }),
      )
  })

  it('A16: a device that joins is shown every shorter circle', async () => {
    const late = device('late')
    await late.signIn(account)
    const { seq } = server.account(account).circle
    for (let upTo = 0; upTo <= seq; upTo++) {
      late.disguise = (api) => lying(api, { circle: async (session) => (await api.circle(session, -1)).slice(0, upTo + 1) })
      late.stop()
      await late.start()
      expect(await codeOf(() => (upTo === 0 ? late.joinByCode(anna) : late.client.waitForJoin()))).toBe('circle-rolled-back')
      expect(await late.client.state()).toBe('signed-in')
    }
    late.disguise = (api) => api
    late.stop()
    await late.start()
    await late.client.waitForJoin()
    expect(await titles(late)).toEqual(['a', 'b', 'c'])
  })

  it('A15: another circle with members’ own signatures', async () => {
    const keychain = await anna.look()
    const { circle, identity } = keychain.requireTrusted()
    const stranger = createDeviceKeys(random, toHex(random.bytes(16)) as DeviceId, 'cli')
    const key = keychain.accountKeys.get(1)
    if (key === undefined) throw new Error('no key')
    const transcriptHash = random.bytes(32)
    // a device of the account colludes: it signs a second child of a circle that it has continued already
    const fork = makeAdd(
      random,
      circle,
      identity.keys,
      key,
      { device: deviceRecordOf(stranger), transcriptHash, reverseSignature: makeReverseSignature(account, stranger, transcriptHash) },
      0,
    )
    await join('carl', anna)
    await berit.client.sync()
    await expectCaught(berit, 'circle-forked', (api) => lying(api, { circle: async () => [fork.entry] }))
  })

  it('CIR-14: entries that batches cite are kept back', async () => {
    await anna.client.sync()
    const carl = await join('carl', anna)
    await carl.client.addItem(note('from carl'))
    await expectCaught(berit, 'circle-rolled-back', (api) =>
      lying(api, { circle: async (session, after) => (await api.circle(session, after)).slice(0, 1) }),
    )
    expect(await titles(berit)).toContain('from carl')
  })

  it('CIR-2: an entry of nobody’s', async () => {
    const stranger = createDeviceKeys(random, toHex(random.bytes(16)) as DeviceId, 'cli')
    const { circle } = (await berit.look()).requireTrusted()
    const transcriptHash = random.bytes(32)
    const forged = makeAdd(
      random,
      circle,
      stranger,
      createAccountKey(random, 1),
      { device: deviceRecordOf(stranger), transcriptHash, reverseSignature: makeReverseSignature(account, stranger, transcriptHash) },
      0,
    )
    await expectCaught(berit, 'circle-invalid', (api) =>
      lying(api, { circle: async (session, after) => [...(await api.circle(session, after)), forged.entry] }),
    )
  })

  it('B3: "you were removed" without a signed entry is not believed', async () => {
    const refused = async (): Promise<never> => {
      throw new NokkelError('device-removed')
    }
    await expectCaught(berit, 'session-invalid', (api) => lying(api, { changes: refused }), { notice: false })
    await expectCaught(berit, 'session-invalid', (api) => lying(api, { changes: refused, circle: refused, push: refused }), {
      notice: false,
    })
    expect(await berit.client.state()).toBe('trusted')
  })
})

describe('the keys', () => {
  it('A4: shares and wraps that the server sealed itself', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    const { circle } = server.account(account)
    const { vault } = (await anna.look()).requireTrusted()
    const beritKeys = (await berit.look()).requireTrusted().identity.keys
    const annaKeys = (await anna.look()).requireTrusted().identity.keys
    const evil = createDeviceKeys(random, toHex(random.bytes(16)) as DeviceId, 'cli')
    const generation = circle.accountKey.generation
    const own = createAccountKey(random, generation)
    const to = { id: beritKeys.id, sealKey: beritKeys.seal.publicKey }
    const shares = {
      'sealed by nobody': sealShare(random, evil, account, to, own),
      'sealed in a member’s name': sealShare(random, { ...evil, id: annaKeys.id }, account, to, own),
      'sealed by a member, with another key': sealShare(random, annaKeys, account, to, own),
      'for another device': sealShare(random, annaKeys, account, { id: annaKeys.id, sealKey: annaKeys.seal.publicKey }, own),
    }
    for (const share of Object.values(shares)) await expectKeysCaught((keys) => ({ ...keys, shares: [share] }))
    const vaultKey = createVaultKey(random, vault, 2)
    const realAccountKey = (await anna.look()).accountKeys.get(generation)
    if (realAccountKey === undefined) throw new Error('no key')
    // even one who holds the account key cannot bring in another vault key: the circle commits to the real one
    await expectKeysCaught((keys) => ({ ...keys, wraps: [wrapVaultKey(random, account, vaultKey, realAccountKey)] }))
    await expectKeysCaught((keys) => ({ ...keys, wraps: [wrapVaultKey(random, account, vaultKey, own)] }))
    await expectKeysCaught((keys) => ({ ...keys, shares: [] }))
    await expectKeysCaught((keys) => ({ ...keys, wraps: [] }))
  })

  async function expectKeysCaught(
    edit: (keys: Awaited<ReturnType<ServerApi['circleKeys']>>) => Awaited<ReturnType<ServerApi['circleKeys']>>,
  ) {
    const before = await berit.look()
    berit.disguise = (api) => lying(api, { circleKeys: async (session) => edit(await api.circleKeys(session)) })
    berit.stop()
    await berit.start()
    expect(await codeOf(() => berit.client.sync())).toBe('share-invalid')
    const after = await berit.look()
    expect([...after.accountKeys.keys()]).toEqual([...before.accountKeys.keys()])
    expect([...after.vaultKeys.keys()]).toEqual([...before.vaultKeys.keys()])
    expect((await berit.client.status()).notices.map(({ params }) => params.code)).toContain('share-invalid')
  }
})

describe('a device that was removed helps the server', () => {
  it('A17: a batch that it signs afterwards, under the old epoch', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    const own = await carl.look()
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    const forged = await forgedBy(own, await endOf(anna))
    await expectCaught(
      berit,
      'record-forged',
      (api) =>
        lyingLog(api, (frame) => ({
          ...frame,
          headSeq: frame.headSeq + 1,
          batches: [...frame.batches, forged.batch],
          records: [...frame.records, forged.record],
        })),
      { goesOn: false, circleMoves: true },
    )
    // and the same, when the device has already taken in everything else
    await berit.client.sync()
    const again = await forgedBy(own, await endOf(berit))
    await expectCaught(berit, 'record-forged', (api) =>
      lyingLog(api, (frame) => ({ ...frame, headSeq: frame.headSeq + 1, batches: [again.batch], records: [again.record] })),
    )
  })

  it('A17: its word in place of the last ones before its removal', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    const seen = await endOf(berit)
    const own = await carl.look()
    await anna.client.addItem(note('before the removal'))
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    const forged = await forgedBy(own, seen)
    // Berit was away: the signed end of the old epoch is all that tells her which of the two continuations is true
    await expectCaught(
      berit,
      'record-forged',
      (api) => lyingLog(api, (frame) => ({ ...frame, headSeq: seen.seq + 1, batches: [forged.batch], records: [forged.record] })),
      { circleMoves: true },
    )
    expect(await titles(berit)).toContain('before the removal')
  })

  it('A17: its word before the frozen position, while the server never shows what follows', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    const seen = await endOf(berit)
    const own = await carl.look()
    await anna.client.addItem(note('before the removal'))
    await anna.client.addItem(note('also before the removal'))
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    const forged = await forgedBy(own, seen)
    // one page with more to come, and then nothing: what cannot be checked against the signed end is not taken in
    await expectCaught(
      berit,
      'server-unavailable',
      (api) => lyingLog(api, (frame) => ({ ...frame, headSeq: seen.seq + 9, batches: [forged.batch], records: [forged.record] })),
      { circleMoves: true, notice: false },
    )
    expect(await titles(berit)).toContain('also before the removal')
  })

  it('A14: a log that ends before the end that the rotation signed', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    const seen = await endOf(berit)
    await anna.client.addItem(note('before the removal'))
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    await expectCaught(
      berit,
      'log-rolled-back',
      (api) => lyingLog(api, (frame) => ({ ...frame, headSeq: seen.seq, batches: [], records: [] })),
      { circleMoves: true },
    )
  })

  it('CIR-2: an entry that it signs afterwards', async () => {
    const carl = await join('carl', anna)
    await berit.client.sync()
    const own = (await carl.look()).requireTrusted()
    const vaultKey = (await carl.look()).currentVaultKey(own.vault)
    await anna.client.removeDevice(await idOf(carl), { deleteCopy: false })
    await berit.client.sync()
    const { circle } = server.account(account)
    const made = makeRotation(random, circle, own.identity.keys, [{ key: { ...vaultKey, epoch: 2 }, end: await endOf(anna) }], 0, {
      devices: [await idOf(anna)],
      disposition: 'delete',
    })
    await expectCaught(berit, 'circle-invalid', (api) =>
      lying(api, { circle: async (session, after) => [...(await api.circle(session, after)), made.entry] }),
    )
  })

  async function forgedBy(keychain: Awaited<ReturnType<SimDevice['look']>>, after: LogPosition) {
    const { identity, circle, vault } = keychain.requireTrusted()
    const key = keychain.recordKey(vault, 1)
    if (key === undefined) throw new Error('no key')
    const [item] = [...keychain.index.values()].filter(({ summary }) => summary?.kind === 'note')
    const stored = await keychain.readItem(item?.id as ItemId)
    const plaintext = encodeItem({
      ...(stored?.item as NonNullable<typeof stored>['item']),
      fields: new Map([['title', { value: 'forged', hlc: { ms: maxHlcMs, ctr: 0, dev: 'f'.repeat(16) } }]]),
    })
    const sealed = sealRecord(random, key, { account, vault, item: item?.id as ItemId, epoch: 1 }, plaintext)
    const batch = makeBatch(
      circle,
      identity.keys,
      vault,
      after,
      [{ item: item?.id as ItemId, recordHash: sealed.hash, kind: 'put' }],
      random.bytes(32),
      0,
    )
    return { batch: batch.encoded, record: sealed.encoded }
  }
})

describe('copies and latecomers', () => {
  it('A40: a cloned device that writes is named on the device that it was cloned from', async () => {
    const clone = new SimDevice({ name: 'clone', server, random, clock: new ManualClock() }, berit.remains())
    await clone.start()
    await clone.client.addItem(note('from the clone'))
    await berit.client.sync()
    expect((await berit.client.status()).notices.map(({ params }) => params.code)).toContain('batch-equivocation')
    expect(await titles(berit)).toContain('from the clone')
    expect(Circle.replay(server.account(account).entries).activeDevices()).toHaveLength(2)
    expect(encodeCbor([1])).toHaveLength(2)
  })

  it('A18: a device that was away for 200 days brings nothing back', async () => {
    const [item] = await anna.client.items()
    const id = item?.id as ItemId
    await anna.client.deleteItem(id)
    await anna.client.purgeItem(id)
    anna.clock.advance(200 * 86_400_000)
    berit.clock.advance(200 * 86_400_000)
    await berit.client.sync()
    await anna.client.sync()
    for (const each of [anna, berit]) expect((await each.itemOf(id))?.fields.size).toBe(0)
  })
})
