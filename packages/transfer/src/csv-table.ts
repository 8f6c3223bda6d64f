/**
 * An export's CSV as a table with known columns. Headers are compared without case and surrounding space, in any order; columns that
 * the format does not know are kept, not dropped.
 */
import type { DraftBuilder } from './draft-builder.ts'
import { readCsv, type CsvRecord } from './read-csv.ts'

/** What a column means, whatever the format calls it. */
export type ColumnRole =
  | 'title'
  | 'site'
  | 'username'
  | 'password'
  | 'notes'
  | 'totp'
  | 'favorite'
  | 'archived'
  | 'tags'
  | 'folder'
  | 'type'
  | 'fields'
  | 'reprompt'
  | 'created'
  | 'modified'
  | 'realm'
  | 'form-origin'
  | 'cardholder'
  | 'card-number'
  | 'card-expiry'
  | 'security-code'
  | 'wifi-name'
  | 'wifi-password'
  | 'wifi-security'
  /** the writing program's own bookkeeping: not kept, and said once for the file */
  | 'bookkeeping'

export interface CsvColumns {
  /** The role of a header that went through `headerKey`. */
  readonly roleOf: (key: string) => ColumnRole | undefined
  /** The file is of this format only if one group is there completely. */
  readonly required: readonly (readonly string[])[]
  /** Files of this format have many columns that it cannot name. */
  readonly open?: boolean
}

export interface CsvTable {
  /** as written, trimmed; never empty */
  readonly labels: readonly string[]
  readonly roles: readonly (ColumnRole | undefined)[]
  readonly records: readonly CsvRecord[]
}

export function headerKey(header: string): string {
  return header.replace(/\0/g, '').trim().replace(/\s+/g, ' ').toLowerCase()
}

/** How well a header fits: the number of known columns, or -1 when it is another format's. */
export function matchColumns(header: readonly string[], columns: CsvColumns): number {
  const keys = new Set(header.map(headerKey).filter((key) => key !== ''))
  if (!columns.required.some((group) => group.every((key) => keys.has(key)))) return -1
  const known = [...keys].filter((key) => columns.roleOf(key) !== undefined).length
  return columns.open === true || (keys.size - known) * 2 <= known ? known : -1
}

/** `start` is the index of the header among the records of `text`. Undefined when no column means anything to the format. */
export function readTable(text: string, delimiter: string, start: number, columns: CsvColumns, maxRows: number): CsvTable | undefined {
  const all = readCsv(text, delimiter, start + 1 + maxRows)
  const header = all[start]
  if (header === undefined) return undefined
  const roles = header.cells.map((cell) => columns.roleOf(headerKey(cell)))
  if (!roles.some((role) => role === 'title' || role === 'site' || role === 'username' || role === 'password')) return undefined
  const labels = header.cells.map((cell, i) => cell.replace(/\0/g, '').trim() || `#${i + 1}`)
  const records = all.slice(start + 1)
  while (records.length > 0 && isBlankLine(records.at(-1))) records.pop()
  return { labels, roles, records }
}

function isBlankLine(record: CsvRecord | undefined): boolean {
  return record !== undefined && !record.malformed && record.cells.length === 1 && isBlank(record.cells[0] ?? '')
}

export function isBlank(cell: string): boolean {
  return cell === '' || cell.replace(/\0/g, '').trim() === ''
}

/** One row, read by role. Values of a second column with the same role are kept as custom fields where they differ. */
export class TableRow {
  readonly #table: CsvTable
  readonly #cells: readonly string[]

  constructor(table: CsvTable, record: CsvRecord) {
    this.#table = table
    this.#cells = record.cells
  }

  /** The first non-empty value; '' when there is none. */
  peek(role: ColumnRole): string {
    return this.all(role)[0] ?? ''
  }

  all(role: ColumnRole): string[] {
    const values: string[] = []
    for (let i = 0; i < this.#table.roles.length; i++) {
      const cell = this.#cells[i]
      if (this.#table.roles[i] === role && cell !== undefined && cell !== '') values.push(cell)
    }
    return values
  }

  /** The header that `peek` took its value from. */
  labelOf(role: ColumnRole): string {
    for (let i = 0; i < this.#table.roles.length; i++) {
      if (this.#table.roles[i] === role && (this.#cells[i] ?? '') !== '') return this.#table.labels[i] as string
    }
    return role
  }

  /** Everything that `taken` and the column's own role do not account for becomes a custom field; security codes never do (E5). */
  keepRest(builder: DraftBuilder, taken: readonly ColumnRole[]): void {
    const first = new Map<ColumnRole, string>()
    for (let i = 0; i < this.#table.labels.length; i++) {
      const cell = this.#cells[i]
      const role = this.#table.roles[i]
      if (cell === undefined || cell === '' || role === 'bookkeeping') continue
      if (role === 'security-code') {
        if (!isBlank(cell)) builder.note('security-code-dropped', { field: this.#table.labels[i] as string })
        continue
      }
      if (role !== undefined && taken.includes(role)) {
        // sites and tags are sets: their readers took every column
        if (role === 'site' || role === 'tags' || role === 'folder') continue
        const before = first.get(role)
        first.set(role, before ?? cell)
        if (before === undefined || before === cell) continue
      }
      if (!isBlank(cell)) builder.keepAsCustom(this.#table.labels[i] as string, cell)
    }
  }
}
