/**
 * What the frame at a field and the background say to each other, over a port. The frame shows what it is told, looks whether it can be seen
 * itself, and reports a person's click; it holds no secret but a password that it suggests.
 */
import type { SurfaceFault } from '../content/messages.ts'

export interface InlineRow {
  /** item id, or a word of ours for what is no item */
  readonly id: string
  readonly kind: 'login' | 'card' | 'code' | 'suggestion' | 'unlock' | 'passkey'
  readonly title: string
  readonly detail: string
}

export type InlineView =
  | {
      readonly kind: 'menu'
      readonly language: 'nb' | 'en' | 'system'
      readonly rows: readonly InlineRow[]
      /** to be named before anything is filled: a frame or a form's address of another site (E6) */
      readonly origin: string | null
      /** the page's site, where the rows are of another one that is the same by the server's word alone (AUT-7) */
      readonly said: string | null
    }
  /** a message with a code was pasted: for the site of this page, or for another, which has no row then */
  | {
      readonly kind: 'pasted'
      readonly language: 'nb' | 'en' | 'system'
      readonly host: string
      readonly site: string
      readonly row: { readonly id: string; readonly code: string } | null
    }
  | {
      readonly kind: 'save' | 'update'
      readonly language: 'nb' | 'en' | 'system'
      readonly site: string
      readonly username: string
      /** a card instead: its last digits and expiry */
      readonly card: string | null
      /** for an update: which; more than one: the person chooses */
      readonly items: readonly { readonly id: string; readonly title: string; readonly username: string }[]
    }

export type InlineToBackground =
  | { readonly type: 'hello'; readonly token: string }
  /** `seen`: null when the frame could be seen for long enough. */
  | { readonly type: 'choose'; readonly id: string; readonly seen: SurfaceFault | null }
  | { readonly type: 'save'; readonly id: string; readonly username: string; readonly seen: SurfaceFault | null }
  | { readonly type: 'never'; readonly seen: SurfaceFault | null }
  | { readonly type: 'leave'; readonly refocus: boolean }
  | { readonly type: 'height'; readonly height: number }

export type BackgroundToInline =
  | { readonly type: 'view'; readonly view: InlineView }
  | { readonly type: 'refused'; readonly fault: SurfaceFault }
  | { readonly type: 'done' }

export const rowHeight = 52
export const mostRows = 5
