/**
 * Door `.` of the autofill engine: page model → labels with reasons → decision → fill plan; and matching of sites. Pure, no DOM, no network,
 * no secrets kept. A content script imports `classify` (and `./dom`); `matchSite`, `decide` and the feed belong to the background: they
 * bring the public suffix list along.
 */
export type * from './model.ts'
export type * from './decision.ts'
export { classify } from './classify.ts'
export { labelOfToken, parseAutocomplete, type AutocompleteHint } from './autocomplete.ts'
export { decide, siteAsksNot } from './decide.ts'
export { planFill } from './plan.ts'
export {
  decideSave,
  nextSaveState,
  saveIdle,
  type KnownLogin,
  type SaveContext,
  type SaveDecision,
  type SaveEvent,
  type SaveReason,
  type SaveState,
} from './save.ts'
export { cardFieldsOf, decideSaveCard, isCardNumber, typedCard, type CardFields, type KnownCard } from './save-card.ts'
export { bestMatch, listName, matchSite, saidMatch, sameSite, siteOf, type Site } from './match.ts'
export { displayHost } from './display-host.ts'
export { parsePasswordRules, type PasswordRules } from './password-rules.ts'
export { boundCodeOf, fitOfBoundCode, type BoundCode, type BoundCodeFit } from './bound-code.ts'
export { changeAddress } from './change-address.ts'
export { feedCeilings, lookUp, parseFeed, parseSiteData, starterFeed, type Equivalence, type FeedTexts, type SiteFeed } from './quirks.ts'
