/**
 * Mending a device whose database was damaged (issue: damaged local database). The damaged file is kept aside; rows of it that are whole
 * are carried into a new one, marked by `rebuildRow`. With the key at hand, `rebuildKeychain` keeps every row that opens and lets
 * the next synchronisation compare all of it with the log: what the log has comes back, what only this device had is sent.
 */
import { CborReader, decodeOwnCbor, encodeCbor, type Clock, type ItemId, type Random } from '@nokkel/base'
import { summarise, type Item, decodeItem } from '@nokkel/keychain'
import { Circle, logStart } from '@nokkel/protocol'
import {
  contentKey,
  decodeIdentity,
  decodeKeyRing,
  decodeLogState,
  encodeLogState,
  encodePage,
  pageKeyOf,
  wentBackRow,
  type IndexEntry,
} from '@nokkel/sync'
import type { DeviceStore, SealedStore, StoreOp, StoreRow, StoreTable } from '@nokkel/store'

export const rebuildRow = 'rebuild'

/** Rows worth carrying over: the rest is derived from them or comes from the server. */
const carried: readonly StoreTable[] = ['meta', 'state', 'items']

/** Puts salvaged rows into a new, empty store and marks it for `rebuildKeychain`. */
export async function carryOver(store: DeviceStore, salvaged: ReadonlyMap<StoreTable, readonly StoreRow[]>): Promise<void> {
  const ops: StoreOp[] = []
  for (const table of carried) for (const { key, value } of salvaged.get(table) ?? []) ops.push({ op: 'put', table, key, value })
  // without the wrapped key nothing else can ever be opened here
  if (!ops.some((op) => op.op === 'put' && op.table === 'meta' && op.key === 'passcode')) return
  await store.commit([...ops, { op: 'put', table: 'meta', key: rebuildRow, value: new Uint8Array([1]) }])
}

/** `raw` and `sealed` are the same store, without and with the key. Does nothing unless the store is marked. */
export async function rebuildKeychain(raw: DeviceStore, sealed: SealedStore, clock: Clock, random: Random): Promise<void> {
  if ((await raw.get('meta', rebuildRow)) === undefined) return
  const ops: StoreOp[] = []
  const readable = async (table: 'state' | 'items') => {
    const rows = new Map<string, Uint8Array>()
    for (const { key } of await raw.list(table)) {
      try {
        rows.set(key, (await sealed.get(table, key)) as Uint8Array)
      } catch {
        ops.push({ op: 'delete', table, key })
      }
    }
    return rows
  }
  const state = await readable('state')
  const identity = attempt(() => decodeIdentity(state.get('identity') ?? new Uint8Array(0)))
  const ring = attempt(() => decodeKeyRing(state.get('keys') ?? new Uint8Array(0)))
  const circle = attempt(() => Circle.replay(circleEntries(state)))
  const whole = identity !== null && ring !== null && circle !== null
  // half an identity is none: then the kept items wait for this person to sign in and be approved again
  if (!whole) for (const key of state.keys()) if (key !== 'settings' && key !== 'clock') ops.push({ op: 'delete', table: 'state', key })
  if (whole) {
    const vault = attempt(() => decodeLogState(state.get('log') ?? new Uint8Array(0)))?.vault ?? [...circle.vaults.keys()][0]
    if (vault !== undefined)
      ops.push({
        op: 'put',
        table: 'state',
        key: 'log',
        value: encodeLogState({ vault, ...logStart(circle), incarnation: null, lastSyncMs: null }),
      })
  }
  const pages = new Map<string, IndexEntry[]>()
  for (const [key, bytes] of await readable('items')) {
    const item = attempt(() => storedItem(bytes))
    if (item === null) {
      ops.push({ op: 'delete', table: 'items', key })
      continue
    }
    const id = key as ItemId
    const entry: IndexEntry = {
      id,
      recordHash: null,
      epoch: 0,
      state: 'ok',
      dirty: false,
      unconfirmed: true,
      summary: summarise(id, item, contentKey(item)),
    }
    pages.set(pageKeyOf(id), [...(pages.get(pageKeyOf(id)) ?? []), entry])
  }
  for (const [key, entries] of pages) ops.push({ op: 'put', table: 'pages', key, value: encodePage(entries) })
  ops.push({ op: 'clear', table: 'outbox' }, { op: 'clear', table: 'quarantine' }, { op: 'delete', table: 'meta', key: rebuildRow })
  ops.push({ op: 'put', table: 'state', key: wentBackRow, value: new Uint8Array([1]) })
  const notice = encodeCbor([[random.bytes(8), 'database-rebuilt', clock.nowMs(), [['complete', whole]], false]])
  ops.push({ op: 'put', table: 'state', key: 'notices', value: notice })
  await sealed.commit(ops)
}

function circleEntries(state: ReadonlyMap<string, Uint8Array>): Uint8Array[] {
  return [...state.keys()]
    .filter((key) => key.startsWith('circle/'))
    .sort()
    .map((key) => state.get(key) as Uint8Array)
}

function storedItem(bytes: Uint8Array): Item {
  const reader = new CborReader(decodeOwnCbor(bytes), 'stored-item')
  reader.uint()
  return decodeItem(reader.bytesUpTo(Number.MAX_SAFE_INTEGER))
}

function attempt<T>(read: () => T): T | null {
  try {
    return read()
  } catch {
    return null
  }
}
