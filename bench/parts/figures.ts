/**
 * How figures are written: one JSON line each on standard output and nothing else there; everything for people goes to standard error.
 * `ratio` is ours divided by the peer's, whatever the unit: for times, bytes and memory below 1 is good, for rates above 1 is.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

/** Values of `--runs` and the like, which come after the names: `npm run bench -- get-one --runs 9`. */
export function numberOption(name: string, fallback: number): number {
  const { values } = parseArgs({ options: { [name]: { type: 'string' } }, strict: false, allowPositionals: true })
  const value = Number(values[name] ?? fallback)
  if (!Number.isSafeInteger(value) || value < 1) throw new Error(`--${name}: expected a whole number above 0`)
  return value
}

/** At least five, so that a median says something. */
export const runs = (): number => Math.max(5, numberOption('runs', 7))

export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}

export function noteLoad(): void {
  try {
    note(`load ${readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ')}`)
  } catch {
    // not Linux: nothing to say
  }
}

/** The smallest value that `share` of the values do not exceed (nearest rank). */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('no values')
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number
}

export const median = (values: readonly number[]): number => quantile(values, 0.5)

const rounded = (value: number): number => Number(value.toPrecision(4))

function print(line: Readonly<Record<string, string | number>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

/**
 * Takes each measurement in turn, `count` rounds after one that is not counted, so that whatever else the machine does at the time
 * falls on ours and on the peers alike.
 */
export async function alternate<Name extends string>(
  count: number,
  measurements: { readonly [Each in Name]?: () => number | Promise<number> },
): Promise<Record<Name, number[]>> {
  const names = Object.keys(measurements) as Name[]
  const values = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>
  for (let round = 0; round <= count; round++) {
    for (const name of names) {
      const value = await measurements[name]?.()
      if (round > 0 && value !== undefined) values[name].push(value)
    }
  }
  return values
}

export interface Figure {
  readonly name: string
  readonly unit: string
  readonly value: number
}

/** A figure from many values: their median unless `share` names another quantile. The spread goes to standard error. */
export function figureOf(name: string, unit: string, values: readonly number[], share = 0.5): Figure {
  const taken = { name, unit, value: quantile(values, share) }
  print({ name, value: rounded(taken.value), unit, n: values.length })
  note(
    `${name}: ${rounded(quantile(values, 0))} … ${rounded(median(values))} … ${rounded(quantile(values, 1))} ${unit}, n ${values.length}`,
  )
  return taken
}

/** A figure whose worst value matters as much as its median, both in one line. */
export function figureAndWorst(name: string, unit: string, values: readonly number[]): void {
  print({ name, value: rounded(median(values)), worst: rounded(quantile(values, 1)), unit, n: values.length })
}

/** A figure that is one number by its nature (bytes on the wire, a ratio), out of `n` observations. */
export function figure(name: string, unit: string, value: number, n: number): Figure {
  print({ name, value: rounded(value), unit, n })
  return { name, unit, value }
}

/** The peer's value for a figure of ours, from the same run. */
export function peerOf(ours: Figure, peer: string, values: readonly number[], share = 0.5): void {
  const value = quantile(values, share)
  print({ name: ours.name, value: rounded(value), unit: ours.unit, n: values.length, peer, ratio: rounded(ours.value / value) })
}
