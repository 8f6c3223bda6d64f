/** Copying for a while (C2): after a minute the clipboard is emptied if it still holds what was put there. */
const clearAfterMs = 60_000
export const clearAfterSeconds = clearAfterMs / 1_000

let pending: { readonly text: string; readonly dueMs: number } | null = null

/** Throws where the browser refuses. */
export async function copyForAWhile(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
  pending = { text, dueMs: Date.now() + clearAfterMs }
  setTimeout(() => void clearIfDue(), clearAfterMs + 50)
}

/** A browser lets the clipboard be read and written in the foreground only: what is due then waits until the page is looked at again. */
async function clearIfDue(): Promise<void> {
  if (pending === null || Date.now() < pending.dueMs || !document.hasFocus()) return
  const { text } = pending
  pending = null
  try {
    if ((await navigator.clipboard.readText()) !== text) return
  } catch {
    // reading was not allowed: emptying something else is the smaller harm beside leaving a password there
  }
  await navigator.clipboard.writeText('').catch(() => undefined)
}
addEventListener('focus', () => void clearIfDue())
