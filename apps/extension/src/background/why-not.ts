/** "Why not?" (E9): one reason for what was not offered, filled or saved in a tab, and the one change that would alter it. */
import { listName, type Decision, type DecisionReason, type SaveReason } from '@nokkel/autofill'
import type { AutofillChanges } from '@nokkel/client'
import type { ActionId, CauseCode } from '@nokkel/doctor'
import type { SurfaceFault } from '../content/messages.ts'
import { decideFor, type Device } from './deciding.ts'
import type { Frame } from './frames.ts'
import { causeOf, findingsOf, observeBrowser, type SiteFinding } from './observe.ts'
import { lastFault } from './offers.ts'
import { lastPasskey, type PasskeyReason } from './passkeys/noted.ts'
import { lastSave } from './saving.ts'

/** What the popup can do about it with one press: the doctor's own actions, as far as they are the extension's. */
export type Change = Extract<ActionId, 'allow-site' | 'remove-never' | 'switch-on-passwords' | 'switch-on-cards' | 'switch-on-saving'>

export interface Why {
  readonly about: 'fill' | 'save' | 'passkey'
  readonly reason: DecisionReason | SaveReason | PasskeyReason | `surface-${SurfaceFault}` | 'offered'
  /** the doctor's name for it; null: of this moment, and no cause of the doctor's */
  readonly cause: CauseCode | null
}
export interface WhyNot {
  readonly findings: readonly SiteFinding[]
  readonly why: readonly Why[]
}

const quiet: readonly SaveReason[] = ['waiting', 'new-login', 'changed-password', 'new-card', 'changed-card']

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

function fillReason(frame: Frame | undefined, decision: Decision | undefined, fault: SurfaceFault | undefined): Why['reason'] {
  if (frame === undefined || decision === undefined) return 'unusable-address'
  if (decision.act === 'refuse') return decision.reason
  if (fault !== undefined) return `surface-${fault}`
  return decision.also[0] ?? (decision.act === 'ask' && decision.reason !== 'said-by-server' ? decision.reason : 'offered')
}

function saveReason(device: Device, frame: Frame | undefined, last: ReturnType<typeof lastSave>): SaveReason | undefined {
  if (last !== undefined && holds(device, last.reason, last.site)) return last.reason
  if (frame === undefined) return undefined
  const { offerToSave, neverSave } = device.autofill()
  if (frame.privateWindow) return 'private-window'
  if (!offerToSave) return 'switched-off-save'
  return neverSave.includes(listName(frame.url)) ? 'never-for-this-site' : undefined
}

export async function whyNot(device: Device, tabId: number, frames: readonly Frame[]): Promise<WhyNot> {
  const frame = meant(frames)
  const decision = frame === undefined ? undefined : await decideFor(device, frame, { kind: 'focus', trusted: true })
  const fill = fillReason(frame, decision, lastFault(tabId))
  const last = lastSave(tabId)
  const save = saveReason(device, frame, last)
  const browser = await observeBrowser(device, frame)
  const offered = decision !== undefined && decision.act !== 'refuse'
  const why: Why[] = [{ about: 'fill', reason: fill, cause: causeOf[fill] ?? null }]
  if (save !== undefined) why.push({ about: 'save', reason: save, cause: causeOf[save] ?? null })
  const passkey = lastPasskey(tabId, frames.find(({ frameId }) => frameId === 0)?.tabUrl ?? '')
  if (passkey !== undefined) why.push({ about: 'passkey', reason: passkey, cause: null })
  return { findings: findingsOf(device, browser, frame, offered, last), why }
}

export async function makeChange(device: Device, change: Change, site: string): Promise<void> {
  const changes = changesOf(change, site)
  if (changes !== null) await device.changeAutofill(changes)
}

function changesOf(change: Change, site: string): AutofillChanges | null {
  if (change === 'switch-on-passwords') return { switches: { fillPasswords: true } }
  if (change === 'switch-on-cards') return { switches: { fillCards: true } }
  if (change === 'switch-on-saving') return { switches: { offerToSave: true } }
  if (site === '') return null
  return change === 'allow-site' ? { allowOff: { add: [site] } } : { neverSave: { remove: [site] } }
}
