/** The shape of a word table, and the order of its keys in the compiled vocabulary. Keys are explained in nordic.ts. */
import type { FieldLabel } from '../model.ts'

export type PurposeKey = '+signin' | '+signup' | '+change' | '+reset' | '+forgot' | '+terms' | '+search' | '+newsletter'
export type QualifierKey = '~new' | '~current' | '~confirm'
export type WordKey =
  Exclude<FieldLabel, 'none' | 'current-password' | 'new-password'> | 'password' | 'none:other' | 'none:search' | PurposeKey | QualifierKey

/** Words separated by spaces. */
export type WordTable = Readonly<Partial<Record<WordKey, string>>>

/** The compiled vocabulary names a key by its place here: a change of order needs the vocabulary to be compiled anew. */
export const wordKeys: readonly WordKey[] = [
  'username', 'email', 'password', 'one-time-code', 'cc-name', 'cc-number', 'cc-exp', 'cc-exp-month', 'cc-exp-year', 'cc-csc', 'cc-type',
  'name', 'honorific-prefix', 'given-name', 'additional-name', 'family-name', 'nickname', 'organization', 'organization-title',
  'street-address', 'address-line2', 'address-line3', 'address-level1', 'address-level2', 'address-level3', 'country', 'postal-code', 'tel',
  'tel-extension', 'bday', 'bday-day', 'bday-month', 'bday-year', 'sex', 'none:other', 'none:search', '+signin', '+signup', '+change',
  '+reset', '+forgot', '+terms', '+search', '+newsletter', '~new', '~current', '~confirm',
] // prettier-ignore

/** Where the purposes and the qualifiers begin in `wordKeys`: what stands before is a field. */
export const firstPurpose = 36
export const firstQualifier = 44

export type WordClass = 'field' | 'purpose' | 'qualifier'

export function classOf(key: WordKey): WordClass {
  return key.startsWith('+') ? 'purpose' : key.startsWith('~') ? 'qualifier' : 'field'
}

/** The letters that the compiled Latin words are sorted by; the place here is the value of a letter. */
export const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
/** The value of what is none of them. */
export const beyond = 36

export const valueOf = (code: number): number => (code >= 97 && code <= 122 ? code - 97 : code >= 48 && code <= 57 ? code - 22 : beyond)

/** Where the compiled words of other scripts stand: one section for 64 characters. */
export function sectionOf(prefix: string): number {
  return prefix.charCodeAt(0) | 63
}

/** The characters of the compiled vocabulary for the first key and for the first kind of edges; the others follow. None needs an escape. */
export const firstMark = 40
export const firstEdge = 89
