/**
 * Saving and updating (E2): what was typed is kept in memory, across the background's lives (`session-map.ts`), until the sign-in has succeeded, failed or been forgotten, and offered once. The
 * engine decides (AUT-4); here are the events, the clock, and the question in the tab. Nothing of a private window is ever kept (E3).
 * Longer than most because what is pending is changed by nothing outside of this file.
 */
import {
  cardFieldsOf,
  classify,
  decideSave,
  decideSaveCard,
  displayHost,
  nextSaveState,
  sameSite,
  saveIdle,
  typedCard,
  type CardValues,
  type FormPurpose,
  type PageModel,
  type SaveDecision,
  type SaveEvent,
  type SaveReason,
  type SaveState,
  listName,
} from '@nokkel/autofill'
import type { ItemId } from '@nokkel/base'
import type { Sender } from '../browser.ts'
import type { PageMessage } from '../content/messages.ts'
import type { InlineToBackground, InlineView } from '../inline/protocol.ts'
import { textOf } from './candidates.ts'
import type { Device } from './deciding.ts'
import { frameOf, lookAt, tellFrame, type Frame } from './frames.ts'
import { addOffer } from './offers.ts'
import { cardText, knownCards, saveCard } from './saving-cards.ts'
import { SessionMap } from './session-map.ts'
import { forgetSuggestion, forgetSuggestions, loadSuggestions, purgeSuggestions } from './suggestion.ts'
import { makeToken } from './token.ts'

interface Pending {
  state: SaveState
  readonly tabId: number
  readonly frameId: number
  readonly docId: string
  /** of the frame that it was typed in */
  readonly url: string
  readonly username: string
  readonly password: string
  /** what was typed was a card */
  readonly card: CardValues | null
  readonly privateWindow: boolean
  readonly sinceMs: number
  /** the question was put, and in which document it stands */
  asked: { readonly docId: string; readonly token: string } | null
  answered: boolean
}

const forgetMs = 5 * 60_000
const frameChecksMs = [1_000, 2_500, 5_000] as const
const barHeight = { save: 214, update: 190, choice: 52 } as const

const pending = new SessionMap<Pending>('saving-pending', forgetMs)
/** What became of the last one in each tab, for "why not?". No secret in it. */
const outcomes = new Map<number, { readonly site: string; readonly reason: SaveReason }>()
/** A user name of a first step, until the password comes (two-step sign-ins). */
const names = new SessionMap<{ readonly site: string; readonly username: string; readonly sinceMs: number }>('saving-names', forgetMs)
let counter = 0

/** At the background's start. The surface of a question that was put before leads nowhere now: it is put once more. */
export async function loadSaving(): Promise<void> {
  await Promise.all([pending.load(), names.load(), loadSuggestions()])
  for (const own of pending.values()) own.asked = null
}

/** What its time is over for: nobody may come to ask for it again. */
export function purgeSaving(): void {
  pending.purge()
  names.purge()
  purgeSuggestions()
}

export function lastSave(tabId: number): { readonly site: string; readonly reason: SaveReason } | undefined {
  return outcomes.get(tabId)
}

export function forgetSaving(tabId: number): void {
  pending.delete(tabId)
  outcomes.delete(tabId)
  names.delete(tabId)
  forgetSuggestion(tabId)
}

/** At a lock. What is typed while locked comes after it, and waits for the unlock that it is there for. */
export async function forgetAllSaving(): Promise<void> {
  await Promise.all([pending.clear(), names.clear(), forgetSuggestions()])
}

function groupOf(page: PageModel, field: number): { readonly purpose: FormPurpose; readonly off: boolean } {
  const { fields, groups } = classify(page)
  const group = groups[fields.find((each) => each.field === field)?.group ?? -1]
  const asks = (text: string | undefined): boolean => text?.trim().toLowerCase() === 'off'
  const form = page.fields[field]?.form ?? -1
  return { purpose: group?.purpose ?? 'other', off: asks(page.forms[form]?.autocomplete) || asks(page.fields[field]?.autocomplete) }
}

export async function onSubmitted(device: Device, message: Extract<PageMessage, { type: 'submitted' }>, sender: Sender): Promise<void> {
  const frame = frameOf({ type: 'page', docId: message.docId, revision: 0, status: 0, ancestors: [], page: message.page }, sender)
  if (frame === undefined || frame.origin !== new URL(frame.url).origin) return
  // a lock that is due comes first: what is typed after it waits for the unlock, and is not forgotten with what came before
  await device.state()
  const { tabId, frameId, url, privateWindow } = frame
  const site = listName(url)
  if (message.field < 0) {
    const asksForName = frame.classification.groups.some(({ step }) => step === 'user-name-first')
    if (!privateWindow && asksForName) names.set(tabId, { site, username: message.username, sinceMs: Date.now() })
    return
  }
  const label = frame.classification.fields.find((each) => each.field === message.field)?.label
  if (label !== 'current-password' && label !== 'new-password') return
  const before = names.get(tabId)
  const carried = before?.site === site ? before.username : ''
  const username = message.username === '' ? carried : message.username
  const { purpose, off } = groupOf(message.page, message.field)
  const credentials: SaveEvent = {
    kind: 'credentials',
    ref: String(++counter),
    username,
    purpose,
    autocompleteOff: off,
    hasPassword: message.password !== '',
  }
  const state = nextSaveState(nextSaveState(saveIdle, credentials), { kind: 'submitted' })
  if (privateWindow) {
    outcomes.set(tabId, { site, reason: 'private-window' })
    return
  }
  const own: Pending = {
    state,
    tabId,
    frameId,
    docId: message.docId,
    url,
    username,
    password: message.password,
    card: null,
    privateWindow,
    sinceMs: Date.now(),
    asked: null,
    answered: false,
  }
  await begin(device, own)
}

async function begin(device: Device, own: Pending): Promise<void> {
  pending.set(own.tabId, own)
  await consider(device, own)
  // the browser tells of a tab's navigation and not of a frame's, and may have told before this was noted: look a few times whether there is another document
  for (const ms of frameChecksMs) setTimeout(() => void onNavigated(device, own.tabId), ms)
}

/** A check-out was sent off. What the engine does not take for a card is dropped here, and a security code with it. */
export async function onCard(device: Device, message: Extract<PageMessage, { type: 'card' }>, sender: Sender): Promise<void> {
  const frame = frameOf({ type: 'page', docId: message.docId, revision: 0, status: 0, ancestors: [], page: message.page }, sender)
  if (frame === undefined || frame.privateWindow || frame.origin !== new URL(frame.url).origin) return
  await device.state()
  const { tabId, frameId, docId, url, privateWindow, classification, page } = frame
  const card = typedCard(page, classification, new Map(message.values))
  const number = cardFieldsOf(classification)?.fields[0]
  if (card === undefined || number === undefined) return
  const { off } = groupOf(page, number)
  const credentials: SaveEvent = {
    kind: 'credentials',
    ref: String(++counter),
    username: '',
    purpose: 'card',
    autocompleteOff: off,
    hasPassword: true,
  }
  const state = nextSaveState(nextSaveState(saveIdle, credentials), { kind: 'submitted' })
  const typed = { username: '', password: '', card }
  await begin(device, { state, tabId, frameId, docId, url, ...typed, privateWindow, sinceMs: Date.now(), asked: null, answered: false })
}

export async function onOutcome(device: Device, message: Extract<PageMessage, { type: 'outcome' }>, sender: Sender): Promise<void> {
  const own = pending.get(sender.tab?.id ?? -1)
  if (own === undefined || own.docId !== message.docId || own.frameId !== sender.frameId) return
  own.state = nextSaveState(
    own.state,
    message.event === 'response' ? { kind: 'response', status: message.status } : { kind: message.event },
  )
  void pending.write()
  await consider(device, own)
}

const asksFor = ({ page, classification }: Frame, at: number, own: Pending): boolean =>
  own.card === null
    ? page.fields[at]?.type === 'password'
    : classification.fields.some(({ field, label }) => field === at && label === 'cc-number')

/** A page has come to its end of loading. */
export async function onNavigated(device: Device, tabId: number): Promise<void> {
  const own = pending.get(tabId)
  if (own === undefined || own.answered) return
  const frames = await lookAt(tabId)
  const frame = frames.find((each) => each.frameId === own.frameId)
  if (own.state.phase === 'submitted' && frame?.docId !== own.docId) {
    const again = frame?.classification.groups.some(
      (group) =>
        group.purpose === own.state.purpose &&
        group.fields.some((at) => asksFor(frame, at, own) && frame.page.fields[at]?.visible !== false),
    )
    // a frame that went away with its site's sign-in is one that is done with it
    own.state = nextSaveState(own.state, {
      kind: 'navigated',
      sameSite: frame === undefined || sameSite(frame.url, own.url),
      passwordField: again === true,
      status: frame?.status ?? 0,
    })
    void pending.write()
  }
  await consider(device, own, frames)
}

async function decision(device: Device, own: Pending): Promise<SaveDecision> {
  const locked = (await device.state()) !== 'trusted'
  const settings = device.autofill()
  const site = listName(own.url)
  const context = {
    offerToSave: settings.offerToSave,
    privateWindow: own.privateWindow,
    neverSave: settings.neverSave.includes(site),
    allowAutocompleteOff: settings.allowOff.includes(site),
    locked,
  }
  if (own.card !== null) return decideSaveCard(own.state, own.card, locked ? [] : await knownCards(device.client(), own.card), context)
  const known = locked ? [] : await device.matches().forPage(own.url)
  const logins = await Promise.all(
    known.map(async ({ id, username }) => {
      const item = await device.client().item(id)
      return { itemId: id as string, username, samePassword: textOf(item, 'password') === own.password }
    }),
  )
  return decideSave(own.state, logins, context)
}

async function consider(device: Device, own: Pending, frames?: readonly Frame[]): Promise<void> {
  if (pending.get(own.tabId) !== own || own.answered) return
  const found = await decision(device, own)
  outcomes.set(own.tabId, { site: listName(own.url), reason: found.reason })
  if (found.act === 'nothing') {
    // waiting and locked may still change; everything else is settled, and the password is not kept for it
    if (found.reason !== 'waiting' && found.reason !== 'locked') pending.delete(own.tabId)
    return
  }
  const top = (frames ?? (await lookAt(own.tabId))).find(({ frameId }) => frameId === 0)
  if (top === undefined || own.asked?.docId === top.docId || pending.get(own.tabId) !== own) return
  await ask(device, own, found, top)
}

async function ask(device: Device, own: Pending, found: SaveDecision, top: Frame): Promise<void> {
  const token = makeToken()
  own.asked = { docId: top.docId, token }
  void pending.write()
  const { card } = own
  const summaries = card === null ? await device.matches().forPage(own.url) : []
  const items = summaries
    .filter(({ id }) => found.items.includes(id))
    .map(({ id, title, username }) => ({ id: id as string, title, username }))
  const view: InlineView = {
    kind: found.act === 'update' ? 'update' : 'save',
    language: device.language(),
    site: displayHost(new URL(own.url).hostname),
    username: own.username,
    card: card === null ? null : cardText(card),
    items,
  }
  const left = (): void => {
    // closed without an answer: that is one too, and it is not asked again (E2: once)
    own.answered = true
    pending.delete(own.tabId)
  }
  addOffer({ token, frame: top, view, act: (message) => answer(device, own, found, message), left })
  const height = barHeight[found.act === 'update' ? 'update' : 'save'] + (items.length > 1 ? items.length * barHeight.choice : 0)
  await tellFrame(top, { type: 'bar', docId: top.docId, token, height })
}

async function answer(device: Device, own: Pending, found: SaveDecision, message: InlineToBackground): Promise<boolean> {
  if (message.type === 'never') {
    own.answered = true
    pending.delete(own.tabId)
    outcomes.set(own.tabId, { site: listName(own.url), reason: 'never-for-this-site' })
    await device.changeAutofill({ neverSave: { add: [listName(own.url)] } })
    return true
  }
  if (message.type !== 'save') return false
  await device.touch()
  if ((await device.state()) !== 'trusted') return false
  own.answered = true
  pending.delete(own.tabId)
  const client = device.client()
  if (own.card !== null) await saveCard(client, own.card, found.items[0] ?? '')
  else if (found.act === 'update') {
    const id = found.items.includes(message.id) ? message.id : found.items[0]
    if (id === undefined) return false
    await client.editItem(id as ItemId, { set: new Map([['password', own.password]]) })
  } else
    await client.addItem({
      kind: 'password',
      fields: new Map<string, string | boolean>([
        ['title', displayHost(new URL(own.url).hostname)],
        ['username', message.username.slice(0, 1_000)],
        ['password', own.password],
        [`site:${new URL(own.url).origin}`, true],
      ]),
    })
  forgetSuggestion(own.tabId)
  await device.itemsChanged()
  return true
}

/** After an unlock, or in another life of the background: what waited for it is asked now, with a look at what its page has become meanwhile. */
export async function considerAll(device: Device): Promise<void> {
  for (const { tabId } of pending.values()) await onNavigated(device, tabId)
}
