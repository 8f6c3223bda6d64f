/** Fitted by bench/fit-autofill.ts on labelled pages: run it after a change of signs or words. Above 0 speaks for new, below for known. */
import type { PurposeKey } from './words/table.ts'

/** Where a purpose may be named: in a text of the form, of the page, or in the names of its passwords. */
export type Place = 'names' | 'buttons' | 'attributes' | 'address' | 'title' | 'links' | 'headings'

export const counted: Readonly<Record<string, number>> = {
  'says:new': 1.19,
  'says:confirm': 1.13,
  'token:new': 1.11,
  'others:1': -1.1,
  'passwords:2': 0.95,
  'elsewhere:2': 0.78,
  'others:0': 0.61,
  'others:3': 0.61,
  'identity:2': 0.54,
  'passwords:1': -0.51,
  'others:4': 0.45,
  'identity:3': 0.32,
  'identity:0': -0.31,
  'identity:1': -0.21,
  'says:current': -0.21,
  'token:current': -0.21,
  'email-and-user': 0.11,
  always: 0.1,
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
  { place: 'names', least: -5.89, most: 7.87, weights: { '+signin': -0.64, '+signup': 0.55, '+reset': 0.33 } },
  { place: 'buttons', least: -5.25, most: 6.99, weights: { '+signup': 1.48, '+signin': -1.32, '+contact': -0.23, '+change': 0.22 } },
  { place: 'attributes', least: -3.7, most: 5.29, weights: { '+signup': 0.71, '+signin': -0.67, '+reset': 0.15 } },
  { place: 'address', least: -3.03, most: 4.43, weights: { '+signup': 1.32, '+signin': -0.91, '+reset': 0.15 } },
  { place: 'title', least: -2.12, most: 2.96, weights: { '+signin': -0.85, '+signup': 0.6, '+reset': 0.13 } },
  { place: 'links', least: -1.27, most: 2.23, weights: { '+terms': 0.7, '+forgot': -0.66, '+signin': 0.52, '+signup': 0.14 } },
  { place: 'headings', least: -0.61, most: 0.87, weights: { '+signup': 0.7, '+signin': -0.48, '+search': 0.17, '+contact': -0.13 } },
] // prettier-ignore
