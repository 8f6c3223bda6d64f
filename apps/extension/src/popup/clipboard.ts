/**
 * Copying for a while (C2). While the popup is open it empties the clipboard itself after a minute. Closed before that, it cannot: the docs
 * say so.
 */
export async function copyForAWhile(text: string): Promise<void> {
  await navigator.clipboard.writeText(text)
  setTimeout(() => void navigator.clipboard.writeText('').catch(() => undefined), 60_000)
}
