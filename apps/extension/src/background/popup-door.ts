/** The door of the popup's page: who may come in, what is said there first, and how a call becomes an answer (EXT-1). Knows none of the calls. */
import { browser, type Port, type Sender } from '../browser.ts'
import type { CallAnswer, CallMessage, Calls, TabSeen } from '../protocol.ts'
import { failureOf } from './failure.ts'
import type { HeldDevice } from './held-device.ts'

/** The popup's page alone, which no web page can embed: it is not web-accessible (A34). The frame at a field has no say here. */
export function isPopup(sender: Sender): boolean {
  return sender.id === browser.runtime.id && sender.url?.split('#')[0] === browser.runtime.getURL('/popup.html')
}

async function answer(device: HeldDevice, calls: Calls, message: CallMessage): Promise<CallAnswer> {
  try {
    await device.opened
    await device.lockIfDue()
    if (!Object.hasOwn(calls, message.name)) return { type: 'failure', failure: { code: 'internal', params: {} } }
    const call = calls[message.name] as (...args: readonly unknown[]) => Promise<unknown>
    return { type: 'result', value: await call(...message.args) }
  } catch (error) {
    return { type: 'failure', failure: failureOf(error) }
  }
}

/** True: it is for here, and the answer comes later. */
export function fromPopup(device: HeldDevice, calls: Calls, message: unknown, sender: Sender, respond: (answer: unknown) => void): boolean {
  if (!isPopup(sender) || (message as CallMessage).type !== 'call') return false
  void answer(device, calls, message as CallMessage).then(respond)
  return true
}

/** A popup stands over the tab in front; the same page in a tab stands for the tab that its address names, if any. */
async function tabUnder(sender: Sender): Promise<TabSeen> {
  const named = /#tab=(\d{1,10})$/.exec(sender.url ?? '')?.[1]
  const tab =
    named === undefined
      ? (await browser.tabs.query({ active: true, lastFocusedWindow: true }))[0]
      : await browser.tabs.get(Number(named)).catch(() => undefined)
  return { id: tab?.id ?? -1, url: tab?.url ?? '' }
}

/** All that the popup shows first, in one message: each question that it would have to ask is a part of the time to its first rows. */
export async function onPopupPort(device: HeldDevice, port: Port, sender: Sender): Promise<void> {
  port.onDisconnect.addListener(() => device.telling.leave(port))
  // the browser is asked both at once: each answer of it is a part of the time to the first rows
  const [tab] = await Promise.all([tabUnder(sender), device.opened.then(() => device.lockIfDue())])
  await device.telling.greet(port, async () => {
    const isOn = (await device.client().state()) === 'trusted'
    const found = isOn
      ? await device
          .matches()
          .find('', tab.url)
          .catch(() => null)
      : null
    return { tab, found }
  })
}
