/**
 * Merging two versions of an item (SPEC SYN-20 … SYN-26). `joinItems` is the law: commutative, associative, idempotent, so that every
 * device ends with the same item whatever it saw first. `planMerge` is what a device with unsent edits does when a newer revision
 * arrives: the join, plus a history entry for each value that lost although its writer could not have known better (B2).
 */
import { compareBytes, encodeCbor, type CborValue } from '@nokkel/base'
import { findFieldRule, itemLimits } from './fields.ts'
import { compareHlc, equalHlc, type Hlc } from './hlc.ts'
import { equalValues, removalOf, type HistoryEntry, type Item, type Register, type Removal } from './item.ts'

/** Of two values of one register, on every device the same. */
export function laterRegister(a: Register, b: Register): Register {
  const order = compareHlc(a.hlc, b.hlc)
  if (order !== 0) return order > 0 ? a : b
  // one device never writes two values at one time; a damaged clone might, and the devices must still agree
  return compareBytes(encodeCbor([a.value]), encodeCbor([b.value])) >= 0 ? a : b
}

export function joinItems(a: Item, b: Item): Item {
  const purge = laterPurge(a.purge, b.purge)
  const fields = new Map<string, Register>()
  for (const name of new Set([...a.fields.keys(), ...b.fields.keys()])) {
    const left = a.fields.get(name)
    const right = b.fields.get(name)
    const register = left === undefined ? (right as Register) : right === undefined ? left : laterRegister(left, right)
    // what a purge had seen stays gone, also when an old copy of it comes back (attack A18)
    if (purge === null || compareHlc(register.hlc, purge) > 0) fields.set(name, register)
  }
  return {
    schema: Math.max(a.schema, b.schema),
    kind: a.kind === b.kind ? a.kind : newerKind(a, b),
    created: compareHlc(a.created, b.created) <= 0 ? a.created : b.created,
    fields,
    removal: laterRemoval(a.removal, b.removal),
    purge,
    history: joinHistory(a.history, b.history, purge),
    extra: joinExtra(a.extra, b.extra),
  }
}

/** Kinds never change; should a foreign client do it, all devices must still pick the same one. */
function newerKind(a: Item, b: Item): string {
  const order = a.schema - b.schema
  if (order !== 0) return order > 0 ? a.kind : b.kind
  return a.kind > b.kind ? a.kind : b.kind
}

/** Without knowing what they mean, any fixed choice is as good; it only has to be the same on every device. */
function joinExtra(a: readonly CborValue[], b: readonly CborValue[]): readonly CborValue[] {
  return compareBytes(encodeCbor([...a]), encodeCbor([...b])) >= 0 ? a : b
}

function laterRemoval(a: Removal | null, b: Removal | null): Removal | null {
  if (a === null || b === null) return a ?? b
  const order = compareHlc(a.hlc, b.hlc)
  if (order !== 0) return order > 0 ? a : b
  return a.state >= b.state ? a : b
}

function laterPurge(a: Hlc | null, b: Hlc | null): Hlc | null {
  if (a === null || b === null) return a ?? b
  return compareHlc(a, b) >= 0 ? a : b
}

function sameEntry(a: HistoryEntry, b: HistoryEntry): boolean {
  return a.field === b.field && equalHlc(a.hlc, b.hlc) && equalValues(a.value, b.value)
}

/** Union, newest first; the total order makes cutting to twenty the same on every device. */
function joinHistory(a: readonly HistoryEntry[], b: readonly HistoryEntry[], purge: Hlc | null): HistoryEntry[] {
  const union: HistoryEntry[] = []
  for (const entry of [...a, ...b]) {
    if (purge !== null && compareHlc(entry.hlc, purge) <= 0) continue
    const at = union.findIndex((known) => sameEntry(known, entry))
    if (at === -1) union.push(entry)
    else if (entry.reason === 'conflict') union[at] = entry
  }
  return trimHistory(union)
}

export function trimHistory(entries: readonly HistoryEntry[]): HistoryEntry[] {
  return [...entries]
    .sort(
      (a, b) =>
        compareHlc(b.hlc, a.hlc) ||
        (a.field < b.field ? -1 : a.field > b.field ? 1 : compareBytes(encodeCbor([b.value]), encodeCbor([a.value]))),
    )
    .slice(0, itemLimits.historyEntries)
}

/** Set elements and switches can be seen and set again; every other value that loses is worth keeping. */
function keepsHistory(name: string): boolean {
  return !name.startsWith('site:') && !name.startsWith('tag:') && name !== 'favorite' && name !== 'hidden'
}

export interface MergePlan {
  readonly item: Item
  /** fields whose local or remote value lost a real conflict and went to the history */
  readonly conflicts: readonly string[]
  /** an item deleted on one side and edited on the other is alive again (SYN-23) */
  readonly restored: boolean
  /** false when the result is exactly the remote item: nothing to send */
  readonly changed: boolean
}

/**
 * `base` is the last revision that `local` was built on (null for an item made here), `remote` what the log holds now.
 * `stamp` gives a fresh local time; it is used only when a deletion has to be overruled. `unproven`: the log went back, so that it is
 * not known who had seen what; then every value that one side lacks counts as lost by a conflict.
 */
export function planMerge(
  base: Item | null,
  local: Item,
  remote: Item,
  stamp: () => Hlc,
  options: { readonly unproven?: boolean } = {},
): MergePlan {
  let item = joinItems(local, remote)
  const conflicts: string[] = []
  const lost: HistoryEntry[] = []
  for (const [name, ours] of local.fields) {
    const theirs = remote.fields.get(name)
    const before = base?.fields.get(name)
    // one time and two values: a cloned device wrote both, and neither must be lost
    if (theirs === undefined || equalValues(ours.value, theirs.value)) continue
    const weChanged = before === undefined || !equalHlc(before.hlc, ours.hlc)
    const theyChanged = before === undefined || !equalHlc(before.hlc, theirs.hlc)
    if (options.unproven !== true && (!weChanged || !theyChanged)) continue
    const [loser, winner] = laterRegister(ours, theirs) === ours ? [theirs, local] : [ours, remote]
    // the winner's writer had it before his eyes and replaced it
    if (winner.history.some((entry) => sameEntry(entry, { field: name, value: loser.value, hlc: loser.hlc, reason: 'replaced' }))) continue
    conflicts.push(name)
    if (keepsHistory(name) && loser.value !== null) lost.push({ field: name, value: loser.value, hlc: loser.hlc, reason: 'conflict' })
  }
  const overruled = overruledRemoval(base, local, remote, options.unproven === true && conflicts.length > 0)
  if (overruled === 'local') {
    // nobody has heard of our deletion or purge yet: it is as if it had not been
    item = joinItems({ ...local, removal: remote.removal, purge: remote.purge }, remote)
  } else if (overruled === 'remote') {
    // both sides of the story are edits by people who did not know of each other: the content wins
    item = {
      ...withContentOf(local, null, item, stamp),
      removal: { state: removalOf(local) === 'deleted' ? 'deleted' : 'restored', hlc: stamp() },
    }
  } else if (item.purge !== null && removalOf(item) !== 'purged') {
    // purged and brought back by others: what we wrote before we heard of it counts like every other edit
    item = withContentOf(local, base, item, stamp)
  }
  const restored = overruled !== 'none' && removalOf(item) === 'none'
  // this version did not touch what it does not know: the newer client's word stands
  if (base !== null && equalValues([...base.extra], [...local.extra])) item = { ...item, extra: remote.extra }
  if (lost.length > 0) item = { ...item, history: joinHistory(item.history, abovePurge(lost, item.purge, stamp), null) }
  return { item, conflicts, restored, changed: !equalItems(item, remote) }
}

/** `item` with what `local` has had since `base` (all of it for null), in so far as a purge took it. */
function withContentOf(local: Item, base: Item | null, item: Item, stamp: () => Hlc): Item {
  const fields = new Map(item.fields)
  for (const [name, register] of local.fields) {
    const before = base?.fields.get(name)
    if (!fields.has(name) && (before === undefined || !equalHlc(before.hlc, register.hlc)))
      fields.set(name, { value: register.value, hlc: stamp() })
  }
  const unheard = local.history.filter((entry) => base === null || !base.history.some((known) => sameEntry(known, entry)))
  return { ...item, fields, history: joinHistory(item.history, abovePurge(unheard, item.purge, stamp), null) }
}

/** What is kept in spite of a purge needs a time after it, or the next merge would take it away again. */
function abovePurge(entries: readonly HistoryEntry[], purge: Hlc | null, stamp: () => Hlc): HistoryEntry[] {
  return entries.map((entry) => (purge !== null && compareHlc(entry.hlc, purge) <= 0 ? { ...entry, hlc: stamp() } : entry))
}

const strength = { none: 0, deleted: 1, purged: 2 } as const

/**
 * Whose removal must give way: one side deleted or purged what the other side edited, or took back from the deleted, without knowing
 * of it. A purge gives way to a deletion of edited content as well, because what is deleted can be had back for thirty days.
 */
function overruledRemoval(base: Item | null, local: Item, remote: Item, lost: boolean): 'none' | 'local' | 'remote' {
  const ours = strength[removalOf(local)]
  const theirs = strength[removalOf(remote)]
  if (ours === theirs) return 'none'
  const [gone, kept] = ours > theirs ? [local, remote] : [remote, local]
  const broughtBack = base !== null && removalOf(kept) === 'none' && !sameTime(base.removal?.hlc ?? null, kept.removal?.hlc ?? null)
  if (!lost && !((broughtBack || editedSince(base, kept)) && removedSince(base, gone))) return 'none'
  return gone === local ? 'local' : 'remote'
}

function removedSince(base: Item | null, item: Item): boolean {
  return base === null || !sameTime(base.removal?.hlc ?? null, item.removal?.hlc ?? null) || !sameTime(base.purge, item.purge)
}

function sameTime(a: Hlc | null, b: Hlc | null): boolean {
  return a === null || b === null ? a === b : equalHlc(a, b)
}

function editedSince(base: Item | null, item: Item): boolean {
  if (base === null) return true
  for (const [name, register] of item.fields) {
    const before = base.fields.get(name)
    if (before === undefined || !equalHlc(before.hlc, register.hlc)) return true
  }
  // an edit that lost against another one is an edit all the same
  return item.history.some((entry) => entry.reason === 'conflict' && !base.history.some((known) => sameEntry(known, entry)))
}

export function equalItems(a: Item, b: Item): boolean {
  return equalValues(itemValue(a), itemValue(b))
}

function itemValue(item: Item): CborValue {
  const names = [...item.fields.keys()].sort()
  const hlc = (time: Hlc): CborValue => [time.ms, time.ctr, time.dev]
  return [
    item.schema,
    item.kind,
    hlc(item.created),
    names.map((name) => [name, (item.fields.get(name) as Register).value, hlc((item.fields.get(name) as Register).hlc)]),
    item.removal === null ? null : [item.removal.state, hlc(item.removal.hlc)],
    item.purge === null ? null : hlc(item.purge),
    item.history.map((entry) => [entry.field, entry.value, hlc(entry.hlc), entry.reason]),
    [...item.extra],
  ]
}

/** True when the field's overwritten values belong into the history. */
export function fieldKeepsHistory(kind: string, name: string): boolean {
  const rule = findFieldRule(kind, name)
  return rule === undefined ? name.startsWith('custom:') : rule.history === true
}
