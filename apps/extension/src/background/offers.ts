/**
 * The menu at a field: from the focus to the click. An offer is named by a random token that only our own frame gets to know, stands for one
 * frame of one document, and is gone when its surface is. Each click is checked here again: the surface as the page shows it, the frame as the
 * browser shows it, the tab, and the decision (A31, E6).
 */
import { cardFieldsOf, displayHost, siteOf, type Decision } from '@nokkel/autofill'
import type { ItemSummary } from '@nokkel/client'
import { browser, type Port, type Sender } from '../browser.ts'
import type { MenuAnswer, PageMessage, SurfaceFault } from '../content/messages.ts'
import {
  mostRows,
  rowHeight,
  type BackgroundToInline,
  type InlineRow,
  type InlineToBackground,
  type InlineView,
} from '../inline/protocol.ts'
import { cardDetail } from './candidates.ts'
import { decideFor, planFor, takesCode, type Device } from './deciding.ts'
import { fillItem } from './fill-item.ts'
import { checkSurface, fillFrame, frameOf, remember, tellFrame, type Frame } from './frames.ts'
import { choosePasskey, passkeyRows } from './passkeys/at-field.ts'
import { keepSuggestion, passwordFor } from './suggestion.ts'
import { makeToken } from './token.ts'

export interface Offer {
  readonly token: string
  readonly frame: Frame
  readonly view: InlineView
  /** What a click does once it has passed the checks. */
  readonly act: (message: InlineToBackground) => Promise<boolean>
  /** The person closed it. */
  readonly left?: () => void
}

const offers = new Map<string, Offer>()
const mostOffers = 64
/** The last surface that was refused, for "why not?". */
const faults = new Map<number, SurfaceFault>()

export function lastFault(tabId: number): SurfaceFault | undefined {
  return faults.get(tabId)
}

export function addOffer(offer: Offer): void {
  // a page may ask as often as it likes, and the oldest fall out
  if (offers.size >= mostOffers) offers.delete(offers.keys().next().value ?? '')
  offers.set(offer.token, offer)
}

/** At a lock: what stands in pages goes, and with it what was typed, suggested or found for it. */
export function forgetOffers(): void {
  const all = [...offers.values()]
  offers.clear()
  for (const { frame, token } of all) void tellFrame(frame, { type: 'close', docId: frame.docId, token, refocus: false })
}

export function closeOffer(token: string, docId: string, fault: SurfaceFault | 'left'): void {
  const offer = offers.get(token)
  if (offer === undefined || offer.frame.docId !== docId) return
  offers.delete(token)
  if (fault !== 'left' && fault !== 'gone') faults.set(offer.frame.tabId, fault)
}

async function rowsFor(device: Device, decision: Decision, suggestion: string): Promise<InlineRow[]> {
  const rows: InlineRow[] = []
  if (decision.reason === 'new-password') rows.push({ id: 'suggestion', kind: 'suggestion', title: suggestion, detail: '' })
  const summaries = new Map((await device.client().items()).map((item) => [item.id as string, item]))
  for (const { itemId } of decision.offers.slice(0, 50)) {
    const item = summaries.get(itemId)
    if (item === undefined) continue
    if (item.kind === 'card') rows.push({ id: itemId, kind: 'card', title: item.title, detail: await cardDetail(device.client(), itemId) })
    else {
      const kind = decision.purpose === 'code' ? 'code' : 'login'
      rows.push({ id: itemId, kind, title: item.title, detail: decision.reason === 'said-by-server' ? savedFor(item) : item.username })
    }
  }
  return rows
}

/** With the site that it was saved for, which is another than the page's. */
function savedFor({ username, sites }: Pick<ItemSummary, 'username' | 'sites'>): string {
  const hosts = sites.map((site) => displayHost(siteOf(site)?.host ?? ''))
  return [username, ...new Set(hosts)].filter((part) => part !== '').join(' · ')
}

/** What keeps passwords out of a field keeps no passkey out of it. */
const besidePasskeys: ReadonlySet<string> = new Set(['no-match', 'no-fillable-field', 'switched-off-passwords', 'autocomplete-off'])

function named(url: string): string {
  return siteOf(url) === undefined ? url : new URL(url).origin
}

export async function onFocus(device: Device, message: Extract<PageMessage, { type: 'focus' }>, sender: Sender): Promise<MenuAnswer> {
  const frame = frameOf(message, sender)
  if (frame === undefined) return { open: null, card: null, code: false }
  remember(frame)
  const card = (frame.privateWindow ? undefined : cardFieldsOf(frame.classification)) ?? null
  return { open: await menuFor(device, frame, message, sender), card, code: takesCode(device, frame, message.field) }
}

async function menuFor(
  device: Device,
  frame: Frame,
  message: Extract<PageMessage, { type: 'focus' }>,
  sender: Sender,
): Promise<MenuAnswer['open']> {
  const decision = await decideFor(device, frame, { kind: 'focus', trusted: message.trusted, focused: message.field })
  const locked = decision.reason === 'locked' && (await device.state()) === 'locked'
  const passkeys = decision.act !== 'refuse' || besidePasskeys.has(decision.reason) ? await passkeyRows(device, message, sender) : []
  if (decision.act === 'refuse' && !locked && passkeys.length === 0) return null
  const suggestion = decision.reason === 'new-password' ? passwordFor(frame, message.field, await device.said()) : ''
  const own = locked ? [{ id: 'unlock', kind: 'unlock' as const, title: '', detail: '' }] : await rowsFor(device, decision, suggestion)
  const rows = [...passkeys, ...own]
  if (rows.length === 0) return null
  const said = decision.reason === 'said-by-server' ? displayHost(new URL(frame.url).hostname) : null
  const origin = decision.act === 'ask' && said === null ? named(decision.origin ?? frame.url) : null
  const view: InlineView = { kind: 'menu', language: device.language(), rows, origin, said }
  const token = makeToken()
  addOffer({
    token,
    frame,
    view,
    act: async (answer) => answer.type === 'choose' && (await choose(device, frame, message.field, decision, answer.id, suggestion)),
  })
  const height = Math.min(rows.length, mostRows) * rowHeight + (origin === null && said === null ? 0 : 68) + 12
  return { token, height }
}

async function choose(device: Device, frame: Frame, focused: number, shown: Decision, id: string, suggestion: string): Promise<boolean> {
  await device.touch()
  if (id === 'unlock') {
    await openPopup(frame.tabId)
    return true
  }
  if (await choosePasskey(frame, id)) return true
  // decided again with what holds now: locked since, item gone, switched off
  const now = await decideFor(device, frame, { kind: 'focus', trusted: true, focused })
  if (now.act === 'refuse') return false
  if (id === 'suggestion') {
    if (now.reason !== 'new-password') return false
    const answer = await fillFrame(frame, planFor(frame, now.group, { newPassword: suggestion }))
    if (answer.filled.length > 0 && !frame.privateWindow) keepSuggestion(frame.tabId, suggestion)
    return answer.filled.length > 0
  }
  const isShown = shown.offers.some(({ itemId }) => itemId === id)
  if (!isShown || !now.offers.some(({ itemId }) => itemId === id)) return false
  const answer = await fillItem(device, frame, now.group, id)
  return answer.filled.length > 0
}

/** The popup stands outside of every page; where the browser does not open it by itself, the same page opens in a tab, for the tab that is meant. */
export async function openPopup(tabId: number): Promise<void> {
  const opened = await browser.action.openPopup?.().then(
    () => true,
    () => false,
  )
  if (opened !== true) await browser.tabs.create({ url: browser.runtime.getURL(`/popup.html#tab=${tabId}`) })
}

/** A frame of ours has started inside of a page. It shows nothing until it names an offer of the very tab that it is in. */
export function onInline(port: Port): void {
  const tabId = port.sender?.tab?.id
  // not the offer itself: what is forgotten must not be kept by a frame that stays
  let place: Pick<Offer, 'frame' | 'token'> | undefined
  let busy = false
  const say = (message: BackgroundToInline): void => port.postMessage(message)
  const handle = async (message: InlineToBackground): Promise<void> => {
    if (message.type === 'hello') {
      const found = offers.get(message.token)
      if (found === undefined || found.frame.tabId !== tabId || place !== undefined) return port.disconnect()
      place = { frame: found.frame, token: found.token }
      return say({ type: 'view', view: found.view })
    }
    if (place === undefined) return
    const { frame, token } = place
    const { docId } = frame
    if (message.type === 'height') {
      await tellFrame(frame, { type: 'resize', docId, token, height: Math.round(message.height) })
      return
    }
    if (message.type === 'leave') {
      offers.get(token)?.left?.()
      await tellFrame(frame, { type: 'close', docId, token, refocus: message.refocus })
      return
    }
    if (busy) return
    busy = true
    const offer = offers.get(token)
    const fault = message.seen ?? (offer === undefined ? 'gone' : await checkSurface(frame, token))
    if (fault !== null || offer === undefined) {
      faults.set(frame.tabId, fault ?? 'gone')
      say({ type: 'refused', fault: fault ?? 'gone' })
    } else {
      faults.delete(frame.tabId)
      await tellFrame(frame, { type: 'close', docId, token, refocus: false })
      await offer.act(message)
      say({ type: 'done' })
    }
    offers.delete(token)
    busy = false
  }
  port.onMessage.addListener((message) => void handle(message as InlineToBackground).catch(() => port.disconnect()))
}
