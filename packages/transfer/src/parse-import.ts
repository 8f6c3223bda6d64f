/**
 * The door of the package: a file in, items and an account of every row out. Pure: no clock, no network, no storage. Times in drafts
 * come from the file and are only checked for sense; the client sets those that lie in the future to the present.
 */
import { NokkelError } from '@nokkel/base'
import type { ImportNote, ImportNoteCode } from './codes.ts'
import { readTable, isBlank, TableRow, type CsvTable } from './csv-table.ts'
import type { CsvFormat } from './csv-format.ts'
import { decodeText, type DecodedText } from './decode-text.ts'
import { csvFormats, ensureSize, findHeader, looksLikeJson, parseJson } from './detect.ts'
import type { Built } from './draft-builder.ts'
import { exactKey } from './fingerprint.ts'
import { buildBitwardenItem, isBitwardenJson, openBitwardenJson } from './formats/bitwarden-json.ts'
import {
  importLimits,
  type ImportFile,
  type ImportFormat,
  type ImportResult,
  type ImportedItem,
  type RejectedRow,
} from './import-result.ts'

/**
 * `format` overrules detection, for files whose header was edited. Throws `too-large` (over 64 MiB), `import-too-many-rows`,
 * `import-encrypted`, `malformed` (broken JSON) and `format-unknown`; whatever is wrong with one row is in the result instead.
 */
export function parseImport(file: ImportFile, format?: ImportFormat): ImportResult {
  ensureSize(file)
  const decoded = decodeText(file.bytes)
  if (format === 'bitwarden-json' || (format === undefined && looksLikeJson(decoded.text))) return parseBitwardenJson(decoded)
  const only = format === undefined ? undefined : csvFormats.find((candidate) => candidate.id === format)
  const header = findHeader(decoded.text, only)
  const chosen = only ?? header?.format
  if (header === undefined || chosen === undefined) throw unknownFormat(format)
  const table = readTable(decoded.text, header.delimiter, header.start, chosen.columns, importLimits.rows + 1)
  if (table === undefined) throw unknownFormat(format)
  return parseTable(chosen, table, decoded)
}

function unknownFormat(format: ImportFormat | undefined): NokkelError {
  return new NokkelError('format-unknown', format === undefined ? {} : { format })
}

function parseTable(format: CsvFormat, table: CsvTable, decoded: DecodedText): ImportResult {
  ensureRows(table.records.length)
  const rows = new RowCollector(format.id, decoded)
  const width = table.labels.length
  // after damage a line may be the middle of a value: it counts as a row again once the number of cells is right
  let damaged = false
  for (const record of table.records) {
    const { row, cells, malformed } = record
    damaged = malformed || (damaged && cells.length !== width)
    const tooWide = cells.length > width && cells.slice(width).some((cell) => !isBlank(cell))
    if (damaged || tooWide) rows.reject(row, '', { reason: 'malformed-row', params: { cells: cells.length, columns: width } })
    else if (cells.every(isBlank)) rows.reject(row, '', { reason: 'empty-row', params: {} })
    else {
      const tableRow = new TableRow(table, record)
      const built = format.build(tableRow, decoded.lossy)
      const early: ImportNote = { code: 'row-ends-early', params: { cells: cells.length, columns: width } }
      rows.add(row, tableRow.peek('title'), [
        'reason' in built || cells.length >= width ? built : { ...built, notes: [...built.notes, early] },
      ])
    }
  }
  for (const [i, role] of table.roles.entries()) {
    if (role !== 'bookkeeping' || !table.records.some(({ cells }) => !isBlank(cells[i] ?? ''))) continue
    rows.fileNotes.push({ code: 'column-not-kept', params: { field: table.labels[i] as string } })
  }
  return rows.result()
}

function parseBitwardenJson(decoded: DecodedText): ImportResult {
  const parsed = parseJson(decoded.text)
  if (parsed === undefined)
    throw looksLikeJson(decoded.text) ? new NokkelError('malformed', { what: 'json' }) : unknownFormat('bitwarden-json')
  if (!isBitwardenJson(parsed)) throw unknownFormat(undefined)
  const { items, folders } = openBitwardenJson(parsed)
  ensureRows(items.length)
  const rows = new RowCollector('bitwarden-json', decoded)
  for (const [i, item] of items.entries()) {
    const { title, built } = buildBitwardenItem(item, folders)
    rows.add(i + 1, title, built)
  }
  return rows.result()
}

function ensureRows(rows: number): void {
  if (rows > importLimits.rows) throw new NokkelError('import-too-many-rows', { limit: importLimits.rows })
}

/** Sees to it that every row ends up in exactly one place, and that a row that says nothing new is told so. */
class RowCollector {
  readonly fileNotes: ImportNote[] = []
  readonly #format: ImportFormat
  readonly #items: ImportedItem[] = []
  readonly #rejected: RejectedRow[] = []
  readonly #firstRows = new Map<string, number>()
  #rows = 0

  constructor(format: ImportFormat, decoded: DecodedText) {
    this.#format = format
    if (decoded.guessed !== undefined) this.fileNotes.push({ code: 'encoding-guessed', params: { encoding: decoded.guessed } })
  }

  /** All drafts of a row or none: a refused part refuses the row. */
  add(row: number, title: string, built: readonly Built[]): void {
    const items: ImportedItem[] = []
    let key = ''
    for (const part of built) {
      if ('reason' in part) return this.reject(row, title, part)
      items.push({ row, draft: part.draft, notes: part.notes })
      key += exactKey(part.draft)
    }
    const firstRow = this.#firstRows.get(key)
    if (firstRow !== undefined) return this.reject(row, title, { reason: 'duplicate-in-file', params: { firstRow } })
    this.#firstRows.set(key, row)
    this.#rows++
    for (const item of items) this.#items.push(item)
  }

  reject(row: number, title: string, { reason, params }: Extract<Built, { reason: unknown }>): void {
    this.#rows++
    const shown = title.replace(/\0/g, '').trim().slice(0, 200).toWellFormed()
    this.#rejected.push(shown === '' ? { row, reason, params } : { row, reason, params, title: shown })
  }

  result(): ImportResult {
    const noteCounts: Partial<Record<ImportNoteCode, number>> = {}
    const count = ({ code }: ImportNote) => (noteCounts[code] = (noteCounts[code] ?? 0) + 1)
    this.fileNotes.forEach(count)
    for (const { notes } of this.#items) notes.forEach(count)
    return { format: this.#format, rows: this.#rows, items: this.#items, rejected: this.#rejected, fileNotes: this.fileNotes, noteCounts }
  }
}
