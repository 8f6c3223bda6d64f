/**
 * Empties the clipboard a minute after something was copied in the popup, which is closed by then (C2), if it still holds that. An alarm, because
 * the background may be ended in between; a digest in the memory of the browser, so that what was copied is not kept for this.
 */
import { browser } from '../browser.ts'
import { clearAfterSeconds, digestOf, type EmptyMessage } from '../clipboard.ts'

export const clipboardAlarm = 'clipboard'
const name = 'copied'

export async function noteCopied(digest: string): Promise<void> {
  await browser.storage.session.set({ [name]: digest })
  // the same name: the later copy alone is waited for
  await browser.alarms.create(clipboardAlarm, { when: Date.now() + clearAfterSeconds * 1_000 })
}

export async function emptyClipboard(): Promise<void> {
  const digest = (await browser.storage.session.get(name))[name]
  await browser.storage.session.remove([name])
  if (typeof digest !== 'string') return
  const { offscreen } = browser
  if (offscreen === undefined) {
    if ((await digestOf(await navigator.clipboard.readText())) === digest) await navigator.clipboard.writeText('')
    return
  }
  const justification = 'emptying the clipboard a minute after a password was copied'
  await offscreen.createDocument({ url: 'offscreen.html', reasons: ['CLIPBOARD'], justification })
  try {
    await browser.runtime.sendMessage({ type: 'empty-clipboard', digest } satisfies EmptyMessage)
  } finally {
    await offscreen.closeDocument()
  }
}
