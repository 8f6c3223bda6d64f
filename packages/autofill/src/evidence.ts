/** What a field says of itself: its attribute, the words around it, its type, its choices. Each piece is a label with a score and a rule. */
import { labelOfToken, parseAutocomplete } from './autocomplete.ts'
import type { FieldLabel, FieldModel, Reason } from './model.ts'
import { foldText, type Folded } from './words/fold-text.ts'
import { findWords, type Hits, type WordHit } from './words/match-words.ts'
import type { PurposeKey, WordKey } from './words/table.ts'

export interface FieldEvidence {
  readonly index: number
  readonly field: FieldModel
  /** What the attribute names; empty for `on` and `off`, which name nothing. */
  readonly token: string
  readonly section: string
  readonly reasons: Reason[]
  readonly scores: Map<FieldLabel, number>
  /** The words say password, whatever the type. */
  passwordWords: number
  /** So does its name or id, not only its label: in some languages one word is a password, a code and a number of other things. */
  calledPassword: boolean
  searchWords: number
  /** What its name and id say of the purpose of its form. */
  readonly named: PurposeKey[]
  /** All text of the field, for the qualifiers of passwords. */
  readonly qualifiers: { new: boolean; current: boolean; confirm: boolean }
}

/** Weight of a source. The label is what the person reads; name and id are what the programmer meant. */
const sources = [
  { source: 'labelText', weight: 6, identifier: false },
  { source: 'placeholder', weight: 4, identifier: false },
  { source: 'before', weight: 4, identifier: false },
  { source: 'name', weight: 4, identifier: true },
  { source: 'id', weight: 2, identifier: true },
  { source: 'title', weight: 2, identifier: false },
  { source: 'extra', weight: 2, identifier: true },
] as const

function add(evidence: FieldEvidence, label: FieldLabel, score: number, rule: string): void {
  evidence.scores.set(label, (evidence.scores.get(label) ?? 0) + score)
  evidence.reasons.push({ rule, label, score })
}

/** Reads the fields of one page. Texts repeat (name and id, label and placeholder), so what was found in one is kept. */
export function createReader(): (field: FieldModel, index: number) => FieldEvidence {
  const seen = [new Map<string, [Folded, Hits]>(), new Map<string, [Folded, Hits]>()] as const
  const find = (text: string, identifier: boolean): [Folded, Hits] => {
    const kept = seen[identifier ? 1 : 0]
    let found = kept.get(text)
    if (found === undefined) {
      const folded = foldText(text, identifier)
      kept.set(text, (found = [folded, findWords(folded)]))
    }
    return found
  }
  return (field, index) => evidenceOf(field, index, find)
}

function evidenceOf(field: FieldModel, index: number, find: (text: string, identifier: boolean) => [Folded, Hits]): FieldEvidence {
  const hint = parseAutocomplete(field.autocomplete)
  const evidence: FieldEvidence = {
    index, field, token: hint.token === 'on' || hint.token === 'off' ? '' : hint.token, section: hint.section, reasons: [],
    scores: new Map(), passwordWords: 0, calledPassword: false, searchWords: 0, named: [],
    qualifiers: { new: hint.token === 'new-password', current: hint.token === 'current-password', confirm: false },
  } // prettier-ignore
  for (const { source, weight, identifier } of sources) {
    const text = field[source]
    if (text === '') continue
    // some label fields with their ids
    const isName = identifier || (!text.includes(' ') && /[a-z][-_][a-z]+[-_]/i.test(text))
    const [folded, hits] = find(text, isName)
    for (let place = 0; place < hits.field.length; place++) {
      const key = isName ? hits.field[place]?.key : meant(hits.field, place, folded.text.length)
      const score = weight * weightOf(hits.field, place, folded.text, isName)
      if (key === 'password') {
        evidence.passwordWords += score
        evidence.calledPassword ||= source === 'name' || source === 'id'
      } else if (key === 'none:search') {
        evidence.searchWords += score
        add(evidence, 'none', score, `words:${source}:search`)
      } else if (key === 'none:other') add(evidence, 'none', score, `words:${source}:other`)
      else {
        // "Adresse 2" in any language
        const second = key === 'street-address' && folded.text.endsWith('2') && place === hits.field.length - 1
        add(evidence, second ? 'address-line2' : (key as FieldLabel), score, `words:${source}`)
      }
    }
    if (source === 'name' || source === 'id') for (const hit of hits.purpose) evidence.named.push(hit.key as PurposeKey)
    for (const hit of hits.qualifier) {
      if (hit.key === '~new') evidence.qualifiers.new = true
      else if (hit.key === '~current') evidence.qualifiers.current = true
      else evidence.qualifiers.confirm = true
    }
  }
  const named = labelOfToken(hint.token)
  // `new-password` on a user name is there to keep browsers from filling it
  const tricked = hint.token.endsWith('-password') && field.type !== 'password' && evidence.passwordWords === 0
  if (named !== undefined && !tricked) add(evidence, named, 12, 'autocomplete')
  secondLine(evidence)
  if (field.type === 'email') add(evidence, 'email', 6, 'type')
  if (field.type === 'tel' && !cards.some((label) => evidence.scores.has(label))) add(evidence, 'tel', 3, 'type')
  if (field.type === 'search') {
    evidence.searchWords += 6
    add(evidence, 'none', 6, 'type')
  }
  if (field.tag === 'select' || field.tag === 'textarea') shapes(evidence)
  else if (field.type === 'number' && evidence.scores.has('none')) add(evidence, 'none', 2, 'type:number')
  if (saysMonth(field.placeholder) || saysMonth(field.labelText)) shapeOfExpiry(evidence)
  if (decoy.test(field.name) || decoy.test(field.id)) add(evidence, 'none', 40, 'decoy')
  return evidence
}

/** What a word of a label only says more of, where that is named too: the name of a card holder, the address of an e-mail account. */
const more: Readonly<Partial<Record<WordKey, readonly WordKey[]>>> = {
  name: ['cc-name', 'username', 'organization', 'street-address'],
  'given-name': ['username'],
  'street-address': ['email'],
}

const partsOfName: ReadonlySet<WordKey> = new Set<WordKey>(['name', 'given-name', 'family-name'])

/** What the word at `place` means beside the others of its label, which has `length` letters. */
function meant(words: readonly WordHit[], place: number, length: number): WordKey {
  const { key } = words[place] as WordHit
  if (words.length === 1) return key
  const says = (other: WordKey): boolean => words.some((word) => word.key === other)
  const given = says('given-name')
  const family = says('family-name')
  if ((key === 'cc-name' || partsOfName.has(key)) && says('cc-name')) {
    // the first name on a card is a first name
    if (given === family || says('name')) return 'cc-name'
    return given ? 'given-name' : 'family-name'
  }
  // "first and last name"
  if (words.length === 2 && length <= 40 && words.every((word) => partsOfName.has(word.key)) && words[0]?.key !== words[1]?.key)
    return 'name'
  return (family || (given && key !== 'given-name') ? undefined : more[key]?.find(says)) ?? key
}

/**
 * How much the word at `place` counts. A sentence names much in passing, and its first word counts most. An identifier ends with what it is:
 * `userOption` is an option, `companyUrl` a URL, and `email_verification_code` a code.
 */
function weightOf(words: readonly WordHit[], place: number, text: string, identifier: boolean): number {
  if (!identifier) return (place === 0 ? 1 : 0.5) / (text.length > 60 ? 2 : 1)
  const word = words[place] as WordHit
  const next = words[place + 1]
  if (next !== undefined) return endsCoded(words, place + 1, text) ? 1 : 0.4
  if (place > 0 && endsCoded(words, place, text)) return 0
  const behind = text.slice(word.at + word.length)
  return behind === '' || /^\d+$/.test(behind) ? 1 : word.key === 'username' ? 0.2 : 0.9
}

/** What is often given as a code, and called so: `mfa_code`, `stateCode`. */
const coded: ReadonlySet<WordKey | undefined> = new Set<WordKey>(['one-time-code', 'address-level1', 'country', 'postal-code'])

/** An identifier ends with the word at `place`, a mere "code" of what stands before it. */
function endsCoded(words: readonly WordHit[], place: number, text: string): boolean {
  return place === words.length - 1 && coded.has(words[place - 1]?.key) && text.slice(words[place]?.at) === 'code'
}

/**
 * Fields that a page plants so that browsers fill these and not the real ones; and what is read off a picture, which people are told is a
 * "verification code" too.
 */
const decoy = /fake|dummy|honeypot|decoy|captcha/i

const cards: readonly FieldLabel[] = ['cc-number', 'cc-exp', 'cc-exp-month', 'cc-exp-year', 'cc-csc', 'cc-name', 'cc-type']

/** What the kind of control and its choices say. */
function shapes(evidence: FieldEvidence): void {
  const { field, scores } = evidence
  if (field.tag === 'select') {
    shapeOfChoices(evidence)
    if (evidence.token === '') for (const label of neverChosen) scores.delete(label)
  }
  if (field.tag === 'textarea') {
    for (const label of scores.keys()) if (label !== 'street-address' && label !== 'none' && evidence.token === '') scores.delete(label)
  }
}

/** "Street address, line 2" is said with both words and means the second; "confirm your address" of a field called e-mail means that. */
function secondLine({ scores, token, reasons }: FieldEvidence): void {
  const called = reasons.some(({ rule, label, score }) => rule === 'words:name' && label === 'email' && score > 3)
  if (token === '' && (called || (scores.get('email') ?? 0) >= (scores.get('street-address') ?? 0))) scores.delete('street-address')
  for (const label of ['address-line2', 'address-line3'] as const)
    if (token === '' && scores.has(label) && scores.has('street-address')) {
      scores.set(label, (scores.get(label) ?? 0) + (scores.get('street-address') ?? 0))
      scores.delete('street-address')
    }
}

const saysMonth = (text: string): boolean => text.includes('MM') || text.includes('mm') || text.includes('ММ')

/** "MM/YY" and its like; "DD.MM.YYYY" is no expiry. */
function shapeOfExpiry(evidence: FieldEvidence): void {
  const said = `${evidence.field.placeholder} ${evidence.field.labelText}`.toLowerCase()
  if (/(?:mm|мм)\s*[/.-]\s*(?:yy|jj|åå|aa|гг|rr|vv)/.test(said) && !/[dtjgpд]{1,2}\s*[/.-]\s*(?:mm|мм)/.test(said))
    add(evidence, 'cc-exp', 6, 'shape:mm/yy')
}

/** What nobody picks from a list; a choice of organizations is one of kinds of them. */
const neverChosen: readonly FieldLabel[] = [
  'username', 'email', 'name', 'given-name', 'family-name', 'cc-csc', 'cc-number', 'street-address', 'organization', 'organization-title',
] // prettier-ignore

/** Names and codes that lists of all countries and of the states of the USA begin with, in most languages alike. */
const countries = new Set('andorra angola argentina bermuda bolivia ad ae af ag ai al am ao ar at'.split(' '))
const states = new Set('alabama alaska arizona arkansas california colorado florida ak az ca co ct fl ga'.split(' '))

/** Days, months and years of a select; countries and states. */
function shapeOfChoices(evidence: FieldEvidence): void {
  const { field, scores } = evidence
  const { length } = field.options
  if (length < 6) return
  const numbers: number[] = []
  let ofCountries = 0
  let ofStates = 0
  for (const { value, text } of field.options) {
    const shown = value.trim() || text.trim()
    if (/^\d{1,4}$/.test(shown)) numbers.push(Number(shown))
    else {
      const code = value.trim().toLowerCase()
      const name = text.trim().toLowerCase()
      if (countries.has(name) || (code !== name && countries.has(code))) ofCountries++
      if (states.has(name) || (code !== name && states.has(code))) ofStates++
    }
  }
  if (length > 20 && ofCountries >= 4) return add(evidence, 'country', 8, 'shape:countries')
  if (length > 20 && ofStates >= 5) return add(evidence, 'address-level1', 8, 'shape:states')
  const says = (...labels: readonly FieldLabel[]): boolean => labels.some((label) => (scores.get(label) ?? 0) > 0)
  const years = numbers.filter((value) => value > 1900 && value < 2100)
  // one part of a date is not the date
  const part = length >= 12 && length <= 33 ? 12 : 8
  if (length >= 29 && length <= 33 && numbers.includes(31)) add(evidence, 'bday-day', part, 'shape:days')
  else if (length >= 12 && length <= 14 && years.length <= 5) {
    const born = says('bday', 'bday-day', 'bday-month', 'bday-year')
    add(evidence, born ? 'bday-month' : says('cc-exp', 'cc-exp-month') ? 'cc-exp-month' : 'none', part, 'shape:months')
  } else if (years.length > 40 || (years.length > 5 && Math.min(...years) < 2005)) add(evidence, 'bday-year', 8, 'shape:years')
  else if (years.length > 5 && says('cc-exp', 'cc-exp-year')) add(evidence, 'cc-exp-year', 8, 'shape:years')
}

/** In many languages one word says "name" and "first name" or "last name": then what the programmer called it decides, if people are told no more. */
function nameAsCalled(reasons: readonly Reason[]): FieldLabel {
  const said = reasons.filter(({ label }) => label === 'given-name' || label === 'family-name')
  const label = said[0]?.label ?? 'name'
  return said.every((each) => each.label === label && /:(?:name|id)$/.test(each.rule)) ? label : 'name'
}

/** The label that is said loudest, and how loud the next one is. Below a floor nothing was said. */
export function best({ scores, reasons }: FieldEvidence): { label: FieldLabel; score: number; rest: number } {
  let label: FieldLabel = 'none'
  let score = 0
  let rest = 0
  for (const [each, value] of scores) {
    if (value > score) {
      rest = score
      score = value
      label = each
    } else if (value > rest) rest = value
  }
  if (label === 'name') label = nameAsCalled(reasons)
  return score < 1.5 ? { label: 'none', score: 0, rest: 0 } : { label, score, rest }
}
