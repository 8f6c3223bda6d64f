/** What a group of fields is for: words of its buttons and headings, and what it asks for. */
import type { FieldEvidence } from './classify.ts'
import type { FieldLabel, FormModel, FormPurpose, PageModel } from './model.ts'
import { findWords, foldText } from './words/match-words.ts'

export interface GroupEvidence {
  readonly page: PageModel
  readonly form: FormModel | undefined
  readonly members: readonly FieldEvidence[]
  readonly passwords: readonly FieldEvidence[]
  /** Labels so far; later steps overwrite. */
  readonly labels: Map<number, { label: FieldLabel; score: number; rest: number }>
}

export interface Purpose {
  readonly purpose: FormPurpose
  readonly signIn: number
  readonly signUp: number
  readonly change: number
  readonly reset: number
}

export function purposeOf({ page, form, members, passwords, labels }: GroupEvidence): Purpose {
  const sum: Record<string, number> = {}
  const read = (text: string, weight: number, identifier = false): void => {
    if (text === '') return
    const seen = new Set<string>()
    for (const hit of findWords(foldText(text, identifier), 'purpose')) {
      if (seen.has(hit.key)) continue
      seen.add(hit.key)
      sum[hit.key] = (sum[hit.key] ?? 0) + weight
    }
  }
  const url = URL.parse(page.url)
  read(form?.attributes ?? '', 3, true)
  read(form?.buttons ?? '', 4)
  read(form?.headings ?? '', 3)
  read(
    passwords
      .map((each) => `${each.field.name} ${each.field.id}`)
      .join(' ')
      .slice(0, 200),
    3,
    true,
  )
  const own = { ...sum }
  read(`${url?.hostname.split('.')[0] ?? ''} ${url?.pathname ?? ''}`.slice(0, 200), 2, true)
  read(page.title, 2)
  const links: Record<string, true> = {}
  for (const hit of findWords(foldText(form?.links ?? ''), 'purpose')) links[hit.key] = true
  const labelled = (label: FieldLabel): number => members.filter((each) => labels.get(each.index)?.label === label).length
  const identity = (
    [
      'given-name',
      'family-name',
      'name',
      'tel',
      'bday',
      'bday-day',
      'street-address',
      'postal-code',
      'organization',
      'country',
      'sex',
    ] as const
  ).reduce((all, label) => all + labelled(label), 0)
  let signIn = sum['+signin'] ?? 0
  let signUp = sum['+signup'] ?? 0
  if (links['+forgot']) signIn += 4
  if (links['+remember']) signIn += 5
  if (links['+terms']) signUp += 2
  // a link to the other form
  if (links['+signup'] && (own['+signin'] ?? 0) > 0) signIn += 1
  signUp += Math.min(identity, 4) * 2
  if (passwords.length >= 2) signUp += 5
  if (labelled('email') > 0 && labelled('username') > 0) signUp += 3
  if (passwords.some((each) => each.qualifiers.confirm)) signUp += 4
  if (passwords.some((each) => each.token === 'new-password')) signUp += 4
  if (passwords.some((each) => each.token === 'current-password')) signIn += 5
  const users = members.length - passwords.length
  if (passwords.length === 1 && users <= 1) signIn += 2
  if (users >= 4) signUp += 2
  const change = (sum['+change'] ?? 0) + (passwords.some((each) => each.qualifiers.current) && passwords.length >= 2 ? 6 : 0)
  const reset = sum['+reset'] ?? 0
  const cards = labelled('cc-number') + labelled('cc-csc') + labelled('cc-exp')
  const made = (purpose: FormPurpose): Purpose => ({ purpose, signIn, signUp, change, reset })
  if (passwords.length === 0) {
    if (cards > 0) return made('card')
    if (labelled('one-time-code') > 0) return made('code')
    const search = members.some((each) => each.searchWords > 0) || (own['+search'] ?? 0) > 0
    const ids = labelled('username') + labelled('email')
    if (search && members.length <= 3 && ids === 0) return made('search')
    if (ids > 0 && users <= 2 && signIn >= 4 && signIn > signUp && (sum['+newsletter'] ?? 0) === 0) return made('sign-in')
    if (ids > 0 && signUp >= 6 && (own['+signup'] ?? 0) > 0) return made('sign-up')
    return made(identity >= 2 ? 'identity' : 'other')
  }
  if (change > 0 && passwords.length >= 2 && users <= 2) return made('change-password')
  if (cards > 1) return made('card')
  return made(signUp > signIn ? 'sign-up' : 'sign-in')
}
