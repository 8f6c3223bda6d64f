/** What the extension may see, one departure at a time from a page where everything is in order (E1–E6, E9). */
import type { BrowserObservation, CauseCode, PageObservation, Symptom } from '@nokkel/doctor'

export const goodPage: PageObservation = {
  host: 'bank.example',
  scheme: 'https',
  privateWindow: false,
  locked: false,
  neverListed: false,
  asksNot: false,
  foreignFrame: null,
  purpose: 'password',
  matches: 1,
  heldBack: 0,
}
export const goodBrowser: BrowserObservation = {
  switches: { passwords: true, cards: true, saving: true },
  managed: [],
  otherManager: null,
  page: goodPage,
}

export interface BrowserFault {
  readonly name: string
  readonly code: CauseCode
  readonly symptom: Symptom
  readonly seen: BrowserObservation
}

const page = (changes: Partial<PageObservation>): BrowserObservation => ({ ...goodBrowser, page: { ...goodPage, ...changes } })
const off = (name: 'passwords' | 'cards' | 'saving', changes: Partial<PageObservation> = {}): BrowserObservation => ({
  ...page(changes),
  switches: { ...goodBrowser.switches, [name]: false },
})

export const browserFaults: readonly BrowserFault[] = [
  { name: 'autofill off: user names and passwords', code: 'passwords-off', symptom: 'passwords-not-filled', seen: off('passwords') },
  { name: 'autofill off: cards', code: 'cards-off', symptom: 'cards-not-filled', seen: off('cards', { purpose: 'card' }) },
  { name: 'saving off', code: 'saving-off', symptom: 'site-not-saved', seen: off('saving') },
  {
    name: 'managed policy',
    code: 'managed-policy',
    symptom: 'passwords-not-filled',
    seen: { ...off('passwords'), managed: ['passwords'] },
  },
  {
    name: 'other extension in charge',
    code: 'other-manager',
    symptom: 'passwords-not-filled',
    seen: { ...goodBrowser, otherManager: 'Another Manager' },
  },
  { name: 'locked', code: 'page-locked', symptom: 'passwords-not-filled', seen: page({ locked: true, matches: 0 }) },
  { name: 'private window', code: 'private-window', symptom: 'site-not-saved', seen: page({ privateWindow: true }) },
  { name: 'never-list entry', code: 'never-listed', symptom: 'site-not-saved', seen: page({ neverListed: true }) },
  { name: 'site asks not to', code: 'site-asks-not', symptom: 'site-not-saved', seen: page({ asksNot: true }) },
  { name: 'HTTP', code: 'insecure-page', symptom: 'passwords-not-filled', seen: page({ scheme: 'http', matches: 0, heldBack: 1 }) },
  {
    name: 'frame of another origin',
    code: 'foreign-frame',
    symptom: 'cards-not-filled',
    seen: page({ foreignFrame: 'pay.example', purpose: 'card' }),
  },
  { name: 'no match', code: 'no-match', symptom: 'passwords-not-filled', seen: page({ matches: 0 }) },
  { name: 'no field', code: 'no-field', symptom: 'passwords-not-filled', seen: page({ purpose: 'none', matches: 0 }) },
  {
    name: 'a page of the browser itself',
    code: 'address-unusable',
    symptom: 'passwords-not-filled',
    seen: page({ scheme: 'other', purpose: 'none', matches: 0 }),
  },
]
