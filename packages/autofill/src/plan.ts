/**
 * Chosen values → one step for each field, in the shape that the field wants: expiry in its order and digits, a number over several fields,
 * the right option of a select. The card's security code has no value to come from (E5).
 */
import type { CardValues, DecisionReason, FillPlan, FillStep, FillValues } from './decision.ts'
import type { Classification, FieldLabel, FieldModel, PageModel } from './model.ts'

const two = (value: number): string => String(value % 100).padStart(2, '0')

/** MM/YY unless the field says otherwise, by its type, its texts, its pattern or its room. */
export function expiryText(field: FieldModel, card: CardValues): string {
  const month = two(card.expMonth)
  if (field.type === 'month') return `${card.expYear}-${month}`
  const said = `${field.placeholder} ${field.labelText} ${field.title} ${field.before}`.toLowerCase()
  const shape =
    /(?<!\p{L})(mm?|мм|кк|yyyy|yy|jjjj|jj|åååå|åå|aaaa|aa|rrrr|rr|гггг|гг|vvvv|vv)(\s*[/.\-–]?\s*)(mm?|кк|мм|yyyy|yy|jjjj|jj|åååå|åå|aaaa|aa|rrrr|rr|гггг|гг|vvvv|vv)(?!\p{L})/u.exec(
      said,
    )
  const isMonth = (word: string | undefined): boolean => /^[mкм]/.test(word ?? '')
  if (shape !== null && isMonth(shape[1]) !== isMonth(shape[3])) {
    const part = (word: string): string => (isMonth(word) ? month : word.length === 4 ? String(card.expYear) : two(card.expYear))
    const text = `${part(shape[1] ?? '')}${(shape[2] ?? '').replaceAll('–', '-')}${part(shape[3] ?? '')}`
    if (field.maxLength < 0 || text.length <= field.maxLength) return text
    const tight = text.replace(/\s/g, '')
    if (tight.length <= field.maxLength) return tight
  }
  if (field.maxLength === 4) return `${month}${two(card.expYear)}`
  if (field.maxLength === 6) return `${month}${card.expYear}`
  if (field.maxLength === 7 && /\\d\{4\}|20/.test(field.pattern)) return `${month}/${card.expYear}`
  return `${month}/${two(card.expYear)}`
}

const digits = (text: string): number | undefined => (/^\D*(\d{1,4})\D*$/.test(text) ? Number(/\d{1,4}/.exec(text)?.[0]) : undefined)

/** The option that means a number: by value, by text, or, for months, by place. */
function optionOf(field: FieldModel, wanted: number, kind: 'month' | 'year' | 'day'): string | undefined {
  const same = (text: string): boolean => {
    const number = digits(text)
    return number !== undefined && (number === wanted || (kind === 'year' && number < 100 && number === wanted % 100))
  }
  const byText = field.options.find((option) => same(option.text))
  if (byText !== undefined) return byText.value
  const real = field.options.filter((option) => option.value.trim() !== '' && option.text.trim() !== '')
  // month names carry no number; values may count from 0, so the place decides
  if (kind === 'month' && real.length >= 12) return real[real.length - 12 + wanted - 1]?.value
  return field.options.find((option) => same(option.value))?.value
}

function choose(field: FieldModel, value: string): string | undefined {
  const low = value.trim().toLowerCase()
  return field.options.find((option) => option.value.toLowerCase() === low || option.text.toLowerCase() === low)?.value
}

function identityText(label: FieldLabel, values: FillValues): string | undefined {
  const identity = values.identity
  const direct = identity?.[label]
  if (direct !== undefined) return direct
  const born = /^(\d{4})-(\d{2})-(\d{2})$/.exec(identity?.bday ?? '')
  if (label === 'bday-year') return born?.[1]
  if (label === 'bday-month') return born?.[2]
  return label === 'bday-day' ? born?.[3] : undefined
}

/**
 * The only password that the group asks for: then it may be that of an account that there is already, whatever the page seemed to be, and who chose
 * that account gets it filled. Of several, what is new is not known yet.
 */
export function isOnlyPassword(page: PageModel, members: readonly { readonly field: number; readonly label: FieldLabel }[]): boolean {
  return members.filter(({ field, label }) => label.endsWith('-password') && page.fields[field]?.visible !== false).length === 1
}

/** Steps for one group. Fields that nobody can see, that are read-only or that have no value are left, with the reason where there is one. */
export function planFill(page: PageModel, classification: Classification, groupIndex: number, values: FillValues): FillPlan {
  const steps: FillStep[] = []
  const left: { field: number; label: FieldLabel; reason: DecisionReason }[] = []
  const group = classification.groups[groupIndex]
  if (group === undefined || group.purpose === 'search') return { steps, left }
  const members = classification.fields.filter((each) => each.group === groupIndex)
  // a value over several boxes: consecutive fields of one label with little room
  const boxes = (label: FieldLabel, most: number): number[] =>
    members
      .filter(
        (each) =>
          each.label === label && (page.fields[each.field]?.maxLength ?? -1) > 0 && (page.fields[each.field]?.maxLength ?? 99) <= most,
      )
      .map((each) => each.field)
  const split = new Map<number, string>()
  for (const [label, text, most] of [
    ['cc-number', values.card?.number ?? '', 6],
    ['one-time-code', values.totp ?? '', 1],
  ] as const) {
    const found = boxes(label, most)
    if (found.length < 2 || text === '') continue
    let from = 0
    for (const index of found) {
      const room = page.fields[index]?.maxLength ?? 0
      split.set(index, text.slice(from, from + room))
      from += room
    }
  }
  // boxes of one character each, of which the first may have room for a pasted code
  const codes = members.filter((each) => each.label === 'one-time-code').map((each) => each.field)
  const rooms = codes.slice(1).every((at) => [-1, 1].includes(page.fields[at]?.maxLength ?? 0))
  if (codes.length >= 4 && rooms && values.totp?.length === codes.length)
    for (const [at, index] of codes.entries()) split.set(index, values.totp.charAt(at))
  for (const { field: index, label } of members) {
    const field = page.fields[index]
    if (field === undefined || label === 'none') continue
    if (label === 'cc-csc') {
      left.push({ field: index, label, reason: 'csc-by-hand' })
      continue
    }
    if (field.visible === false) {
      left.push({ field: index, label, reason: 'invisible-field' })
      continue
    }
    if (field.disabled || field.readOnly) continue
    const card = values.card
    let value: string | undefined
    if (label === 'username') value = values.username ?? values.email
    else if (label === 'email')
      value = group.purpose === 'sign-in' ? (values.username ?? values.email) : (values.email ?? values.identity?.email)
    else if (label === 'tel' && group.purpose === 'sign-in') value = values.username
    else if (label === 'current-password') value = values.password
    else if (label === 'new-password') value = values.newPassword ?? (isOnlyPassword(page, members) ? values.password : undefined)
    else if (label === 'one-time-code') value = split.get(index) ?? values.totp
    else if (label.startsWith('cc-')) {
      if (card === undefined) continue
      if (label === 'cc-name') value = card.name
      else if (label === 'cc-number') value = split.get(index) ?? card.number
      else if (label === 'cc-exp') value = expiryText(field, card)
      else if (label === 'cc-exp-month') value = field.tag === 'select' ? optionOf(field, card.expMonth, 'month') : two(card.expMonth)
      else if (label === 'cc-exp-year') {
        const short = field.maxLength === 2 || /(?:^|[^yj])(?:yy|jj|åå)(?:[^yjå]|$)/i.test(`${field.placeholder} ${field.labelText}`)
        value = field.tag === 'select' ? optionOf(field, card.expYear, 'year') : short ? two(card.expYear) : String(card.expYear)
      }
    } else {
      value = identityText(label, values)
      if (value !== undefined && field.tag === 'select') {
        const part = label === 'bday-day' ? 'day' : label === 'bday-month' ? 'month' : label === 'bday-year' ? 'year' : undefined
        value = part === undefined ? choose(field, value) : optionOf(field, Number(value), part)
      }
    }
    if (value === undefined || value === '') continue
    if (field.tag === 'select') steps.push({ field: index, label, action: 'choose-option', value })
    else steps.push({ field: index, label, action: 'set-text', value })
  }
  return { steps, left }
}
