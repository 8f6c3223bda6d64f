/**
 * Copying for a while (C2): after a minute the clipboard is emptied if it still holds what was put there. What that was is known by its digest
 * alone, so that a lock leaves nothing of it in the page.
 */
import { equalBytes } from '@nokkel/base'

const clearAfterMs = 60_000
export const clearAfterSeconds = clearAfterMs / 1_000

let pending: { readonly digest: Promise<Uint8Array>; readonly dueMs: number } | null = null

const digestOf = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))

/** Throws where the browser refuses. */
export async function copyForAWhile(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
  pending = { digest: digestOf(text), dueMs: Date.now() + clearAfterMs }
  setTimeout(() => void clearIfDue(), clearAfterMs + 50)
}

/** A browser lets the clipboard be read and written in the foreground only: what is due then waits until the page is looked at again. */
async function clearIfDue(): Promise<void> {
  if (pending === null || Date.now() < pending.dueMs || !document.hasFocus()) return
  const { digest } = pending
  pending = null
  try {
    const now = await digestOf(await navigator.clipboard.readText())
    if (!equalBytes(now, await digest)) return
  } catch {
    // reading was not allowed: emptying something else is the smaller harm beside leaving a password there
  }
  await navigator.clipboard.writeText('').catch(() => undefined)
}
addEventListener('focus', () => void clearIfDue())
