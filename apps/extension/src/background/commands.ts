/** Filling by hand without the popup: the keyboard shortcut, and the menu of the right button. What may be filled is decided in `fill.ts`. */
import { createMessages, pickLanguage } from '@nokkel/messages/extension'
import { browser } from '../browser.ts'
import type { Device } from './deciding.ts'
import { fillBest } from './fill.ts'
import { openPopup } from './offers.ts'

/** In the language that was chosen, which a locked device does not know. */
async function makeMenu(device: Device): Promise<void> {
  const language = device.language()
  const words = createMessages(language === 'system' ? pickLanguage(navigator.languages) : language)
  await browser.contextMenus.removeAll()
  browser.contextMenus.create({ id: 'fill', title: words.t('extension.menu.fill'), contexts: ['editable'] })
  browser.contextMenus.create({ id: 'open', title: words.t('extension.menu.open'), contexts: ['editable'] })
}

export function watchCommands(device: Device, ready: Promise<unknown>): void {
  const fillIn = (id: number | undefined): void => {
    if (id !== undefined) void ready.then(() => fillBest(device, id)).catch(() => undefined)
  }
  browser.commands.onCommand.addListener((command, tab) => {
    if (command !== 'fill') return
    if (tab?.id !== undefined) fillIn(tab.id)
    else void browser.tabs.query({ active: true, currentWindow: true }).then(([found]) => fillIn(found?.id))
  })
  browser.contextMenus.onClicked.addListener(({ menuItemId }, tab) => {
    if (menuItemId === 'fill') fillIn(tab?.id)
    else if (tab?.id !== undefined) void openPopup(tab.id)
  })
  void ready.then(() => makeMenu(device))
}
