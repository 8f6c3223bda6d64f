/**
 * The words of the decision: what the keychain offers, what surrounds the page, what is decided and why. Types only.
 * Reason codes are stable: the popup's "Why not?" (E9) finds its sentence by them, so a code is never reused for something else.
 */
import type { FieldLabel, FormPurpose } from './model.ts'

/** What the keychain offers for a page: names, never secrets. */
export interface Candidate {
  readonly itemId: string
  readonly kind: 'login' | 'card' | 'identity'
  readonly title: string
  readonly username: string
  /** Addresses or bare hosts as saved with the item. */
  readonly sites: readonly string[]
  readonly hasPassword: boolean
  readonly hasTotp: boolean
  /** When the item was last changed, in milliseconds since 1970: then the newest. */
  readonly changedMs: number
  /** When it was last filled in on this device; 0: not that anybody knows. Of accounts that fit alike, this one stands first. */
  readonly usedMs: number
}

/** E1 and E4. */
export interface Switches {
  readonly fillPasswords: boolean
  readonly fillCards: boolean
  readonly offerToSave: boolean
  /** Fill without a click where the page has one sign-in form, one account fits exactly and the field is visible. */
  readonly fillOnLoad: boolean
}

/** What is known about the frame, from the browser and not from the page. */
export interface FrameContext {
  /** Address of the document that holds the fields. */
  readonly frameUrl: string
  /** Address of the tab. */
  readonly topUrl: string
  readonly privateWindow: boolean
  readonly locked: boolean
  /** This site's E4 permission: fill and save although the page says autocomplete=off. */
  readonly allowAutocompleteOff: boolean
  /** This site is on the never list (E2). */
  readonly neverSave: boolean
  /** `load`: the page appeared; `focus`: a field got the focus; `user`: a trusted click or key on our own surface. */
  readonly trigger: 'load' | 'focus' | 'user'
  /** The focus or click came from a person (`event.isTrusted` and user activation). */
  readonly trusted: boolean
  /** Index of the focused field, if the trigger has one. */
  readonly focused?: number
}

/** Stable codes for "Why not?" (E9); also the reason where something is done. */
export type DecisionReason =
  | 'one-match' // fill
  | 'several-matches' // offer: the person chooses (E6)
  | 'card-choice' // offer: cards are always chosen (E5)
  | 'identity-choice'
  | 'new-password' // offer a strong password (E7)
  | 'code-field' // offer the verification code (E8)
  | 'user-asked'
  | 'offer-on-focus'
  | 'cross-origin-frame' // ask: name the frame's origin (E6)
  | 'said-by-server' // ask: another site, which is the same by nobody's word but the server's (AUT-7)
  | 'other-site' // ask: the deliberate act for another site (E6)
  | 'insecure-page' // refuse: item saved over HTTPS, page over HTTP (E6)
  | 'private-window' // refuse without being asked (E3)
  | 'autocomplete-off' // refuse (E4)
  | 'switched-off-passwords' // refuse (E1)
  | 'switched-off-cards'
  | 'locked'
  | 'invisible-field' // refuse (E6)
  | 'untrusted-event' // refuse: script-driven (E6)
  | 'search-field'
  | 'no-fillable-field'
  | 'no-match'
  | 'csc-by-hand' // the security code of a card is typed (E5)
  | 'no-code-for-item'
  | 'unusable-address' // not http(s): about:, file:, data:

export type MatchRank = 'exact-origin' | 'exact-host' | 'same-site' | 'equivalent-site' | 'none'

/** How a saved site fits an address. */
export interface SiteMatch {
  readonly rank: MatchRank
  /** The saved site was HTTPS (or said no scheme, which means HTTPS) and the page is plain HTTP on a name that is not this machine. */
  readonly insecure: boolean
}

export interface Offer {
  readonly itemId: string
  readonly rank: MatchRank
}

export interface Decision {
  /** `fill`: at once. `offer`: show the menu. `ask`: only after a question that names `origin`. `refuse`: nothing; the reason is the answer. */
  readonly act: 'fill' | 'offer' | 'ask' | 'refuse'
  readonly reason: DecisionReason
  /** Index of the group the decision is about; -1: none. */
  readonly group: number
  readonly purpose: FormPurpose
  /** Best first. For `fill` exactly one. */
  readonly offers: readonly Offer[]
  /** What else held something back, e.g. items left out because of HTTP. For the popup. */
  readonly also: readonly DecisionReason[]
  /** The frame's origin to be named, for `ask`. */
  readonly origin?: string
}

/** Secrets of the one chosen item, given to `planFill` in the background at the moment of filling. Absent: not filled. */
export interface FillValues {
  readonly username?: string
  readonly email?: string
  readonly password?: string
  readonly newPassword?: string
  readonly totp?: string
  readonly card?: CardValues
  readonly identity?: Readonly<Partial<Record<FieldLabel, string>>>
}

/** There is no place for the security code: it is never filled (E5). */
export interface CardValues {
  readonly name: string
  /** Digits only. */
  readonly number: string
  /** 1 to 12. */
  readonly expMonth: number
  /** Four digits. */
  readonly expYear: number
}

export interface FillStep {
  /** Index into `PageModel.fields`. */
  readonly field: number
  readonly label: FieldLabel
  readonly action: 'set-text' | 'choose-option'
  /** Text to set, or the value of the option to choose. */
  readonly value: string
}

export interface FillPlan {
  readonly steps: readonly FillStep[]
  /** Fields that were left, and why. */
  readonly left: readonly { readonly field: number; readonly label: FieldLabel; readonly reason: DecisionReason }[]
}
