/** Which format a file is, by its content. Looks at as little of it as will do. */
import { NokkelError } from '@nokkel/base'
import { matchColumns } from './csv-table.ts'
import type { CsvFormat } from './csv-format.ts'
import { decodeText } from './decode-text.ts'
import { appleCsv } from './formats/apple-csv.ts'
import { bitwardenCsv } from './formats/bitwarden-csv.ts'
import { isBitwardenJson } from './formats/bitwarden-json.ts'
import { chromeCsv } from './formats/chrome-csv.ts'
import { firefoxCsv } from './formats/firefox-csv.ts'
import { onePasswordCsv } from './formats/onepassword-csv.ts'
import { importLimits, type ImportFile, type ImportFormat } from './import-result.ts'
import { readCsv } from './read-csv.ts'

/** When two match equally well the first one is meant: Apple's columns are a part of 1Password's. */
export const csvFormats: readonly CsvFormat[] = [appleCsv, chromeCsv, firefoxCsv, bitwardenCsv, onePasswordCsv]

const delimiters = [',', ';', '\t', '|']
/** enough for the 138 columns of an old 1Password */
const headerBytes = 64 * 1024
const blankLinesBeforeHeader = 20

export interface CsvHeader {
  readonly delimiter: string
  /** index of the header among the records */
  readonly start: number
  readonly format: CsvFormat | undefined
}

/** Undefined when it is none that we read. Throws `too-large`. */
export function detectFormat(file: ImportFile): ImportFormat | undefined {
  ensureSize(file)
  const start = decodeText(file.bytes.subarray(0, headerBytes)).text
  if (looksLikeJson(start)) return isBitwardenJson(parseJson(decodeText(file.bytes).text)) ? 'bitwarden-json' : undefined
  return findHeader(start)?.format?.id
}

export function ensureSize(file: ImportFile): void {
  if (file.bytes.length > importLimits.fileBytes) throw new NokkelError('too-large', { limitBytes: importLimits.fileBytes })
}

export function looksLikeJson(text: string): boolean {
  return /^\s*[[{]/.test(text)
}

/** Undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

/** The delimiter is the one under which the header makes the most sense, or, for no format of ours, falls into the most columns. */
export function findHeader(text: string, only?: CsvFormat): CsvHeader | undefined {
  const declared = /^"?sep=([^\r\n"])"?(?=[\r\n])/.exec(text)?.[1]
  let best: (CsvHeader & { score: number; width: number }) | undefined
  for (const delimiter of declared === undefined ? delimiters : [declared]) {
    const records = readCsv(text.slice(0, headerBytes), delimiter, blankLinesBeforeHeader)
    const start = records.findIndex((record, i) => (declared === undefined || i > 0) && record.cells.some((cell) => cell.trim() !== ''))
    const header = records[start]
    if (header === undefined || header.malformed) continue
    let score = -1
    let format: CsvFormat | undefined
    for (const candidate of only === undefined ? csvFormats : [only]) {
      const fit = matchColumns(header.cells, candidate.columns)
      if (fit > score) [score, format] = [fit, candidate]
    }
    const width = header.cells.length
    if (best === undefined || score > best.score || (score === best.score && width > best.width))
      best = { delimiter, start, format, score, width }
  }
  return best
}
