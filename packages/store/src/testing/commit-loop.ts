/**
 * For the tests of the SQLite store: a sequence of commits whose outcome after any number of them is known. Run as a program it
 * commits them to the store at `argv[2]` without end, printing each generation after it was acknowledged, until it is killed.
 */
import { writeSync } from 'node:fs'
import { utf8, type Bytes } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { storeTables, type DeviceStore, type StoreOp, type StoreRow, type StoreTable } from '../device-store.ts'
import { openSqliteStore } from '../sqlite.ts'

const itemCount = 20
const outboxLength = 5
const pagesEvery = 7

/** Up to 6 KB, which differ with generation and key. */
function valueOf(generation: number, key: string): Bytes {
  const random = new SeededRandom(generation * 1000 + key.length * 100 + key.charCodeAt(key.length - 1))
  return random.bytes(random.below(6_000))
}

const itemKeys = Array.from({ length: itemCount }, (_, i) => `item ${String.fromCharCode(97 + i)}`)

/** The commit that makes `generation`: some 60 KB over several tables, with deletions and now and then a cleared table. */
export function batchOf(generation: number): StoreOp[] {
  const put = (table: StoreTable, key: string, value: Bytes): StoreOp => ({ op: 'put', table, key, value })
  const ops: StoreOp[] = [put('meta', 'last', utf8(`${generation}`))]
  for (const key of itemKeys) ops.push(put('items', key, valueOf(generation, key)))
  ops.push(put('outbox', outboxKey(generation), valueOf(generation, 'outbox')))
  if (generation > outboxLength) ops.push({ op: 'delete', table: 'outbox', key: outboxKey(generation - outboxLength) })
  if (generation % pagesEvery === 0) {
    ops.push({ op: 'clear', table: 'pages' })
    for (const { key, value } of pageRows(generation)) ops.push(put('pages', key, value))
  }
  return ops
}

/** What the store holds after the first `generation` commits. */
export function stateAfter(generation: number): Record<StoreTable, StoreRow[]> {
  const state = Object.fromEntries(storeTables.map((table) => [table, []])) as unknown as Record<StoreTable, StoreRow[]>
  if (generation === 0) return state
  state.meta = [{ key: 'last', value: utf8(`${generation}`) }]
  state.items = itemKeys.map((key) => ({ key, value: valueOf(generation, key) }))
  for (let at = Math.max(1, generation - outboxLength + 1); at <= generation; at++) {
    state.outbox.push({ key: outboxKey(at), value: valueOf(at, 'outbox') })
  }
  state.pages = pageRows(generation - (generation % pagesEvery))
  return state
}

export async function readAll(store: DeviceStore): Promise<Record<StoreTable, StoreRow[]>> {
  const tables = await Promise.all(storeTables.map(async (table) => [table, await store.list(table)] as const))
  return Object.fromEntries(tables) as Record<StoreTable, StoreRow[]>
}

function outboxKey(generation: number): string {
  return String(generation).padStart(8, '0')
}

function pageRows(generation: number): StoreRow[] {
  return generation === 0 ? [] : itemKeys.slice(0, generation % 11).map((key) => ({ key, value: valueOf(generation, `page ${key}`) }))
}

if (import.meta.main) {
  const store = await openSqliteStore(process.argv[2] as string)
  for (let generation = await store.generation(); ;) {
    generation = await store.commit(batchOf(generation + 1), { expectGeneration: generation })
    // written at once: nothing acknowledged may be lost in a buffer when the process is killed
    writeSync(1, `${generation}\n`)
  }
}
