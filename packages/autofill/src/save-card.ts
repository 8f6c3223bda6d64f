/**
 * Saving of cards (E2, E5): what was typed into a check-out → a card, and whether to offer it. A field of the security code is no part of
 * it, whatever was typed there: it is read by nothing here.
 */
import type { CardValues } from './decision.ts'
import type { Classification, FieldLabel, FieldModel, PageModel } from './model.ts'
import { standsAgainst, type SaveContext, type SaveDecision, type SaveState } from './save.ts'

const cardLabels: readonly FieldLabel[] = ['cc-number', 'cc-exp', 'cc-exp-month', 'cc-exp-year', 'cc-name']

/** The fields of a page's cards: what is read when the form is sent off, and what never is. */
export interface CardFields {
  readonly fields: readonly number[]
  readonly codes: readonly number[]
}

export function cardFieldsOf({ fields }: Classification): CardFields | undefined {
  const labelled = (is: (label: FieldLabel) => boolean): number[] => fields.filter(({ label }) => is(label)).map(({ field }) => field)
  const found = { fields: labelled((label) => cardLabels.includes(label)), codes: labelled((label) => label === 'cc-csc') }
  return fields.some(({ label }) => label === 'cc-number') ? found : undefined
}

/** The check digit of card numbers (ISO/IEC 7812-1, annex B): most typing errors break it. */
export function isCardNumber(digits: string): boolean {
  if (!/^\d{12,19}$/.test(digits)) return false
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits.charAt(digits.length - 1 - at))
    sum += at % 2 === 0 ? digit : digit * 2 - (digit > 4 ? 9 : 0)
  }
  return sum % 10 === 0
}

const yearOf = (value: number): number => (value < 100 ? 2000 + value : value)
const isMonth = (value: number): boolean => value >= 1 && value <= 12
const isYear = (value: number): boolean => value >= 2000 && value <= 2099

/** One text for both: 04/29, 0429, 4/2029, 2029-04, 2029/04. Undefined: not clear. */
function expiryOf(text: string): readonly [month: number, year: number] | undefined {
  const bare = text.replace(/\s/g, '')
  const parts = /^(\d{1,4})\D(\d{1,4})$/.exec(bare) ?? /^(\d{2})(\d{2}|\d{4})$/.exec(bare)
  if (parts === null) return undefined
  const [first, second] = [Number(parts[1]), Number(parts[2])]
  const yearFirst = parts[1]?.length === 4 || !isMonth(first)
  const [month, year] = yearFirst ? [second, yearOf(first)] : [first, yearOf(second)]
  return isMonth(month) && isYear(year) ? [month, year] : undefined
}

/** The number that a value of this field means; in a list of months that are named, the place says it. */
function numberIn(field: FieldModel, value: string): number {
  const option = field.options.findIndex((each) => each.value === value)
  const text = field.options[option]?.text ?? value
  const said = /\d{1,4}/.exec(text)?.[0]
  if (said !== undefined) return Number(said)
  const real = field.options.filter((each) => each.value.trim() !== '' && each.text.trim() !== '')
  if (real.length === 12) return real.findIndex((each) => each.value === value) + 1
  return Number(/\d{1,4}/.exec(value)?.[0] ?? 0)
}

/** Values by field. Undefined: no whole card number among them. Month and year are 0 where they are not clear. */
export function typedCard(page: PageModel, { fields }: Classification, values: ReadonlyMap<number, string>): CardValues | undefined {
  const group = fields.find(({ label, field }) => label === 'cc-number' && (values.get(field) ?? '') !== '')?.group
  const typed = (label: FieldLabel): readonly (readonly [FieldModel, string])[] =>
    fields.flatMap((each) => {
      const field = page.fields[each.field]
      const value = values.get(each.field)
      return each.label === label && each.group === group && field !== undefined && value !== undefined ? [[field, value] as const] : []
    })
  const number = typed('cc-number').reduce((digits, [, value]) => digits + value.replace(/\D/g, ''), '')
  if (!isCardNumber(number)) return undefined
  const part = (label: FieldLabel): number => typed(label).map(([field, value]) => numberIn(field, value))[0] ?? 0
  const whole = typed('cc-exp').map(([, value]) => expiryOf(value))[0] ?? [part('cc-exp-month'), yearOf(part('cc-exp-year'))]
  const clear = isMonth(whole[0]) && isYear(whole[1])
  return {
    name: typed('cc-name')
      .map(([, value]) => value.trim())
      .join(' ')
      .slice(0, 500),
    number,
    expMonth: clear ? whole[0] : 0,
    expYear: clear ? whole[1] : 0,
  }
}

export interface KnownCard {
  readonly itemId: string
  /** The background compared; the numbers stay there. */
  readonly sameNumber: boolean
  readonly sameExpiry: boolean
}

/** A card with another number is another card: only the expiry of one that is known is ever updated. */
export function decideSaveCard(state: SaveState, card: CardValues, known: readonly KnownCard[], context: SaveContext): SaveDecision {
  const decided = (act: SaveDecision['act'], reason: SaveDecision['reason'], items: readonly string[] = []): SaveDecision => ({
    act,
    reason,
    items,
    username: '',
  })
  const against = standsAgainst(state, context)
  if (against !== undefined) return decided('nothing', against)
  const same = known.filter(({ sameNumber }) => sameNumber)
  if (same.length === 0) return decided('save', 'new-card')
  if (card.expMonth === 0 || same.some(({ sameExpiry }) => sameExpiry)) return decided('nothing', 'card-known')
  return decided(
    'update',
    'changed-card',
    same.map(({ itemId }) => itemId),
  )
}
