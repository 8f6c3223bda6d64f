/**
 * An item in memory and its plaintext encoding (SPEC REC-5). Fields are last-writer-wins registers; nothing that this version does
 * not know is dropped: unknown fields, kinds and trailing elements are carried along byte for byte (B4).
 * Plaintext: [schema, kind, created, [[name, value, ms, ctr, dev] …], removal | null, purge | null, [[name, value, ms, ctr, dev, reason] …], …extra]
 */
import { CborReader, encodeCbor, fromHex, NokkelError, toHex, type Bytes, type CborValue } from '@nokkel/base'
import { itemLimits } from './fields.ts'
import { compareHlc, maxHlcCounter, maxHlcMs, type Hlc } from './hlc.ts'

export interface Register {
  readonly value: CborValue
  readonly hlc: Hlc
}

/** How a value came into the history: overwritten by a later edit, or the losing side of a conflict. */
export type HistoryReason = 'replaced' | 'conflict'

export interface HistoryEntry {
  readonly field: string
  readonly value: CborValue
  /** when and where the value was written */
  readonly hlc: Hlc
  readonly reason: HistoryReason
}

/** `deleted`: in "recently deleted" (B5). */
export interface Removal {
  readonly state: 'deleted' | 'restored'
  readonly hlc: Hlc
}

export interface Item {
  readonly schema: number
  readonly kind: string
  readonly created: Hlc
  readonly fields: ReadonlyMap<string, Register>
  readonly removal: Removal | null
  /** everything written up to here is gone for good, also when an old copy of it turns up (B5, attack A18) */
  readonly purge: Hlc | null
  /** newest first */
  readonly history: readonly HistoryEntry[]
  /** elements after the known ones, from a newer version */
  readonly extra: readonly CborValue[]
}

export const itemSchema = 1
const plaintextMax = 200_000
const removalStates = ['deleted', 'restored'] as const

export function encodeItem(item: Item): Bytes {
  const names = [...item.fields.keys()].sort()
  return encodeCbor([
    item.schema,
    item.kind,
    hlcToCbor(item.created),
    names.map((name) => {
      const register = item.fields.get(name) as Register
      return [name, register.value, ...hlcToCbor(register.hlc)]
    }),
    item.removal === null ? null : [removalStates.indexOf(item.removal.state), ...hlcToCbor(item.removal.hlc)],
    item.purge === null ? null : hlcToCbor(item.purge),
    item.history.map((entry) => [entry.field, entry.value, ...hlcToCbor(entry.hlc), entry.reason === 'replaced' ? 0 : 1]),
    ...item.extra,
  ])
}

/** Throws `malformed`. A later schema is read as far as it is known and its remainder kept. */
export function decodeItem(plaintext: Uint8Array): Item {
  const reader = CborReader.decode(plaintext, plaintextMax, 'item')
  const schema = reader.uint(255, 1)
  const kind = reader.text(64)
  const created = readHlc(reader.tuple(), true)
  const fields = new Map<string, Register>()
  const registers = reader.list(itemLimits.fields, (parent) => {
    const inner = parent.tuple()
    return [inner.text(itemLimits.nameLength), { value: inner.next(), hlc: readHlc(inner, true) }] as const
  })
  for (const [name, register] of registers) {
    if (fields.has(name)) throw new NokkelError('malformed', { what: 'item' })
    fields.set(name, register)
  }
  const removal = reader.nullable((parent): Removal => {
    const inner = parent.tuple()
    return { state: removalStates[inner.uint(1)] as Removal['state'], hlc: readHlc(inner, true) }
  })
  const purge = reader.nullable((parent) => readHlc(parent.tuple(), true))
  const history = reader.list(itemLimits.historyEntries, (parent): HistoryEntry => {
    const inner = parent.tuple()
    const field = inner.text(itemLimits.nameLength)
    const value = inner.next()
    const hlc = readHlc(inner, false)
    const reason = inner.uint(1) === 0 ? 'replaced' : 'conflict'
    inner.end()
    return { field, value, hlc, reason }
  })
  return { schema, kind, created, fields, removal, purge, history, extra: reader.rest() }
}

function hlcToCbor(hlc: Hlc): readonly CborValue[] {
  return [hlc.ms, hlc.ctr, fromHex(hlc.dev)]
}

function readHlc(reader: CborReader, last: boolean): Hlc {
  const hlc = { ms: reader.uint(maxHlcMs), ctr: reader.uint(maxHlcCounter), dev: toHex(reader.bytes(8)) }
  if (last) reader.end()
  return hlc
}

/** Newest time anywhere in the item; for clocks and for "modified". */
export function latestHlc(item: Item): Hlc {
  let latest = item.created
  for (const { hlc } of item.fields.values()) if (compareHlc(hlc, latest) > 0) latest = hlc
  if (item.removal !== null && compareHlc(item.removal.hlc, latest) > 0) latest = item.removal.hlc
  if (item.purge !== null && compareHlc(item.purge, latest) > 0) latest = item.purge
  return latest
}

function latestFieldHlc(item: Item): Hlc | null {
  let latest: Hlc | null = null
  for (const { hlc } of item.fields.values()) if (latest === null || compareHlc(hlc, latest) > 0) latest = hlc
  return latest
}

/**
 * A deletion holds only against edits that are older than it: an item edited elsewhere afterwards is alive again (SYN-23).
 */
export function removalOf(item: Item): 'none' | 'deleted' | 'purged' {
  const { removal, purge } = item
  if (purge !== null && item.fields.size === 0) return 'purged'
  if (removal === null || removal.state === 'restored') return 'none'
  const edited = latestFieldHlc(item)
  if (edited !== null && compareHlc(edited, removal.hlc) > 0) return 'none'
  return 'deleted'
}

export function textField(item: Item, name: string): string {
  const value = item.fields.get(name)?.value
  return typeof value === 'string' ? value : ''
}

/** Elements of a set-valued field that are present, oldest first. */
export function setField(item: Item, prefix: string): string[] {
  const found: { element: string; hlc: Hlc }[] = []
  for (const [name, register] of item.fields)
    if (name.startsWith(`${prefix}:`) && register.value !== false && register.value !== null)
      found.push({ element: name.slice(prefix.length + 1), hlc: register.hlc })
  return found.sort((a, b) => compareHlc(a.hlc, b.hlc) || (a.element < b.element ? -1 : 1)).map(({ element }) => element)
}

export function equalValues(a: CborValue, b: CborValue): boolean {
  if (a === b) return true
  if (a instanceof Uint8Array && b instanceof Uint8Array) return a.length === b.length && a.every((byte, i) => byte === b[i])
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((element, i) => equalValues(element as CborValue, b[i] as CborValue))
  return false
}
