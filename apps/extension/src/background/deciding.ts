/** From a frame and what the keychain has to a decision of the engine, with the user's switches (E1, E3, E4). */
import {
  decide,
  listName,
  planFill,
  sameSite,
  starterFeed,
  type Decision,
  type FillPlan,
  type FillValues,
  type FrameContext,
  type SiteFeed,
} from '@nokkel/autofill'
import type { AutofillChanges, AutofillSettings, Client, DeviceState } from '@nokkel/client'
import { candidatesFor } from './candidates.ts'
import type { Frame } from './frames.ts'
import type { Matches } from './matches.ts'

/** What filling and saving need of the device. */
export interface Device {
  readonly client: () => Client
  readonly matches: () => Matches
  /** what the server tells of sites in general */
  readonly said: () => Promise<SiteFeed | undefined>
  readonly state: () => Promise<DeviceState>
  readonly language: () => 'nb' | 'en' | 'system'
  readonly autofill: () => AutofillSettings
  readonly changeAutofill: (changes: AutofillChanges) => Promise<void>
  readonly unlock: (passcode: string) => Promise<void>
  /** the person did something: the automatic lock waits */
  readonly touch: () => Promise<void>
  readonly itemsChanged: () => Promise<void>
}

export interface Trigger {
  readonly kind: FrameContext['trigger']
  readonly trusted: boolean
  readonly focused?: number
}

export async function decideFor(device: Device, frame: Frame, trigger: Trigger): Promise<Decision> {
  const locked = (await device.state()) !== 'trusted'
  const settings = device.autofill()
  const name = listName(frame.url)
  const context: FrameContext = {
    frameUrl: frame.url,
    topUrl: frame.topUrl,
    privateWindow: frame.privateWindow,
    locked,
    allowAutocompleteOff: settings.allowOff.includes(name),
    neverSave: settings.neverSave.includes(name),
    trigger: trigger.kind,
    trusted: trigger.trusted,
    ...(trigger.focused !== undefined && { focused: trigger.focused }),
  }
  const candidates = locked ? [] : await candidatesFor(device.client(), device.matches(), frame.url)
  const said = locked ? undefined : await device.said()
  const decision = decide(frame.page, frame.classification, candidates, context, { ...settings, fillOnLoad: false }, starterFeed, said)
  if (decision.act === 'refuse') return decision
  // a sandboxed frame is not its site
  if (frame.origin !== new URL(frame.url).origin) return { ...decision, act: 'refuse', reason: 'unusable-address', offers: [] }
  const action = actionOf(frame, decision.group)
  if (action === null || sameSite(action, frame.url)) return decision
  // what would go out over plain HTTP is as open as a page that came that way
  if (action.startsWith('http:') && frame.url.startsWith('https:'))
    return { ...decision, act: 'refuse', reason: 'insecure-page', offers: [] }
  // two doubtful words are no certain one
  if (decision.reason === 'said-by-server') return { ...decision, act: 'refuse', reason: 'no-match', offers: [] }
  return decision.act === 'ask' ? decision : { ...decision, act: 'ask', origin: action }
}

/** May a message with a code be pasted into this field (AUT-9)? Nothing of the keychain goes there, so a locked one is no hindrance. */
export function takesCode(device: Device, frame: Frame, at: number): boolean {
  return (
    device.autofill().fillPasswords && frame.classification.fields.some(({ field, label }) => field === at && label === 'one-time-code')
  )
}

function actionOf(frame: Frame, group: number): string | null {
  const form = frame.classification.groups[group]?.form ?? -1
  const origin = frame.page.forms[form]?.actionOrigin ?? ''
  return /^https?:\/\//.test(origin) ? origin : null
}

export function planFor(frame: Frame, group: number, values: FillValues): FillPlan {
  const plan = planFill(frame.page, frame.classification, group, values)
  const dated = values.card === undefined || (values.card.expMonth > 0 && values.card.expYear > 0)
  return dated ? plan : { ...plan, steps: plan.steps.filter(({ label }) => !label.startsWith('cc-exp')) }
}
