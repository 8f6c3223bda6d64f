import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { equalBytes, fromHex, isNokkelError, newId, toHex, utf8, type AccountId, type Bytes, type ItemId, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { createVaultKey, recordKeyOf, type AccountKey } from './keys.ts'
import { makeBatch } from './make-batch.ts'
import { openRecord, pad, paddedLength, sealRecord, unpad } from './seal-record.ts'
import { openShare, openVaultKeys, sealShare, wrapVaultKey } from './seal-share.ts'
import { CircleBuilder } from './testing/circle-builder.ts'
import { logStart, verifyBatch, type BatchOp, type LogPosition } from './wire/batch.ts'
import { decodeRecord } from './wire/record.ts'
import { shareListHash } from './wire/share.ts'
import { StateRoot } from './wire/state-root.ts'

const random = new SeededRandom(7)
const code = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (isNokkelError(error)) return error.code
    throw error
  }
  return 'accepted'
}

describe('records', () => {
  it('REC-2 open in their own place only: all pairs over 40 records and every part of the context (A5, A6)', () => {
    const accounts = [newId<AccountId>(random), newId<AccountId>(random)]
    const vaults = [newId<VaultId>(random), newId<VaultId>(random)]
    const sealed = Array.from({ length: 40 }, (_, i) => {
      const account = accounts[i % 2] as AccountId
      const vault = vaults[(i >> 1) % 2] as VaultId
      const epoch = 1 + ((i >> 2) % 2)
      const item = newId<ItemId>(random)
      const key = recordKeyOf(createVaultKey(new SeededRandom(100 + i), vault, epoch))
      return {
        account,
        vault,
        epoch,
        item,
        key,
        record: decodeRecord(sealRecord(random, key, { account, vault, item, epoch }, utf8(`text ${i}`)).encoded),
      }
    })
    let accepted = 0
    for (const a of sealed)
      for (const b of sealed) {
        // b's bytes where a's are expected, under either key, with each part of the envelope swapped in turn
        for (const key of [a.key, b.key])
          for (const envelope of [
            b.record,
            { ...b.record, item: a.item },
            { ...b.record, epoch: a.epoch },
            { ...b.record, rev: a.record.rev },
            { ...b.record, salt: a.record.salt },
            { ...a.record, ciphertext: b.record.ciphertext },
          ]) {
            const outcome = code(() => openRecord(key, { account: a.account, vault: a.vault, item: a.item }, envelope))
            if (outcome === 'accepted') accepted++
            else expect(outcome).toBe('open-failed')
          }
      }
    // each record in its own place: under its key, for each of the six envelopes (which are then all the same), twice
    expect(accepted).toBe(40 * 6 * 2)
  })

  it('REC-3 padding hides the length, loses nothing, and has one form', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (plaintext) => {
        const padded = pad(plaintext)
        expect(equalBytes(unpad(padded), plaintext)).toBe(true)
        expect(padded.length).toBeGreaterThanOrEqual(256)
        expect(padded.length).toBeLessThanOrEqual(Math.max(256, Math.ceil((plaintext.length + 1) * 1.13)))
      }),
    )
    const lengths = new Set(Array.from({ length: 4_096 }, (_, length) => paddedLength(length)))
    expect(lengths.size).toBeLessThan(80)
    for (const bad of [
      new Uint8Array(0),
      new Uint8Array(256),
      new Uint8Array([1]),
      Uint8Array.from({ length: 300 }, (_, i) => (i === 5 ? 0x80 : 0)),
    ])
      expect(code(() => unpad(bad))).toBe('open-failed')
  })
})

describe('vault log', () => {
  const built = new CircleBuilder(3)
  const second = built.add()
  const op = (): BatchOp => ({ item: newId<ItemId>(random), recordHash: random.bytes(32), kind: 'put' })
  const batch = (after: LogPosition, by = built.first, circle = built.circle) =>
    makeBatch(circle, by, built.vault, after, [op()], random.bytes(32), 1)

  it('SYN-2 … SYN-4 a batch must follow, be of this vault and be signed by a member', () => {
    const start = logStart(built.circle)
    const one = batch(start)
    const two = batch(one.end, second)
    expect(verifyBatch(built.circle, built.vault, start, one.encoded).device).toBe(built.first.id)
    verifyBatch(built.circle, built.vault, one.end, two.encoded)
    // dropped, repeated, reordered
    expect(code(() => verifyBatch(built.circle, built.vault, start, two.encoded))).toBe('batch-gap')
    expect(code(() => verifyBatch(built.circle, built.vault, two.end, one.encoded))).toBe('batch-gap')
    expect(code(() => verifyBatch(built.circle, built.vault, one.end, batch({ seq: 1, hash: random.bytes(32) }).encoded))).toBe('batch-gap')
    expect(code(() => verifyBatch(built.circle, newId<VaultId>(random), start, one.encoded))).toBe('record-forged')
    expect(code(() => verifyBatch(built.circle, built.vault, start, batch(start, built.newDevice()).encoded))).toBe('record-forged')
    const other = new CircleBuilder(4)
    expect(
      code(() =>
        verifyBatch(
          built.circle,
          built.vault,
          start,
          makeBatch(other.circle, built.first, built.vault, start, [op()], random.bytes(32), 1).encoded,
        ),
      ),
    ).toBe('record-forged')
  })

  it('SYN-5 after a rotation nothing that cites the old circle counts, whoever signed it (A17)', () => {
    const here = new CircleBuilder(5)
    const removed = here.add()
    const old = here.circle
    const start = logStart(old)
    const one = makeBatch(old, here.first, here.vault, start, [op()], random.bytes(32), 1)
    here.rotate(here.first, [removed], one.end)
    // the removed device and the server together, with the old keys and the old circle
    for (const by of [removed, here.first])
      expect(
        code(() =>
          verifyBatch(here.circle, here.vault, one.end, makeBatch(old, by, here.vault, one.end, [op()], random.bytes(32), 1).encoded),
        ),
      ).toBe('circle-moved')
    expect(
      code(() =>
        verifyBatch(
          here.circle,
          here.vault,
          one.end,
          makeBatch(here.circle, removed, here.vault, one.end, [op()], random.bytes(32), 1).encoded,
        ),
      ),
    ).toBe('record-forged')
    // what came before stays valid
    verifyBatch(here.circle, here.vault, start, one.encoded)
  })

  it('SYN-7 the state root depends on every item and revision and on nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(500), fc.nat(50)), { minLength: 1, maxLength: 60 }), (pairs) => {
        const seeded = (n: number) => new SeededRandom(n)
        const entries = new Map(pairs.map(([item, rev]) => [newId<ItemId>(seeded(item)), seeded(10_000 + rev).bytes(32)] as const))
        const forward = new StateRoot()
        const backward = new StateRoot()
        for (const [item, hash] of entries) forward.set(item, hash)
        for (const [item, hash] of [...entries].reverse()) {
          backward.set(item, random.bytes(32))
          backward.root()
          backward.set(item, hash)
        }
        expect(equalBytes(forward.root(), backward.root())).toBe(true)
        const first = [...entries.keys()][0] as ItemId
        expect(equalBytes(forward.root(), forward.rootWith([[first, random.bytes(32)]]))).toBe(false)
        expect(equalBytes(forward.root(), backward.root())).toBe(true)
      }),
      { numRuns: 200 },
    )
  })

  it('SYN-7 is the hash of the buckets as the rule writes it, however they were filled', () => {
    const hashed = (parts: readonly Uint8Array[]): Bytes => new Uint8Array(createHash('sha256').update(Buffer.concat(parts)).digest())
    const root = new StateRoot()
    const entries = new Map<ItemId, Bytes>()
    for (let round = 0; round < 40; round++) {
      // few buckets with many items, and some items again
      const changes = Array.from({ length: 25 }, (): readonly [ItemId, Bytes] => {
        const id = `${['00', '07', 'ff'][random.below(3)]}${'0'.repeat(28)}${random.below(200).toString(16).padStart(2, '0')}`
        return [id as ItemId, random.bytes(32)]
      })
      const drafted = root.rootWith(changes)
      for (const [id, hash] of changes) {
        root.set(id, hash)
        entries.set(id, hash)
      }
      const buckets = Array.from({ length: 256 }, (_, bucket) => {
        const within = [...entries].filter(([id]) => Number.parseInt(id.slice(0, 2), 16) === bucket).sort(([a], [b]) => (a < b ? -1 : 1))
        return within.length === 0 ? new Uint8Array(32) : hashed(within.flatMap(([id, hash]) => [fromHex(id), hash]))
      })
      expect(toHex(root.root())).toBe(toHex(hashed(buckets)))
      expect(toHex(drafted)).toBe(toHex(root.root()))
    }
  })
})

describe('shares and wraps', () => {
  it('KEY-7 … KEY-9 a device gets the key of its circle from a member, or nothing (A4)', () => {
    const built = new CircleBuilder(11)
    const second = built.add()
    const share = built.shares[1] as Bytes
    expect(equalBytes(openShare(built.circle, second, share).secret.reveal(), built.accountKey.secret.reveal())).toBe(true)
    // for somebody else
    expect(code(() => openShare(built.circle, built.first, share))).toBe('share-invalid')
    // by a stranger, e.g. the server
    const stranger = built.newDevice()
    const to = { id: second.id, sealKey: second.seal.publicKey }
    expect(code(() => openShare(built.circle, second, sealShare(built.random, stranger, built.circle.account, to, built.accountKey)))).toBe(
      'share-invalid',
    )
    // another key than the one that the circle commits to, even from a member
    const fake: AccountKey = { generation: 1, secret: createVaultKey(built.random, built.vault, 1).secret }
    expect(code(() => openShare(built.circle, second, sealShare(built.random, built.first, built.circle.account, to, fake)))).toBe(
      'share-invalid',
    )
    for (let bit = 0; bit < share.length * 8; bit += 41) {
      const changed = share.slice()
      changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7))
      expect(code(() => openShare(built.circle, second, changed))).not.toBe('accepted')
    }
  })

  it('KEY-9, KEY-10 vault keys of all epochs open from the newest account key down', () => {
    const built = new CircleBuilder(12)
    const first = built.vaultKey
    const second = built.add()
    built.rotate(built.first)
    built.rotate(built.first, [second])
    const keys = openVaultKeys(built.circle, built.wraps, new Map([[3, built.accountKey]]))
    expect(keys.map(({ epoch }) => epoch).sort()).toEqual([1, 2, 3])
    expect(equalBytes(keys.find(({ epoch }) => epoch === 1)?.secret.reveal() as Bytes, first.secret.reveal())).toBe(true)
    // a vault key that the server made
    const own = wrapVaultKey(built.random, built.circle.account, createVaultKey(built.random, built.vault, 3), built.accountKey)
    expect(code(() => openVaultKeys(built.circle, [own], new Map([[3, built.accountKey]])))).toBe('share-invalid')
  })

  it('share lists hash the same in any order', () => {
    const shares = [random.bytes(40), random.bytes(40), random.bytes(40)]
    expect(equalBytes(shareListHash(shares), shareListHash([...shares].reverse()))).toBe(true)
    expect(equalBytes(shareListHash(shares), shareListHash(shares.slice(1)))).toBe(false)
  })
})
