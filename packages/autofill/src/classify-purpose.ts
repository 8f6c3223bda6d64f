/**
 * What a group of fields is for: words of its buttons and headings, and what it asks for. Words are read only where they decide something:
 * most forms of the web are search boxes.
 */
import type { FieldEvidence } from './evidence.ts'
import type { FieldLabel, FormModel, FormPurpose, PageModel } from './model.ts'
import { newnessOf } from './newness.ts'
import type { Place } from './newness-weights.ts'
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

export interface GroupEvidence {
  readonly form: FormModel | undefined
  readonly members: readonly FieldEvidence[]
  readonly passwords: readonly FieldEvidence[]
  /** Labels so far; later steps overwrite. */
  readonly labels: Map<number, Labelled>
  /** What the address and the title of the page name, each read when it is asked for, and once. */
  readonly pageSays: (place: PagePlace) => Named
  /** Passwords of the page, in whatever group. */
  readonly allPasswords: number
}

/** What a group shows: all that its purpose follows from. */
export interface Signs {
  /** What a text of the form or of the page names; read when it is asked for. */
  readonly said: (place: Place) => Named
  /** How many labels of names, addresses and birth it has. */
  readonly identity: number
  /** Fields that are no password. */
  readonly others: number
  readonly emailAndUser: boolean
  /** Passwords of the page in other groups. */
  readonly elsewhere: number
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

export type PagePlace = 'address' | 'title'

/** Reads each place once. */
function once<Where>(read: (place: Where) => Named): (place: Where) => Named {
  const kept = new Map<Where, Named>()
  return (place) => {
    let found = kept.get(place)
    if (found === undefined) kept.set(place, (found = read(place)))
    return found
  }
}

export function pageReader(page: PageModel): (place: PagePlace) => Named {
  return once((place) => {
    if (place === 'title') return named(page.title.slice(0, 120))
    const [, host = '', path = ''] = hostAndPath.exec(page.url) ?? []
    return named(`${host} ${path}`.slice(0, 120), true)
  })
}

function groupReader({ form, passwords, pageSays }: GroupEvidence): (place: Place) => Named {
  return once((place) => {
    if (place === 'address' || place === 'title') return pageSays(place)
    if (place === 'names') return new Set(passwords.flatMap((each) => each.named))
    return named(form?.[place] ?? '', place === 'attributes')
  })
}

const identity: ReadonlySet<FieldLabel> = new Set([
  'given-name', 'family-name', 'name', 'tel', 'bday', 'bday-day', 'street-address', 'postal-code', 'organization', 'country', 'sex',
]) // prettier-ignore

const formFirst = ['attributes', 'buttons', 'headings'] as const
const anywhere = [...formFirst, 'address', 'title'] as const

export function purposeOf(group: GroupEvidence): Purpose {
  const { members, passwords, labels } = group
  const counts = new Map<FieldLabel, number>()
  for (const { label } of labels.values()) counts.set(label, (counts.get(label) ?? 0) + 1)
  const labelled = (label: FieldLabel): number => counts.get(label) ?? 0
  const cards = labelled('cc-number') + labelled('cc-csc') + labelled('cc-exp')
  const emails = labelled('email')
  const users = labelled('username')
  const plain = (purpose: FormPurpose): Purpose => ({ purpose, newness: 0, signs: undefined })
  if (passwords.length === 0 && cards > 0) return plain('card')
  if (passwords.length === 0 && labelled('one-time-code') > 0) return plain('code')
  const said = groupReader(group)
  const says = (key: PurposeKey, places: readonly Place[]): boolean => places.some((place) => said(place).has(key))
  let known = 0
  for (const [label, count] of counts) if (identity.has(label)) known += count
  if (passwords.length === 0 && emails + users === 0) {
    const short = members.length <= 3
    if (short && (members.some((each) => each.searchWords > 0) || says('+search', ['attributes', 'buttons']))) return plain('search')
    return plain(known >= 2 ? 'identity' : 'other')
  }
  const others = members.length - passwords.length
  // most fields for an e-mail address are of newsletters: no more of the page is read for these
  const signsUp = passwords.length === 0 && says('+signup', formFirst)
  const signsIn = passwords.length === 0 && others <= 2 && says('+signin', anywhere)
  if (passwords.length === 0 && !signsUp && !signsIn) return plain(known >= 2 ? 'identity' : 'other')
  const elsewhere = group.allPasswords - passwords.length
  const signs: Signs = { said, identity: known, others, emailAndUser: emails > 0 && users > 0, elsewhere }
  const newness = newnessOf(signs, passwords)
  const made = (purpose: FormPurpose): Purpose => ({ purpose, newness, signs })
  if (passwords.length === 0) {
    if (signsIn && newness < 0 && !says('+newsletter', anywhere)) return made('sign-in')
    if (signsUp && newness > 0) return made('sign-up')
    return made(known >= 2 ? 'identity' : 'other')
  }
  if (passwords.length >= 2 && others <= 2) {
    const changes = passwords.some((each) => each.qualifiers.current) || says('+change', ['names', ...anywhere])
    if (changes) return made('change-password')
  }
  if (cards > 1) return made('card')
  return made(newness > 0 ? 'sign-up' : 'sign-in')
}
