/** The last request for a passkey in each tab and what became of it, for "why not?" (E9). In memory alone. */
import type { RequestFault, RpIdFault } from '@nokkel/passkeys'

export type PasskeyReason =
  | RequestFault
  | RpIdFault
  | 'passkeys-off'
  | 'not-set-up'
  | 'no-activation'
  | 'foreign-frame'
  | 'private-window'
  | 'busy'
  | 'no-passkey'
  | 'chose-browser'
  | 'declined'
  | 'failed'
  | 'answered'

const noted = new Map<number, { readonly origin: string; readonly reason: PasskeyReason }>()

export function note(tabId: number, origin: string, reason: PasskeyReason): void {
  noted.set(tabId, { origin, reason })
}

/** Only while the tab is where it was asked, and only what stood in the way. */
export function lastPasskey(tabId: number, url: string): PasskeyReason | undefined {
  const found = noted.get(tabId)
  return found === undefined || found.reason === 'answered' || found.origin !== URL.parse(url)?.origin ? undefined : found.reason
}

export function forgetPasskeys(tabId: number): void {
  noted.delete(tabId)
}
