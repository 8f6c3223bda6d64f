/** Fitted by bench/fit-autofill.ts on labelled pages: run it after a change of signs or words. Above 0 speaks for new, below for known. */
import type { PurposeKey } from './words/table.ts'

/** Where a purpose may be named: in a text of the form, of the page, or in the names of its passwords. */
export type Place = 'names' | 'buttons' | 'address' | 'title' | 'attributes' | 'links' | 'headings'

export const counted: Readonly<Record<string, number>> = {
  'says:new': 1.23,
  'says:confirm': 1.1,
  'others:1': -1.09,
  'token:new': 1.08,
  'passwords:2': 0.96,
  'elsewhere:2': 0.76,
  'others:3': 0.6,
  'others:0': 0.59,
  'identity:2': 0.52,
  'others:4': 0.51,
  'passwords:1': -0.49,
  'identity:3': 0.44,
  'identity:0': -0.33,
  'identity:1': -0.23,
  'says:current': -0.21,
  'token:current': -0.21,
  always: 0.13,
  'email-and-user': 0.13,
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
  { place: 'names', least: -5.59, most: 7.82, weights: { '+signin': -0.66, '+signup': 0.53, '+reset': 0.34 } },
  { place: 'buttons', least: -4.93, most: 6.95, weights: { '+signup': 1.45, '+signin': -1.33, '+change': 0.21 } },
  { place: 'address', least: -3.6, most: 5.29, weights: { '+signup': 1.29, '+signin': -0.92, '+reset': 0.15 } },
  { place: 'title', least: -2.68, most: 3.85, weights: { '+signin': -0.85, '+signup': 0.58, '+reset': 0.13 } },
  { place: 'attributes', least: -1.83, most: 3.14, weights: { '+signup': 0.78, '+signin': -0.68, '+reset': 0.15 } },
  { place: 'links', least: -1.15, most: 2.21, weights: { '+terms': 0.69, '+forgot': -0.66, '+signin': 0.52, '+signup': 0.13 } },
  { place: 'headings', least: -0.49, most: 0.87, weights: { '+signup': 0.7, '+signin': -0.49, '+search': 0.17 } },
] // prettier-ignore
