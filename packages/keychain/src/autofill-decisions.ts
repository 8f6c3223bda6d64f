/**
 * What a person decided about filling and saving, for all devices (E1, E2, E4; SPEC SYN-32): registers in items of kind `settings`, which no
 * list shows. A device writes to items that it made itself and to no others, so that no two devices ever edit one item and none grows past its limits by
 * a merge; all of them are read together, and of one decision the later holds, whichever item it stands in.
 * What comes from other devices is checked here when it is read: a name or a value that cannot be is passed over.
 */
import { NokkelError } from '@nokkel/base'
import { compareHlc, type Hlc } from './hlc.ts'
import { latestHlc, removalOf, type Item, type Register } from './item.ts'
import { laterRegister } from './merge.ts'

/** E1, and E8 for passkeys. */
export interface AutofillSwitches {
  readonly fillPasswords: boolean
  readonly fillCards: boolean
  readonly offerToSave: boolean
  /** offer to make and to use passkeys */
  readonly passkeys: boolean
}

export interface AutofillDecisions {
  /** those alone that somebody has set */
  readonly switches: Partial<AutofillSwitches>
  /** never offer to save here */
  readonly neverSave: readonly string[]
  /** fill and offer to save here although the page asks not to */
  readonly allowOff: readonly string[]
}

export interface SiteChanges {
  readonly add?: readonly string[]
  readonly remove?: readonly string[]
}

export interface DecisionChanges {
  readonly switches?: Partial<AutofillSwitches>
  readonly neverSave?: SiteChanges
  readonly allowOff?: SiteChanges
}

/** Register by register: present or not, on or off. */
export type Registers = ReadonlyMap<string, Register>

export const switchesAtFirst: AutofillSwitches = { fillPasswords: true, fillCards: true, offerToSave: true, passkeys: true }

export const decisionLimits = {
  /** present in one list */
  sites: 2_000,
  /** a host or a registrable domain */
  siteLength: 253,
  /** of one item; below REC-5, so that an item that was written twice (a cloned device) can still be merged */
  registersAnItem: 150,
  /** read together, the last written first */
  items: 512,
  /** taken along from items that are about to be too many, whether present or not, the latest first */
  carried: 10_000,
} as const

export const decisionKind = 'settings'
const switchNames: Readonly<Record<keyof AutofillSwitches, string>> = {
  fillPasswords: 'fill:passwords',
  fillCards: 'fill:cards',
  offerToSave: 'offer:save',
  passkeys: 'offer:passkeys',
}
export const decisionLists = { neverSave: 'never:', allowOff: 'allow-off:' } as const
const switchKeys = Object.keys(switchNames) as (keyof AutofillSwitches)[]
/** As addresses carry them: lower case, punycode, no brackets; nothing that could end a name and begin something else. */
const siteShape = /^[a-z0-9!$&'()*+,.:;=_~-]{1,253}$/

export function isListedSite(site: unknown): site is string {
  return typeof site === 'string' && site.length <= decisionLimits.siteLength && siteShape.test(site)
}

function isDecision(name: string): boolean {
  if (isSwitch(name)) return true
  const prefix = Object.values(decisionLists).find((each) => name.startsWith(each))
  return prefix !== undefined && isListedSite(name.slice(prefix.length))
}

/** All that is decided, by whichever device. The order of the items does not matter. */
export function uniteDecisions(items: readonly Item[]): Registers {
  return unite(newestFirst(items).slice(0, decisionLimits.items))
}

/**
 * What stands, as it was last decided, in none of the newer half of the items that are read. Items are never taken away, since no device knows what
 * another has not sent yet; so devices that are long gone leave theirs, and one day there are more than are read. Whoever writes takes along what
 * would be out of sight then, with the time that it has: the same decision twice is one.
 */
export function fadingDecisions(items: readonly Item[]): Registers {
  const read = newestFirst(items).slice(0, decisionLimits.items)
  if (read.length <= decisionLimits.items / 2) return new Map()
  const newer = unite(read.slice(0, decisionLimits.items / 2))
  const fading = [...unite(read)].filter(([name, register]) => {
    const there = newer.get(name)
    return there === undefined || laterRegister(there, register) !== there
  })
  fading.sort(([, a], [, b]) => compareHlc(b.hlc, a.hlc))
  return new Map(fading.slice(0, decisionLimits.carried))
}

function unite(items: readonly Item[]): Map<string, Register> {
  const united = new Map<string, Register>()
  for (const item of items)
    for (const [name, register] of item.fields) {
      if (typeof register.value !== 'boolean' || !isDecision(name)) continue
      const known = united.get(name)
      united.set(name, known === undefined ? register : laterRegister(known, register))
    }
  return united
}

function newestFirst(items: readonly Item[]): Item[] {
  return items
    .filter((item) => item.kind === decisionKind && removalOf(item) === 'none')
    .map((item) => ({ item, written: latestHlc(item) }))
    .sort((a, b) => compareHlc(b.written, a.written))
    .map(({ item }) => item)
}

export function readDecisions(registers: Registers): AutofillDecisions {
  const switches: { -readonly [name in keyof AutofillSwitches]?: boolean } = {}
  for (const name of switchKeys) {
    const value = registers.get(switchNames[name])?.value
    if (typeof value === 'boolean') switches[name] = value
  }
  return { switches, neverSave: sitesOf(registers, decisionLists.neverSave), allowOff: sitesOf(registers, decisionLists.allowOff) }
}

/** In the order of the alphabet; of more than the limit the newest. */
function sitesOf(registers: Registers, prefix: string): string[] {
  const present = [...registers].filter(([name, { value }]) => name.startsWith(prefix) && value === true)
  present.sort(([, a], [, b]) => compareHlc(b.hlc, a.hlc))
  return present
    .slice(0, decisionLimits.sites)
    .map(([name]) => name.slice(prefix.length))
    .sort()
}

/** What is to be written, by register. Throws `malformed` for a name or a value that cannot be. */
export function registersOf(changes: DecisionChanges): Map<string, boolean> {
  const wanted = new Map<string, boolean>()
  for (const [name, value] of Object.entries(changes.switches ?? {})) {
    if (!Object.hasOwn(switchNames, name) || typeof value !== 'boolean') throw new NokkelError('malformed', { what: 'autofill' })
    wanted.set(switchNames[name as keyof AutofillSwitches], value)
  }
  for (const [list, prefix] of Object.entries(decisionLists) as ['neverSave' | 'allowOff', string][])
    for (const [sites, value] of [
      [changes[list]?.remove ?? [], false],
      [changes[list]?.add ?? [], true],
    ] as const)
      for (const site of sites) {
        if (!isListedSite(site)) throw new NokkelError('malformed', { what: 'site' })
        wanted.set(`${prefix}${site}`, value)
      }
  return wanted
}

/** What one browser kept for itself, before anything was shared. */
export interface OwnDecisions extends AutofillSwitches {
  readonly neverSave: readonly string[]
  readonly allowOff: readonly string[]
}

export interface Absorbed {
  readonly wanted: ReadonlyMap<string, boolean>
  /** the switches here stay this device's own: one is off */
  readonly apart: boolean
}

/**
 * What goes in of it. A site was meant for good; a switch may have been meant for this one machine, so none is turned off for all by it. Nobody
 * knows when it was decided, so every decision for all devices goes before; to be written with a time long ago, that this holds also for
 * decisions that have not arrived yet.
 */
export function absorbOwn(present: Registers, own: OwnDecisions): Absorbed {
  const wanted = registersOf({
    neverSave: { add: own.neverSave.filter(isListedSite) },
    allowOff: { add: own.allowOff.filter(isListedSite) },
  })
  for (const name of wanted.keys()) if (present.has(name)) wanted.delete(name)
  return { wanted, apart: switchKeys.some((name) => !own[name]) }
}

/** A time before all others. */
export function longAgo(dev: string): Hlc {
  return { ms: 0, ctr: 0, dev }
}

/** `present` with `wanted` on top, as it will be once it is written. */
export function withDecisions(present: Registers, wanted: ReadonlyMap<string, boolean>, hlc: Hlc): Registers {
  return new Map([...present, ...[...wanted].map(([name, value]) => [name, { value, hlc }] as const)])
}

export function isSwitch(name: string): boolean {
  return Object.values(switchNames).includes(name)
}
