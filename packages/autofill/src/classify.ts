/**
 * Page model → label and reasons for each field, purpose of each group. Three steps: evidence of each field alone (attribute, words, type),
 * purpose of its group, then what neighbours say (passwords, expiry, split numbers). Pure; no rule names a site.
 */
import { passwordLabels } from './classify-passwords.ts'
import { purposeOf, readPage, type GroupEvidence, type Labelled } from './classify-purpose.ts'
import { best, createReader, type FieldEvidence } from './evidence.ts'
import type { Classification, Classified, FieldGroup, FieldLabel, PageModel } from './model.ts'

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
  const evidence = page.fields.map(createReader())
  let words: ReturnType<typeof readPage> | undefined
  const pageWords = (): ReturnType<typeof readPage> => (words ??= readPage(page))
  const fields: Classified[] = []
  const groups: FieldGroup[] = []
  for (const members of groupsOf(evidence)) {
    const form = page.forms[members[0]?.field.form ?? -1]
    const labels = new Map<number, Labelled>()
    for (const each of members) if (each.field.type !== 'password') labels.set(each.index, best(each))
    const passwords = members.filter(
      (each) =>
        each.field.type === 'password' || (each.passwordWords >= 4 && each.field.tag === 'input' && best(each).score < each.passwordWords),
    )
    const group: GroupEvidence = { form, members, passwords, labels, pageWords }
    const purpose = purposeOf(group)
    const confirms = passwords.length === 0 ? undefined : passwordLabels(group, purpose)
    fixIdentifier(group, purpose.purpose)
    // each only where there is something to fix: what is never called is never compiled
    const given = new Set<FieldLabel>()
    for (const { label } of labels.values()) given.add(label)
    if (given.has('cc-exp')) fixExpiry(group)
    if (given.has('bday-day') || given.has('bday-month') || given.has('bday-year')) fixBirthDate(group)
    if (given.has('cc-csc')) fixSecurityCode(group)
    if (given.has('given-name') || given.has('name')) fixNames(group)
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
        confirm: confirms?.has(each.index) === true,
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
}

/** Days, months and years that belong to a birth, and those that do not. */
function fixBirthDate({ members, labels }: GroupEvidence): void {
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
