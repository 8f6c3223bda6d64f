/**
 * What the extension knows of its switches and of the page behind the popup, in the words of the doctor's port: so that "why not?" in the
 * popup and a whole examination name the same causes (E9, G). From the browser and the engine, never from the page's own say.
 */
import { bestMatch, displayHost, sameSite, siteAsksNot, starterFeed, type FormPurpose, type SaveReason, listName } from '@nokkel/autofill'
import { whyNot, type BrowserObservation, type CauseCode, type Finding, type PageObservation } from '@nokkel/doctor'
import type { Device } from './deciding.ts'
import type { Frame } from './frames.ts'
import { clientVersion } from './client-version.ts'

const forPasswords: readonly FormPurpose[] = ['sign-in', 'sign-up', 'change-password', 'code']

function purposeOf({ classification: { groups } }: Frame): PageObservation['purpose'] {
  if (groups.some(({ purpose }) => forPasswords.includes(purpose))) return 'password'
  return groups.some(({ purpose }) => purpose === 'card') ? 'card' : 'none'
}

async function pageOf(device: Device, frame: Frame): Promise<PageObservation> {
  const site = listName(frame.url)
  const { neverSave, allowOff } = device.autofill()
  const { hostname, protocol } = new URL(frame.url)
  const host = displayHost(hostname)
  const locked = (await device.state()) !== 'trusted'
  const purpose = purposeOf(frame)
  const cards = purpose === 'card' && !locked ? await device.client().items({ kind: 'card' }) : []
  const fitting = purpose === 'card' || locked ? [] : await device.matches().ofSite(frame.url)
  const heldBack = fitting.filter(({ sites }) => {
    const { rank, insecure } = bestMatch(sites, frame.url, starterFeed)
    return rank !== 'none' && insecure
  }).length
  const openCards = protocol === 'http:' && purpose === 'card' ? cards.length : 0
  return {
    host,
    scheme: protocol === 'https:' ? 'https' : 'http',
    privateWindow: frame.privateWindow,
    locked,
    neverListed: neverSave.includes(site),
    asksNot: siteAsksNot(frame.page, frame.classification) && !allowOff.includes(site),
    foreignFrame: sameSite(frame.url, frame.topUrl) ? null : host,
    purpose,
    matches: fitting.length - heldBack + cards.length - openCards,
    heldBack: heldBack + openCards,
  }
}

/** Nothing of ours runs there. */
const nowhere: PageObservation = {
  host: '',
  scheme: 'other',
  privateWindow: false,
  locked: false,
  neverListed: false,
  asksNot: false,
  foreignFrame: null,
  purpose: 'none',
  matches: 0,
  heldBack: 0,
}

export async function observeBrowser(device: Device, frame: Frame | undefined): Promise<BrowserObservation> {
  const { fillPasswords, fillCards, offerToSave } = device.autofill()
  return {
    switches: { passwords: fillPasswords, cards: fillCards, saving: offerToSave },
    // there is no policy of ours, and who else fills in this browser is told to no extension without a permission of its own
    managed: [],
    otherManager: null,
    page: frame === undefined ? nowhere : await pageOf(device, frame),
  }
}

/** Of a sign-in that may be over, on a page that may be gone: only what spoke against saving it. */
function afterSignIn(browser: BrowserObservation, site: string, reason: SaveReason, device: Device): BrowserObservation {
  const { neverSave, allowOff } = device.autofill()
  const page: PageObservation = {
    ...nowhere,
    host: site,
    scheme: 'https',
    privateWindow: reason === 'private-window',
    neverListed: neverSave.includes(site),
    asksNot: reason === 'autocomplete-off' && !allowOff.includes(site),
    purpose: 'password',
    matches: 1,
  }
  return { ...browser, page }
}

export interface SiteFinding extends Finding {
  /** that a change would be for, as the lists name it */
  readonly site: string
}

/**
 * The doctor's causes for this page, each once. `offered`: something is offered there all the same, so that nothing fits, or that it is in a
 * frame of the own kind, explains nothing.
 */
export function findingsOf(
  device: Device,
  browser: BrowserObservation,
  frame: Frame | undefined,
  offered: boolean,
  save: { readonly site: string; readonly reason: SaveReason } | undefined,
): readonly SiteFinding[] {
  const site = frame === undefined ? '' : listName(frame.url)
  const here = whyNot(browser, browser.page?.purpose === 'card' ? 'cards-not-filled' : 'passwords-not-filled', clientVersion)
  const found = here.filter(({ code }) => !(offered && (code === 'no-match' || code === 'no-field'))).map((each) => ({ ...each, site }))
  const saving = save === undefined ? [] : whyNot(afterSignIn(browser, save.site, save.reason, device), 'site-not-saved', clientVersion)
  const more = saving.filter(({ code }) => !found.some((each) => each.code === code)).map((each) => ({ ...each, site: save?.site ?? '' }))
  return [...found, ...more]
}

/** The doctor's name for a reason of the engine; what has none is of the moment, and said in words of the extension's own. */
export const causeOf: Readonly<Record<string, CauseCode>> = {
  'insecure-page': 'insecure-page',
  'private-window': 'private-window',
  'autocomplete-off': 'site-asks-not',
  'switched-off-passwords': 'passwords-off',
  'switched-off-cards': 'cards-off',
  'switched-off-save': 'saving-off',
  'never-for-this-site': 'never-listed',
  'no-fillable-field': 'no-field',
  'no-match': 'no-match',
  'unusable-address': 'address-unusable',
  'cross-origin-frame': 'foreign-frame',
}
