/**
 * What a group of fields is for: words of its buttons and headings, and what it asks for. Words are read only where they decide something:
 * most forms of the web are search boxes.
 */
import type { FieldEvidence } from './evidence.ts'
import type { FieldLabel, FormModel, FormPurpose, PageModel } from './model.ts'
import { foldText } from './words/fold-text.ts'
import { findWords } from './words/match-words.ts'
import type { PurposeKey } from './words/table.ts'

export interface Labelled {
  readonly label: FieldLabel
  readonly score: number
  readonly rest: number
}

/** How often purposes are named, weighted by where. */
type PurposeWords = Partial<Record<PurposeKey, number>>

export interface GroupEvidence {
  readonly form: FormModel | undefined
  readonly members: readonly FieldEvidence[]
  readonly passwords: readonly FieldEvidence[]
  /** Labels so far; later steps overwrite. */
  readonly labels: Map<number, Labelled>
  /** Words of the address and the title, read once a page. */
  readonly pageWords: () => PurposeWords
}

export interface Purpose {
  readonly purpose: FormPurpose
  readonly signIn: number
  readonly signUp: number
  readonly change: number
  readonly reset: number
}

function read(into: PurposeWords, text: string, weight: number, identifier = false): void {
  if (text === '') return
  const hits = findWords(foldText(text, identifier)).purpose
  for (let at = 0; at < hits.length; at++) {
    const key = hits[at]?.key as PurposeKey
    // once a text
    if (hits.findIndex((hit) => hit.key === key) === at) into[key] = (into[key] ?? 0) + weight
  }
}

export function readPage(page: PageModel): PurposeWords {
  const words: PurposeWords = {}
  const url = URL.parse(page.url)
  read(words, `${url?.hostname.split('.')[0] ?? ''} ${url?.pathname ?? ''}`.slice(0, 120), 2, true)
  read(words, page.title.slice(0, 120), 2)
  return words
}

const identity: readonly FieldLabel[] = [
  'given-name', 'family-name', 'name', 'tel', 'bday', 'bday-day', 'street-address', 'postal-code', 'organization', 'country', 'sex',
] // prettier-ignore

export function purposeOf(group: GroupEvidence): Purpose {
  const { form, members, passwords, labels } = group
  const labelled = (label: FieldLabel): number => {
    let count = 0
    for (const each of members) if (labels.get(each.index)?.label === label) count++
    return count
  }
  const cards = labelled('cc-number') + labelled('cc-csc') + labelled('cc-exp')
  const ids = labelled('username') + labelled('email')
  const plain = (purpose: FormPurpose): Purpose => ({ purpose, signIn: 0, signUp: 0, change: 0, reset: 0 })
  if (passwords.length === 0 && cards > 0) return plain('card')
  if (passwords.length === 0 && labelled('one-time-code') > 0) return plain('code')
  const own: PurposeWords = {}
  const short = members.length <= 3
  if (passwords.length > 0 || ids > 0 || short) {
    read(own, form?.attributes ?? '', 3, true)
    read(own, form?.buttons ?? '', 4)
  }
  let known = 0
  for (const label of identity) known += labelled(label)
  if (passwords.length === 0 && ids === 0) {
    const search = members.some((each) => each.searchWords > 0) || (own['+search'] ?? 0) > 0
    return plain(search && short ? 'search' : known >= 2 ? 'identity' : 'other')
  }
  read(own, form?.headings ?? '', 3)
  let names = ''
  for (const each of passwords) names += ` ${each.field.name} ${each.field.id}`
  read(own, names.slice(0, 200), 3, true)
  const links: PurposeWords = {}
  read(links, form?.links ?? '', 1)
  const page = group.pageWords()
  const said = (key: PurposeKey): number => (own[key] ?? 0) + (page[key] ?? 0)
  let signIn = said('+signin')
  let signUp = said('+signup')
  if (links['+forgot']) signIn += 4
  if (links['+remember']) signIn += 5
  if (links['+terms']) signUp += 2
  // a link to the other form
  if (links['+signup'] && (own['+signin'] ?? 0) > 0) signIn += 1
  signUp += Math.min(known, 4) * 2
  if (passwords.length >= 2) signUp += 5
  if (labelled('email') > 0 && labelled('username') > 0) signUp += 3
  if (passwords.some((each) => each.qualifiers.confirm)) signUp += 4
  if (passwords.some((each) => each.token === 'new-password')) signUp += 4
  if (passwords.some((each) => each.token === 'current-password')) signIn += 5
  const users = members.length - passwords.length
  if (passwords.length === 1 && users <= 1) signIn += 2
  if (users >= 4) signUp += 2
  const change = said('+change') + (passwords.some((each) => each.qualifiers.current) && passwords.length >= 2 ? 6 : 0)
  const reset = said('+reset')
  const made = (purpose: FormPurpose): Purpose => ({ purpose, signIn, signUp, change, reset })
  if (passwords.length === 0) {
    if (users <= 2 && signIn >= 4 && signIn > signUp && said('+newsletter') === 0) return made('sign-in')
    if (signUp >= 6 && (own['+signup'] ?? 0) > 0) return made('sign-up')
    return made(known >= 2 ? 'identity' : 'other')
  }
  if (change > 0 && passwords.length >= 2 && users <= 2) return made('change-password')
  if (cards > 1) return made('card')
  return made(signUp > signIn ? 'sign-up' : 'sign-in')
}
