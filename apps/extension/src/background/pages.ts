/** Where messages of pages, changes of tabs, the shortcut and the context menu come in and are handed on. Nothing is decided here. */
import { createMessages, pickLanguage } from '@nokkel/messages/extension'
import { browser, type Sender } from '../browser.ts'
import { readPageMessage, type PageMessage } from '../content/messages.ts'
import type { Device } from './deciding.ts'
import { fillBest } from './fill.ts'
import { forgetTab, frameOf, remember } from './frames.ts'
import { closeOffer, onFocus, openPopup } from './offers.ts'
import { forgetPasskeys } from './passkeys/noted.ts'
import { forgetSaving, onCard, onNavigated, onOutcome, onSubmitted } from './saving.ts'

export function isInlineFrame(sender: Sender): boolean {
  // by the address that it has inside: the one that it is embedded by is another in each run of the browser
  return sender.id === browser.runtime.id && sender.url === `${browser.runtime.getURL('/')}inline.html` && sender.tab?.id !== undefined
}

async function handle(device: Device, message: PageMessage, sender: Sender): Promise<unknown> {
  if (message.type === 'focus') return onFocus(device, message, sender)
  if (message.type === 'page') {
    const frame = frameOf(message, sender)
    if (frame !== undefined) remember(frame)
  } else if (message.type === 'submitted') await onSubmitted(device, message, sender)
  else if (message.type === 'card') await onCard(device, message, sender)
  else if (message.type === 'outcome') await onOutcome(device, message, sender)
  else closeOffer(message.token, message.docId, message.fault)
  return null
}

/** True: the answer comes later. What does not fit the schema, or comes from nobody's tab, is as if it had not been said. */
export function fromPage(
  device: Device,
  ready: Promise<unknown>,
  raw: unknown,
  sender: Sender,
  respond: (answer: unknown) => void,
): boolean {
  if (sender.id !== browser.runtime.id || sender.tab === undefined || sender.url?.startsWith(browser.runtime.getURL('/')) === true)
    return false
  const message = readPageMessage(raw)
  if (message === null) return false
  void ready.then(() => handle(device, message, sender)).then(respond, () => respond(null))
  return true
}

/** The number of logins and passkeys for the tab in front. */
export async function showBadge(device: Device): Promise<void> {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true })
  if (tab?.id === undefined) return
  const found = (await device.state()) === 'trusted' ? await device.matches().ofTab(tab.url ?? '') : []
  await browser.action.setBadgeText({ tabId: tab.id, text: found.length === 0 ? '' : String(found.length) })
}

async function makeMenus(device: Device): Promise<void> {
  const language = device.language()
  const words = createMessages(language === 'system' ? pickLanguage(navigator.languages) : language)
  await browser.contextMenus.removeAll()
  browser.contextMenus.create({ id: 'fill', title: words.t('extension.menu.fill'), contexts: ['editable'] })
  browser.contextMenus.create({ id: 'open', title: words.t('extension.menu.open'), contexts: ['editable'] })
}

export function watchTabs(device: Device, ready: Promise<unknown>): void {
  const badge = (): void => void ready.then(() => showBadge(device)).catch(() => undefined)
  browser.tabs.onActivated.addListener(badge)
  browser.tabs.onUpdated.addListener((id, change) => {
    if (change.status === 'complete') void ready.then(() => onNavigated(device, id)).catch(() => undefined)
    if (change.url !== undefined || change.status === 'complete') badge()
  })
  browser.tabs.onRemoved.addListener((id) => {
    forgetTab(id)
    // not before what is kept has been read: it would come back
    void ready.then(() => forgetSaving(id))
    forgetPasskeys(id)
  })
  const fillIn = (id: number | undefined): void => {
    if (id !== undefined) void ready.then(() => fillBest(device, id)).catch(() => undefined)
  }
  browser.commands.onCommand.addListener((command, tab) => {
    if (command !== 'fill') return
    if (tab?.id !== undefined) fillIn(tab.id)
    else void browser.tabs.query({ active: true, currentWindow: true }).then(([found]) => fillIn(found?.id))
  })
  browser.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
    if (menuItemId === 'fill') fillIn(tab?.id)
    else if (tab?.id !== undefined) void openPopup(tab.id)
  })
  void ready.then(() => makeMenus(device))
}
