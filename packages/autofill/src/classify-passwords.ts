/** Current, new, confirm: by attribute, by words, by how many there are and what the form is for. A code or card number may hide as one. */
import type { FieldLabel } from './model.ts'
import type { GroupEvidence, Purpose } from './classify-purpose.ts'

/** Writes the labels of the group's password fields; returns which of them repeat another. */
export function passwordLabels({ passwords, labels }: GroupEvidence, purpose: Purpose): Set<number> {
  const confirms = new Set<number>()
  const real = passwords.filter((each) => {
    if (each.reasons.some((reason) => reason.rule === 'decoy')) return false
    const other = (['cc-csc', 'cc-number', 'one-time-code'] as const).find(
      (label) => (each.scores.get(label) ?? 0) > Math.max(2.9, each.passwordWords),
    )
    if (other !== undefined && !each.token.endsWith('-password'))
      labels.set(each.index, { label: other, score: each.scores.get(other) ?? 4, rest: 0 })
    return other === undefined || each.token.endsWith('-password')
  })
  const currentFirst =
    real.length >= 3 ||
    (real.length === 2 && real[0]?.qualifiers.current === true) ||
    real.some((each) => each.token === 'current-password')
  for (const [at, each] of real.entries()) {
    const { qualifiers, token } = each
    let label: FieldLabel
    let rule = 'password'
    if (token === 'new-password' || token === 'current-password') {
      label = token
      rule = 'autocomplete'
      // new-password on a plain sign-in is there to keep the browser from filling
      if (token === 'new-password' && real.length === 1 && purpose.signIn - purpose.signUp >= 6 && purpose.reset === 0)
        label = 'current-password'
    } else if (real.length === 1) {
      const signUp = purpose.signUp + (qualifiers.new ? 5 : 0) + (qualifiers.confirm ? 3 : 0)
      label = signUp > purpose.signIn ? 'new-password' : 'current-password'
      rule = 'purpose'
    } else if (
      real.length === 2 &&
      !currentFirst &&
      !qualifiers.new &&
      !qualifiers.confirm &&
      real.every((one) => !one.qualifiers.confirm && !one.qualifiers.new) &&
      purpose.signIn > purpose.signUp + 2
    ) {
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
