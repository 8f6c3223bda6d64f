/**
 * Tabs that are open when the extension comes: installed, updated, switched on again, or allowed on a site. Chromium runs content scripts only in pages
 * that are loaded after that, and what an older version left in a page has nobody to ask. Firefox sees to it by itself, and where a script answers
 * already nothing is done. Goes nowhere that the person has not let the extension to: the browser refuses it there, as it does with content scripts.
 * Passkeys are not among it: a page keeps the functions that it finds when it starts (ADR 0025).
 */
import { browser } from '../browser.ts'
import { lateName, lookName } from '../content/messages.ts'

const reachedName = 'open-tabs-reached'

/** Runs in each frame. A frame without an address of its own has no content script otherwise, and gets none here. */
function isMissing(name: string): boolean {
  return /^https?:$/.test(location.protocol) && !(name in globalThis)
}

function markLate(name: string): void {
  Object.defineProperty(globalThis, name, { value: true, configurable: true })
}

async function reach(tabId: number): Promise<void> {
  const asked = await browser.scripting.executeScript({ target: { tabId, allFrames: true }, func: isMissing, args: [lookName] })
  const frameIds = asked.flatMap(({ frameId, result }) => (result === true && frameId !== undefined ? [frameId] : []))
  if (frameIds.length === 0) return
  await browser.scripting.executeScript({ target: { tabId, frameIds }, func: markLate, args: [lateName] })
  await browser.scripting.executeScript({ target: { tabId, frameIds }, files: ['content.js'] })
}

async function reachAll(): Promise<void> {
  // one that the browser has put to sleep is loaded when somebody looks at it
  const tabs = await browser.tabs.query({ url: ['http://*/*', 'https://*/*'], discarded: false })
  // a site that is not allowed, a page of the browser's own shop, and one that is just leaving take none
  await Promise.all(tabs.map(({ id }) => (id === undefined ? undefined : reach(id).catch(() => undefined))))
}

/** Once in each life of the extension, not of its background: this memory of the browser goes when the extension is loaded anew. */
async function reachOnce(): Promise<void> {
  const { session } = browser.storage
  if ((await session.get(reachedName))[reachedName] === true) return
  await session.set({ [reachedName]: true })
  await reachAll()
}

export function watchOpenTabs(): void {
  void reachOnce().catch(() => undefined)
  browser.permissions.onAdded.addListener(() => void reachAll().catch(() => undefined))
}
