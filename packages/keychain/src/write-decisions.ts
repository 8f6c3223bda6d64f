/**
 * Writing down what a person decided (SPEC SYN-32): which of this device's own items of kind `settings` change, and how. Plans only; what is
 * decided is read in `autofill-decisions.ts`.
 */
import { NokkelError } from '@nokkel/base'
import { decisionKind, decisionLimits, decisionLists, isSwitch, withDecisions, type Registers } from './autofill-decisions.ts'
import { checkSize, type Stamp } from './commands.ts'
import type { Hlc } from './hlc.ts'
import { itemSchema, type Item, type Register } from './item.ts'

export interface Writing {
  readonly stamp: Stamp
  /** the time that what is written counts as decided at; otherwise now */
  readonly decided?: Hlc
  /** written along with a change, as it is; see `fadingDecisions` */
  readonly fading?: Registers
}

/**
 * The own items that have to change, and how; a new one stands under null. What is so already is not written again. Throws `too-large` when a
 * list would have more sites than it may.
 */
export function planDecisions<Id>(
  own: ReadonlyMap<Id, Item>,
  present: Registers,
  wanted: ReadonlyMap<string, boolean>,
  { stamp, decided, fading = new Map() }: Writing,
): readonly { readonly id: Id | null; readonly item: Item }[] {
  // nobody decided: switches are on, and sites in no list
  const changes = [...wanted].filter(([name, value]) => (present.get(name)?.value ?? isSwitch(name)) !== value)
  if (changes.length === 0) return []
  const now = stamp()
  const hlc = decided ?? now
  checkCounts(withDecisions(present, new Map(changes), hlc), changes)
  const written = new OwnItems(own, now)
  for (const [name, value] of changes) written.put(name, { value, hlc })
  const settled = new Set(changes.map(([name]) => name))
  for (const [name, register] of fading) if (!settled.has(name)) written.putBeside(name, register)
  return written.changed.map(({ id, item }) => ({ id, item: checkSize(item) }))
}

interface OwnItem<Id> {
  readonly id: Id | null
  item: Item
  changed: boolean
}

/** The items of one device while it writes: where a register goes. */
class OwnItems<Id> {
  readonly #items: OwnItem<Id>[]
  readonly #now: Hlc

  constructor(own: ReadonlyMap<Id, Item>, now: Hlc) {
    this.#items = [...own].map(([id, item]) => ({ id, item, changed: false }))
    this.#now = now
  }
  get changed(): readonly OwnItem<Id>[] {
    return this.#items.filter(({ changed }) => changed)
  }
  /** Where it stands already, or else where there is room. */
  put(name: string, register: Register): void {
    set(this.#items.find(({ item }) => item.fields.has(name)) ?? this.#items.find(hasRoom) ?? this.#new(), name, register)
  }
  /** In an item that is new: only those are among the last written, whatever the times of their registers. */
  putBeside(name: string, register: Register): void {
    set(this.#items.findLast((each) => each.id === null && hasRoom(each)) ?? this.#new(), name, register)
  }
  #new(): OwnItem<Id> {
    const made: OwnItem<Id> = { id: null, item: emptyItem(this.#now), changed: true }
    this.#items.push(made)
    return made
  }
}

const hasRoom = ({ item }: { readonly item: Item }): boolean => item.fields.size < decisionLimits.registersAnItem

function set(at: OwnItem<unknown>, name: string, register: Register): void {
  at.item = { ...at.item, fields: new Map([...at.item.fields, [name, register]]) }
  at.changed = true
}

function checkCounts(after: Registers, changes: readonly (readonly [string, boolean])[]): void {
  for (const prefix of Object.values(decisionLists)) {
    if (!changes.some(([name, value]) => value && name.startsWith(prefix))) continue
    let count = 0
    for (const [name, { value }] of after) if (value === true && name.startsWith(prefix)) count++
    if (count > decisionLimits.sites) throw new NokkelError('too-large', { field: 'site-list' })
  }
}

function emptyItem(hlc: Hlc): Item {
  return { schema: itemSchema, kind: decisionKind, created: hlc, fields: new Map(), removal: null, purge: null, history: [], extra: [] }
}
