/**
 * Save detection (E2): credentials seen → submitted → succeeded or failed, and only then a question. A pure state machine; it never holds a
 * password: `ref` names what the background keeps in memory until the decision, and it is dropped with the state.
 * The events come from `./dom` (form and page) and from the background (responses, navigations).
 */
import type { FormPurpose } from './model.ts'

export interface SaveState {
  readonly phase: 'idle' | 'seen' | 'submitted' | 'succeeded' | 'failed'
  readonly ref: string
  readonly username: string
  readonly purpose: FormPurpose
  /** The page said autocomplete=off on the form or the password (E4). */
  readonly autocompleteOff: boolean
  /** What spoke for success: the form went away, a navigation, a response below 400. */
  readonly formGone: boolean
  readonly answered: boolean
}

export type SaveEvent =
  /** A person typed or the engine filled credentials. Sent again at every change of them. A step with the user name alone is kept for the next. */
  | {
      readonly kind: 'credentials'
      readonly ref: string
      readonly username: string
      readonly purpose: FormPurpose
      readonly autocompleteOff: boolean
      readonly hasPassword: boolean
    }
  /** Submit event, click on the button, Enter, or a fetch/XHR started right after one of these. */
  | { readonly kind: 'submitted' }
  /** The answer to that request, if the browser lets us see its status. */
  | { readonly kind: 'response'; readonly status: number }
  /** A page was loaded in the frame after the submission. `passwordField`: it shows a sign-in form of the same purpose again. */
  | { readonly kind: 'navigated'; readonly sameSite: boolean; readonly passwordField: boolean; readonly status: number }
  /** The password field left the document or is no longer shown. */
  | { readonly kind: 'form-gone' }
  /** An alert, aria-invalid or an error text appeared near the form. */
  | { readonly kind: 'error-shown' }
  /** No event for a while after the submission (the caller's clock): decide with what is there. */
  | { readonly kind: 'settled' }
  | { readonly kind: 'dismissed' }

export const saveIdle: SaveState = {
  phase: 'idle',
  ref: '',
  username: '',
  purpose: 'other',
  autocompleteOff: false,
  formGone: false,
  answered: false,
}

/** The state after an event. Failure is final until credentials are typed again: a later navigation does not turn it into success. */
export function nextSaveState(state: SaveState, event: SaveEvent): SaveState {
  if (event.kind === 'dismissed') return saveIdle
  if (event.kind === 'credentials') {
    if (state.phase === 'submitted' && event.ref === state.ref) return state
    return {
      ...saveIdle,
      phase: event.hasPassword ? 'seen' : 'idle',
      ref: event.hasPassword ? event.ref : '',
      // two steps: the user name was typed on the page before, the password is here
      username: event.username !== '' ? event.username : state.username,
      purpose: event.purpose,
      autocompleteOff: event.autocompleteOff,
    }
  }
  if (event.kind === 'submitted') return state.phase === 'seen' || state.phase === 'failed' ? { ...state, phase: 'submitted' } : state
  if (state.phase !== 'submitted') return state
  const failed: SaveState = { ...state, phase: 'failed' }
  const succeeded: SaveState = { ...state, phase: 'succeeded' }
  switch (event.kind) {
    case 'response':
      if (event.status >= 400) return failed
      // 200 alone proves nothing: many sites answer a wrong password with 200
      return state.formGone ? succeeded : { ...state, answered: true }
    case 'error-shown':
      return failed
    case 'form-gone':
      return state.answered ? succeeded : { ...state, formGone: true }
    case 'navigated':
      if (event.status >= 400 || event.passwordField) return failed
      return succeeded
    case 'settled':
      return state.formGone ? succeeded : failed
  }
}

export interface KnownLogin {
  readonly itemId: string
  readonly username: string
  /** The background compared; the password itself stays there. */
  readonly samePassword: boolean
}

export interface SaveContext {
  readonly offerToSave: boolean
  readonly privateWindow: boolean
  readonly neverSave: boolean
  readonly allowAutocompleteOff: boolean
  readonly locked: boolean
}

export type SaveReason =
  | 'new-login'
  | 'changed-password'
  | 'new-card'
  | 'changed-card'
  | 'card-known'
  | 'nothing-changed'
  | 'not-succeeded'
  | 'waiting'
  | 'switched-off-save'
  | 'private-window'
  | 'never-for-this-site'
  | 'autocomplete-off'
  | 'locked'

export interface SaveDecision {
  readonly act: 'save' | 'update' | 'nothing'
  readonly reason: SaveReason
  /** For `update`: which item. Several: the person chooses. */
  readonly items: readonly string[]
  readonly username: string
}

/** Why nothing is offered in this state, whatever was typed. */
export function standsAgainst(state: SaveState, context: SaveContext): SaveReason | undefined {
  if (context.privateWindow) return 'private-window'
  if (!context.offerToSave) return 'switched-off-save'
  if (context.neverSave) return 'never-for-this-site'
  if (state.autocompleteOff && !context.allowAutocompleteOff) return 'autocomplete-off'
  if (state.phase === 'failed') return 'not-succeeded'
  if (state.phase !== 'succeeded') return 'waiting'
  return context.locked ? 'locked' : undefined
}

/** What to offer in this state. `known`: the logins of this site. A change of password whose form names no user is for whoever signed in. */
export function decideSave(state: SaveState, known: readonly KnownLogin[], context: SaveContext): SaveDecision {
  const nothing = (reason: SaveReason): SaveDecision => ({ act: 'nothing', reason, items: [], username: state.username })
  const against = standsAgainst(state, context)
  if (against !== undefined) return nothing(against)
  const name = state.username.trim().toLowerCase()
  const same = known.filter((login) => name === '' || login.username.trim().toLowerCase() === name)
  if (same.some((login) => login.samePassword)) return nothing('nothing-changed')
  if (same.length > 0)
    return { act: 'update', reason: 'changed-password', items: same.map((login) => login.itemId), username: state.username }
  return { act: 'save', reason: 'new-login', items: [], username: state.username }
}
