import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { readCsv } from './read-csv.ts'

const cells = (text: string, delimiter = ',') => readCsv(text, delimiter).map((record) => record.cells)

describe('readCsv', () => {
  it('reads LF, CRLF, CR alone, and a mixture of LF and CRLF', () => {
    const expected = [
      ['a', 'b'],
      ['1', '2'],
      ['3', ''],
    ]
    expect(cells('a,b\n1,2\n3,')).toEqual(expected)
    expect(cells('a,b\r\n1,2\r\n3,\r\n')).toEqual(expected)
    expect(cells('a,b\r1,2\r3,')).toEqual(expected)
    expect(cells('a,b\r\n1,2\n"3",\r\n')).toEqual(expected)
  })

  it('keeps line breaks, delimiters, doubled marks and spaces inside quotation marks', () => {
    expect(cells('"x\r\ny","a,b"," ""q"" "\n')).toEqual([['x\r\ny', 'a,b', ' "q" ']])
    expect(cells('a "b" c,d"e\n')).toEqual([['a "b" c', 'd"e']])
    expect(cells('"a"  ,"b"  \n')).toEqual([['a', 'b']])
  })

  it('counts blank lines as rows, so that numbers agree with a spreadsheet', () => {
    expect(readCsv('a\n\nb\n', ',').map(({ row, cells: [first] }) => [row, first])).toEqual([
      [1, 'a'],
      [2, ''],
      [3, 'b'],
    ])
  })

  it('loses only the damaged row to a stray quotation mark', () => {
    const records = readCsv('a,b\n"1"x,2\n3,4\n"5,6\n7,8\n', ',')
    expect(records.map(({ cells: [first], malformed }) => [first, malformed])).toEqual([
      ['a', false],
      ['1', true],
      ['3', false],
      [undefined, true],
      ['7', false],
    ])
  })

  it('gives up on a file of nothing but open quotation marks without reading it again and again', () => {
    const records = readCsv(`"${'x,y\n"'.repeat(1_000)}`, ',')
    expect(records.every(({ malformed }) => malformed)).toBe(true)
    expect(readCsv(','.repeat(100_000), ',')).toMatchObject([{ malformed: true }])
  })

  it('stops at the record limit', () => {
    expect(readCsv('1\n2\n3\n4', ',', 2)).toHaveLength(2)
    expect(readCsv('', ',')).toEqual([])
  })

  const cell = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '\r', '\n', ' ', 'a', 'ø'), maxLength: 8 }),
  )
  const table = fc
    .integer({ min: 2, max: 5 })
    .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }))

  it('returns every table exactly as another program wrote it', () => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        (rows, delimiter, newline, quotes) => {
          const text = Papa.unparse(rows, { delimiter, newline, quotes })
          expect(cells(text, delimiter)).toEqual(rows)
        },
      ),
    )
  })

  it('agrees with another reader on well-formed files', () => {
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, newline) => {
        const text = Papa.unparse(rows, { delimiter: ',', newline, quotes: true })
        expect(cells(text)).toEqual(Papa.parse(text, { delimiter: ',', newline }).data)
      }),
    )
  })

  it('accounts for every text: records are numbered without gaps and nothing throws', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ' ', 'a'), maxLength: 60 }), (text) => {
        const records = readCsv(text, ',')
        expect(records.map(({ row }) => row)).toEqual(records.map((_, i) => i + 1))
      }),
    )
  })
})
