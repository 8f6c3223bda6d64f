/** `vectors/record.json`: sealed records in their places, and records that must not open (REC-1 … REC-4); padding (REC-3). */
import { fromHex, newId, parseId, Secret, toHex, utf8, type AccountId, type Bytes, type ItemId, type VaultId } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { deriveBoundKey, sealOnce } from '@nokkel/crypto'
import {
  createVaultKey,
  decodeRecord,
  encodeRecord,
  openRecord,
  pad,
  paddedLength,
  recordAad,
  recordHash,
  recordKeyOf,
  sealRecord,
  unpad,
} from '@nokkel/protocol'
import { expect } from 'vitest'
import { encodeTree, flip, ListedRandom, refusalOf, treeOf, type Need, type Refused, type Suite, type Tree } from './format.ts'

interface JsonPlace {
  readonly account: string
  readonly vault: string
  readonly item: string
}

interface RecordSuite extends Suite {
  readonly accept: readonly {
    readonly name: string
    readonly place: JsonPlace
    readonly epoch: number
    readonly vaultKey: string
    readonly recordKey: string
    /** revision and salt, which are random */
    readonly rev: string
    readonly salt: string
    readonly plaintext: string
    readonly aad: string
    /** key of this one revision */
    readonly key: string
    readonly envelope: string
    readonly hash: string
  }[]
  readonly refuse: readonly (Refused & { readonly place: JsonPlace; readonly recordKey: string; readonly envelope: string })[]
  readonly padding: {
    readonly lengths: readonly (readonly [content: number, padded: number])[]
    readonly accept: readonly { readonly plaintext: string; readonly padded: string }[]
    readonly refuse: readonly (Refused & { readonly padded: string })[]
  }
}

const parsePlace = ({ account, vault, item }: JsonPlace) => ({
  account: parseId<AccountId>(account),
  vault: parseId<VaultId>(vault),
  item: parseId<ItemId>(item),
})

// places in an envelope: [version, label, suite, vault, item, rev, epoch, salt, ciphertext]
const at = { version: 0, label: 1, suite: 2, vault: 3, item: 4, rev: 5, epoch: 6, salt: 7, ciphertext: 8 } as const

/** The least number that Padmé pads, the steps around its first exponents, and the largest record. */
const lengths = [
  0, 1, 255, 256, 257, 272, 273, 511, 512, 513, 544, 545, 1_000, 1_024, 1_025, 4_095, 4_096, 4_097, 65_535, 65_537, 100_000, 200_001,
]

export function build(): RecordSuite {
  const random = new SeededRandom(404)
  const account = newId<AccountId>(random)
  const vault = newId<VaultId>(random)
  const item = newId<ItemId>(random)
  const place: JsonPlace = { account, vault, item }
  const vaultKey = createVaultKey(random, vault, 3)
  const recordKey = recordKeyOf(vaultKey)
  const seal = (name: string, plaintext: Bytes) => {
    const rev = random.bytes(16)
    const salt = random.bytes(32)
    const { encoded, hash } = sealRecord(
      new ListedRandom([toHex(rev), toHex(salt)]),
      recordKey,
      { account, vault, item, epoch: 3 },
      plaintext,
    )
    const aad = recordAad({ account, vault, item, rev, epoch: 3 })
    return {
      name,
      place,
      epoch: 3,
      vaultKey: toHex(vaultKey.secret.reveal()),
      recordKey: toHex(recordKey.reveal()),
      rev: toHex(rev),
      salt: toHex(salt),
      plaintext: toHex(plaintext),
      aad: toHex(aad),
      key: toHex(deriveBoundKey(recordKey, salt, aad)),
      envelope: toHex(encoded),
      hash: toHex(hash),
    }
  }
  const accept = [
    seal('nothing', new Uint8Array(0)),
    seal('a short text', utf8('hemmelig')),
    seal('the longest that fits 256 bytes', random.bytes(255)),
    seal('a longer one', random.bytes(700)),
  ]
  const good = fromHex(accept[1]?.envelope ?? '')

  const refuse: RecordSuite['refuse'][number][] = []
  const add = (name: string, envelope: Bytes, code: string, needs?: Need, expected: Partial<JsonPlace> = {}, key: Secret = recordKey) =>
    refuse.push({
      name,
      place: { ...place, ...expected },
      recordKey: toHex(key.reveal()),
      envelope: toHex(envelope),
      refuse: { code },
      ...(needs === undefined ? {} : { needs }),
    })
  const changed = (name: string, change: (envelope: Tree) => void, code: string, needs?: Need) => {
    const envelope = treeOf(good)
    change(envelope)
    add(name, encodeTree(envelope), code, needs)
  }
  const other = toHex(random.bytes(16))
  const closed = 'open-failed'
  add('expected as another item', good, closed, 'aead', { item: other })
  add('expected in another vault', good, closed, 'aead', { vault: other })
  add('expected in another account', good, closed, 'aead', { account: other })
  add('under the key of another epoch', good, closed, 'aead', {}, recordKeyOf(createVaultKey(random, vault, 2)))
  changed('names another epoch', (envelope) => (envelope[at.epoch] = 2), closed, 'aead')
  changed('names another revision', (envelope) => (envelope[at.rev] = random.bytes(16)), closed, 'aead')
  changed('another salt', (envelope) => (envelope[at.salt] = random.bytes(32)), closed, 'aead')
  changed(
    'a bit of the ciphertext turned over',
    (envelope) => (envelope[at.ciphertext] = flip(envelope[at.ciphertext] as Bytes, 0)),
    closed,
    'aead',
  )
  changed(
    'a bit of the tag turned over',
    (envelope) => (envelope[at.ciphertext] = flip(envelope[at.ciphertext] as Bytes, -1)),
    closed,
    'aead',
  )
  changed(
    'the ciphertext of another revision',
    (envelope) => (envelope[at.ciphertext] = treeOf(fromHex(accept[0]?.envelope ?? ''))[at.ciphertext] ?? null),
    closed,
    'aead',
  )
  const sealed = (name: string, padded: Bytes) => {
    const rev = random.bytes(16)
    const salt = random.bytes(32)
    const aad = recordAad({ account, vault, item, rev, epoch: 3 })
    const ciphertext = sealOnce(deriveBoundKey(recordKey, salt, aad), aad, padded)
    add(name, encodeRecord({ vault, item, rev, epoch: 3, salt, ciphertext }), closed, 'aead')
  }
  sealed('sealed well, padded with zeros only', new Uint8Array(256))
  sealed(
    'sealed well, padded to a length that Padmé does not have',
    Uint8Array.from({ length: 300 }, (_, i) => (i === 5 ? 0x80 : 0)),
  )
  changed('the shortest ciphertext less one byte', (envelope) => (envelope[at.ciphertext] = new Uint8Array(271)), 'malformed')
  changed('a salt of 31 bytes', (envelope) => (envelope[at.salt] = new Uint8Array(31)), 'malformed')
  changed('a revision of 15 bytes', (envelope) => (envelope[at.rev] = new Uint8Array(15)), 'malformed')
  changed('epoch 0', (envelope) => (envelope[at.epoch] = 0), 'malformed')
  changed('another label', (envelope) => (envelope[at.label] = 'nk/2/rec'), 'malformed')
  changed('an element too many', (envelope) => envelope.push(0), 'malformed')
  changed('an element too few', (envelope) => envelope.pop(), 'malformed')
  changed('suite 1', (envelope) => (envelope[at.suite] = 1), 'update-needed')
  changed('version 2', (envelope) => (envelope[at.version] = 2), 'update-needed')

  const badPadding: readonly (readonly [name: string, padded: Bytes])[] = [
    ['nothing at all', new Uint8Array(0)],
    ['zeros only', new Uint8Array(256)],
    ['the mark alone, without its zeros', new Uint8Array([0x80])],
    ['another mark', Uint8Array.from({ length: 256 }, (_, i) => (i === 9 ? 0x81 : 0))],
    ['one zero too few', pad(utf8('x')).slice(0, 255)],
    ['one zero too many', new Uint8Array([...pad(utf8('x')), 0])],
    ['padded further than needed', Uint8Array.from({ length: 512 }, (_, i) => (i === 9 ? 0x80 : 0))],
    ['300 bytes, a length that Padmé does not have', Uint8Array.from({ length: 300 }, (_, i) => (i === 5 ? 0x80 : 0))],
    ['content where the zeros belong', Uint8Array.from({ length: 256 }, (_, i) => (i === 9 ? 0x80 : i === 255 ? 1 : 0))],
    ['no room for the mark', new Uint8Array(256).fill(7)],
  ]
  return {
    about:
      'Sealed records with every value on the way. A case under "refuse" is read with "recordKey" as the record of "place", and must fail as given. "padding": lengths of content with its mark and of the padded whole, padded texts, and texts that are padded wrongly.',
    rules: ['REC-1', 'REC-2', 'REC-3', 'REC-4', 'KEY-3', 'KEY-4'],
    accept,
    refuse,
    padding: {
      lengths: lengths.map((length) => [length, paddedLength(length)] as const),
      accept: [new Uint8Array(0), utf8('x'), new Uint8Array([0x80, 0, 0]), random.bytes(255), random.bytes(256), random.bytes(300)].map(
        (plaintext) => ({
          plaintext: toHex(plaintext),
          padded: toHex(pad(plaintext)),
        }),
      ),
      refuse: badPadding.map(([name, padded]) => ({ name, padded: toHex(padded), refuse: { code: closed } })),
    },
  }
}

export function check(suite: RecordSuite): number {
  for (const { name, place, epoch, vaultKey, recordKey, rev, salt, plaintext, aad, key, envelope, hash } of suite.accept) {
    const { account, vault, item } = parsePlace(place)
    const derived = recordKeyOf({ vault, epoch, secret: new Secret(fromHex(vaultKey)) })
    expect(toHex(derived.reveal()), name).toBe(recordKey)
    expect(toHex(recordAad({ account, vault, item, epoch, rev: fromHex(rev) })), name).toBe(aad)
    expect(toHex(deriveBoundKey(derived, fromHex(salt), fromHex(aad))), name).toBe(key)
    const sealed = sealRecord(new ListedRandom([rev, salt]), derived, { account, vault, item, epoch }, fromHex(plaintext))
    expect([toHex(sealed.encoded), toHex(sealed.hash)], name).toEqual([envelope, hash])
    expect(toHex(recordHash(fromHex(envelope))), name).toBe(hash)
    expect(toHex(openRecord(derived, { account, vault, item }, decodeRecord(fromHex(envelope)))), name).toBe(plaintext)
  }
  for (const { name, place, recordKey, envelope, refuse } of suite.refuse)
    expect(
      refusalOf(() => openRecord(new Secret(fromHex(recordKey)), parsePlace(place), decodeRecord(fromHex(envelope)))),
      name,
    ).toEqual(refuse)
  const { padding } = suite
  for (const [content, padded] of padding.lengths) expect(paddedLength(content), `${content} bytes`).toBe(padded)
  for (const { plaintext, padded } of padding.accept) {
    expect(toHex(pad(fromHex(plaintext)))).toBe(padded)
    expect(toHex(unpad(fromHex(padded)))).toBe(plaintext)
  }
  for (const { name, padded, refuse } of padding.refuse)
    expect(
      refusalOf(() => unpad(fromHex(padded))),
      name,
    ).toEqual(refuse)
  return suite.accept.length + suite.refuse.length + padding.lengths.length + padding.accept.length + padding.refuse.length
}
