/**
 * Page and candidates → what may happen, with a stable reason (E1, E3–E6, E8, E9). Pure; the background re-checks tab, origin and field
 * visibility at the instant of filling. Runs in the background.
 */
import type { Candidate, Decision, DecisionReason, FrameContext, Offer, Switches } from './decision.ts'
import { bestMatch, saidMatch, sameSite, siteOf } from './match.ts'
import type { Classification, FieldGroup, PageModel } from './model.ts'
import { isOnlyPassword } from './plan.ts'
import type { SiteFeed } from './quirks.ts'

const ranks = ['exact-origin', 'exact-host', 'same-site', 'equivalent-site', 'none']
const passwordPurposes = ['sign-in', 'sign-up', 'change-password']

type Used = Pick<Candidate, 'usedMs' | 'changedMs'>
const lastUsedFirst = (a: Used, b: Used): number => b.usedMs - a.usedMs || b.changedMs - a.changedMs

/** The group that the trigger is about: the focused field's, else the first sign-in, else the first that can be filled. */
function groupFor(classification: Classification, focused: number | undefined): number {
  const { groups } = classification
  if (focused !== undefined) return groups.findIndex((group) => group.fields.includes(focused))
  const order = ['sign-in', 'code', 'change-password', 'sign-up', 'card', 'identity']
  for (const purpose of order) {
    const at = groups.findIndex((group) => group.purpose === purpose)
    if (at >= 0) return at
  }
  return -1
}

function asksNotTo(page: PageModel, group: FieldGroup, classification: Classification): boolean {
  if (page.forms[group.form]?.autocomplete === 'off') return true
  return group.fields.some((at) => {
    const label = classification.fields.find((each) => each.field === at)?.label
    return label === 'current-password' && page.fields[at]?.autocomplete.trim().toLowerCase() === 'off'
  })
}

/** A form for passwords says `autocomplete="off"` (E4), whatever else is true of the page. For "why not?" (E9). */
export function siteAsksNot(page: PageModel, classification: Classification): boolean {
  return classification.groups.some((group) => passwordPurposes.includes(group.purpose) && asksNotTo(page, group, classification))
}

export function decide(
  page: PageModel,
  classification: Classification,
  candidates: readonly Candidate[],
  context: FrameContext,
  switches: Switches,
  feed?: SiteFeed,
  /** of a server, which is believed nothing: what is one site only by its word is never filled unasked (AUT-7) */
  said?: SiteFeed,
): Decision {
  const at = groupFor(classification, context.focused)
  const group = classification.groups[at]
  const also: DecisionReason[] = []
  const made = (act: Decision['act'], reason: DecisionReason, offers: readonly Offer[] = [], origin?: string): Decision => ({
    act, reason, group: at, purpose: group?.purpose ?? 'other', offers, also, ...(origin === undefined ? {} : { origin }),
  }) // prettier-ignore
  const site = siteOf(context.frameUrl)
  if (site === undefined || !/^https?:/i.test(context.frameUrl)) return made('refuse', 'unusable-address')
  if (group === undefined) return made('refuse', 'no-fillable-field')
  if (group.purpose === 'search') return made('refuse', 'search-field')
  if (context.trigger !== 'load' && !context.trusted) return made('refuse', 'untrusted-event')
  const labels = new Map(classification.fields.map((each) => [each.field, each.label]))
  const focusedLabel = context.focused === undefined ? undefined : labels.get(context.focused)
  if (focusedLabel === 'none') return made('refuse', 'no-fillable-field')
  if (focusedLabel === 'cc-csc') return made('refuse', 'csc-by-hand')
  const focused = context.focused === undefined ? undefined : page.fields[context.focused]
  if (focused?.visible === false) return made('refuse', 'invisible-field')
  const cardish = group.purpose === 'card' || focusedLabel?.startsWith('cc-') === true
  const passwordish = passwordPurposes.includes(group.purpose) || group.purpose === 'code'
  if (cardish && !switches.fillCards) return made('refuse', 'switched-off-cards')
  if (passwordish && !switches.fillPasswords) return made('refuse', 'switched-off-passwords')
  if (context.privateWindow && context.trigger !== 'user') return made('refuse', 'private-window')
  if (asksNotTo(page, group, classification) && !context.allowAutocompleteOff && context.trigger !== 'user')
    return made('refuse', 'autocomplete-off')
  if (context.locked) return made('refuse', 'locked')
  const foreign = context.frameUrl !== context.topUrl && !sameSite(context.frameUrl, context.topUrl)
  const origin = new URL(context.frameUrl).origin
  const offerOrAsk = (reason: DecisionReason, offers: readonly Offer[]): Decision =>
    foreign ? made('ask', 'cross-origin-frame', offers, origin) : made('offer', reason, offers)
  if (cardish || group.purpose === 'identity') {
    const kind = cardish ? 'card' : 'identity'
    // a card or an address goes to no page that anybody on the way can read
    if (site.scheme === 'http' && !site.loopback) return made('refuse', 'insecure-page')
    const offers = candidates.filter((each) => each.kind === kind).sort(lastUsedFirst)
    if (offers.length === 0) return made('refuse', 'no-match')
    return offerOrAsk(
      cardish ? 'card-choice' : 'identity-choice',
      offers.map(({ itemId }) => ({ itemId, rank: 'none' as const })),
    )
  }
  if (!passwordish) return made('refuse', 'no-fillable-field')
  const matches: (Offer & Used)[] = []
  const bySaying: typeof matches = []
  let insecure = false
  for (const each of candidates) {
    if (each.kind !== 'login') continue
    const match = bestMatch(each.sites, context.frameUrl, feed)
    if (match.rank === 'none') {
      const known = group.purpose !== 'code' || each.hasTotp
      if (known && saidMatch(each.sites, context.frameUrl, said))
        bySaying.push({ itemId: each.itemId, rank: 'equivalent-site', usedMs: each.usedMs, changedMs: each.changedMs })
      continue
    }
    if (match.insecure) insecure = true
    else if (group.purpose === 'code' && !each.hasTotp) also.push('no-code-for-item')
    else matches.push({ itemId: each.itemId, rank: match.rank, usedMs: each.usedMs, changedMs: each.changedMs })
  }
  if (insecure) also.push('insecure-page')
  matches.sort((a, b) => ranks.indexOf(a.rank) - ranks.indexOf(b.rank) || lastUsedFirst(a, b))
  const offers = matches.map(({ itemId, rank }) => ({ itemId, rank }))
  const wantsNew = focusedLabel === 'new-password' || (focusedLabel === undefined && group.purpose === 'sign-up')
  if (wantsNew && !context.privateWindow) {
    const members = classification.fields.filter((each) => each.group === at)
    // at the field, an account is offered beside a new password where its own password would be filled in
    const fits = focusedLabel === undefined || members.some(({ label }) => label === 'current-password') || isOnlyPassword(page, members)
    return offerOrAsk('new-password', fits ? offers : [])
  }
  if (offers.length === 0 && bySaying.length > 0 && !foreign && !insecure && context.trigger !== 'load') {
    bySaying.sort(lastUsedFirst)
    return made('ask', 'said-by-server', bySaying.map(({ itemId, rank }) => ({ itemId, rank })), origin) // prettier-ignore
  }
  if (offers.length === 0) {
    if (insecure) return made('refuse', 'insecure-page')
    return made('refuse', also.includes('no-code-for-item') ? 'no-code-for-item' : 'no-match')
  }
  if (foreign) return made('ask', 'cross-origin-frame', offers, origin)
  if (group.purpose === 'code') return made('offer', 'code-field', offers)
  if (offers.length > 1) return made('offer', 'several-matches', offers)
  if (context.trigger === 'user') return made('fill', 'user-asked', offers)
  const exact = offers[0]?.rank === 'exact-origin'
  const shown = group.fields.every((index) => page.fields[index]?.visible !== false)
  if (context.trigger === 'load' && switches.fillOnLoad && exact && shown && group.purpose === 'sign-in')
    return made('fill', 'one-match', offers)
  return made('offer', 'offer-on-focus', offers)
}
