/** Fitted by bench/fit-autofill.ts on labelled pages: run it after a change of signs or words. Above 0 speaks for new, below for known. */
import type { PurposeKey } from './words/table.ts'

/** Where a purpose may be named: in a text of the form, of the page, or in the names of its passwords. */
export type Place = 'names' | 'buttons' | 'attributes' | 'address' | 'title' | 'links' | 'headings'

export const counted: Readonly<Record<string, number>> = {
  'says:new': 1.23,
  'says:confirm': 1.11,
  'token:new': 1.1,
  'others:1': -1.09,
  'passwords:2': 0.96,
  'elsewhere:2': 0.76,
  'others:0': 0.6,
  'others:3': 0.6,
  'identity:2': 0.54,
  'passwords:1': -0.52,
  'others:4': 0.46,
  'identity:3': 0.33,
  'identity:0': -0.31,
  'identity:1': -0.22,
  'says:current': -0.21,
  'token:current': -0.21,
  always: 0.11,
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
  { place: 'names', least: -5.53, most: 7.9, weights: { '+signin': -0.65, '+signup': 0.54, '+reset': 0.34 } },
  { place: 'buttons', least: -4.88, most: 7.02, weights: { '+signup': 1.47, '+signin': -1.32, '+change': 0.22 } },
  { place: 'attributes', least: -3.56, most: 5.33, weights: { '+signup': 0.75, '+signin': -0.67, '+reset': 0.15 } },
  { place: 'address', least: -2.89, most: 4.43, weights: { '+signup': 1.33, '+signin': -0.91, '+reset': 0.14 } },
  { place: 'title', least: -1.98, most: 2.96, weights: { '+signin': -0.85, '+signup': 0.58, '+reset': 0.13 } },
  { place: 'links', least: -1.13, most: 2.25, weights: { '+terms': 0.72, '+forgot': -0.65, '+signin': 0.53, '+signup': 0.13 } },
  { place: 'headings', least: -0.48, most: 0.87, weights: { '+signup': 0.7, '+signin': -0.48, '+search': 0.17 } },
] // prettier-ignore
