/**
 * The autocomplete attribute exactly as HTML says (section 4.10.18.7.2, "processing model"): tokens from the end, ASCII case-insensitive.
 * What does not follow the grammar is no hint at all.
 */
import type { FieldLabel } from './model.ts'

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '))

const normal = words(
  'name honorific-prefix given-name additional-name family-name honorific-suffix nickname username new-password current-password ' +
    'one-time-code organization-title organization street-address address-line1 address-line2 address-line3 address-level4 address-level3 ' +
    'address-level2 address-level1 country country-name postal-code cc-name cc-given-name cc-additional-name cc-family-name cc-number ' +
    'cc-exp cc-exp-month cc-exp-year cc-csc cc-type transaction-currency transaction-amount language bday bday-day bday-month bday-year ' +
    'sex url photo',
)
const contact = words(
  'tel tel-country-code tel-national tel-area-code tel-local tel-local-prefix tel-local-suffix tel-extension email impp',
)
const places = words('home work mobile fax pager')

export interface AutocompleteHint {
  /** The field name; `on` or `off`; empty if the attribute says nothing valid. */
  readonly token: string
  /** `section-…`, then `shipping` or `billing`, as written but lower case; joined by a space. */
  readonly section: string
  readonly webauthn: boolean
  /** The value that `element.autocomplete` returns. */
  readonly idl: string
}

const nothing: AutocompleteHint = { token: '', section: '', webauthn: false, idl: '' }

/** `mantle` is false for controls that wear no autofill mantle of expectation: hidden inputs, which take neither on nor off. */
export function parseAutocomplete(value: string, expectation = true): AutocompleteHint {
  // most fields say nothing
  if (value === '') return nothing
  const tokens = value
    .toLowerCase()
    .split(/[\t\n\f\r ]+/)
    .filter((token) => token !== '')
  let at = tokens.length - 1
  const last = tokens[at]
  if (last === undefined) return nothing
  if (last === 'on' || last === 'off') {
    return tokens.length === 1 && expectation ? { token: last, section: '', webauthn: false, idl: last } : nothing
  }
  const webauthn = last === 'webauthn'
  if (webauthn) at--
  const token = tokens[at]
  // `webauthn` alone is valid and names no field
  if (token === undefined) return { token: '', section: '', webauthn, idl: 'webauthn' }
  const isContact = contact.has(token)
  if (!isContact && !normal.has(token)) return nothing
  at--
  if (isContact && places.has(tokens[at] ?? '')) at--
  let section = ''
  if (tokens[at] === 'shipping' || tokens[at] === 'billing') section = tokens[at--] ?? ''
  if (tokens[at]?.startsWith('section-') === true) section = `${tokens[at--] ?? ''}${section === '' ? '' : ` ${section}`}`
  if (at >= 0) return nothing
  return { token, section, webauthn, idl: tokens.join(' ') }
}

const folded: Readonly<Record<string, FieldLabel>> = {
  'country-name': 'country',
  'address-line1': 'street-address',
  'cc-given-name': 'cc-name',
  'cc-additional-name': 'cc-name',
  'cc-family-name': 'cc-name',
  'tel-country-code': 'tel',
  'tel-national': 'tel',
  'tel-area-code': 'tel',
  'tel-local': 'tel',
  'tel-local-prefix': 'tel',
  'tel-local-suffix': 'tel',
}
const none = words('honorific-suffix address-level4 transaction-currency transaction-amount language url photo impp')

/** The label of a valid token; undefined for on, off and nothing. */
export function labelOfToken(token: string): FieldLabel | undefined {
  if (token === '' || token === 'on' || token === 'off') return undefined
  if (none.has(token)) return 'none'
  return Object.hasOwn(folded, token) ? folded[token] : (token as FieldLabel)
}
