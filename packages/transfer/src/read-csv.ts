/**
 * CSV records (RFC 4180, any one-character delimiter, LF, CRLF or CR, mixed LF and CRLF). Cells come out exactly as written.
 * Our own reader because of what happens to a damaged file: a stray quotation mark costs the row it stands in, is reported with
 * that row, and the rows after it are read; readers that carry on silently merge everything up to the next quotation mark.
 */

export interface CsvRecord {
  /** from 1, counting blank lines, as a spreadsheet does */
  readonly row: number
  readonly cells: readonly string[]
  /** The quotation marks make no sense, or there is no end of cells: `cells` is what stood before the damage. */
  readonly malformed: boolean
}

const quote = 0x22
const lf = 0x0a
const cr = 0x0d

/** Looking for a closing mark to the end of the file costs its whole length; after so many times the rest is one malformed record. */
const maxOpenQuotes = 50
/** The widest export known has 138 columns. */
const maxCells = 2_000

/** Reads at most `maxRecords` records. `delimiter` is one UTF-16 unit that is neither a quotation mark nor a line break. */
export function readCsv(text: string, delimiter: string, maxRecords = Number.MAX_SAFE_INTEGER): CsvRecord[] {
  const separator = delimiter.charCodeAt(0)
  // a CR alone ends a record only in files of the classic Mac OS kind; elsewhere it is content
  const crEnds = !text.includes('\n')
  const records: CsvRecord[] = []
  let at = 0
  let openQuotes = 0

  while (at < text.length && records.length < maxRecords) {
    const start = at
    const cells: string[] = []
    let malformed = false
    for (;;) {
      if (text.charCodeAt(at) === quote) {
        const cell = readQuoted(text, at)
        if (cell === undefined) {
          malformed = true
          at = ++openQuotes > maxOpenQuotes ? text.length : start
          break
        }
        cells.push(cell.value)
        at = cell.end
        // spaces between the closing mark and the delimiter are a habit of hand-made files
        while (text.charCodeAt(at) === 0x20 && separator !== 0x20) at++
        if (at < text.length && text.charCodeAt(at) !== separator && !endsRecord(text, at, crEnds)) {
          malformed = true
          break
        }
      } else {
        const from = at
        while (at < text.length && text.charCodeAt(at) !== separator && !endsRecord(text, at, crEnds)) at++
        cells.push(text.slice(from, at))
      }
      if (text.charCodeAt(at) !== separator || at >= text.length) break
      if (cells.length >= maxCells) {
        malformed = true
        break
      }
      at++
    }
    if (malformed) while (at < text.length && !endsRecord(text, at, crEnds)) at++
    if (text.charCodeAt(at) === cr && text.charCodeAt(at + 1) === lf) at++
    at++
    records.push({ row: records.length + 1, cells, malformed })
  }
  return records
}

function endsRecord(text: string, at: number, crEnds: boolean): boolean {
  const unit = text.charCodeAt(at)
  return unit === lf || (unit === cr && (crEnds || text.charCodeAt(at + 1) === lf))
}

/** The cell that opens at `at`, or undefined when nothing closes it. */
function readQuoted(text: string, at: number): { value: string; end: number } | undefined {
  let doubled = false
  let mark = text.indexOf('"', at + 1)
  while (mark >= 0 && text.charCodeAt(mark + 1) === quote) {
    doubled = true
    mark = text.indexOf('"', mark + 2)
  }
  if (mark < 0) return undefined
  const value = text.slice(at + 1, mark)
  return { value: doubled ? value.replaceAll('""', '"') : value, end: mark + 1 }
}
