/**
 * The page as plain data: what the content script reads out of a document and all that the engine ever sees of it. No element, no value
 * that a person typed. Built by `./dom`; may be written by hand, as the tests do. Imports nothing.
 */

/** A label of the HTML autofill vocabulary, folded: parts of a telephone number are `tel`, address-line1 is `street-address`. */
export type FieldLabel =
  | 'username'
  | 'email'
  | 'current-password'
  | 'new-password'
  | 'one-time-code'
  | 'cc-name'
  | 'cc-number'
  | 'cc-exp'
  | 'cc-exp-month'
  | 'cc-exp-year'
  | 'cc-csc'
  | 'cc-type'
  | 'name'
  | 'honorific-prefix'
  | 'given-name'
  | 'additional-name'
  | 'family-name'
  | 'nickname'
  | 'organization'
  | 'organization-title'
  | 'street-address'
  | 'address-line2'
  | 'address-line3'
  | 'address-level1'
  | 'address-level2'
  | 'address-level3'
  | 'country'
  | 'postal-code'
  | 'tel'
  | 'tel-extension'
  | 'bday'
  | 'bday-day'
  | 'bday-month'
  | 'bday-year'
  | 'sex'
  | 'none'

export type FormPurpose = 'sign-in' | 'sign-up' | 'change-password' | 'card' | 'identity' | 'code' | 'search' | 'other'

export interface OptionModel {
  readonly value: string
  readonly text: string
}

export interface FieldModel {
  readonly tag: 'input' | 'select' | 'textarea'
  /** As the `type` property says, lower case: text, password, email, tel, number, search, select-one, textarea … Never hidden or a button. */
  readonly type: string
  readonly name: string
  readonly id: string
  /** The attribute as written; empty if absent. */
  readonly autocomplete: string
  readonly placeholder: string
  /** Text of the labels of this field (label elements, aria-labelledby, aria-label), joined by a space, at most 200 characters. */
  readonly labelText: string
  readonly title: string
  /** Text just before the field in document order, at most 80 characters; used when there is no label. */
  readonly before: string
  /** -1: none. */
  readonly maxLength: number
  readonly pattern: string
  readonly inputMode: string
  /** Further attributes that name the field: data-*, aria-describedby, ng-model, formcontrolname; joined by a space. */
  readonly extra: string
  /** A select's choices, at most 64. */
  readonly options: readonly OptionModel[]
  /** Index into `PageModel.forms`; -1: in no form. Fields outside of forms are grouped by the engine. */
  readonly form: number
  /** False: not rendered, zero size, transparent, off-screen. `undefined`: not asked (no layout was forced). */
  readonly visible: boolean | undefined
  readonly disabled: boolean
  readonly readOnly: boolean
  /** `passwordrules` attribute, empty if absent. */
  readonly passwordRules: string
}

export interface FormModel {
  /** Words of the form's own attributes: id, name, class, action (path only), aria-label. */
  readonly attributes: string
  /** `autocomplete` attribute of the form. */
  readonly autocomplete: string
  /** Text of its submit buttons and headings, at most 300 characters each. */
  readonly buttons: string
  readonly headings: string
  /** Text of the links and small print in the form ("forgot password?", "create an account"), at most 300 characters. */
  readonly links: string
  /** Origin that the form submits to, as far as the attribute says; empty: own page. */
  readonly actionOrigin: string
}

export interface PageModel {
  /** Address of the document that holds the fields. */
  readonly url: string
  readonly title: string
  readonly forms: readonly FormModel[]
  /** In document order, shadow roots in the place of their host. */
  readonly fields: readonly FieldModel[]
}

export interface Reason {
  /** Which rule spoke, stable: `autocomplete`, `type`, `words:name:email`, `pair:confirm` … */
  readonly rule: string
  readonly label: FieldLabel
  readonly score: number
}

export interface Classified {
  /** Index into `PageModel.fields`. */
  readonly field: number
  readonly label: FieldLabel
  /** 0 to 1. From 0.5 on the engine means it. */
  readonly confidence: number
  readonly reasons: readonly Reason[]
  /** Index into `Classification.groups`. */
  readonly group: number
  /** From the autocomplete attribute, lower case: `shipping`, `billing`, `section-…`; empty without. */
  readonly section: string
  /** A password that is to be typed a second time. */
  readonly confirm: boolean
}

/** Fields that belong together: a form, or what the engine grouped where there is no form. */
export interface FieldGroup {
  readonly purpose: FormPurpose
  /** -1: no form element. */
  readonly form: number
  readonly fields: readonly number[]
  /** A sign-in that asks for the user name first, or for the password alone. */
  readonly step: 'whole' | 'user-name-first' | 'password-only'
}

export interface Classification {
  readonly fields: readonly Classified[]
  readonly groups: readonly FieldGroup[]
}
