/** The number on the icon: logins and passkeys for the tab in front. */
import { browser } from '../browser.ts'
import type { Device } from './deciding.ts'

const ground = '#17604f'

export function colourBadge(): void {
  void browser.action.setBadgeBackgroundColor({ color: ground })
}

/** Of a device that is locked or out it is empty (EXT-9). */
export async function showBadge(device: Device): Promise<void> {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true })
  if (tab?.id === undefined) return
  const found = (await device.state()) === 'trusted' ? await device.matches().ofTab(tab.url ?? '') : []
  await browser.action.setBadgeText({ tabId: tab.id, text: found.length === 0 ? '' : String(found.length) })
}
