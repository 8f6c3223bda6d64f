/**
 * What a group of fields is for: words of its buttons and headings, and what it asks for. Words are read only where they decide something:
 * most forms of the web are search boxes.
 */
import type { FieldEvidence } from './evidence.ts'
import type { FieldLabel, FormModel, FormPurpose, PageModel } from './model.ts'
import { newnessOf } from './newness.ts'
import { foldText } from './words/fold-text.ts'
import { findWords } from './words/match-words.ts'
import type { PurposeKey } from './words/table.ts'

export interface Labelled {
  readonly label: FieldLabel
  readonly score: number
  readonly rest: number
}

/** Purposes that a text names. */
export type Named = ReadonlySet<PurposeKey>

/** Words of the address and of the title, read once a page. */
export interface PageWords {
  readonly address: Named
  readonly title: Named
  /** Passwords of the page, in whatever group. */
  readonly passwords: number
}

export interface GroupEvidence {
  readonly form: FormModel | undefined
  readonly members: readonly FieldEvidence[]
  readonly passwords: readonly FieldEvidence[]
  /** Labels so far; later steps overwrite. */
  readonly labels: Map<number, Labelled>
  readonly pageWords: () => PageWords
}

/** What the texts of a group name, by where, and what it asks for: all that its purpose follows from. */
export interface Signs {
  readonly attributes: Named
  readonly buttons: Named
  readonly headings: Named
  /** Names and ids of its passwords. */
  readonly names: Named
  readonly links: Named
  readonly page: PageWords
  /** How many labels of names, addresses and birth it has. */
  readonly identity: number
  /** Fields that are no password. */
  readonly others: number
  readonly emailAndUser: boolean
}

export interface Purpose {
  readonly purpose: FormPurpose
  /** Above 0: somebody new; below: somebody known. */
  readonly newness: number
  readonly signs: Signs | undefined
}

const nothing: Named = new Set()

export function named(text: string, identifier = false): Named {
  if (text === '') return nothing
  const found = findWords(foldText(text, identifier)).purpose
  if (found.length === 0) return nothing
  const keys = new Set<PurposeKey>()
  for (const { key } of found) keys.add(key as PurposeKey)
  return keys
}

/** The first label of the host, and the path, of an address that a browser has written: nothing in it is left to be parsed. */
const hostAndPath = /^[a-z-]+:(?:\/\/(?:[^/@]*@)?([^/:.?#]*)[^/?#]*)?([^?#]*)/

export function readPage(page: PageModel, passwords: number): PageWords {
  const [, host = '', path = ''] = hostAndPath.exec(page.url) ?? []
  return {
    address: named(`${host} ${path}`.slice(0, 120), true),
    title: named(page.title.slice(0, 120)),
    passwords,
  }
}

const identity: ReadonlySet<FieldLabel> = new Set([
  'given-name', 'family-name', 'name', 'tel', 'bday', 'bday-day', 'street-address', 'postal-code', 'organization', 'country', 'sex',
]) // prettier-ignore

export function purposeOf(group: GroupEvidence): Purpose {
  const { form, members, passwords, labels } = group
  const counts = new Map<FieldLabel, number>()
  for (const { label } of labels.values()) counts.set(label, (counts.get(label) ?? 0) + 1)
  const labelled = (label: FieldLabel): number => counts.get(label) ?? 0
  const cards = labelled('cc-number') + labelled('cc-csc') + labelled('cc-exp')
  const emails = labelled('email')
  const users = labelled('username')
  const plain = (purpose: FormPurpose): Purpose => ({ purpose, newness: 0, signs: undefined })
  if (passwords.length === 0 && cards > 0) return plain('card')
  if (passwords.length === 0 && labelled('one-time-code') > 0) return plain('code')
  const short = members.length <= 3
  const some = passwords.length > 0 || emails + users > 0
  const attributes = some || short ? named(form?.attributes ?? '', true) : nothing
  const buttons = some || short ? named(form?.buttons ?? '') : nothing
  let known = 0
  for (const [label, count] of counts) if (identity.has(label)) known += count
  if (!some) {
    const search = members.some((each) => each.searchWords > 0) || attributes.has('+search') || buttons.has('+search')
    return plain(search && short ? 'search' : known >= 2 ? 'identity' : 'other')
  }
  const headings = named(form?.headings ?? '')
  const others = members.length - passwords.length
  if (passwords.length === 0) {
    // most fields for an e-mail address are of newsletters: no more of the page is read for these
    const signsUp = attributes.has('+signup') || buttons.has('+signup') || headings.has('+signup')
    const signsIn = (): boolean => {
      if (others > 2) return false
      if (attributes.has('+signin') || buttons.has('+signin') || headings.has('+signin')) return true
      const { address, title } = group.pageWords()
      return address.has('+signin') || title.has('+signin')
    }
    if (!signsUp && !signsIn()) return plain(known >= 2 ? 'identity' : 'other')
  }
  const names = new Set<PurposeKey>()
  for (const each of passwords) for (const key of each.named) names.add(key)
  const signs: Signs = {
    attributes,
    buttons,
    headings,
    names,
    links: named(form?.links ?? ''),
    page: group.pageWords(),
    identity: known,
    others,
    emailAndUser: emails > 0 && users > 0,
  }
  const newness = newnessOf(signs, passwords)
  const made = (purpose: FormPurpose): Purpose => ({ purpose, newness, signs })
  const says = (key: PurposeKey): boolean =>
    attributes.has(key) || buttons.has(key) || signs.headings.has(key) || signs.page.address.has(key) || signs.page.title.has(key)
  if (passwords.length === 0) {
    if (signs.others <= 2 && newness < 0 && says('+signin') && !says('+newsletter')) return made('sign-in')
    if (newness > 0 && (attributes.has('+signup') || buttons.has('+signup') || signs.headings.has('+signup'))) return made('sign-up')
    return made(known >= 2 ? 'identity' : 'other')
  }
  const changes = says('+change') || signs.names.has('+change') || passwords.some((each) => each.qualifiers.current)
  if (changes && passwords.length >= 2 && signs.others <= 2) return made('change-password')
  if (cards > 1) return made('card')
  return made(newness > 0 ? 'sign-up' : 'sign-in')
}
