/**
 * Whether a group of fields is for somebody new or for somebody known. A weighted sum of signs that a person can name ("the button says
 * register"); the weights were fitted on labelled pages (`bench/fit-autofill.ts`, ADR 0014) and stand in a file as data.
 */
import type { Signs } from './classify-purpose.ts'
import type { FieldEvidence } from './evidence.ts'
import { counted, named, type Place } from './newness-weights.ts'
import type { PurposeKey } from './words/table.ts'

/** With two passwords it matters too whether the sum is below this: then they are two of the same sign-in. */
export const surely = -1

const asked: readonly PurposeKey[] = ['+signin', '+signup', '+change', '+reset', '+newsletter', '+search']
const small: readonly PurposeKey[] = ['+forgot', '+terms', '+signup', '+signin']
/** Purposes that count as signs, by where they are named: the fit weighs these and no others. */
const purposesAt: Readonly<Record<Place, readonly PurposeKey[]>> = {
  names: asked,
  buttons: asked,
  attributes: asked,
  address: asked,
  title: asked,
  links: small,
  headings: asked,
}

/** The signs that no text has to be read for. */
function countedSigns({ identity, others, emailAndUser, elsewhere }: Signs, passwords: readonly FieldEvidence[]): string[] {
  const found = ['always', `identity:${Math.min(identity, 3)}`, `others:${Math.min(others, 4)}`]
  if (emailAndUser) found.push('email-and-user')
  if (passwords.length > 0) {
    found.push(`passwords:${Math.min(passwords.length, 3)}`)
    // a sign-in beside a sign-up, more often than the other way round
    if (elsewhere > 0) found.push(`elsewhere:${Math.min(elsewhere, 2)}`)
  }
  const said = new Set<string>()
  for (const { qualifiers, token } of passwords) {
    if (token === 'new-password') said.add('token:new')
    else if (qualifiers.new) said.add('says:new')
    if (token === 'current-password') said.add('token:current')
    else if (qualifiers.current) said.add('says:current')
    if (qualifiers.confirm) said.add('says:confirm')
  }
  return [...found, ...said]
}

/** The names of all signs that a group shows, for the fit. */
export function signNames(signs: Signs, passwords: readonly FieldEvidence[]): string[] {
  const places = Object.entries(purposesAt) as [Place, readonly PurposeKey[]][]
  return places.reduce(
    (found, [place, keys]) => [...found, ...keys.filter((key) => signs.said(place).has(key)).map((key) => place + key)],
    countedSigns(signs, passwords),
  )
}

/**
 * Above 0: new. Texts are read one after the other, and no more once those that are left can change nothing that is asked of the sum: whether it is
 * above or below 0, and of more than one password whether it is `surely` below. The usual sign-in has said what it is with its button and its address.
 */
export function newnessOf(signs: Signs, passwords: readonly FieldEvidence[]): number {
  let sum = 0
  for (const name of countedSigns(signs, passwords)) sum += counted[name] ?? 0
  const known = passwords.length > 1 ? surely : 0
  for (const { place, weights, least, most } of named) {
    if (sum + most < known || sum + least > 0) break
    for (const key of signs.said(place)) sum += weights[key] ?? 0
  }
  return sum
}
