/**
 * Fitted weights → the text of `packages/autofill/src/newness-weights.ts`: those of purposes by the place where they are named, in the order in which
 * the places are read, each with what it and all after it can add, so that reading ends where nothing more can change the answer.
 */

/** What says most for its cost comes first: names are read already, attributes are long, links and headings have to be looked for in the document. */
const order = ['names', 'buttons', 'address', 'title', 'attributes', 'links', 'headings'] as const

/** Smaller weights change nothing. */
const least = 0.1

const rounded = (value: number): number => Number(value.toFixed(2))
const byWeight = (weights: readonly (readonly [string, number])[]): (readonly [string, number])[] =>
  weights.toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
const quoted = (name: string): string => (/^\w+$/.test(name) ? name : `'${name}'`)

export function newnessFile(fitted: Iterable<readonly [string, number]>): string {
  const weights = [...fitted].filter(([, weight]) => Math.abs(weight) >= least).map(([name, weight]) => [name, rounded(weight)] as const)
  const counted = byWeight(weights.filter(([name]) => !name.includes('+')))
  let low = 0
  let high = 0
  const places: string[] = []
  for (const place of order.toReversed()) {
    const own = byWeight(
      weights.filter(([name]) => name.startsWith(`${place}+`)).map(([name, weight]) => [name.slice(place.length), weight] as const),
    )
    for (const [, weight] of own)
      if (weight < 0) low += weight
      else high += weight
    const written = own.map(([name, weight]) => `'${name}': ${weight}`).join(', ')
    places.unshift(`  { place: '${place}', least: ${rounded(low)}, most: ${rounded(high)}, weights: { ${written} } },`)
  }
  return `/** Fitted by bench/fit-autofill.ts on labelled pages: run it after a change of signs or words. Above 0 speaks for new, below for known. */
import type { PurposeKey } from './words/table.ts'

/** Where a purpose may be named: in a text of the form, of the page, or in the names of its passwords. */
export type Place = ${order.map((place) => `'${place}'`).join(' | ')}

export const counted: Readonly<Record<string, number>> = {
${counted.map(([name, weight]) => `  ${quoted(name)}: ${weight},`).join('\n')}
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
${places.join('\n')}
] // prettier-ignore
`
}
