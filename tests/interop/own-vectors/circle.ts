/** `vectors/circle.json`: one circle with an entry of every type, and entries that must not follow (CIR-1 … CIR-12, CIR-20 … CIR-23). */
import { concatBytes, fromHex, idToBytes, newId, toHex, type Bytes, type RequestId, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { createKemKey, createSigningKey, sign } from '@nokkel/crypto'
import {
  Circle,
  decodeSigned,
  deviceRecordOf,
  encodeSigned,
  keySlotOf,
  labels,
  makeAdd,
  makeCheckpoint,
  makeEpochDone,
  makeGenesis,
  makeLeave,
  makePolicy,
  makeRecover,
  makeRecoveryAdd,
  makeRecoveryRemove,
  makeReverseSignature,
  makeRotation,
  type DeviceKeys,
  type RecoverySlot,
} from '@nokkel/protocol'
import { expect } from 'vitest'
import { fromJsonDevice, makeDevice, toJsonDevice, type JsonDevice } from './devices.ts'
import { encodeTree, flip, refusalOf, resign, signTree, treeOf, type Need, type Refused, type Suite, type Tree } from './format.ts'

const seed = 101
const timeMs = 1_760_000_000_000

interface JsonState {
  readonly seq: number
  readonly head: string
  readonly active: readonly string[]
  readonly generation: number
  readonly epochs: readonly { readonly vault: string; readonly epoch: number; readonly done: number }[]
  readonly suiteFloor: number
  readonly rotationDue: boolean
  /** what a checkpoint that follows has to say */
  readonly stateHash: string
}

interface CircleSuite extends Suite {
  readonly devices: Readonly<Record<string, JsonDevice>>
  readonly account: string
  readonly genesisHash: string
  readonly entries: readonly { readonly name: string; readonly encoded: string; readonly after: JsonState }[]
  readonly refuse: readonly (Refused & { readonly follows: number; readonly encoded: string })[]
}

function stateOf(circle: Circle): JsonState {
  return {
    seq: circle.seq,
    head: toHex(circle.head),
    active: circle
      .activeDevices()
      .map(({ id }) => id as string)
      .sort(),
    generation: circle.accountKey.generation,
    epochs: [...circle.vaults.values()].map(({ id, epochs, doneEpoch }) => ({ vault: id, epoch: epochs.length, done: doneEpoch })),
    suiteFloor: circle.suiteFloor,
    rotationDue: circle.rotationDue,
    stateHash: toHex(circle.stateHash()),
  }
}

/** The story: a adds b, b adds c, a renews the keys, a removes b, a checkpoint, epoch 1 is done, c leaves, a renews the keys; a
 * recovery key is opened, lets a device in, which opens a way back of its own, and the key is revoked; a adds a web device, limits such
 * devices, and renews the keys. */
function makeStory() {
  const random = new SeededRandom(seed)
  const devices = {
    a: makeDevice(random),
    b: makeDevice(random),
    c: makeDevice(random, 'web'),
    stranger: makeDevice(random, 'extension'),
    w: makeDevice(random, 'web'),
  }
  const { a, b, c, w } = devices
  const vault = newId<VaultId>(random)
  const genesis = makeGenesis(random, a, vault, timeMs)
  const made: { name: string; entry: Bytes }[] = [{ name: 'genesis by a', entry: genesis.entry }]
  let circle = Circle.replay([genesis.entry])
  const append = (name: string, entry: Bytes) => {
    circle = circle.extend([entry])
    made.push({ name, entry })
  }
  const add = (by: DeviceKeys, device: DeviceKeys) => {
    const transcriptHash = random.bytes(32)
    const reverseSignature = makeReverseSignature(circle.account, device, transcriptHash)
    return makeAdd(random, circle, by, genesis.accountKey, { device: deviceRecordOf(device), transcriptHash, reverseSignature }, timeMs)
      .entry
  }
  append('add of b by a', add(a, b))
  append('add of c by b', add(b, c))
  const frozen = (seq: number) => ({ seq, hash: random.bytes(32) })
  const first = makeRotation(random, circle, a, [{ key: genesis.vaultKey, end: frozen(5) }], timeMs)
  append('rotate by a', first.entry)
  const [secondKey] = first.vaultKeys
  if (secondKey === undefined) throw new TypeError('a rotation without a vault')
  const removal = makeRotation(random, circle, a, [{ key: secondKey, end: frozen(9) }], timeMs, { devices: [b.id], disposition: 'delete' })
  append('remove of b by a', removal.entry)
  append('checkpoint by a', makeCheckpoint(circle, a, timeMs))
  append('epoch-done by c', makeEpochDone(circle, c, vault, 1, timeMs))
  append('leave by c', makeLeave(circle, c, timeMs))
  const [thirdKey] = removal.vaultKeys
  if (thirdKey === undefined) throw new TypeError('a rotation without a vault')
  const last = makeRotation(random, circle, a, [{ key: thirdKey, end: frozen(9) }], timeMs)
  append('rotate by a, which the departure made due', last.entry)
  const paper = createSigningKey(random)
  const wayBack = {
    slot: keySlotOf(circle.account),
    registration: newId<RequestId>(random),
    kemKey: createKemKey(random).publicKey,
    signKey: paper.publicKey,
    escrow: null,
  }
  append('recovery-add of a recovery key by a', makeRecoveryAdd(circle, a, wayBack, timeMs))
  const returned = makeDevice(random)
  append(
    'recover by the recovery key',
    makeRecover(random, circle, { slot: wayBack.slot, sign: paper }, returned, last.accountKey, timeMs).entry,
  )
  const escrow = { threshold: 2, limit: 10, statementHash: random.bytes(32), realmListHash: random.bytes(32) }
  const code = { ...wayBack, slot: returned.id as string as RecoverySlot, registration: newId<RequestId>(random), escrow }
  const codeKeys = { kemKey: createKemKey(random).publicKey, signKey: createSigningKey(random).publicKey }
  append('recovery-add of a passcode by the device that came back', makeRecoveryAdd(circle, returned, { ...code, ...codeKeys }, timeMs))
  append('recovery-remove of the recovery key by a', makeRecoveryRemove(circle, a, wayBack.slot, timeMs))
  append('add of w, a web device, by a', add(a, w))
  append('policy by a: no membership changes by web devices', makePolicy(circle, a, { web: 'no-membership', extension: 'off' }, timeMs))
  append('checkpoint by w, which the policy is part of', makeCheckpoint(circle, w, timeMs))
  return { random, devices, vault, genesis, made, add, account: circle.account }
}

// places in an entry's body: [version, label, account, seq, prev, type, ts, suite floor, payload]
const at = { version: 0, label: 1, account: 2, seq: 3, prev: 4, type: 5, suiteFloor: 7, payload: 8 } as const
const tree = (value: Tree[number] | undefined): Tree => {
  if (!Array.isArray(value)) throw new TypeError('not an array')
  return value as Tree
}

export function build(): CircleSuite {
  const { random, devices, vault, made, account } = makeStory()
  const { a, b, c, stranger, w } = devices
  const entries = made.map(({ entry }) => entry)
  const entry = (seq: number): Bytes => {
    const found = entries[seq]
    if (found === undefined) throw new TypeError(`no entry ${seq}`)
    return found
  }
  const refuse: CircleSuite['refuse'][number][] = []
  const add = (follows: number, name: string, encoded: Bytes, code: string, rule?: string, needs?: Need) =>
    refuse.push({
      name,
      follows,
      encoded: toHex(encoded),
      refuse: rule === undefined ? { code } : { code, rule },
      ...(needs === undefined ? {} : { needs }),
    })
  /** Entry `seq` of the story changed and signed again, where entry `seq` belongs. */
  const changed = (seq: number, name: string, change: (body: Tree) => void, code: string, rule?: string, by: DeviceKeys = a) =>
    add(seq, name, resign(entry(seq), by, labels.circleEntry, change), code, rule)
  const invalid = 'circle-invalid'

  // genesis
  const payload = (body: Tree) => tree(body[at.payload])
  add(0, 'genesis: broken signature', flip(entry(0), -1), invalid, 'CIR-2', 'signature')
  add(
    0,
    'genesis: signed by another device than it names',
    resign(entry(0), stranger, labels.circleEntry, () => undefined),
    invalid,
    'CIR-2',
  )
  changed(0, 'genesis: names an account', (body) => (body[at.account] = idToBytes(account)), invalid, 'CIR-1')
  changed(0, 'genesis: position 1', (body) => (body[at.seq] = 1), invalid, 'CIR-1')
  changed(0, 'genesis: has a predecessor', (body) => (body[at.prev] = new Uint8Array(32)), invalid, 'CIR-1')
  changed(0, 'genesis: suite floor 1', (body) => (body[at.suiteFloor] = 1), invalid, 'CIR-11')
  changed(0, 'genesis: suite floor 3, which is not known', (body) => (body[at.suiteFloor] = 3), 'update-needed')
  changed(0, 'genesis: version 2', (body) => (body[at.version] = 2), 'update-needed')
  changed(0, 'genesis: another label', (body) => (body[at.label] = labels.batch), 'malformed')
  changed(0, 'genesis: account key of generation 2', (body) => (tree(payload(body)[1])[0] = 2), invalid, 'CIR-1')
  changed(0, 'genesis: no vault', (body) => (payload(body)[2] = []), invalid, 'CIR-1')
  changed(0, 'genesis: vault at epoch 2', (body) => (tree(tree(payload(body)[2])[0])[1] = 2), invalid, 'CIR-1')
  changed(
    0,
    'genesis: the same vault twice',
    (body) => tree(payload(body)[2]).push([idToBytes(vault), 1, new Uint8Array(32)]),
    invalid,
    'CIR-1',
  )
  changed(0, 'genesis: one key for two purposes', (body) => (tree(payload(body)[1])[1] = a.seal.publicKey), invalid, 'CIR-5')
  changed(
    0,
    'genesis: one commitment for two keys',
    (body) => (tree(tree(payload(body)[2])[0])[2] = tree(payload(body)[1])[2] ?? null),
    invalid,
    'CIR-5',
  )
  changed(0, 'genesis: device class 4', (body) => (tree(payload(body)[0])[1] = 4), 'malformed')
  changed(0, 'genesis: an element too many', (body) => body.push(0), 'malformed')
  changed(0, 'genesis: a policy by its type', (body) => (body[at.type] = 8), 'malformed')
  add(0, 'genesis: a signed object of four elements', encodeTree([...treeOf(entry(0)), 0]), 'malformed')
  add(0, 'an addition in the place of the genesis', entry(1), invalid, 'CIR-1')

  // add
  changed(1, 'add: another account', (body) => (body[at.account] = new Uint8Array(16)), invalid, 'CIR-1')
  changed(1, 'add: no account', (body) => (body[at.account] = null), invalid, 'CIR-1')
  changed(1, 'add: a position left out', (body) => (body[at.seq] = 2), invalid, 'CIR-1')
  changed(1, 'add: another predecessor', (body) => (body[at.prev] = new Uint8Array(32)), invalid, 'CIR-1')
  changed(1, 'add: by a stranger', () => undefined, invalid, 'CIR-2', stranger)
  add(
    1,
    'add: signed under another label',
    resign(entry(1), a, labels.batch, () => undefined),
    invalid,
    'CIR-2',
    'signature',
  )
  add(
    1,
    'add: the first device’s signature under another name',
    encodeSigned({ ...decodeSigned(entry(1), 16_384, 'vector'), signer: stranger.id }),
    invalid,
    'CIR-2',
  )
  changed(1, 'add: suite floor lower than before', (body) => (body[at.suiteFloor] = 1), invalid, 'CIR-11')
  const reverse = (name: string, signature: Bytes) =>
    add(
      1,
      name,
      resign(entry(1), a, labels.circleEntry, (body) => (payload(body)[3] = signature)),
      invalid,
      'CIR-4',
      'signature',
    )
  reverse('add: no word of the new device', random.bytes(64))
  reverse('add: the new device’s word for another exchange', makeReverseSignature(account, b, random.bytes(32)))
  const transcriptOf = (seq: number) => tree(tree(treeOf(decodeSigned(entry(seq), 16_384, 'vector').body))[at.payload])[1] as Bytes
  reverse('add: another device’s word for this exchange', makeReverseSignature(account, stranger, transcriptOf(1)))
  changed(1, 'add: an X-Wing key one byte short', (body) => (tree(payload(body)[0])[3] = b.seal.publicKey.slice(1)), 'malformed')
  changed(1, 'add: a payload without its last element', (body) => payload(body).pop(), 'malformed')
  add(2, 'add: the same entry again', entry(1), invalid, 'CIR-1')
  const again = (follows: number, name: string, device: DeviceKeys, rule: string) => {
    const transcriptHash = random.bytes(32)
    const record = [idToBytes(device.id), 1, device.sign.publicKey, device.seal.publicKey]
    const { head, seq } = Circle.replay(entries.slice(0, follows))
    const body: Tree = [1, labels.circleEntry, idToBytes(account), seq + 1, head, 1, timeMs, 2]
    body.push([record, transcriptHash, random.bytes(32), makeReverseSignature(account, { ...device, class: 'cli' }, transcriptHash)])
    add(follows, name, signTree(a, labels.circleEntry, body), invalid, rule)
  }
  again(2, 'add: an id that is taken', { ...stranger, id: b.id }, 'CIR-5')
  again(2, 'add: a signature key that is taken', { ...stranger, sign: b.sign }, 'CIR-5')
  again(2, 'add: an X-Wing key that is taken', { ...stranger, seal: a.seal }, 'CIR-5')
  again(5, 'add: a removed device comes back', b, 'CIR-5')
  again(8, 'add: while a rotation is due', stranger, 'CIR-10')

  // rotate: payload = [[generation, X-Wing key, commitment], shares hash, [[vault, epoch, commitment, frozen seq, frozen hash] …]]
  const rotation = (body: Tree) => payload(body)
  const vaultOf = (body: Tree) => tree(tree(rotation(body)[2])[0])
  const genesisPayload = tree(treeOf(decodeSigned(entry(0), 16_384, 'vector').body)[at.payload])
  changed(3, 'rotate: two generations on', (body) => (tree(rotation(body)[0])[0] = 3), invalid, 'CIR-8')
  changed(3, 'rotate: the same generation', (body) => (tree(rotation(body)[0])[0] = 1), invalid, 'CIR-8')
  changed(3, 'rotate: generation 0', (body) => (tree(rotation(body)[0])[0] = 0), 'malformed')
  changed(3, 'rotate: two epochs on', (body) => (vaultOf(body)[1] = 3), invalid, 'CIR-8')
  changed(3, 'rotate: a vault left out', (body) => (rotation(body)[2] = []), invalid, 'CIR-8')
  changed(3, 'rotate: a vault that does not exist', (body) => (vaultOf(body)[0] = new Uint8Array(16)), invalid, 'CIR-8')
  changed(3, 'rotate: a vault twice', (body) => tree(rotation(body)[2]).push(vaultOf(body)), invalid, 'CIR-8')
  changed(
    3,
    'rotate: an account commitment used before',
    (body) => (tree(rotation(body)[0])[2] = tree(genesisPayload[1])[2] ?? null),
    invalid,
    'CIR-5',
  )
  changed(
    3,
    'rotate: an account X-Wing key used before',
    (body) => (tree(rotation(body)[0])[1] = tree(genesisPayload[1])[1] ?? null),
    invalid,
    'CIR-5',
  )
  changed(
    3,
    'rotate: a vault commitment used before',
    (body) => (vaultOf(body)[2] = tree(tree(genesisPayload[2])[0])[2] ?? null),
    invalid,
    'CIR-5',
  )
  changed(3, 'rotate: an element too many in the payload', (body) => rotation(body).push(0), 'malformed')
  changed(3, 'rotate: by a stranger', () => undefined, invalid, 'CIR-2', stranger)
  add(3, 'rotate: broken signature', flip(entry(3), -1), invalid, 'CIR-2', 'signature')
  changed(8, 'rotate: by a device that has left', () => undefined, invalid, 'CIR-2', c)

  // remove: payload = [devices, disposition, rotation]
  const inRemoval = (body: Tree) => tree(payload(body)[2])
  changed(4, 'remove: oneself', (body) => (payload(body)[0] = [idToBytes(a.id)]), invalid, 'CIR-7')
  changed(4, 'remove: nobody', (body) => (payload(body)[0] = []), invalid, 'CIR-7')
  changed(4, 'remove: a stranger', (body) => (payload(body)[0] = [idToBytes(stranger.id)]), invalid, 'CIR-7')
  changed(4, 'remove: one device twice', (body) => (payload(body)[0] = [idToBytes(b.id), idToBytes(b.id)]), invalid, 'CIR-7')
  changed(4, 'remove: disposition 2', (body) => (payload(body)[1] = 2), 'malformed')
  changed(4, 'remove: without a rotation', (body) => payload(body).pop(), 'malformed')
  changed(4, 'remove: the same generation', (body) => (tree(inRemoval(body)[0])[0] = 2), invalid, 'CIR-8')
  changed(4, 'remove: the same epoch', (body) => (tree(tree(inRemoval(body)[2])[0])[1] = 2), invalid, 'CIR-8')
  changed(4, 'remove: a frozen position before the last one', (body) => (tree(tree(inRemoval(body)[2])[0])[3] = 4), invalid, 'CIR-8')
  changed(4, 'remove: a frozen hash of 31 bytes', (body) => (tree(tree(inRemoval(body)[2])[0])[4] = new Uint8Array(31)), 'malformed')
  add(4, 'remove: broken signature', flip(entry(4), -1), invalid, 'CIR-2', 'signature')
  add(5, 'remove: the same entry again', entry(4), invalid, 'CIR-1')

  // checkpoint, epoch-done, leave
  changed(5, 'checkpoint: another state', (body) => (payload(body)[0] = new Uint8Array(32)), invalid, 'CIR-12')
  changed(5, 'checkpoint: a hash of 31 bytes', (body) => (payload(body)[0] = new Uint8Array(31)), 'malformed')
  changed(5, 'checkpoint: by a removed device', () => undefined, invalid, 'CIR-2', b)
  changed(6, 'epoch-done: the present epoch', (body) => (payload(body)[1] = 3), invalid, 'CIR-8', c)
  changed(6, 'epoch-done: epoch 0', (body) => (payload(body)[1] = 0), 'malformed', undefined, c)
  changed(6, 'epoch-done: a vault that does not exist', (body) => (payload(body)[0] = new Uint8Array(16)), invalid, 'CIR-8', c)
  const follow = (
    follows: number,
    name: string,
    type: number,
    content: Tree,
    by: DeviceKeys,
    code: string,
    rule?: string,
    extra: Tree = [],
  ) => {
    const { head, seq } = Circle.replay(entries.slice(0, follows))
    add(
      follows,
      name,
      signTree(by, labels.circleEntry, [1, labels.circleEntry, idToBytes(account), seq + 1, head, type, timeMs, 2, content, ...extra]),
      code,
      rule,
    )
  }
  follow(7, 'epoch-done: an epoch that was done before', 9, [idToBytes(vault), 1], a, invalid, 'CIR-8')
  follow(8, 'epoch-done: while a rotation is due', 9, [idToBytes(vault), 2], a, invalid, 'CIR-10')
  follow(8, 'checkpoint: while a rotation is due', 10, [new Uint8Array(32)], a, invalid, 'CIR-10')
  follow(7, 'leave: a stranger', 4, [], stranger, invalid, 'CIR-2')
  follow(7, 'leave: a removed device', 4, [], b, invalid, 'CIR-2')
  follow(8, 'leave: twice', 4, [], c, invalid, 'CIR-2')
  follow(7, 'leave: with a payload', 4, [0], c, 'malformed')
  follow(7, 'leave: with an element after the payload', 4, [], c, 'malformed', undefined, [0])
  follow(7, 'a second genesis', 0, genesisPayload, a, invalid, 'CIR-1')
  follow(7, 'entry type 11, which is not known', 11, [], a, 'update-needed')
  add(7, 'leave: a signature of 63 bytes', shortSignature(entry(7)), 'malformed')
  add(7, 'leave: the entry in a longer encoding', concatBytes(new Uint8Array([0x98, 3]), entry(7).slice(1)), 'malformed')
  add(7, 'leave: bytes after the entry', concatBytes(entry(7), new Uint8Array(1)), 'malformed')
  add(7, 'leave: signature over the body without its label', unlabelled(entry(7), c), invalid, 'CIR-2', 'signature')

  // policy: payload = [web, extension], each 0 full | 1 no membership changes | 2 off
  const policyAt = 14
  follow(policyAt, 'policy: a third reach', 8, [3, 0], a, 'malformed')
  follow(policyAt, 'policy: of one class only', 8, [1], a, 'malformed')
  follow(policyAt, 'policy: limits its writer', 8, [1, 0], w, invalid, 'CIR-23')
  follow(policyAt, 'policy: off, with such a device in the circle', 8, [2, 0], a, invalid, 'CIR-23')
  const limited = policyAt + 1
  follow(limited, 'policy: by a limited device', 8, [0, 0], w, invalid, 'CIR-23')
  follow(
    limited,
    'recovery-add: by a limited device',
    5,
    [
      [
        idToBytes(w.id),
        random.bytes(16),
        createKemKey(random).publicKey,
        createSigningKey(random).publicKey,
        [2, 10, random.bytes(32), random.bytes(32)],
      ],
    ],
    w,
    invalid,
    'CIR-23',
  )
  follow(limited, 'recovery-remove: by a limited device', 6, [idToBytes(a.id)], w, invalid, 'CIR-23')
  const incoming = random.bytes(32)
  const asExtension: Tree = [
    [idToBytes(stranger.id), 3, stranger.sign.publicKey, stranger.seal.publicKey],
    incoming,
    random.bytes(32),
    makeReverseSignature(account, stranger, incoming),
  ]
  follow(limited, 'add: by a limited device', 1, asExtension, w, invalid, 'CIR-23')
  follow(limited, 'add: of a class that is off', 1, asExtension, a, invalid, 'CIR-23')

  let circle: Circle | undefined
  return {
    about:
      'A circle with an entry of every type. "after" is the state once the entry was applied. A case under "refuse" must be refused when it follows the first "follows" entries; "needs" names what a reader must have to see the fault.',
    rules: [
      'CIR-1',
      'CIR-2',
      'CIR-3',
      'CIR-4',
      'CIR-5',
      'CIR-6',
      'CIR-7',
      'CIR-8',
      'CIR-10',
      'CIR-11',
      'CIR-12',
      'CIR-20',
      'CIR-21',
      'CIR-22',
      'CIR-23',
      'ENC-5',
      'ENC-6',
    ],
    devices: Object.fromEntries(Object.entries(devices).map(([name, keys]) => [name, toJsonDevice(keys)])),
    account,
    genesisHash: toHex(Circle.replay(entries.slice(0, 1)).genesisHash),
    entries: made.map(({ name, entry: encoded }) => {
      circle = circle === undefined ? Circle.replay([encoded]) : circle.extend([encoded])
      return { name, encoded: toHex(encoded), after: stateOf(circle) }
    }),
    refuse,
  }
}

function shortSignature(encoded: Bytes): Bytes {
  const signed = treeOf(encoded)
  signed[2] = (signed[2] as Bytes).slice(1)
  return encodeTree(signed)
}

function unlabelled(encoded: Bytes, signer: DeviceKeys): Bytes {
  const { body } = decodeSigned(encoded, 16_384, 'vector')
  return encodeSigned({ body, signer: signer.id, signature: sign(signer.sign, '', body) })
}

export function check(suite: CircleSuite): number {
  for (const [name, device] of Object.entries(suite.devices)) expect(toJsonDevice(fromJsonDevice(device)), name).toEqual(device)
  const entries = suite.entries.map(({ encoded }) => fromHex(encoded))
  const prefixes: Circle[] = []
  for (const [seq, { name, after }] of suite.entries.entries()) {
    const last = prefixes.at(-1)
    const encoded = entries.slice(seq, seq + 1)
    const circle = last === undefined ? Circle.replay(encoded) : last.extend(encoded)
    expect(stateOf(circle), name).toEqual(after)
    prefixes.push(circle)
  }
  const whole = Circle.replay(entries)
  expect(whole.account).toBe(suite.account)
  expect(toHex(whole.genesisHash)).toBe(suite.genesisHash)
  for (const { name, follows, encoded, refuse } of suite.refuse) {
    const before = prefixes[follows - 1]
    const entry = fromHex(encoded)
    expect(
      refusalOf(() => (before === undefined ? Circle.replay([entry]) : before.extend([entry]))),
      name,
    ).toEqual(refuse)
  }
  return suite.entries.length + suite.refuse.length
}
