/** `vectors/log.json`: batches that follow one another through a removal, and batches that must not (SYN-1 … SYN-5, SYN-7). */
import { fromHex, idToBytes, newId, parseId, toHex, type Bytes, type ItemId, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import {
  Circle,
  decodeSigned,
  encodeSigned,
  labels,
  logStart,
  makeAdd,
  makeBatch,
  makeGenesis,
  makeReverseSignature,
  makeRotation,
  deviceRecordOf,
  StateRoot,
  verifyBatch,
  type BatchOp,
  type DeviceKeys,
  type LogPosition,
} from '@nokkel/protocol'
import { expect } from 'vitest'
import { makeDevice, toJsonDevice, type JsonDevice } from './devices.ts'
import { encodeTree, flip, refusalOf, resign, treeOf, type Need, type Refused, type Suite, type Tree } from './format.ts'

const seed = 202
const timeMs = 1_760_000_000_000

interface JsonPosition {
  readonly seq: number
  readonly hash: string
}

interface LogSuite extends Suite {
  readonly devices: Readonly<Record<string, JsonDevice>>
  /** entries of the circle as every reader of these cases knows it */
  readonly circle: readonly string[]
  readonly vault: string
  readonly start: JsonPosition
  readonly accept: readonly {
    readonly name: string
    readonly encoded: string
    readonly device: string
    readonly ops: readonly { readonly item: string; readonly record: string; readonly op: 'put' | 'reseal' }[]
    readonly root: string
    readonly end: JsonPosition
  }[]
  readonly refuse: readonly (Refused & { readonly after: JsonPosition; readonly encoded: string })[]
}

const toJsonPosition = ({ seq, hash }: LogPosition): JsonPosition => ({ seq, hash: toHex(hash) })
const fromJsonPosition = ({ seq, hash }: JsonPosition): LogPosition => ({ seq, hash: fromHex(hash) })

// places in a batch's body: [version, label, account, vault, seq, prev, circle seq, circle head, ops, root, ts]
const at = { version: 0, label: 1, account: 2, vault: 3, seq: 4, prev: 5, circleSeq: 6, circleHead: 7, ops: 8, root: 9 } as const

export function build(): LogSuite {
  const random = new SeededRandom(seed)
  const devices = { a: makeDevice(random), b: makeDevice(random), stranger: makeDevice(random) }
  const { a, b, stranger } = devices
  const vault = newId<VaultId>(random)
  const genesis = makeGenesis(random, a, vault, timeMs)
  let circle = Circle.replay([genesis.entry])
  const transcriptHash = random.bytes(32)
  const record = deviceRecordOf(b)
  const added = { device: record, transcriptHash, reverseSignature: makeReverseSignature(circle.account, b, transcriptHash) }
  const addition = makeAdd(random, circle, a, genesis.accountKey, added, timeMs).entry
  circle = circle.extend([addition])
  const before = circle

  const root = new StateRoot()
  const accept: LogSuite['accept'][number][] = []
  const ends: LogPosition[] = [logStart(circle)]
  const end = (): LogPosition => ends.at(-1) as LogPosition
  const items = Array.from({ length: 3 }, () => newId<ItemId>(random))
  const write = (
    name: string,
    by: DeviceKeys,
    known: Circle,
    kinds: readonly (readonly [item: number, kind: BatchOp['kind']])[],
  ): Bytes => {
    const ops = kinds.map(([item, kind]): BatchOp => ({ item: items[item] as ItemId, recordHash: random.bytes(32), kind }))
    for (const op of ops) root.set(op.item, op.recordHash)
    const batch = makeBatch(known, by, vault, end(), ops, root.root(), timeMs + accept.length)
    ends.push(batch.end)
    accept.push({
      name,
      encoded: toHex(batch.encoded),
      device: by.id,
      ops: ops.map(({ item, recordHash, kind }) => ({ item, record: toHex(recordHash), op: kind })),
      root: toHex(root.root()),
      end: toJsonPosition(batch.end),
    })
    return batch.encoded
  }
  write('two items, by a', a, before, [
    [0, 'put'],
    [1, 'put'],
  ])
  write('one new and one changed, by b', b, before, [
    [2, 'put'],
    [0, 'put'],
  ])
  const removal = makeRotation(random, circle, a, [{ key: genesis.vaultKey, end: end() }], timeMs, { devices: [b.id], disposition: 'keep' })
  circle = circle.extend([removal.entry])
  const third = write('an item moved to the new epoch and one changed, by a, after b was removed', a, circle, [
    [1, 'reseal'],
    [2, 'put'],
  ])

  const refuse: LogSuite['refuse'][number][] = []
  const after = ends[2] as LogPosition
  const add = (name: string, encoded: Bytes, code: string, rule?: string, needs?: Need, position = after) =>
    refuse.push({
      name,
      after: toJsonPosition(position),
      encoded: toHex(encoded),
      refuse: rule === undefined ? { code } : { code, rule },
      ...(needs === undefined ? {} : { needs }),
    })
  const changed = (name: string, change: (body: Tree) => void, code: string, rule?: string, by: DeviceKeys = a) =>
    add(name, resign(third, by, labels.batch, change), code, rule)
  const forged = 'record-forged'
  changed('another account', (body) => (body[at.account] = new Uint8Array(16)), forged, 'SYN-2')
  changed('another vault', (body) => (body[at.vault] = new Uint8Array(16)), forged, 'SYN-2')
  changed('a position left out', (body) => (body[at.seq] = 4), 'batch-gap')
  changed('another predecessor', (body) => (body[at.prev] = new Uint8Array(32)), 'batch-gap')
  add('a batch left out', third, 'batch-gap', undefined, undefined, ends[1])
  add('the same batch again', third, 'batch-gap', undefined, undefined, ends[3])
  add('the last batch again', fromHex(accept[1]?.encoded ?? ''), 'batch-gap')
  changed('by a stranger', () => undefined, forged, 'SYN-3', stranger)
  changed('by the removed device, which cites the new circle', () => undefined, forged, 'SYN-3', b)
  const old = (body: Tree) => {
    body[at.circleSeq] = before.seq
    body[at.circleHead] = before.head
  }
  changed('by the removed device, which cites the circle it was in', old, 'circle-moved', undefined, b)
  changed('by a member that does not know of the removal', old, 'circle-moved')
  const late = fromHex(accept[1]?.encoded ?? '')
  const otherEnd = resign(late, b, labels.batch, (body) => (body[at.root] = new Uint8Array(32)))
  add('another batch at the position where the removal froze the log, by the removed device', otherEnd, forged, 'CIR-8', undefined, ends[1])
  changed('cites a circle longer than the reader’s', (body) => (body[at.circleSeq] = 3), 'circle-moved')
  changed('cites another circle of the same length', (body) => (body[at.circleHead] = new Uint8Array(32)), 'circle-forked')
  add('broken signature', flip(third, -1), forged, 'SYN-3', 'signature')
  add(
    'signed under another label',
    resign(third, a, labels.circleEntry, () => undefined),
    forged,
    'SYN-3',
    'signature',
  )
  const signed = decodeSigned(third, 16_384, 'vector')
  const otherRoot = treeOf(signed.body)
  otherRoot[at.root] = new Uint8Array(32)
  add('another root under the old signature', encodeSigned({ ...signed, body: encodeTree(otherRoot) }), forged, 'SYN-3', 'signature')
  changed('no operation', (body) => (body[at.ops] = []), 'malformed')
  const op = (item: number, kind: number): Tree => [idToBytes(items[item] as ItemId), new Uint8Array(32), kind]
  changed('one item twice', (body) => (body[at.ops] = [op(0, 1), op(0, 1)]), 'malformed')
  changed('operation 3', (body) => (body[at.ops] = [op(0, 3)]), 'malformed')
  changed(
    '101 operations',
    (body) =>
      (body[at.ops] = Array.from({ length: 101 }, (_, i): Tree => [Uint8Array.of(...new Uint8Array(15), i), new Uint8Array(32), 1])),
    'malformed',
  )
  changed('position 0', (body) => (body[at.seq] = 0), 'malformed')
  changed('a root of 31 bytes', (body) => (body[at.root] = new Uint8Array(31)), 'malformed')
  changed('an element too many', (body) => body.push(0), 'malformed')
  changed('another label', (body) => (body[at.label] = labels.circleEntry), 'malformed')
  changed('version 2', (body) => (body[at.version] = 2), 'update-needed')
  const largest = new Uint8Array(16_385)
  add('longer than 16,384 bytes', largest, 'too-large')

  return {
    about:
      'Batches of one vault in log order, checked against the whole circle. "refuse": must not follow the position "after". Roots are those of the records listed so far.',
    rules: ['CIR-8', 'SYN-1', 'SYN-2', 'SYN-3', 'SYN-4', 'SYN-5', 'SYN-7'],
    devices: Object.fromEntries(Object.entries(devices).map(([name, keys]) => [name, toJsonDevice(keys)])),
    circle: [genesis.entry, addition, removal.entry].map(toHex),
    vault,
    start: toJsonPosition(ends[0] as LogPosition),
    accept,
    refuse,
  }
}

export function check(suite: LogSuite): number {
  const circle = Circle.replay(suite.circle.map(fromHex))
  const vault = parseId<VaultId>(suite.vault)
  expect(toJsonPosition(logStart(circle))).toEqual(suite.start)
  const root = new StateRoot()
  let after = logStart(circle)
  for (const { name, encoded, device, ops, root: expectedRoot, end } of suite.accept) {
    const signed = verifyBatch(circle, vault, after, fromHex(encoded))
    expect(signed.device, name).toBe(device)
    expect(
      signed.batch.ops.map(({ item, recordHash, kind }) => ({ item, record: toHex(recordHash), op: kind })),
      name,
    ).toEqual(ops)
    for (const op of signed.batch.ops) root.set(op.item, op.recordHash)
    expect([toHex(root.root()), toHex(signed.batch.root)], name).toEqual([expectedRoot, expectedRoot])
    after = { seq: signed.batch.seq, hash: signed.hash }
    expect(toJsonPosition(after), name).toEqual(end)
  }
  for (const { name, after: position, encoded, refuse } of suite.refuse)
    expect(
      refusalOf(() => verifyBatch(circle, vault, fromJsonPosition(position), fromHex(encoded))),
      name,
    ).toEqual(refuse)
  return suite.accept.length + suite.refuse.length
}
