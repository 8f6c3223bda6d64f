/** Fitted by bench/fit-autofill.ts on labelled pages: run it after a change of signs or words. Above 0 speaks for new, below for known. */
import type { PurposeKey } from './words/table.ts'

/** Where a purpose may be named: in a text of the form, of the page, or in the names of its passwords. */
export type Place = 'names' | 'buttons' | 'attributes' | 'address' | 'title' | 'links' | 'headings'

export const counted: Readonly<Record<string, number>> = {
  'says:new': 1.13,
  'others:1': -1.11,
  'token:new': 1.06,
  'says:confirm': 0.97,
  'elsewhere:2': 0.8,
  'passwords:2': 0.79,
  'others:3': 0.61,
  'identity:2': 0.54,
  'others:0': 0.52,
  'others:4': 0.48,
  'passwords:1': -0.4,
  'identity:0': -0.31,
  'identity:3': 0.31,
  'identity:1': -0.23,
  'says:current': -0.21,
  'token:current': -0.2,
  'elsewhere:1': -0.16,
  'email-and-user': 0.11,
}

export interface NamedWeights {
  readonly place: Place
  /** All that this place and those after it can add: the sum of what is below 0, and of what is above. */
  readonly least: number
  readonly most: number
  readonly weights: Readonly<Partial<Record<PurposeKey, number>>>
}

/** In the order in which the places are read. */
export const named: readonly NamedWeights[] = [
  { place: 'names', least: -6.17, most: 7.71, weights: { '+signin': -0.78, '+signup': 0.61, '+reset': 0.22 } },
  { place: 'buttons', least: -5.39, most: 6.88, weights: { '+signup': 1.35, '+signin': -1.35, '+change': 0.22, '+contact': -0.22, '+reset': -0.11 } },
  { place: 'attributes', least: -3.71, most: 5.31, weights: { '+signin': -0.75, '+signup': 0.74, '+reset': 0.1 } },
  { place: 'address', least: -2.96, most: 4.47, weights: { '+signup': 1.33, '+signin': -1, '+reset': 0.1 } },
  { place: 'title', least: -1.96, most: 3.04, weights: { '+signin': -0.77, '+signup': 0.59, '+reset': 0.16 } },
  { place: 'links', least: -1.19, most: 2.29, weights: { '+terms': 0.7, '+forgot': -0.6, '+signin': 0.56, '+signup': 0.12 } },
  { place: 'headings', least: -0.59, most: 0.91, weights: { '+signup': 0.75, '+signin': -0.47, '+search': 0.16, '+contact': -0.12 } },
] // prettier-ignore
