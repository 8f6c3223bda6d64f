/**
 * Page model → label and reasons for each field, purpose of each group. Three steps: evidence of each field alone (attribute, words, type),
 * purpose of its group, then what neighbours say (passwords, expiry, split numbers). Pure; no rule names a site.
 */
import { labelOfToken, parseAutocomplete } from './autocomplete.ts'
import { passwordLabels } from './classify-passwords.ts'
import { purposeOf, type GroupEvidence } from './classify-purpose.ts'
import type { Classification, Classified, FieldGroup, FieldLabel, FieldModel, PageModel, Reason } from './model.ts'
import { findWords, foldText } from './words/match-words.ts'

type Score = Map<FieldLabel, number>

export interface FieldEvidence {
  readonly index: number
  readonly field: FieldModel
  readonly token: string
  readonly section: string
  readonly reasons: Reason[]
  readonly scores: Score
  /** The words say password, whatever the type. */
  passwordWords: number
  searchWords: number
  /** All text of the field, for the qualifiers of passwords. */
  readonly qualifiers: { new: boolean; current: boolean; confirm: boolean }
}

/** Weight of a source. The label is what the person reads; name and id are what the programmer meant. */
const sources = [
  ['labelText', 6, false],
  ['placeholder', 4, false],
  ['before', 4, false],
  ['name', 4, true],
  ['id', 2, true],
  ['title', 2, false],
  ['extra', 2, true],
] as const

function add(evidence: FieldEvidence, label: FieldLabel, score: number, rule: string): void {
  evidence.scores.set(label, (evidence.scores.get(label) ?? 0) + score)
  evidence.reasons.push({ rule, label, score })
}

function evidenceOf(field: FieldModel, index: number): FieldEvidence {
  const hint = parseAutocomplete(field.autocomplete)
  const evidence: FieldEvidence = {
    index, field, token: hint.token, section: hint.section, reasons: [], scores: new Map(), passwordWords: 0, searchWords: 0,
    qualifiers: { new: hint.token === 'new-password', current: hint.token === 'current-password', confirm: false },
  } // prettier-ignore
  const named = labelOfToken(hint.token)
  if (named !== undefined) add(evidence, named, 12, 'autocomplete')
  for (const [source, weight, identifier] of sources) {
    const text = field[source]
    if (text === '') continue
    const folded = foldText(text, identifier)
    const hits = findWords(folded, 'field')
    for (const [place, hit] of hits.entries()) {
      // a long sentence names much in passing; the first word counts most
      const score = (weight * (place === 0 ? 1 : 0.5)) / (folded.text.length > 60 ? 2 : 1)
      if (hit.key === 'password') evidence.passwordWords += score
      else if (hit.key === 'none:search') {
        evidence.searchWords += score
        add(evidence, 'none', score, `words:${source}:search`)
      } else if (hit.key === 'none:other') add(evidence, 'none', score, `words:${source}:other`)
      else add(evidence, hit.key as FieldLabel, score, `words:${source}`)
    }
    for (const hit of findWords(folded, 'qualifier')) {
      if (hit.key === '~new') evidence.qualifiers.new = true
      else if (hit.key === '~current') evidence.qualifiers.current = true
      else evidence.qualifiers.confirm = true
    }
  }
  if (field.type === 'email') add(evidence, 'email', 6, 'type')
  if (field.type === 'tel' && !hasCard(evidence)) add(evidence, 'tel', 3, 'type')
  if (field.type === 'search') {
    evidence.searchWords += 6
    add(evidence, 'none', 6, 'type')
  }
  shapes(evidence)
  if (decoy.test(`${field.name} ${field.id}`)) add(evidence, 'none', 40, 'decoy')
  return evidence
}

/** Fields that a page plants so that browsers fill these and not the real ones. */
const decoy = /fake|dummy|honeypot|prevent|decoy/i

const cards: readonly FieldLabel[] = ['cc-number', 'cc-exp', 'cc-exp-month', 'cc-exp-year', 'cc-csc', 'cc-name', 'cc-type']

function hasCard(evidence: FieldEvidence): boolean {
  return cards.some((label) => (evidence.scores.get(label) ?? 0) > 0)
}

/** What the kind of control and its choices say. */
function shapes(evidence: FieldEvidence): void {
  const { field, scores } = evidence
  if (field.tag === 'select') {
    const values = field.options.map((option) => option.value.trim() || option.text.trim())
    const numbers = values.filter((value) => /^\d{1,4}$/.test(value)).map(Number)
    const has = (label: FieldLabel): number => scores.get(label) ?? 0
    const born = has('bday') + has('bday-day') + has('bday-month') + has('bday-year') > 0
    const years = numbers.filter((value) => value > 1900 && value < 2100)
    if (field.options.length >= 29 && field.options.length <= 33 && numbers.includes(31)) add(evidence, 'bday-day', 8, 'shape:days')
    else if (field.options.length >= 12 && field.options.length <= 14)
      add(evidence, born ? 'bday-month' : has('cc-exp') + has('cc-exp-month') > 0 ? 'cc-exp-month' : 'none', 8, 'shape:months')
    else if (years.length > 40 || (years.length > 5 && Math.min(...years) < 2005)) add(evidence, 'bday-year', 8, 'shape:years')
    else if (years.length > 5 && has('cc-exp') + has('cc-exp-year') > 0) add(evidence, 'cc-exp-year', 8, 'shape:years')
    for (const label of ['username', 'email', 'name', 'cc-csc', 'cc-number'] as const) if (evidence.token === '') scores.delete(label)
  }
  if (field.tag === 'textarea') {
    for (const label of scores.keys()) if (label !== 'street-address' && label !== 'none' && evidence.token === '') scores.delete(label)
  }
  if (
    /mm\s*[/.-]\s*(?:yy|jj|åå|aa)/i.test(`${field.placeholder} ${field.labelText}`) &&
    !/[dtjg]{2}\s*[/.-]\s*mm/i.test(`${field.placeholder} ${field.labelText}`)
  )
    add(evidence, 'cc-exp', 6, 'shape:mm/yy')
  if (field.type === 'number' && (scores.get('none') ?? 0) > 0) add(evidence, 'none', 2, 'type:number')
}

function best(evidence: FieldEvidence): { label: FieldLabel; score: number; rest: number } {
  let label: FieldLabel = 'none'
  let score = 0
  let rest = 0
  for (const [each, value] of evidence.scores) {
    if (value > score) {
      rest = score
      score = value
      label = each
    } else if (value > rest) rest = value
  }
  return score < 1.5 ? { label: 'none', score: 0, rest: 0 } : { label, score, rest }
}

/** Fields of each form; those outside of forms are one group. */
function groupsOf(evidence: readonly FieldEvidence[]): FieldEvidence[][] {
  const groups = new Map<number, FieldEvidence[]>()
  for (const each of evidence) {
    const list = groups.get(each.field.form)
    if (list === undefined) groups.set(each.field.form, [each])
    else list.push(each)
  }
  return [...groups.values()]
}

const identifiers = new Set(['text', 'email', 'tel', 'number', ''])

export function classify(page: PageModel): Classification {
  const evidence = page.fields.map(evidenceOf)
  const fields: Classified[] = []
  const groups: FieldGroup[] = []
  for (const members of groupsOf(evidence)) {
    const form = page.forms[members[0]?.field.form ?? -1]
    const labels = new Map<number, { label: FieldLabel; score: number; rest: number }>()
    for (const each of members) if (each.field.type !== 'password') labels.set(each.index, best(each))
    const passwords = members.filter(
      (each) =>
        each.field.type === 'password' || (each.passwordWords >= 4 && each.field.tag === 'input' && best(each).score < each.passwordWords),
    )
    const group: GroupEvidence = { page, form, members, passwords, labels }
    const purpose = purposeOf(group)
    const confirms = passwordLabels(group, purpose)
    fixIdentifier(group, purpose.purpose)
    fixExpiry(group)
    fixSecurityCode(group)
    fixNames(group)
    const at = groups.length
    for (const each of members) {
      const found = labels.get(each.index) ?? { label: 'none' as const, score: 0, rest: 0 }
      const confidence = found.score === 0 ? 0.5 : Math.min(0.99, 0.5 + (found.score - found.rest) / (2 * found.score))
      fields.push({
        field: each.index,
        label: found.label,
        confidence,
        reasons: each.reasons.filter((reason) => reason.label === found.label),
        group: at,
        section: each.section,
        confirm: confirms.has(each.index),
      })
    }
    const has = (label: FieldLabel): boolean => members.some((each) => labels.get(each.index)?.label === label)
    const step =
      purpose.purpose !== 'sign-in'
        ? 'whole'
        : has('current-password')
          ? has('username') || has('email') || has('tel')
            ? 'whole'
            : 'password-only'
          : 'user-name-first'
    groups.push({ purpose: purpose.purpose, form: members[0]?.field.form ?? -1, fields: members.map((each) => each.index), step })
  }
  fields.sort((a, b) => a.field - b.field)
  return { fields, groups }
}

/** The identifier of a sign-in is a user name, whatever it is called there; without words it is the field before the password. */
function fixIdentifier(group: GroupEvidence, purpose: FieldGroup['purpose']): void {
  const { members, labels, passwords } = group
  if (purpose === 'sign-in') {
    const first = passwords.findIndex((each) => labels.get(each.index)?.label === 'current-password')
    const end = first < 0 ? members.length : members.indexOf(passwords[first] as FieldEvidence)
    const before = members.slice(0, end).filter((each) => each.field.tag === 'input' && identifiers.has(each.field.type))
    const named = before.filter((each) => ['username', 'email'].includes(labels.get(each.index)?.label ?? ''))
    if (named.length === 0) {
      const last = before.findLast(
        (each) => each.searchWords === 0 && !['one-time-code', 'cc-number'].includes(labels.get(each.index)?.label ?? ''),
      )
      if (last !== undefined && last.token === '') {
        labels.set(last.index, { label: 'username', score: 3, rest: 0 })
        last.reasons.push({ rule: 'neighbour:password', label: 'username', score: 3 })
      }
    }
  } else if (purpose === 'sign-up') {
    const named = members.some((each) => ['username', 'email', 'tel'].includes(labels.get(each.index)?.label ?? ''))
    const at = members.indexOf(passwords[0] as FieldEvidence)
    const before = members[at - 1]
    if (
      !named &&
      before !== undefined &&
      before.field.tag === 'input' &&
      identifiers.has(before.field.type) &&
      labels.get(before.index)?.label === 'none' &&
      before.searchWords === 0
    ) {
      labels.set(before.index, { label: 'username', score: 2, rest: 0 })
    }
  }
  if (purpose === 'search')
    for (const each of members) if (each.token === '') labels.set(each.index, { label: 'none', score: each.searchWords, rest: 0 })
}

/** Two neighbours that both say "expiry": month, then year (or by their words). */
function fixExpiry({ members, labels }: GroupEvidence): void {
  const found = members.filter((each) => labels.get(each.index)?.label === 'cc-exp' && each.token === '')
  const [month, year] = found
  if (found.length === 2 && month !== undefined && year !== undefined) {
    labels.set(month.index, { label: 'cc-exp-month', score: 6, rest: 0 })
    labels.set(year.index, { label: 'cc-exp-year', score: 6, rest: 0 })
  }
  const parts = ['bday-day', 'bday-month', 'bday-year'] as const
  const partial = members.filter((each) => parts.some((part) => labels.get(each.index)?.label === part))
  // days are an appointment, not a birthday, where nothing says birth
  if (
    partial.length === 1 &&
    partial[0]?.token === '' &&
    !partial[0].reasons.some((reason) => reason.rule.startsWith('words') && reason.label.startsWith('bday'))
  ) {
    labels.set(partial[0].index, { label: 'none', score: 0, rest: 0 })
  }
  // three selects of a birth date: the middle one follows from its neighbours
  for (const [at, each] of members.entries()) {
    const near = [members[at - 1], members[at + 1]].map((other) => (other === undefined ? undefined : labels.get(other.index)?.label))
    if (
      each.field.tag === 'select' &&
      each.field.options.length >= 12 &&
      each.field.options.length <= 14 &&
      near.some((label) => label === 'bday-day' || label === 'bday-year')
    ) {
      labels.set(each.index, { label: 'bday-month', score: 6, rest: 0 })
    }
  }
}

/** A "security code" without a card around it is a captcha or a code of another kind. */
function fixSecurityCode({ members, labels }: GroupEvidence): void {
  if (members.some((each) => ['cc-number', 'cc-exp', 'cc-exp-month', 'cc-exp-year'].includes(labels.get(each.index)?.label ?? ''))) return
  for (const each of members) {
    if (labels.get(each.index)?.label === 'cc-csc' && each.token !== 'cc-csc' && members.length > 2)
      labels.set(each.index, { label: 'none', score: 0, rest: 0 })
  }
}

/** "Name" beside a surname is the given name. */
function fixNames({ members, labels }: GroupEvidence): void {
  const family = members.some((each) => labels.get(each.index)?.label === 'family-name')
  if (!family) {
    for (const each of members)
      if (
        labels.get(each.index)?.label === 'given-name' &&
        each.reasons.every(
          (reason) => !/first|given|vor|for|för/i.test(`${each.field.name}${each.field.labelText}`) || reason.label !== 'given-name',
        ) &&
        each.token === ''
      )
        labels.set(each.index, { label: 'name', score: 3, rest: 0 })
    return
  }
  if (members.some((each) => labels.get(each.index)?.label === 'given-name')) return
  const named = members.find((each) => labels.get(each.index)?.label === 'name' && each.token === '')
  if (named !== undefined) labels.set(named.index, { label: 'given-name', score: 4, rest: 0 })
}
