/**
 * Whether a group of fields is for somebody new or for somebody known. A weighted sum of signs that a person can name ("the button says
 * register"); the weights were fitted on labelled pages (`bench/fit-autofill.ts`, ADR 0014) and stand here as data.
 */
import type { Named, Signs } from './classify-purpose.ts'
import type { FieldEvidence } from './evidence.ts'
import { weights } from './newness-weights.ts'
import type { PurposeKey } from './words/table.ts'

const places = ['attributes', 'buttons', 'headings', 'names'] as const
const asked: readonly PurposeKey[] = ['+signin', '+signup', '+change', '+reset', '+newsletter', '+search', '+contact']
const small: readonly PurposeKey[] = ['+forgot', '+remember', '+terms', '+signup', '+signin']

/** The names of the signs that a group shows. */
export function signNames(signs: Signs, passwords: readonly FieldEvidence[]): string[] {
  const found: string[] = ['always']
  const look = (place: string, said: Named, keys: readonly PurposeKey[]): void => {
    // most texts name no purpose
    if (said.size > 0) for (const key of keys) if (said.has(key)) found.push(place + key)
  }
  for (const place of places) look(place, signs[place], asked)
  look('address', signs.page.address, asked)
  look('title', signs.page.title, asked)
  look('links', signs.links, small)
  found.push(`identity:${Math.min(signs.identity, 3)}`)
  found.push(`others:${Math.min(signs.others, 4)}`)
  if (signs.emailAndUser) found.push('email-and-user')
  if (passwords.length > 0) {
    found.push(`passwords:${Math.min(passwords.length, 3)}`)
    // a sign-in beside a sign-up, more often than the other way round
    const elsewhere = signs.page.passwords - passwords.length
    if (elsewhere > 0) found.push(`elsewhere:${Math.min(elsewhere, 2)}`)
  }
  for (const { qualifiers, token } of passwords) {
    if (token === 'new-password') found.push('token:new')
    if (token === 'current-password') found.push('token:current')
    if (qualifiers.new && token !== 'new-password') found.push('says:new')
    if (qualifiers.current && token !== 'current-password') found.push('says:current')
    if (qualifiers.confirm) found.push('says:confirm')
  }
  return [...new Set(found)]
}

/** Above 0: new. */
export function newnessOf(signs: Signs, passwords: readonly FieldEvidence[]): number {
  let sum = 0
  for (const name of signNames(signs, passwords)) sum += weights[name] ?? 0
  return sum
}
