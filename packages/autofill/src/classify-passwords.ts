/** Current, new, confirm: by attribute, by words, by how many there are and what the form is for. A code or card number may hide as one. */
import type { FieldEvidence } from './evidence.ts'
import type { FieldLabel } from './model.ts'
import type { GroupEvidence, Named, Purpose } from './classify-purpose.ts'
import { surely } from './newness.ts'

const plain = ({ qualifiers, token }: FieldEvidence): boolean =>
  token === '' && !qualifiers.new && !qualifiers.confirm && !qualifiers.current

const namesOf = (each: FieldEvidence): Named => new Set(each.named)
const isIn = (words: Named): boolean => words.has('+signin') && !words.has('+signup')
const isUp = (words: Named): boolean => words.has('+signup') && !words.has('+signin')

/** The same with three: the first is of the sign-in if its name says so and those after it do not. */
function signInFirst([first, ...others]: readonly FieldEvidence[]): boolean {
  return first !== undefined && others.length >= 2 && plain(first) && isIn(namesOf(first)) && !others.some((each) => isIn(namesOf(each)))
}

/** A sign-in and a sign-up in one form element, as frameworks that wrap the whole page in a form make them: their names tell them apart. */
function formsInOne(two: readonly FieldEvidence[]): FieldLabel[] | undefined {
  const [first, second] = two.map(namesOf)
  if (first === undefined || second === undefined) return undefined
  if (isIn(first) && isUp(second)) return ['current-password', 'new-password']
  return isUp(first) && isIn(second) ? ['new-password', 'current-password'] : undefined
}

/** Writes the labels of the group's password fields; returns which of them repeat another. */
export function passwordLabels({ passwords, labels }: GroupEvidence, purpose: Purpose): Set<number> {
  const confirms = new Set<number>()
  const real = passwords.filter((each) => {
    if (each.reasons.some((reason) => reason.rule === 'decoy')) return false
    // three characters are a part of something longer, typed hidden
    if (each.field.maxLength > 0 && each.field.maxLength < 4 && each.token === '' && !each.scores.has('cc-csc')) return false
    // a social security or gift card number is typed hidden too
    if (each.passwordWords === 0 && each.token === '' && (each.scores.get('none') ?? 0) >= 3) return false
    const other = (['cc-csc', 'cc-number', 'one-time-code'] as const).find(
      (label) => (each.scores.get(label) ?? 0) > Math.max(2.9, each.passwordWords),
    )
    if (other !== undefined && !each.token.endsWith('-password'))
      labels.set(each.index, { label: other, score: each.scores.get(other) ?? 4, rest: 0 })
    return other === undefined || each.token.endsWith('-password')
  })
  const currentFirst =
    // three passwords among names and addresses are no change of one
    (real.length >= 3 && ((purpose.signs?.others ?? 0) < 3 || real[0]?.qualifiers.current === true)) ||
    (real.length === 2 && real[0]?.qualifiers.current === true) ||
    signInFirst(real) ||
    real.some((each) => each.token === 'current-password')
  const apart = real.length === 2 && real.every(plain) ? formsInOne(real) : undefined
  for (const [at, each] of real.entries()) {
    const { qualifiers, token } = each
    let label: FieldLabel
    let rule = 'password'
    if (real.length === 1) {
      label = purpose.newness > 0 ? 'new-password' : 'current-password'
      rule = 'purpose'
    } else if (token === 'new-password' && qualifiers.current && !qualifiers.confirm && at === 0) {
      // "current password" with the attribute of the new one: to keep browsers from filling
      label = 'current-password'
      rule = 'words'
    } else if (token === 'new-password' || token === 'current-password') {
      label = token
      rule = 'autocomplete'
    } else if (apart !== undefined) {
      label = apart[at] as FieldLabel
      rule = 'names'
    } else if (real.length === 2 && real.every(plain) && purpose.newness < surely) {
      label = 'current-password'
    } else {
      label =
        at === 0 && currentFirst && !qualifiers.new
          ? 'current-password'
          : qualifiers.current && !qualifiers.new && !qualifiers.confirm
            ? 'current-password'
            : 'new-password'
      rule = 'pair'
    }
    if (label === 'new-password' && at > 0 && labels.get(real[at - 1]?.index ?? -1)?.label === 'new-password') confirms.add(each.index)
    labels.set(each.index, { label, score: 8, rest: 1 })
    each.reasons.push({ rule, label, score: 8 })
  }
  return confirms
}
