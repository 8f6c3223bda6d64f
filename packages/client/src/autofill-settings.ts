/**
 * Filling and saving as a person set it (E1, E2, E4; SPEC SYN-32): what the keychain has for all devices, and what this device keeps to itself. What
 * a device had of its own before decisions were shared goes into the keychain once, with everything else; nobody's settings change by that.
 */
import { newId, type ItemId } from '@nokkel/base'
import {
  absorbOwn,
  decisionLimits,
  fadingDecisions,
  longAgo,
  planDecisions,
  readDecisions,
  registersOf,
  removalOf,
  switchesAtFirst,
  uniteDecisions,
  withDecisions,
  type AutofillSwitches,
  type Hlc,
  type Item,
  type Registers,
  type Writing,
} from '@nokkel/keychain'
import type { LocalKeychain, Staged, StoredItem } from '@nokkel/sync'
import type { AutofillChanges, AutofillSettings } from './facade.ts'
import { readOwnAutofill, stageOwnAutofill, type OwnAutofill } from './settings.ts'

export const defaultAutofill: AutofillSettings = { ...switchesAtFirst, apart: false, neverSave: [], allowOff: [] }

interface Held {
  readonly items: ReadonlyMap<ItemId, StoredItem>
  readonly present: Registers
}

const contentsOf = (items: Held['items']): Item[] => [...items.values()].map(({ item }) => item)

/** Made before there is an identity, nothing can be this device's. */
const ownName = ({ identity }: LocalKeychain): string => identity?.keys.id.slice(0, 16) ?? ''

/** Chosen by the index: whatever a member lists, no more than these are opened. */
function heldIds({ index }: LocalKeychain): ItemId[] {
  const found = [...index.values()].flatMap(({ id, summary }) =>
    summary?.kind === 'settings' && summary.removal === 'none' ? [{ id, writtenMs: summary.modifiedMs }] : [],
  )
  found.sort((a, b) => b.writtenMs - a.writtenMs || (a.id < b.id ? -1 : 1))
  return found.slice(0, decisionLimits.items).map(({ id }) => id)
}

async function readHeld(keychain: LocalKeychain): Promise<Held> {
  const ids = heldIds(keychain)
  const stored = await keychain.readItems(ids)
  const items = new Map<ItemId, StoredItem>()
  for (const [at, id] of ids.entries()) {
    const item = stored[at]
    if (item !== undefined) items.set(id, item)
  }
  return { items, present: uniteDecisions(contentsOf(items)) }
}

/** As it holds on this device: what still waits to be moved counts as if it were. */
export async function readAutofill(keychain: LocalKeychain): Promise<AutofillSettings> {
  const { present } = await readHeld(keychain)
  const { waiting, apart } = await readOwnAutofill(keychain.store)
  const absorbed = waiting === null ? null : absorbOwn(present, waiting)
  const { switches, neverSave, allowOff } = readDecisions(
    absorbed === null ? present : withDecisions(present, absorbed.wanted, longAgo(ownName(keychain))),
  )
  const own = apart ?? (absorbed?.apart === true ? waiting : null)
  return { ...(own === null ? { ...switchesAtFirst, ...switches } : switchesOf(own)), apart: own !== null, neverSave, allowOff }
}

/** Of a wider value: its rows are written switch by switch. */
function switchesOf({ fillPasswords, fillCards, offerToSave, passkeys }: AutofillSwitches): AutofillSwitches {
  return { fillPasswords, fillCards, offerToSave, passkeys }
}

/** Throws `malformed` and `too-large`, and what `requireTrusted` has to say where something is to hold on all devices. */
export async function changeAutofill(keychain: LocalKeychain, changes: AutofillChanges): Promise<void> {
  const { apart, switches, neverSave, allowOff } = changes
  const sites = { ...(neverSave && { neverSave }), ...(allowOff && { allowOff }) }
  // checked before anything is staged, whichever way they go
  const wantedSwitches = registersOf({ switches: switches ?? {} })
  const wantedSites = registersOf(sites)
  const before = await readAutofill(keychain)
  const staysApart = apart ?? before.apart
  if (wantedSites.size > 0 || !staysApart) keychain.requireTrusted()
  if (keychain.identity?.mode === 'trusted') await moveAutofill(keychain)
  await keychain.update(async (staged) => {
    const own = await readOwnAutofill(keychain.store)
    if (staysApart) {
      const base = own.apart ?? switchesOf(before)
      await stageOwnAutofill(staged, keychain.store, { ...own, apart: switchesOf({ ...base, ...switches }) })
    } else if (own.apart !== null) await stageOwnAutofill(staged, keychain.store, { ...own, apart: null })
    const wanted = staysApart ? wantedSites : new Map([...wantedSites, ...wantedSwitches])
    stageDecisions(staged, keychain, await readHeld(keychain), wanted)
  })
}

/** What this device had decided for itself goes to all. False when there was nothing (more) to move. */
export async function moveAutofill(keychain: LocalKeychain): Promise<boolean> {
  if ((await readOwnAutofill(keychain.store)).waiting === null) return false
  return keychain.update(async (staged) => {
    const { waiting, apart } = await readOwnAutofill(keychain.store)
    if (waiting === null) return false
    const held = await readHeld(keychain)
    const absorbed = absorbOwn(held.present, waiting)
    const own: OwnAutofill = { waiting: null, apart: apart ?? (absorbed.apart ? switchesOf(waiting) : null) }
    await stageOwnAutofill(staged, keychain.store, own)
    stageDecisions(staged, keychain, held, absorbed.wanted, longAgo(ownName(keychain)))
    return true
  })
}

function stageDecisions(
  staged: Staged,
  keychain: LocalKeychain,
  { items, present }: Held,
  wanted: ReadonlyMap<string, boolean>,
  decided?: Hlc,
): void {
  const writing: Writing = { stamp: staged.stamp, fading: fadingDecisions(contentsOf(items)), ...(decided && { decided }) }
  const own = new Map<ItemId, Item>()
  for (const [id, { item }] of items)
    // the log holds a newer record of it that this version cannot read (B4)
    if (item.created.dev === ownName(keychain) && removalOf(item) === 'none' && staged.entry(id)?.state !== 'quarantined') own.set(id, item)
  for (const { id, item } of planDecisions(own, present, wanted, writing))
    staged.putLocal(id ?? newId<ItemId>(keychain.random), item, id === null ? undefined : items.get(id))
}
