/** `vectors/keys.json`: derivations and commitments (KEY-2, KEY-5), shares (KEY-7, KEY-8) and wraps (KEY-9, KEY-10). */
import { concatBytes, fromHex, idToBytes, newId, parseId, Secret, toHex, utf8, type Bytes, type DeviceId, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { deriveBytes, mac, sealOnce, sealTo } from '@nokkel/crypto'
import {
  accountKeyPublic,
  accountWrapKey,
  Circle,
  createAccountKey,
  createVaultKey,
  encodeShareBody,
  encodeWrap,
  labels,
  makeGenesis,
  makeRotation,
  openShare,
  openVaultKeys,
  previousWrapKey,
  recordKeyOf,
  sealShare,
  shareAad,
  shareListHash,
  vaultKeyCommitment,
  wrapAad,
  wrapVaultKey,
  type AccountKey,
  type VaultKey,
  type WrapHeader,
} from '@nokkel/protocol'
import { expect } from 'vitest'
import { fromJsonDevice, makeDevice, toJsonDevice, type JsonDevice } from './devices.ts'
import {
  encodeTree,
  flip,
  ListedRandom,
  refusalOf,
  resign,
  signTree,
  treeOf,
  type Need,
  type Refused,
  type Suite,
  type Tree,
} from './format.ts'

const seed = 505
const timeMs = 1_760_000_000_000

interface JsonAccountKey {
  readonly generation: number
  readonly secret: string
  readonly commitment: string
  readonly kemSeed: string
  readonly kemKey: string
  readonly wrapKey: string
}
interface JsonVaultKey {
  readonly vault: string
  readonly epoch: number
  readonly secret: string
  readonly commitment: string
  readonly recordKey: string
  readonly previousWrapKey: string
}

interface KeysSuite extends Suite {
  readonly devices: Readonly<Record<string, JsonDevice>>
  readonly circle: readonly string[]
  readonly account: string
  readonly accountKeys: readonly JsonAccountKey[]
  readonly vaultKeys: readonly JsonVaultKey[]
  /** ties the circle to the password (SIG-5) */
  readonly bind: { readonly exportKey: string; readonly bindKey: string; readonly genesisHash: string; readonly bind: string }
  readonly shares: {
    readonly accept: readonly {
      readonly name: string
      readonly from: string
      readonly to: string
      readonly generation: number
      /** what X-Wing encapsulates with, 64 bytes */
      readonly random: string
      readonly aad: string
      readonly encoded: string
    }[]
    readonly lists: readonly { readonly name: string; readonly shares: readonly number[]; readonly hash: string }[]
    readonly refuse: readonly (Refused & { readonly device: string; readonly encoded: string })[]
  }
  readonly wraps: {
    readonly accept: readonly {
      readonly name: string
      readonly vault: string
      readonly epoch: number
      readonly kind: 'vault' | 'previous'
      readonly under: number
      readonly salt: string
      readonly aad: string
      /** key of this one wrap */
      readonly key: string
      readonly encoded: string
    }[]
    /** passed over without an error: the reader holds no key for them */
    readonly silent: readonly { readonly name: string; readonly encoded: string }[]
    readonly refuse: readonly (Refused & { readonly encoded: string })[]
  }
}

function toJsonAccountKey(key: AccountKey): JsonAccountKey {
  const { kemKey, commitment } = accountKeyPublic(key)
  return {
    generation: key.generation,
    secret: toHex(key.secret.reveal()),
    commitment: toHex(commitment),
    kemSeed: toHex(deriveBytes(key.secret.reveal(), 'nk/1/puk/kem', 32)),
    kemKey: toHex(kemKey),
    wrapKey: toHex(accountWrapKey(key).reveal()),
  }
}

function toJsonVaultKey(key: VaultKey): JsonVaultKey {
  return {
    vault: key.vault,
    epoch: key.epoch,
    secret: toHex(key.secret.reveal()),
    commitment: toHex(vaultKeyCommitment(key)),
    recordKey: toHex(recordKeyOf(key).reveal()),
    previousWrapKey: toHex(previousWrapKey(key).reveal()),
  }
}

const fromJsonAccountKey = ({ generation, secret }: JsonAccountKey): AccountKey => ({ generation, secret: new Secret(fromHex(secret)) })
const fromJsonVaultKey = ({ vault, epoch, secret }: JsonVaultKey): VaultKey => ({
  vault: parseId<VaultId>(vault),
  epoch,
  secret: new Secret(fromHex(secret)),
})

function bindOf(exportKey: Bytes, genesisHash: Bytes) {
  const bindKey = deriveBytes(exportKey, labels.bind, 32)
  return { exportKey: toHex(exportKey), bindKey: toHex(bindKey), genesisHash: toHex(genesisHash), bind: toHex(mac(bindKey, genesisHash)) }
}

/** KEY-9: the key of one wrap. */
function wrapOnceKey(wrapKey: Secret, salt: Bytes): Bytes {
  return deriveBytes(concatBytes(wrapKey.reveal(), salt), 'nk/1/wrap', 32)
}

// places in the body of a share: [version, label, suite, account, generation, from, to, sealed]
const inShare = { version: 0, label: 1, suite: 2, account: 3, generation: 4, from: 5, to: 6, sealed: 7 } as const
// places in a wrap: [version, label, suite, account, vault, epoch, under, sealed]
const inWrap = { version: 0, label: 1, suite: 2, account: 3, vault: 4, epoch: 5, under: 6, sealed: 7 } as const

export function build(): KeysSuite {
  const random = new SeededRandom(seed)
  const devices = { a: makeDevice(random), b: makeDevice(random), stranger: makeDevice(random) }
  const { a, b, stranger } = devices
  const genesis = makeGenesis(random, a, newId<VaultId>(random), timeMs)
  const first = Circle.replay([genesis.entry])
  const rotation = makeRotation(random, first, a, [{ key: genesis.vaultKey, end: { seq: 4, hash: random.bytes(32) } }], timeMs)
  const circle = first.extend([rotation.entry])
  const [newVaultKey] = rotation.vaultKeys
  if (newVaultKey === undefined) throw new TypeError('a rotation without a vault')
  const { account } = circle
  const accountKeys = [genesis.accountKey, rotation.accountKey]
  const vaultKeys = [genesis.vaultKey, newVaultKey]

  const share = (name: string, to: typeof a, key: AccountKey) => {
    const encapsulation = toHex(random.bytes(64))
    const encoded = sealShare(new ListedRandom([encapsulation]), a, account, { id: to.id, sealKey: to.seal.publicKey }, key)
    const aad = shareAad({ account, generation: key.generation, from: a.id, to: to.id })
    return {
      name,
      from: 'a',
      to: to === a ? 'a' : 'b',
      generation: key.generation,
      random: encapsulation,
      aad: toHex(aad),
      encoded: toHex(encoded),
    }
  }
  const acceptedShares = [
    share('to itself', a, genesis.accountKey),
    share('to another device', b, genesis.accountKey),
    share('of the next generation', b, rotation.accountKey),
  ]
  const goodShare = fromHex(acceptedShares[1]?.encoded ?? '')

  const refusedShares: KeysSuite['shares']['refuse'][number][] = []
  const badShare = (name: string, encoded: Bytes, code: string, rule?: string, needs?: Need, device = 'b') =>
    refusedShares.push({
      name,
      device,
      encoded: toHex(encoded),
      refuse: rule === undefined ? { code } : { code, rule },
      ...(needs === undefined ? {} : { needs }),
    })
  const changedShare = (name: string, change: (body: Tree) => void, code: string, rule?: string, needs?: Need, by = a) =>
    badShare(name, resign(goodShare, by, labels.accountKeyShare, change), code, rule, needs)
  const invalid = 'share-invalid'
  /** A share made well around any content. */
  const made = (generation: number, content: Uint8Array): Bytes => {
    const header = { account, generation, from: a.id, to: b.id }
    const sealed = sealTo(random, b.seal.publicKey, utf8(labels.accountKeyShare), shareAad(header), content)
    return signTree(a, labels.accountKeyShare, treeOf(encodeShareBody({ ...header, sealed })))
  }
  badShare('for another device', goodShare, invalid, 'KEY-8', undefined, 'a')
  badShare('broken signature', flip(goodShare, -1), invalid, 'KEY-8', 'signature')
  badShare(
    'signed under another label',
    resign(goodShare, a, labels.batch, () => undefined),
    invalid,
    'KEY-8',
    'signature',
  )
  changedShare('from a stranger', (body) => (body[inShare.from] = idToBytes(stranger.id)), invalid, 'KEY-8', undefined, stranger)
  changedShare('signed by another device than it names', () => undefined, invalid, 'KEY-8', undefined, stranger)
  changedShare('of another account', (body) => (body[inShare.account] = new Uint8Array(16)), invalid, 'KEY-8')
  changedShare('says another generation than was sealed', (body) => (body[inShare.generation] = 2), invalid, 'KEY-7', 'aead')
  changedShare(
    'a bit of the sealed part turned over',
    (body) => (body[inShare.sealed] = flip(body[inShare.sealed] as Bytes, -1)),
    invalid,
    'KEY-7',
    'aead',
  )
  changedShare('the sealed part cut short', (body) => (body[inShare.sealed] = new Uint8Array(1_100)), invalid, 'KEY-7')
  badShare('a key that the circle does not commit to', made(1, random.bytes(32)), invalid, 'KEY-5', 'aead')
  badShare('of a generation that the circle does not have', made(3, random.bytes(32)), invalid, 'KEY-5', 'aead')
  badShare('a key of 31 bytes', made(1, random.bytes(31)), invalid, 'KEY-7', 'aead')
  changedShare('suite 1', (body) => (body[inShare.suite] = 1), 'update-needed')
  changedShare('version 2', (body) => (body[inShare.version] = 2), 'update-needed')
  changedShare('another label inside', (body) => (body[inShare.label] = labels.batch), 'malformed')
  changedShare('generation 0', (body) => (body[inShare.generation] = 0), 'malformed')
  changedShare('an element too many', (body) => body.push(0), 'malformed')
  badShare('longer than 2,048 bytes', new Uint8Array(2_049), 'too-large')

  const wrap = (name: string, key: VaultKey, kind: WrapHeader['kind'], under: number, wrapKey: Secret) => {
    const salt = random.bytes(32)
    const header: WrapHeader = { account, vault: key.vault, epoch: key.epoch, kind, under }
    const aad = wrapAad(header)
    const once = wrapOnceKey(wrapKey, salt)
    const encoded = encodeWrap({ ...header, sealed: concatBytes(salt, sealOnce(once, aad, key.secret.reveal())) })
    return {
      name,
      vault: key.vault as string,
      epoch: key.epoch,
      kind,
      under,
      salt: toHex(salt),
      aad: toHex(aad),
      key: toHex(once),
      encoded: toHex(encoded),
    }
  }
  const acceptedWraps = [
    wrap('the present vault key under the present account key', newVaultKey, 'vault', 2, accountWrapKey(rotation.accountKey)),
    wrap('the vault key before under the present one', genesis.vaultKey, 'previous', 2, previousWrapKey(newVaultKey)),
    wrap('the first vault key under the first account key', genesis.vaultKey, 'vault', 1, accountWrapKey(genesis.accountKey)),
  ]
  const goodWrap = fromHex(acceptedWraps[0]?.encoded ?? '')
  const refusedWraps: KeysSuite['wraps']['refuse'][number][] = []
  const badWrap = (name: string, encoded: Bytes, code: string, rule?: string, needs?: Need) =>
    refusedWraps.push({
      name,
      encoded: toHex(encoded),
      refuse: rule === undefined ? { code } : { code, rule },
      ...(needs === undefined ? {} : { needs }),
    })
  const changedWrap = (name: string, change: (wrap: Tree) => void, code: string, rule?: string, needs?: Need) => {
    const tree = treeOf(goodWrap)
    change(tree)
    badWrap(name, encodeTree(tree), code, rule, needs)
  }
  const foreign = createVaultKey(random, newVaultKey.vault, 2)
  changedWrap('of another account', (tree) => (tree[inWrap.account] = new Uint8Array(16)), invalid, 'KEY-9')
  changedWrap('of another vault', (tree) => (tree[inWrap.vault] = new Uint8Array(16)), invalid, 'KEY-9', 'aead')
  changedWrap('of another epoch', (tree) => (tree[inWrap.epoch] = 1), invalid, 'KEY-9', 'aead')
  changedWrap('under another generation', (tree) => (tree[inWrap.under] = 1), invalid, 'KEY-9', 'aead')
  changedWrap(
    'a bit of the salt turned over',
    (tree) => (tree[inWrap.sealed] = flip(tree[inWrap.sealed] as Bytes, 0)),
    invalid,
    'KEY-9',
    'aead',
  )
  changedWrap(
    'a bit of the tag turned over',
    (tree) => (tree[inWrap.sealed] = flip(tree[inWrap.sealed] as Bytes, -1)),
    invalid,
    'KEY-9',
    'aead',
  )
  changedWrap('a sealed part of 79 bytes', (tree) => (tree[inWrap.sealed] = new Uint8Array(79)), invalid, 'KEY-9')
  badWrap('a key that the circle does not commit to', wrapVaultKey(random, account, foreign, rotation.accountKey), invalid, 'KEY-5', 'aead')
  badWrap(
    'of an epoch that the circle does not have',
    wrapVaultKey(random, account, { ...foreign, epoch: 9 }, rotation.accountKey),
    invalid,
    'KEY-5',
    'aead',
  )
  changedWrap('another label', (tree) => (tree[inWrap.label] = 'nk/1/wrap'), 'malformed')
  changedWrap('epoch 0', (tree) => (tree[inWrap.epoch] = 0), 'malformed')
  changedWrap('an element too many', (tree) => tree.push(0), 'malformed')
  changedWrap('suite 1', (tree) => (tree[inWrap.suite] = 1), 'update-needed')
  changedWrap('version 2', (tree) => (tree[inWrap.version] = 2), 'update-needed')
  badWrap('longer than 512 bytes', new Uint8Array(513), 'too-large')

  const shareBytes = acceptedShares.map(({ encoded }) => fromHex(encoded))
  const listed = (name: string, shares: readonly number[]) => ({
    name,
    shares,
    hash: toHex(shareListHash(shares.flatMap((i) => shareBytes.slice(i, i + 1)))),
  })
  return {
    about:
      'The circle commits to two generations of the account key and two epochs of one vault key. Shares are opened by the device named, wraps by a reader that holds both account keys.',
    rules: ['KEY-2', 'KEY-4', 'KEY-5', 'KEY-7', 'KEY-8', 'KEY-9', 'KEY-10', 'SIG-5'],
    devices: Object.fromEntries(Object.entries(devices).map(([name, keys]) => [name, toJsonDevice(keys)])),
    circle: [genesis.entry, rotation.entry].map(toHex),
    account,
    accountKeys: accountKeys.map(toJsonAccountKey),
    vaultKeys: vaultKeys.map(toJsonVaultKey),
    bind: bindOf(random.bytes(64), circle.genesisHash),
    shares: {
      accept: acceptedShares,
      lists: [
        listed('no share', []),
        listed('one share', [1]),
        listed('three shares', [0, 1, 2]),
        listed('three shares in another order', [2, 0, 1]),
      ],
      refuse: refusedShares,
    },
    wraps: {
      accept: acceptedWraps,
      silent: [
        {
          name: 'under a generation that the reader does not hold',
          encoded: toHex(wrapVaultKey(random, account, newVaultKey, createAccountKey(random, 7))),
        },
      ],
      refuse: refusedWraps,
    },
  }
}

export function check(suite: KeysSuite): number {
  const circle = Circle.replay(suite.circle.map(fromHex))
  expect(circle.account).toBe(suite.account)
  for (const key of suite.accountKeys) expect(toJsonAccountKey(fromJsonAccountKey(key))).toEqual(key)
  for (const key of suite.vaultKeys) expect(toJsonVaultKey(fromJsonVaultKey(key))).toEqual(key)
  expect(bindOf(fromHex(suite.bind.exportKey), fromHex(suite.bind.genesisHash))).toEqual(suite.bind)
  const accountKeys = new Map(suite.accountKeys.map((key) => [key.generation, fromJsonAccountKey(key)]))
  const device = (name: string) => {
    const found = suite.devices[name]
    if (found === undefined) throw new TypeError(`no device ${name}`)
    return fromJsonDevice(found)
  }
  const { shares, wraps } = suite
  for (const { name, from, to, generation, random, aad, encoded } of shares.accept) {
    const key = accountKeys.get(generation) as AccountKey
    const recipient = device(to)
    const sealed = sealShare(
      new ListedRandom([random]),
      device(from),
      circle.account,
      { id: recipient.id, sealKey: recipient.seal.publicKey },
      key,
    )
    expect(toHex(sealed), name).toBe(encoded)
    expect(toHex(shareAad({ account: circle.account, generation, from: parseId<DeviceId>(device(from).id), to: recipient.id })), name).toBe(
      aad,
    )
    expect(toHex(openShare(circle, recipient, fromHex(encoded)).secret.reveal()), name).toBe(toHex(key.secret.reveal()))
  }
  for (const { name, shares: positions, hash } of shares.lists)
    expect(toHex(shareListHash(positions.map((i) => fromHex(shares.accept[i]?.encoded ?? '')))), name).toBe(hash)
  for (const { name, device: reader, encoded, refuse } of shares.refuse)
    expect(
      refusalOf(() => openShare(circle, device(reader), fromHex(encoded))),
      name,
    ).toEqual(refuse)

  const opened = openVaultKeys(
    circle,
    wraps.accept.map(({ encoded }) => fromHex(encoded)),
    accountKeys,
  )
  expect(opened.map(toJsonVaultKey).sort((x, y) => x.epoch - y.epoch)).toEqual(suite.vaultKeys)
  for (const { name, vault, epoch, kind, under, salt, aad, encoded } of wraps.accept) {
    expect(toHex(wrapAad({ account: circle.account, vault: parseId<VaultId>(vault), epoch, kind, under })), name).toBe(aad)
    const key = fromJsonVaultKey(suite.vaultKeys[epoch - 1] as JsonVaultKey)
    if (kind === 'vault')
      expect(toHex(wrapVaultKey(new ListedRandom([salt]), circle.account, key, accountKeys.get(under) as AccountKey)), name).toBe(encoded)
  }
  for (const { name, encoded } of wraps.silent) expect(openVaultKeys(circle, [fromHex(encoded)], accountKeys), name).toEqual([])
  for (const { name, encoded, refuse } of wraps.refuse)
    expect(
      refusalOf(() => openVaultKeys(circle, [fromHex(encoded)], accountKeys)),
      name,
    ).toEqual(refuse)
  return shares.accept.length + shares.lists.length + shares.refuse.length + wraps.accept.length + wraps.silent.length + wraps.refuse.length
}
