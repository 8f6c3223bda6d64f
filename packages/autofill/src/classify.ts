/**
 * Page model → label and reasons for each field, purpose of each group. Three steps: evidence of each field alone (attribute, words, type),
 * purpose of its group, then what neighbours say (passwords, expiry, split numbers). Pure; no rule names a site.
 */
import { passwordLabels } from './classify-passwords.ts'
import { pageReader, purposeOf, type GroupEvidence, type Labelled } from './classify-purpose.ts'
import { best, createReader, type FieldEvidence } from './evidence.ts'
import type { Classification, Classified, FieldGroup, FieldLabel, FieldModel, PageModel } from './model.ts'

/** Evidence of all fields, by form; those outside of forms and without a container are one group. */
export function readGroups(page: PageModel): GroupEvidence[] {
  const evidence = page.fields.map(createReader())
  const allPasswords = page.fields.filter((field) => field.type === 'password').length
  const pageSays = pageReader(page)
  const byForm = new Map<number, FieldEvidence[]>()
  for (const each of evidence) {
    const list = byForm.get(each.field.form)
    if (list === undefined) byForm.set(each.field.form, [each])
    else list.push(each)
  }
  return [...byForm].map(([at, members]) => {
    const labels = new Map<number, Labelled>()
    for (const each of members) if (each.field.type !== 'password') labels.set(each.index, best(each))
    const passwords = members.filter(
      (each) => each.field.type === 'password' || (isTypedAsText(each) && best(each).score < each.passwordWords),
    )
    return { form: page.forms[at], members, passwords, labels, pageSays, allPasswords }
  })
}

/** A password that is not typed hidden: it has to say so twice, by its name or with "new" or "repeat" beside it. */
function isTypedAsText({ field, passwordWords, calledPassword, qualifiers }: FieldEvidence): boolean {
  return passwordWords >= 4 && field.tag === 'input' && (calledPassword || qualifiers.new || qualifiers.current || qualifiers.confirm)
}

const identifiers = new Set(['text', 'email', 'tel', 'number', ''])

export function classify(page: PageModel): Classification {
  const fields: Classified[] = []
  const groups: FieldGroup[] = []
  for (const group of readGroups(page)) {
    const { members, passwords, labels } = group
    if (members.length >= 4) fixCodeBoxes(group)
    const purpose = purposeOf(group)
    const confirms = passwords.length === 0 ? undefined : passwordLabels(group, purpose)
    fixIdentifier(group, purpose.purpose)
    // each only where there is something to fix: what is never called is never compiled
    const given = new Set<FieldLabel>()
    for (const { label } of labels.values()) given.add(label)
    if (given.has('cc-exp') || given.has('cc-exp-month')) fixExpiry(group)
    if (given.has('one-time-code') && given.has('family-name')) fixBookingCode(group, given)
    if (given.has('bday') || given.has('bday-day') || given.has('bday-month') || given.has('bday-year')) fixBirthDate(group)
    if (given.has('cc-csc')) fixSecurityCode(group)
    if (given.has('name')) fixNames(group)
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
  if (groups.length > 1) fields.sort((a, b) => a.field - b.field)
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
    const phone = named.length === 0 ? before.findLast((each) => labels.get(each.index)?.label === 'tel' && each.token === '') : undefined
    if (phone !== undefined && first >= 0) {
      labels.set(phone.index, { label: 'username', score: 4, rest: 3 })
      phone.reasons.push({ rule: 'neighbour:password', label: 'username', score: 4 })
    } else if (named.length === 0) {
      const last = before.findLast((each) => each.searchWords === 0 && !/^(?:one-time-code|cc-)/.test(labels.get(each.index)?.label ?? ''))
      if (last !== undefined && last.token === '') {
        labels.set(last.index, { label: 'username', score: 3, rest: 0 })
        last.reasons.push({ rule: 'neighbour:password', label: 'username', score: 3 })
      }
    }
  } else if (purpose === 'sign-up') {
    // a sign-up that asks for a nickname and for no user name signs in with it
    const nicks = members.filter((each) => labels.get(each.index)?.label === 'nickname' && each.token === '')
    const [nick] = nicks
    if (nick !== undefined && nicks.length === 1 && !members.some((each) => labels.get(each.index)?.label === 'username')) {
      labels.set(nick.index, { label: 'username', score: 4, rest: 3 })
      nick.reasons.push({ rule: 'purpose', label: 'username', score: 4 })
    }
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
  // a month, and behind it the rest of an expiry: what is called so too, or a list of years that is called nothing
  const at = members.findIndex((each) => labels.get(each.index)?.label === 'cc-exp-month')
  const after = members[at + 1]
  if (at < 0 || after === undefined || after.token !== '' || after.field.tag !== members[at]?.field.tag) return
  const label = labels.get(after.index)?.label
  const years = after.field.options.filter(({ value, text }) => /^20[2-9]\d$/.test(text) || /^20[2-9]\d$/.test(value))
  if (label === 'cc-exp' || (label === 'none' && years.length > 5)) labels.set(after.index, { label: 'cc-exp-year', score: 6, rest: 0 })
}

/** A "confirmation code" that is asked for with a family name and nothing to sign in with is that of a journey, and was not sent just now. */
function fixBookingCode({ members, passwords, labels }: GroupEvidence, given: ReadonlySet<FieldLabel>): void {
  if (passwords.length > 0 || given.has('email') || given.has('tel') || given.has('username')) return
  for (const each of members)
    if (labels.get(each.index)?.label === 'one-time-code' && each.token === '' && each.field.maxLength !== 1)
      labels.set(each.index, { label: 'none', score: 0, rest: 0 })
}

const datePart =
  /(?:^|[^a-z]|birth)(?:(d|dd|day|dag|tag|jour|dia|giorno|gun|dzien|den)|(m|mm|month|maned|monat|mois|mes|mese|ay|miesiac)|(y|yy|yyyy|year|ar|jahr|annee|ano|anno|yil|rok))[^a-z]*$/

function partOfDate(text: string): FieldLabel | undefined {
  const found = datePart.exec(text.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase())
  if (found === null) return undefined
  return found[1] !== undefined ? 'bday-day' : found[2] !== undefined ? 'bday-month' : 'bday-year'
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
  // three text fields: their names end with the part; a year of birth is asked for alone, too
  const whole = members.filter((each) => labels.get(each.index)?.label === 'bday' && each.token === '')
  for (const { index, field } of whole) {
    const named = partOfDate(field.name)
    const part = whole.length > 1 ? (named ?? partOfDate(field.id) ?? partOfDate(field.placeholder)) : named
    if (part !== undefined && (whole.length > 1 || part === 'bday-year')) labels.set(index, { label: part, score: 6, rest: 0 })
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

/** A "security code" without a card around it is a code that was sent, if the page speaks of one, else a captcha or something of the like. */
function fixSecurityCode({ members, labels }: GroupEvidence): void {
  if (
    members.some((each) => ['cc-number', 'cc-exp', 'cc-exp-month', 'cc-exp-year', 'cc-name'].includes(labels.get(each.index)?.label ?? ''))
  )
    return
  for (const each of members) {
    if (labels.get(each.index)?.label !== 'cc-csc' || each.token === 'cc-csc') continue
    const sent = (each.scores.get('one-time-code') ?? 0) > 0 || each.field.inputMode === 'numeric'
    const explicit = /cvc|cvv|csc|card|kort|karte|carte/i.test(`${each.field.name} ${each.field.id} ${each.field.labelText}`)
    if (explicit && members.length <= 2) continue
    labels.set(
      each.index,
      sent && members.length <= 2 ? { label: 'one-time-code', score: 3, rest: 0 } : { label: 'none', score: 0, rest: 0 },
    )
  }
}

const stem = (field: FieldModel): string => (field.name || field.id).replace(/\d/g, '')

/** A code in boxes of one character each. */
function fixCodeBoxes({ members, labels }: GroupEvidence): void {
  let from = 0
  for (let at = 0; at <= members.length; at++) {
    const field = members[at]?.field
    const next = members[at + 1]?.field
    const first = at === from && next?.maxLength === 1 && field?.maxLength === -1 && stem(field) === stem(next)
    // the first box of some codes takes a pasted code and has room for all of it
    if (field?.tag === 'input' && (field.maxLength === 1 || first)) continue
    if (at - from >= 4 && at - from <= 8)
      for (const each of members.slice(from, at)) {
        labels.set(each.index, { label: 'one-time-code', score: 6, rest: 0 })
        each.reasons.push({ rule: 'shape:boxes', label: 'one-time-code', score: 6 })
      }
    from = at + 1
  }
}

/**
 * "Name" beside a given name is the family name, beside a family name the given one, and alone all of it. So are the words of languages that
 * call one of them just "name" (nom, nombre, nome, имя).
 */
function fixNames({ members, labels }: GroupEvidence): void {
  const at = (label: FieldLabel): number[] => {
    const found: number[] = []
    for (let place = 0; place < members.length; place++) if (labels.get(members[place]?.index ?? -1)?.label === label) found.push(place)
    return found
  }
  const given = at('given-name')
  const family = at('family-name')
  if (given.length > 0 === family.length > 0) return
  const partners = given.length > 0 ? given : family
  for (const place of at('name')) {
    const name = members[place] as FieldEvidence
    if (name.token !== '' || !partners.some((other) => Math.abs(other - place) <= 2)) continue
    const label = given.length > 0 ? 'family-name' : 'given-name'
    labels.set(name.index, { label, score: 4, rest: 0 })
    name.reasons.push({ rule: 'neighbour:name', label, score: 4 })
    return
  }
}
