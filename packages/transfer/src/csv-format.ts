/** What a CSV format provides, and the row that most of them share. */
import type { ColumnRole, CsvColumns, TableRow } from './csv-table.ts'
import { DraftBuilder, type Built } from './draft-builder.ts'
import type { ImportFormat } from './import-result.ts'
import { splitSites } from './site.ts'

export interface CsvFormat {
  readonly id: ImportFormat
  readonly columns: CsvColumns
  /** `lossy`: the file had undecodable bytes. */
  readonly build: (row: TableRow, lossy: boolean) => Built
}

/** Headers to roles, for formats whose headers are all known. */
export function columnsOf(roles: Readonly<Record<string, ColumnRole>>, required: readonly (readonly string[])[]): CsvColumns {
  const known = new Map(Object.entries(roles))
  return { roleOf: (key) => known.get(key), required }
}

const loginRoles: readonly ColumnRole[] = ['title', 'site', 'username', 'password', 'notes', 'totp']

/** Title, addresses, user name, password, notes and verification code; `more` reads the format's other roles. */
export function buildLogin(
  row: TableRow,
  lossy: boolean,
  severalSites: boolean,
  more?: (builder: DraftBuilder) => readonly ColumnRole[],
): Built {
  const builder = new DraftBuilder('password', lossy)
  builder.text('title', row.peek('title'))
  for (const cell of row.all('site')) for (const site of severalSites ? splitSites(cell) : [cell]) builder.site(site)
  builder.text('username', row.peek('username'))
  builder.text('password', row.peek('password'))
  builder.text('notes', row.peek('notes'))
  builder.totp(row.peek('totp'), row.labelOf('totp'))
  row.keepRest(builder, [...loginRoles, ...(more?.(builder) ?? [])])
  return builder.finish()
}

/** `1`, `true`, `yes`: what exporters write for a mark that is set. */
export function isSet(cell: string): boolean {
  return /^\s*(?:1|true|yes|y)\s*$/i.test(cell)
}
