/** Why the browser extension did not offer, fill or save (E1–E6, E9). Pure functions of what the extension saw; no network is needed. */
import { defineCause, foundIf, type Cause, type Found } from '../cause.ts'
import type { BrowserObservation, PageObservation } from '../observations.ts'
import type { ActionId, StepId } from '../remedy.ts'
import type { Symptom } from '../symptom.ts'
import type { Severity } from '../finding.ts'
import type { CauseCode } from './codes.ts'

const passwords: readonly Symptom[] = ['passwords-not-filled', 'site-not-saved']
const cards: readonly Symptom[] = ['cards-not-filled']
const both: readonly Symptom[] = [...passwords, ...cards]

interface BrowserCause {
  readonly code: CauseCode
  readonly symptoms: readonly Symptom[]
  readonly steps: readonly StepId[]
  readonly severity?: Severity
  readonly action?: ActionId
  readonly explainedBy?: readonly CauseCode[]
}

function inBrowser(cause: BrowserCause, find: (browser: BrowserObservation) => Found | null): Cause {
  return defineCause({
    severity: 'problem',
    ...cause,
    observes: ['browser'],
    find: ({ browser }) => (browser === null ? null : find(browser)),
  })
}

function onPage(cause: BrowserCause, holds: (page: PageObservation, browser: BrowserObservation) => boolean): Cause {
  return inBrowser(cause, (browser) =>
    browser.page === null
      ? null
      : foundIf(holds(browser.page, browser), [
          { name: 'host', type: 'host', value: browser.page.foreignFrame ?? browser.page.host },
          { name: 'count', type: 'count', value: browser.page.heldBack },
        ]),
  )
}

export const managedPolicy = inBrowser(
  { code: 'managed-policy', symptoms: both, steps: ['ask-administrator'] },
  ({ managed, switches }) => {
    const [first] = managed.filter((name) => !switches[name])
    return first === undefined ? null : foundIf(true, [{ name: 'switch', type: 'word', value: first }])
  },
)

export const otherManager = inBrowser({ code: 'other-manager', symptoms: both, steps: ['choose-manager'] }, ({ otherManager: name }) =>
  foundIf(name !== null, [{ name: 'name', type: 'quote', value: name ?? '' }]),
)

function switchedOff(
  which: 'passwords' | 'cards' | 'saving',
  code: CauseCode,
  symptoms: readonly Symptom[],
  action: 'switch-on-passwords' | 'switch-on-cards' | 'switch-on-saving',
): Cause {
  return inBrowser({ code, symptoms, steps: [action], action }, ({ switches, managed }) =>
    foundIf(!switches[which] && !managed.includes(which)),
  )
}
export const passwordsOff = switchedOff('passwords', 'passwords-off', ['passwords-not-filled'], 'switch-on-passwords')
export const cardsOff = switchedOff('cards', 'cards-off', cards, 'switch-on-cards')
export const savingOff = switchedOff('saving', 'saving-off', passwords, 'switch-on-saving')

export const pageLocked = onPage(
  { code: 'page-locked', symptoms: both, severity: 'attention', steps: ['unlock'], action: 'unlock', explainedBy: ['locked'] },
  ({ locked }) => locked,
)

export const privateWindow = onPage(
  { code: 'private-window', symptoms: both, severity: 'note', steps: ['normal-window', 'fill-by-hand'] },
  ({ privateWindow: isPrivate }) => isPrivate,
)

export const neverListed = onPage(
  { code: 'never-listed', symptoms: passwords, steps: ['remove-never'], action: 'remove-never' },
  ({ neverListed: never, purpose }) => never && purpose !== 'card',
)

export const siteAsksNot = onPage(
  { code: 'site-asks-not', symptoms: passwords, severity: 'note', steps: ['allow-site', 'fill-by-hand'], action: 'allow-site' },
  ({ asksNot, purpose }) => asksNot && purpose !== 'card',
)

export const insecurePage = onPage(
  { code: 'insecure-page', symptoms: both, steps: ['open-secure'] },
  ({ scheme, heldBack }) => scheme === 'http' && heldBack > 0,
)

export const foreignFrame = onPage(
  { code: 'foreign-frame', symptoms: both, steps: ['open-frame', 'fill-by-hand'] },
  ({ foreignFrame: frame }) => frame !== null,
)

export const addressUnusable = onPage(
  { code: 'address-unusable', symptoms: both, severity: 'note', steps: ['look-at-why-not'] },
  ({ scheme }) => scheme === 'other',
)

export const noField = onPage(
  { code: 'no-field', symptoms: both, severity: 'note', steps: ['fill-by-hand'], explainedBy: ['address-unusable', 'foreign-frame'] },
  ({ purpose }) => purpose === 'none',
)

export const noMatch = onPage(
  {
    code: 'no-match',
    symptoms: both,
    severity: 'note',
    steps: ['add-site', 'look-deleted'],
    explainedBy: ['insecure-page', 'no-field', 'address-unusable', 'page-locked', 'locked'],
  },
  ({ matches, heldBack }) => matches === 0 && heldBack === 0,
)
