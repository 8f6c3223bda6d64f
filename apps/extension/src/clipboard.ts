/**
 * What popup, background and the page behind it agree on about the clipboard (C2): of what was copied, a digest alone is kept, and it is emptied
 * only if it still holds the same.
 */
import { toBase64url } from '@nokkel/base'

export const clearAfterSeconds = 60

export async function digestOf(text: string): Promise<string> {
  return toBase64url(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))))
}

/** To Chromium's page without a window, which alone there reaches the clipboard while nothing of ours is open. */
export interface EmptyMessage {
  readonly type: 'empty-clipboard'
  readonly digest: string
}
