/**
 * What people did, remembered apart from the product: every acknowledged change with what its author could know at that moment.
 * From this follows what the devices must agree on in the end (I1): a value that somebody saved is there, or in the item's history, or
 * was overwritten by somebody who saw it, or purged by somebody who knew of it; a deletion is undone only by what it did not know.
 */
import { toHex, type Bytes, type CborValue, type ItemId } from '@nokkel/base'
import { fieldKeepsHistory, itemLimits, removalOf, type Item } from '@nokkel/keychain'
import { decodeBatch, decodePushFrame, signedHash } from '@nokkel/protocol/wire'

interface Saved {
  readonly kind: 'edit'
  readonly item: ItemId
  readonly field: string
  /** null: the field was emptied, or its value is not unique and therefore not followed */
  readonly value: string | null
  /** the value that stood in the field when its author wrote */
  readonly over: string | null
  readonly atMs: number
  readonly by: string
}

interface Mark {
  readonly kind: 'delete' | 'restore' | 'purge'
  readonly item: ItemId
  /** changes to this item that its author knew of */
  readonly known: Set<number>
  readonly atMs: number
  readonly by: string
}

/** It turned out that this never happened: the device failed before anything was written. */
interface Void {
  readonly kind: 'void'
  readonly item: ItemId
}

type Change = Saved | Mark | Void

/** Knowledge of one disk: by item, the numbers of the changes that are in what it holds. */
type Knowledge = Map<ItemId, Set<number>>

interface SentBatch {
  readonly prev: string
  readonly known: ReadonlyMap<ItemId, Set<number>>
}

export interface Circumstances {
  /** what was deleted before this time the devices may purge by themselves */
  readonly purgedBeforeMs: number
  /** the server went back, or a device has a twin: who knew of what cannot be told, and keeping an item is better than losing it */
  readonly uncertain: boolean
}

export class Model {
  readonly changes: Change[] = []
  readonly #knowledge = new Map<string, Knowledge>()
  readonly #taken = new Map<string, Set<string>>()
  readonly #batches = new Map<string, SentBatch>()

  /** `disk` names the device's disk; a copy of it (`from`) begins with what the original knew. */
  begin(disk: string, from?: string): void {
    const known = from === undefined ? undefined : this.#knowledge.get(from)
    this.#knowledge.set(disk, new Map([...(known ?? [])].map(([item, ids]) => [item, new Set(ids)])))
    this.#taken.set(disk, new Set(from === undefined ? [] : this.#taken.get(from)))
  }

  /** The disk's copy is gone. */
  forget(disk: string): void {
    this.begin(disk)
  }

  #known(disk: string, item: ItemId): Set<number> {
    const knowledge = this.#knowledge.get(disk) as Knowledge
    let known = knowledge.get(item)
    if (known === undefined) knowledge.set(item, (known = new Set()))
    return known
  }

  /** Told before the product is, because the product may have sent it before it returns. `undo` it when it did not happen. */
  saving(disk: string, change: Omit<Saved, 'kind' | 'by'>): number {
    return this.#begin(disk, { kind: 'edit', by: disk, ...change })
  }

  marking(disk: string, kind: Mark['kind'], item: ItemId, atMs: number): number {
    return this.#begin(disk, { kind, item, atMs, by: disk, known: this.knowledgeOf(disk, item) })
  }

  #begin(disk: string, change: Change): number {
    this.#known(disk, change.item).add(this.changes.length)
    return this.changes.push(change) - 1
  }

  undo(disk: string, change: number): void {
    const { item } = this.changes[change] as Change
    this.changes[change] = { kind: 'void', item }
    this.#known(disk, item).delete(change)
  }

  /** A new item's name is known only afterwards; whoever has met the item meanwhile knows how it began. */
  added(disk: string, item: ItemId, fields: ReadonlyMap<string, string>, atMs: number): void {
    const ids = [...fields].map(([field, value]) => this.#begin(disk, { kind: 'edit', by: disk, item, field, value, over: null, atMs }))
    const learn = (known: Set<number> | undefined) => ids.forEach((id) => known?.add(id))
    for (const knowledge of this.#knowledge.values()) learn(knowledge.get(item))
    for (const { known } of this.#batches.values()) learn(known.get(item))
    for (const change of this.changes) if ('known' in change && change.item === item) learn(change.known)
  }

  /** What this disk knows of the item now. */
  knowledgeOf(disk: string, item: ItemId): Set<number> {
    return new Set(this.#known(disk, item))
  }

  /** A device signed these frames and is about to send them. */
  sending(disk: string, frames: readonly Uint8Array[]): void {
    for (const frame of frames) {
      const { batch, hash } = decodeBatch(decodePushFrame(frame).batch)
      const prev = toHex(batch.prev)
      this.tookUpTo(disk, prev)
      this.#batches.set(toHex(hash), { prev, known: new Map(batch.ops.map(({ item }) => [item, this.knowledgeOf(disk, item)])) })
    }
  }

  /** A device has taken in the log up to the batch with this hash. */
  tookUpTo(disk: string, hash: string): void {
    const taken = this.#taken.get(disk) as Set<string>
    for (let at = hash; !taken.has(at);) {
      const batch = this.#batches.get(at)
      if (batch === undefined) return
      taken.add(at)
      for (const [item, ids] of batch.known) {
        const known = this.#known(disk, item)
        for (const id of ids) known.add(id)
      }
      at = batch.prev
    }
  }

  static hashOf(batch: Bytes): string {
    return toHex(signedHash(batch))
  }

  /** Everything that any of these disks knows. */
  union(disks: Iterable<string>): Map<ItemId, Set<number>> {
    const all = new Map<ItemId, Set<number>>()
    for (const disk of disks)
      for (const [item, ids] of this.#knowledge.get(disk) ?? []) {
        const known = all.get(item) ?? new Set()
        for (const id of ids) known.add(id)
        all.set(item, known)
      }
    return all
  }

  /** What is wrong with `items`, where the devices that agreed on them are `disks`; empty when nothing is. */
  violations(items: ReadonlyMap<ItemId, Item>, disks: Iterable<string>, options: Circumstances): string[] {
    const problems: string[] = []
    for (const [item, ids] of this.union(disks)) {
      const changes = [...ids].map((id) => [id, this.changes[id] as Change] as const)
      if (changes.length === 0) continue
      problems.push(...violationsOf(item, items.get(item), changes, options))
    }
    return problems
  }
}

/** The followed text of a field's value. */
export function textOf(value: CborValue | undefined): string | null {
  const text = Array.isArray(value) ? (value[0] as CborValue) : value
  return typeof text === 'string' ? text : null
}

/** For people who read a failing seed. */
function story(changes: readonly (readonly [number, Change])[]): string[] {
  return changes.map(([number, change]) => {
    const what = change.kind === 'edit' ? `${change.field} = ${change.value} over ${change.over}` : ''
    const known = 'known' in change ? `knowing ${[...change.known].join(' ')}` : ''
    return `    ${number} by ${'by' in change ? change.by : ''}: ${change.kind} ${what}${known}`
  })
}

function showItem(item: Item): string {
  const fields = [...item.fields].map(([name, { value, hlc }]) => `${name}=${textOf(value)} @${hlc.ms}/${hlc.ctr}/${hlc.dev.slice(0, 4)}`)
  const history = item.history.map(
    ({ field, value, hlc, reason }) => `${field}=${textOf(value)} @${hlc.ms}/${hlc.ctr}/${hlc.dev.slice(0, 4)} ${reason}`,
  )
  return `    now: ${fields.join(', ')}; removal ${JSON.stringify(item.removal)}; purge ${JSON.stringify(item.purge)}; history ${history.join(', ')}`
}

function isSaved(entry: readonly [number, Change]): entry is readonly [number, Saved] {
  return entry[1].kind === 'edit'
}
function isMark(entry: readonly [number, Change]): entry is readonly [number, Mark] {
  return 'known' in entry[1]
}

function violationsOf(
  id: ItemId,
  item: Item | undefined,
  changes: readonly (readonly [number, Change])[],
  { purgedBeforeMs, uncertain }: Circumstances,
): string[] {
  const problems: string[] = []
  const saved = changes.filter(isSaved)
  const marks = changes.filter(isMark)
  const purges = marks.filter(([, { kind }]) => kind === 'purge')
  const deletes = marks.filter(([, { kind }]) => kind === 'delete')
  const restores = marks.filter(([, { kind }]) => kind === 'restore')
  const revivals = [...saved, ...restores]
  // an emptied field or a switch may lose against another change and leave no trace; then it saves nobody from a deletion
  const saviours = [...saved.filter(([, { value }]) => value !== null), ...restores]
  // deleted for more than 30 days, the devices purge by themselves
  if (item !== undefined && item.purge !== null && deletes.some(([, { atMs }]) => atMs < purgedBeforeMs)) return []
  if (item === undefined) return [`item ${id} is gone`, ...story(changes)]
  const present = new Map([...item.fields].map(([name, { value }]) => [name, textOf(value)]))
  for (const [number, edit] of saved) {
    if (edit.value === null || present.get(edit.field) === edit.value) continue
    if (purges.some(([, { known }]) => known.has(number))) continue
    if (item.history.some(({ field, value }) => field === edit.field && textOf(value) === edit.value)) continue
    if (item.history.length >= itemLimits.historyEntries) continue
    const overwritten = saved.some(([, later]) => later.field === edit.field && later.over === edit.value)
    if (overwritten && !fieldKeepsHistory(item.kind, edit.field)) continue
    problems.push(`change ${number}: ${edit.field} = ${edit.value} of ${id} is lost${overwritten ? ' from the history' : ''}`)
  }
  const removal = removalOf(item)
  // the same change made twice, the same value over the same one, is one content: the second is settled by the first (SYN-26, seed 450)
  const isTwinKnown = (known: Mark['known'], number: number): boolean => {
    const own = saved.find(([each]) => each === number)?.[1]
    return saved.some(
      ([other, { field, value, over }]) => known.has(other) && field === own?.field && value === own.value && over === own.over,
    )
  }
  // of two people who take the same item back from the deleted only one may be heard of afterwards
  const covers = ({ known }: Mark, number: number) =>
    known.has(number) ||
    isTwinKnown(known, number) ||
    (restores.some(([own]) => own === number) && restores.some(([other]) => known.has(other)))
  const isCovered = (by: readonly (readonly [number, Mark])[]) => saviours.every(([number]) => by.some(([, each]) => covers(each, number)))
  if (removal === 'purged' && !isCovered(purges)) problems.push(`item ${id} was purged by somebody who did not know of all its changes`)
  if (removal === 'deleted' && !isCovered([...deletes, ...purges]))
    problems.push(`item ${id} is deleted although somebody changed it who did not know of that`)
  if (removal === 'none' && !uncertain)
    for (const [number, { known }] of [...deletes, ...purges])
      if (revivals.every(([other]) => known.has(other))) problems.push(`item ${id} came back to life after change ${number}`)
  return problems.length === 0 ? [] : [...problems, ...story(changes), showItem(item)]
}
