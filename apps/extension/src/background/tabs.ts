/** Tabs that come to the front, lead to another page, or close: who has something to do with that is told. */
import { browser } from '../browser.ts'
import { showBadge } from './badge.ts'
import type { Device } from './deciding.ts'
import { forgetTab } from './frames.ts'
import { forgetPasskeys } from './passkeys/noted.ts'
import { forgetSaving, onNavigated } from './saving.ts'

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
}
