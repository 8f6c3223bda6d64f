/** The shape of a word table. Types only. Keys are explained in nordic.ts. */
import type { FieldLabel } from '../model.ts'

export type PurposeKey =
  '+signin' | '+signup' | '+change' | '+reset' | '+forgot' | '+remember' | '+terms' | '+search' | '+newsletter' | '+contact'
export type QualifierKey = '~new' | '~current' | '~confirm'
export type WordKey =
  Exclude<FieldLabel, 'none' | 'current-password' | 'new-password'> | 'password' | 'none:other' | 'none:search' | PurposeKey | QualifierKey

/** Words separated by spaces. */
export type WordTable = Readonly<Partial<Record<WordKey, string>>>
