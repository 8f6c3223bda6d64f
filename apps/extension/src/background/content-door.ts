/** The door of web pages: what content scripts say is read by one schema and handed on, and so is our own frame among them (EXT-1). Decides nothing. */
import { browser, type Sender } from '../browser.ts'
import { readPageMessage, type PageMessage } from '../content/messages.ts'
import type { Device } from './deciding.ts'
import { frameOf, remember } from './frames.ts'
import { closeOffer, onFocus } from './offers.ts'
import { onPasted } from './pasted-codes.ts'
import { onCard, onOutcome, onSubmitted } from './saving.ts'

export function isInlineFrame(sender: Sender): boolean {
  // by the address that it has inside: the one that it is embedded by is another in each run of the browser
  return sender.id === browser.runtime.id && sender.url === `${browser.runtime.getURL('/')}inline.html` && sender.tab?.id !== undefined
}

async function handle(device: Device, message: PageMessage, sender: Sender): Promise<unknown> {
  if (message.type === 'focus') return onFocus(device, message, sender)
  if (message.type === 'pasted') return onPasted(device, message, sender)
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
