/**
 * What is to happen though nobody comes: every half minute the lock whose time is over, what was kept for a while, and a connection that was lost; and
 * the clipboard, a minute after a copy. An alarm starts a background that the browser has ended, which a timer does not.
 */
import { browser } from '../browser.ts'
import { clipboardAlarm, emptyClipboard } from './clipboard.ts'
import type { HeldDevice } from './held-device.ts'
import { purgeSaving } from './saving.ts'

async function wake(device: HeldDevice): Promise<void> {
  await device.opened
  purgeSaving()
  if ((await device.lockIfDue()) || (await device.client().state()) !== 'trusted') return
  device.live.again()
  void device.saidSites.refresh()
}

export function watchAlarms(device: HeldDevice): void {
  browser.alarms.onAlarm.addListener(({ name }) => {
    void (name === clipboardAlarm ? emptyClipboard().catch(() => undefined) : wake(device))
  })
  void browser.alarms.create('wake', { periodInMinutes: 0.5 })
}
