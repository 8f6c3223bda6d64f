/** Plain columns for people: a heading, as many lines as there are rows, never wider than the terminal when there is one. */
import { cutText, safeLine, textWidth } from './terminal-text.ts'

const gap = 2
const narrowest = 8

/** `width`: columns of the terminal; undefined where the output goes elsewhere and must not be cut. */
export function layOutTable(
  headings: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | undefined,
): { readonly heading: string; readonly lines: readonly string[] } {
  const cells = rows.map((row) => row.map(safeLine))
  const widths = headings.map((heading, column) =>
    cells.reduce((most, row) => Math.max(most, textWidth(row[column] ?? '')), textWidth(heading)),
  )
  if (width !== undefined) narrow(widths, width)
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => {
        const shown = cutText(cell, widths[column] as number)
        return column === row.length - 1 ? shown : shown + ' '.repeat((widths[column] as number) - textWidth(shown) + gap)
      })
      .join('')
      .trimEnd()
  return { heading: line(headings), lines: cells.map(line) }
}

/** Takes from the widest column until all fit or none is left to take from. */
function narrow(widths: number[], width: number): void {
  const total = (): number => widths.reduce((sum, each) => sum + each + gap, -gap)
  while (total() > width) {
    const most = Math.max(...widths)
    if (most <= narrowest) return
    widths[widths.indexOf(most)] = most - 1
  }
}

/** Names and values beneath each other, aligned. */
export function layOutPairs(pairs: readonly (readonly [name: string, value: string])[], emphasise: (text: string) => string): string[] {
  const widest = Math.max(0, ...pairs.map(([name]) => textWidth(name)))
  const indent = ' '.repeat(widest + gap)
  return pairs.map(
    ([name, value]) => `${emphasise(name)}${' '.repeat(widest - textWidth(name) + gap)}${value.split('\n').join(`\n${indent}`)}`,
  )
}
