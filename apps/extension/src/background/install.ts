/** What happens once, when the extension comes into this browser. */
import { browser } from '../browser.ts'

export function watchInstall(): void {
  browser.runtime.onInstalled.addListener(({ reason }) => {
    if (reason === 'install') void browser.tabs.create({ url: browser.runtime.getURL('/popup.html#tab') })
  })
}
