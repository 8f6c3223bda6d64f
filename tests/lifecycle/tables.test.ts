/** docs/lifecycle-matrix.md is what the tests do, and every row of LIF-1 has a transition. NOKKEL_WRITE_TABLES writes it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { lifecycleMatrix, rowsOf } from './tables.ts'
import { transitions } from './transitions.ts'

const docs = join(import.meta.dirname, '../../docs')
const spec = readFileSync(join(docs, 'SPEC.md'), 'utf8')

describe('LIF-1', () => {
  it('every row of the machine is a transition of the tests, and every transition a row', () => {
    const rows = rowsOf(spec).map(({ by }) => by)
    expect(rows.length).toBeGreaterThan(8)
    expect(rows.filter((by) => !transitions.some(({ row }) => row !== null && by.startsWith(row)))).toEqual([])
    expect(transitions.filter(({ row }) => row !== null && !rows.some((by) => by.startsWith(row))).map(({ title }) => title)).toEqual([])
  })

  it('docs/lifecycle-matrix.md is made of them', () => {
    const file = join(docs, 'lifecycle-matrix.md')
    const made = lifecycleMatrix(spec)
    if (process.env['NOKKEL_WRITE_TABLES'] !== undefined) writeFileSync(file, made)
    // the formatter pads the cells
    const plain = (text: string): string =>
      text
        .replaceAll(/ *\| */g, '|')
        .replaceAll(/-{3,}/g, '---')
        .replaceAll(/\s+/g, ' ')
    expect(plain(readFileSync(file, 'utf8'))).toBe(plain(made))
  })
})
