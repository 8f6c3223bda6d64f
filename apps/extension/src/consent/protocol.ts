/** What the window that asks a person about a passkey and the background say to each other. No key is in it, and nothing of the page's but names. */
import type { ErrorCode, ErrorParams } from '@nokkel/base'
import type { SurfaceFault } from '../content/messages.ts'

export interface ConsentAccount {
  readonly id: string
  readonly username: string
  readonly displayName: string
}

export interface ConsentView {
  readonly language: 'nb' | 'en' | 'system'
  readonly kind: 'create' | 'get'
  /** `locked`: the keychain is to be opened first; `excluded`: there is one already; `none`: there is none for this site */
  readonly step: 'locked' | 'choose' | 'excluded' | 'none'
  /** whose passkey it is, as people may read it */
  readonly site: string
  /** the page that asks, where it is not the site itself */
  readonly page: string | null
  /** the site in the address bar, where a frame in it asks */
  readonly around: string | null
  /** the new account, or those to choose from */
  readonly accounts: readonly ConsentAccount[]
  /** a passkey of this account is there, and gives way to the new one */
  readonly replaces: boolean
  readonly passcode: 'needed' | 'welcome' | 'none'
}

export type ConsentToBackground =
  | { readonly type: 'hello'; readonly token: string }
  | { readonly type: 'unlock'; readonly passcode: string }
  /** `seen`: null when the window could be seen for long enough */
  | { readonly type: 'yes'; readonly id: string; readonly passcode: string; readonly seen: SurfaceFault | null }
  /** this device's own, or a security key: the browser's turn */
  | { readonly type: 'elsewhere' }
  | { readonly type: 'no' }
  /** the background lives on while somebody reads */
  | { readonly type: 'alive' }

export type BackgroundToConsent =
  | { readonly type: 'view'; readonly view: ConsentView }
  | { readonly type: 'failure'; readonly code: ErrorCode; readonly params: ErrorParams }
  | { readonly type: 'done' }
