/** "Why not?" (E9): one reason for what was not offered, filled or saved in a tab, and the one change that would alter it. */
import type { DecisionReason, SaveReason } from '@nokkel/autofill'
import type { SurfaceFault } from '../content/messages.ts'
import { decideFor, listName, type Device } from './deciding.ts'
import { lookAt, type Frame } from './frames.ts'
import { lastFault } from './offers.ts'
import { lastSave } from './saving.ts'

/** What the popup can do about it with one press. */
export type Change = 'allow-site' | 'switch-on-passwords' | 'switch-on-cards' | 'switch-on-save' | 'undo-never' | 'add' | 'none'

export interface Why {
  readonly about: 'fill' | 'save'
  readonly reason: DecisionReason | SaveReason | `surface-${SurfaceFault}` | 'offered'
  readonly change: Change
  /** the site that a change would be for */
  readonly site: string
}

const fillChanges: Readonly<Partial<Record<DecisionReason, Change>>> = {
  'autocomplete-off': 'allow-site',
  'switched-off-passwords': 'switch-on-passwords',
  'switched-off-cards': 'switch-on-cards',
  'no-match': 'add',
}
const saveChanges: Readonly<Partial<Record<SaveReason, Change>>> = {
  'autocomplete-off': 'allow-site',
  'switched-off-save': 'switch-on-save',
  'never-for-this-site': 'undo-never',
}
const quiet: readonly SaveReason[] = ['waiting', 'new-login', 'changed-password']

/** What was true of the last sign-in and has been changed since is no reason any more. */
function holds(device: Device, reason: SaveReason, site: string): boolean {
  const { offerToSave, neverSave, allowOff } = device.autofill()
  if (reason === 'switched-off-save') return !offerToSave
  if (reason === 'never-for-this-site') return neverSave.includes(site)
  return reason === 'autocomplete-off' ? !allowOff.includes(site) : !quiet.includes(reason)
}

/** The frame that a person means: the tab's own if it has something to fill, else the first that has. */
function meant(frames: readonly Frame[]): Frame | undefined {
  const fillable = (frame: Frame): boolean => frame.classification.groups.some(({ purpose }) => purpose !== 'search' && purpose !== 'other')
  return frames.find(fillable) ?? frames[0]
}

export async function whyNot(device: Device, tabId: number): Promise<readonly Why[]> {
  const found: Why[] = []
  const frame = meant(await lookAt(tabId))
  const fault = lastFault(tabId)
  if (frame === undefined) found.push({ about: 'fill', reason: 'unusable-address', change: 'none', site: '' })
  else {
    const decision = await decideFor(device, frame, { kind: 'focus', trusted: true })
    const site = listName(frame.url)
    if (decision.act === 'refuse')
      found.push({ about: 'fill', reason: decision.reason, change: fillChanges[decision.reason] ?? 'none', site })
    else if (fault !== undefined) found.push({ about: 'fill', reason: `surface-${fault}`, change: 'none', site })
    else if (decision.also[0] !== undefined) found.push({ about: 'fill', reason: decision.also[0], change: 'none', site })
    else found.push({ about: 'fill', reason: decision.act === 'ask' ? decision.reason : 'offered', change: 'none', site })
  }
  const save = lastSave(tabId)
  if (save !== undefined && holds(device, save.reason, save.site))
    found.push({ about: 'save', reason: save.reason, change: saveChanges[save.reason] ?? 'none', site: save.site })
  else if (frame !== undefined) {
    const settings = device.autofill()
    const site = listName(frame.url)
    if (frame.privateWindow) found.push({ about: 'save', reason: 'private-window', change: 'none', site })
    else if (!settings.offerToSave) found.push({ about: 'save', reason: 'switched-off-save', change: 'switch-on-save', site })
    else if (settings.neverSave.includes(site)) found.push({ about: 'save', reason: 'never-for-this-site', change: 'undo-never', site })
  }
  return found
}

export async function makeChange(device: Device, change: Change, site: string): Promise<void> {
  await device.changeAutofill((now) => {
    if (change === 'allow-site' && site !== '') return { ...now, allowOff: [...new Set([...now.allowOff, site])] }
    if (change === 'undo-never') return { ...now, neverSave: now.neverSave.filter((each) => each !== site) }
    if (change === 'switch-on-passwords') return { ...now, fillPasswords: true }
    if (change === 'switch-on-cards') return { ...now, fillCards: true }
    return change === 'switch-on-save' ? { ...now, offerToSave: true } : now
  })
}
