/**
 * A page without a window, in Chromium alone: there the background has no clipboard, and a page that nobody looks at has only the editing
 * commands of the document. It is made when something is due, compares, empties, and is closed. What it reads it compares and nothing else.
 */
import { browser } from '../browser.ts'
import { digestOf, type EmptyMessage } from '../clipboard.ts'

function read(): string {
  const field = document.createElement('textarea')
  document.body.append(field)
  field.focus()
  document.execCommand('paste')
  const { value } = field
  field.remove()
  return value
}

function empty(): void {
  document.addEventListener(
    'copy',
    (event) => {
      event.preventDefault()
      event.clipboardData?.setData('text/plain', '')
    },
    { once: true },
  )
  document.execCommand('copy')
}

async function emptyIfStill(wanted: string): Promise<void> {
  if ((await digestOf(read())) === wanted) empty()
}

browser.runtime.onMessage.addListener((raw, sender, respond) => {
  const message = raw as EmptyMessage
  // what a page's content script sends has a tab, the background has none
  if (message.type !== 'empty-clipboard' || sender.id !== browser.runtime.id || sender.tab !== undefined) return false
  void emptyIfStill(message.digest).finally(() => respond(null))
  return true
})
