/**
 * What was typed in an item's form, as a draft: only what differs from before, and never less than was typed. What cannot be read is named by its
 * field instead of being left out. Pure; what is stored already is not judged here, whatever it looks like.
 */
import { fieldRules, isItemKind, type FieldRule } from './fields.ts'
import { parseTotp } from './totp.ts'

/** Field values as they are typed; `null` takes a field away. */
export type Draft = readonly (readonly [name: string, value: string | number | boolean | null])[]

/** Of an item that is edited, what its form shows. */
export interface FormItem {
  readonly fields: readonly { readonly name: string; readonly text: string | null }[]
  readonly sites: readonly string[]
  readonly tags: readonly string[]
}

export type FormFault = 'month' | 'year' | 'totp' | 'card-number'

export interface FormRead {
  readonly draft: Draft
  /** by the name of the form's field */
  readonly faults: ReadonlyMap<string, FormFault>
  /** it has a right form, and yet one digit at least is hardly what stands on the card: the person decides */
  readonly cardNumberUnsure: boolean
}

export const siteLines = (item: FormItem | null): string => item?.sites.join('\n') ?? ''
export const tagLine = (item: FormItem | null): string => item?.tags.join(', ') ?? ''
export const textBefore = (item: FormItem | null, name: string): string => item?.fields.find((field) => field.name === name)?.text ?? ''
/** Bytes cannot be typed. */
export const typedRules = (kind: string): readonly FieldRule[] =>
  (isItemKind(kind) ? fieldRules[kind] : []).filter(({ type }) => type !== 'bytes')

/** An address may hold commas, so that sites are parted by lines alone. */
const partsOf = (text: string, between: RegExp): string[] => [
  ...new Set(
    text
      .split(between)
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  ),
]

/** `value` reads a field of the form; a box that is not ticked has none. */
export function readItemForm(kind: string, item: FormItem | null, value: (name: string) => string | null): FormRead {
  const draft: [string, string | number | boolean | null][] = []
  const faults = new Map<string, FormFault>()
  let cardNumberUnsure = false
  for (const { name, type } of typedRules(kind)) {
    const before = textBefore(item, name)
    if (type === 'bool') {
      const checked = value(name) === 'on'
      if (checked !== (before === 'true')) draft.push([name, checked])
      continue
    }
    const text = (value(name) ?? '').replaceAll('\r\n', '\n')
    if (text === before) continue
    const fault = faultOf(name, text.trim())
    if (fault !== null) faults.set(name, fault)
    else if (type === 'uint') draft.push([name, text.trim() === '' ? null : Number.parseInt(text, 10)])
    else draft.push([name, text])
    if (kind === 'card' && name === 'number' && fault === null) cardNumberUnsure = !passesLuhn(text)
  }
  const elements = (prefix: 'site' | 'tag', text: string, textOfBefore: string, between: RegExp, before: readonly string[]): void => {
    // untouched, it stays as it is: an element may itself hold what parts them here
    if (text.replaceAll('\r\n', '\n') === textOfBefore) return
    const next = partsOf(text, between)
    for (const each of next) if (!before.includes(each)) draft.push([`${prefix}:${each}`, true])
    for (const each of before) if (!next.includes(each)) draft.push([`${prefix}:${each}`, null])
  }
  if (kind === 'password') elements('site', value('sites') ?? '', siteLines(item), /\n/, item?.sites ?? [])
  elements('tag', value('tags') ?? '', tagLine(item), /[\n,]/, item?.tags ?? [])
  return { draft, faults, cardNumberUnsure }
}

function faultOf(name: string, text: string): FormFault | null {
  if (text === '') return null
  switch (name) {
    case 'expiryMonth':
      return /^0?[1-9]$|^1[0-2]$/.test(text) ? null : 'month'
    case 'expiryYear':
      return /^(?:\d{2}|\d{4})$/.test(text) ? null : 'year'
    case 'number':
      return /^(?:[\s-]*\d){12,19}[\s-]*$/.test(text) ? null : 'card-number'
    case 'totp':
      return isTotpKey(text) ? null : 'totp'
    default:
      return null
  }
}

function isTotpKey(text: string): boolean {
  try {
    parseTotp(text)
    return true
  } catch {
    return false
  }
}

/** The check digit of ISO/IEC 7812-1; nearly all cards have one. */
function passesLuhn(text: string): boolean {
  const digits = [...text.replaceAll(/\D/g, '')].reverse().map(Number)
  const sum = digits.reduce((total, digit, i) => total + (i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2), 0)
  return sum % 10 === 0
}
