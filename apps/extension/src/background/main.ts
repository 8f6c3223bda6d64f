/**
 * The background: holds the client as a device of its own (A5) and answers the extension's pages and content scripts. Here everything is only plugged
 * together, and at once: the browser may end the background at any moment, and starts it for a listener that stands when this file has run.
 */
import { browser } from '../browser.ts'
import { watchAlarms } from './alarms.ts'
import { colourBadge } from './badge.ts'
import { watchCommands } from './commands.ts'
import { fromPage, isInlineFrame } from './content-door.ts'
import { HeldDevice } from './held-device.ts'
import { watchInstall } from './install.ts'
import { onInline } from './offers.ts'
import { isConsentWindow, onConsentPort } from './passkeys/consent.ts'
import { onPasskeyPort } from './passkeys/requests.ts'
import { watchOpenTabs } from './open-tabs.ts'
import { popupCalls } from './popup-calls.ts'
import { fromPopup, isPopup, onPopupPort } from './popup-door.ts'
import { watchTabs } from './tabs.ts'

const device = new HeldDevice()
const { opened } = device
const calls = popupCalls(device)

browser.runtime.onMessage.addListener(
  (message: unknown, sender, respond) =>
    fromPopup(device, calls, message, sender, respond) || fromPage(device, opened, message, sender, respond),
)

browser.runtime.onConnect.addListener((port) => {
  const sender = port.sender ?? {}
  if (port.name === 'inline' && isInlineFrame(sender)) return void opened.then(() => onInline(port))
  if (port.name === 'passkey') return onPasskeyPort(device, opened, port)
  if (port.name === 'consent' && isConsentWindow(sender)) return onConsentPort(port)
  if (!isPopup(sender)) return port.disconnect()
  void onPopupPort(device, port, sender)
})

watchTabs(device, opened)
watchCommands(device, opened)
watchAlarms(device)
watchInstall()
watchOpenTabs()
colourBadge()
