/** `vectors/item.json`: the plaintext of an item (REC-5), unknown parts included (B4), and plaintexts that are none. */
import { encodeCbor, fromHex, toHex, type Bytes, type CborValue } from '@nokkel/base'
import { decodeItem, encodeItem, removalOf, type Hlc, type Item } from '@nokkel/keychain'
import { expect } from 'vitest'
import { encodeTree, fromJsonValue, refusalOf, toJsonValue, treeOf, type JsonValue, type Refused, type Suite, type Tree } from './format.ts'

type JsonHlc = readonly [ms: number, ctr: number, dev: string]

interface JsonItem {
  readonly schema: number
  readonly kind: string
  readonly created: JsonHlc
  /** in the order of the encoding: by name, in UTF-16 code units */
  readonly fields: readonly { readonly name: string; readonly value: JsonValue; readonly at: JsonHlc }[]
  readonly removal: { readonly state: 'deleted' | 'restored'; readonly at: JsonHlc } | null
  readonly purge: JsonHlc | null
  readonly history: readonly {
    readonly field: string
    readonly value: JsonValue
    readonly at: JsonHlc
    readonly reason: 'replaced' | 'conflict'
  }[]
  readonly extra: readonly JsonValue[]
}

interface ItemSuite extends Suite {
  readonly accept: readonly {
    readonly name: string
    readonly item: JsonItem
    readonly removal: 'none' | 'deleted' | 'purged'
    readonly encoded: string
  }[]
  readonly refuse: readonly (Refused & { readonly encoded: string })[]
}

const fromJsonHlc = ([ms, ctr, dev]: JsonHlc): Hlc => ({ ms, ctr, dev })

function fromJsonItem(item: JsonItem): Item {
  return {
    schema: item.schema,
    kind: item.kind,
    created: fromJsonHlc(item.created),
    fields: new Map(item.fields.map(({ name, value, at }) => [name, { value: fromJsonValue(value), hlc: fromJsonHlc(at) }])),
    removal: item.removal === null ? null : { state: item.removal.state, hlc: fromJsonHlc(item.removal.at) },
    purge: item.purge === null ? null : fromJsonHlc(item.purge),
    history: item.history.map(({ field, value, at, reason }) => ({ field, value: fromJsonValue(value), hlc: fromJsonHlc(at), reason })),
    extra: item.extra.map(fromJsonValue),
  }
}

const day = 1_760_000_000_000
const phone = '00112233aabbccdd'
const laptop = 'ffeeddcc44332211'
const now: JsonHlc = [day, 0, phone]
const field = (name: string, value: CborValue, at: JsonHlc = now) => ({ name, value: toJsonValue(value), at })
const plain = { schema: 1, kind: 'password', created: now, removal: null, purge: null, history: [], extra: [] }

const items: readonly (readonly [name: string, item: JsonItem])[] = [
  ['nothing but a kind', { ...plain, kind: 'note', fields: [] }],
  [
    'a password',
    {
      ...plain,
      fields: [
        field('password', 'nytt passord', [day + 5, 2, laptop]),
        field('site:https://bank.example', true),
        field('site:https://old.example', false, [day + 9, 0, laptop]),
        field('title', 'Banken på hjørnet'),
        field('username', 'kari'),
      ],
      history: [{ field: 'password', value: toJsonValue('gammelt passord'), at: now, reason: 'replaced' }],
    },
  ],
  [
    'a value that lost a conflict, and an emptied field',
    {
      ...plain,
      fields: [field('custom:PIN', ['1234', true]), field('notes', null, [day + 1, 0, laptop])],
      history: [{ field: 'title', value: toJsonValue('tapte'), at: [day + 3, 1, phone], reason: 'conflict' }],
    },
  ],
  ['deleted', { ...plain, fields: [field('title', 'x')], removal: { state: 'deleted', at: [day + 20, 0, phone] } }],
  [
    'edited after it was deleted',
    { ...plain, fields: [field('title', 'x', [day + 30, 0, laptop])], removal: { state: 'deleted', at: [day + 20, 0, phone] } },
  ],
  ['restored', { ...plain, fields: [field('title', 'x')], removal: { state: 'restored', at: [day + 25, 4_294_967_295, phone] } }],
  ['purged', { ...plain, fields: [], removal: { state: 'deleted', at: [day + 20, 0, phone] }, purge: [day + 40, 0, phone] }],
  [
    'from a newer version: schema, kind, field, value and elements that nobody knows yet',
    {
      ...plain,
      schema: 7,
      kind: 'romskip',
      fields: [field('warp', [1, 'x', new Uint8Array([1, 2])])],
      extra: [toJsonValue([1, 2]), toJsonValue('tail')],
    },
  ],
  [
    'names sort by UTF-16 code units',
    { ...plain, fields: [field('tag:a', true), field('tag:å', true), field('tag:\ud83d\ude00', true), field('tag:\ufffd', true)] },
  ],
  ['a passkey', { ...plain, kind: 'passkey', fields: [field('credentialId', new Uint8Array([9, 8, 7])), field('rpId', 'example.com')] }],
]

// places in the plaintext: [schema, kind, created, fields, removal, purge, history, …extra]
const at = { schema: 0, kind: 1, created: 2, fields: 3, removal: 4, purge: 5, history: 6 } as const

export function build(): ItemSuite {
  const accept = items.map(([name, item]) => ({
    name,
    item,
    removal: removalOf(fromJsonItem(item)),
    encoded: toHex(encodeItem(fromJsonItem(item))),
  }))
  const good = fromHex(accept[1]?.encoded ?? '')
  const refuse: ItemSuite['refuse'][number][] = []
  const add = (name: string, encoded: Bytes, code = 'malformed') => refuse.push({ name, encoded: toHex(encoded), refuse: { code } })
  const changed = (name: string, change: (item: Tree) => void) => {
    const item = treeOf(good)
    change(item)
    add(name, encodeTree(item))
  }
  const list = (item: Tree, place: number): Tree => item[place] as Tree
  add('no array', encodeCbor('x'))
  add('an empty array', encodeCbor([]))
  changed('schema 0', (item) => (item[at.schema] = 0))
  changed('schema 256', (item) => (item[at.schema] = 256))
  changed('a kind of 65 letters', (item) => (item[at.kind] = 'x'.repeat(65)))
  changed('a time without its device', (item) => (item[at.created] = [day, 0]))
  changed('a time with a device of seven bytes', (item) => (item[at.created] = [day, 0, new Uint8Array(7)]))
  changed('a counter of 2^32', (item) => (item[at.created] = [day, 4_294_967_296, new Uint8Array(8)]))
  changed('one field twice', (item) => list(item, at.fields).push(list(list(item, at.fields), 0)))
  changed('a field with an element too many', (item) => list(list(item, at.fields), 0).push(0))
  changed(
    '301 fields',
    (item) => (item[at.fields] = Array.from({ length: 301 }, (_, i): Tree => [`custom:${i}`, null, day, 0, new Uint8Array(8)])),
  )
  changed('a name of 2,101 letters', (item) => (list(list(item, at.fields), 0)[0] = 'x'.repeat(2_101)))
  changed('a removal of state 2', (item) => (item[at.removal] = [2, day, 0, new Uint8Array(8)]))
  changed('a purge that is a number', (item) => (item[at.purge] = 1))
  changed(
    '21 entries of history',
    (item) => (item[at.history] = Array.from({ length: 21 }, (_, i): Tree => ['title', 'x', i, 0, new Uint8Array(8), 0])),
  )
  changed('an entry of history with reason 2', (item) => (item[at.history] = [['title', 'x', 1, 0, new Uint8Array(8), 2]]))
  changed('no history', (item) => item.splice(at.history))
  add('bytes after the item', new Uint8Array([...good, 0]))
  return {
    about:
      'Plaintexts of items. A time is [milliseconds, counter, first eight bytes of the device’s id]. "removal" is what a reader shows.',
    rules: ['REC-5', 'SYN-20', 'SYN-23', 'SYN-24', 'SYN-25'],
    accept,
    refuse,
  }
}

export function check(suite: ItemSuite): number {
  for (const { name, item, removal, encoded } of suite.accept) {
    expect(toHex(encodeItem(fromJsonItem(item))), name).toBe(encoded)
    const decoded = decodeItem(fromHex(encoded))
    expect(toHex(encodeItem(decoded)), name).toBe(encoded)
    expect(decoded, name).toEqual(fromJsonItem(item))
    expect(removalOf(decoded), name).toBe(removal)
  }
  for (const { name, encoded, refuse } of suite.refuse)
    expect(
      refusalOf(() => decodeItem(fromHex(encoded))),
      name,
    ).toEqual(refuse)
  return suite.accept.length + suite.refuse.length
}
