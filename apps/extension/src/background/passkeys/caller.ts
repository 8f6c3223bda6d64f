/** Who asks for a passkey, by what the browser says of the sender; and why it may not be asked of us (PK-2). Nothing of it comes from the page. */
import { displayHost } from '@nokkel/autofill'
import type { Caller } from '@nokkel/passkeys'
import { browser, type Sender } from '../../browser.ts'
import type { PasskeyAsk } from '../../content/passkey-messages.ts'

export interface Asker {
  readonly caller: Caller
  readonly tabId: number
  readonly host: string
  readonly privateWindow: boolean
}

const originOf = (url: string | undefined): string => URL.parse(url ?? '')?.origin ?? 'null'

/** undefined: from no document of a web page, or from one that has not its site's rights. */
export function askerOf(ask: PasskeyAsk, { id, tab, frameId, url, origin }: Sender): Asker | undefined {
  if (id !== browser.runtime.id || tab?.id === undefined || tab.id < 0 || frameId === undefined) return undefined
  // a sandboxed frame has the address of its site and the origin `null`
  if (origin === undefined || origin === 'null' || origin !== originOf(url) || !/^https?:/.test(origin)) return undefined
  // the tab's address is the browser's word; what lies between it and the frame is the content script's
  const topOrigin = frameId === 0 ? origin : originOf(tab.url)
  const foreign = topOrigin !== origin || (frameId !== 0 && ask.ancestors.some((each) => each !== origin))
  return {
    caller: { origin, crossOrigin: foreign, ...(foreign && { topOrigin }) },
    tabId: tab.id,
    host: new URL(origin).hostname,
    privateWindow: tab.incognito === true,
  }
}

export function shownHost(origin: string): string {
  return displayHost(URL.parse(origin)?.hostname ?? origin)
}
