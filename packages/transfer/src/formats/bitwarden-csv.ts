/**
 * Bitwarden: `folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp`; an organisation's
 * export has `collections` for `folder` and no `favorite`. Types are `login` and `note`; cards and identities are not in the file.
 * Several addresses stand in one cell with commas between them; `fields` has a line `name: value` for each custom field.
 */
import { buildLogin, columnsOf, isSet, type CsvFormat } from '../csv-format.ts'
import type { ColumnRole, TableRow } from '../csv-table.ts'
import { DraftBuilder } from '../draft-builder.ts'

export const bitwardenCsv: CsvFormat = {
  id: 'bitwarden-csv',
  columns: columnsOf(
    {
      folder: 'folder',
      collections: 'tags',
      favorite: 'favorite',
      type: 'type',
      name: 'title',
      notes: 'notes',
      fields: 'fields',
      reprompt: 'reprompt',
      login_uri: 'site',
      login_username: 'username',
      login_password: 'password',
      login_totp: 'totp',
    },
    [
      ['name', 'login_uri'],
      ['name', 'login_username'],
      ['name', 'login_password'],
    ],
  ),
  build: (row, lossy) => {
    if (row.peek('type').trim().toLowerCase() !== 'note') return buildLogin(row, lossy, true, (builder) => readCommon(row, builder))
    const builder = new DraftBuilder('note', lossy)
    builder.text('title', row.peek('title'))
    builder.text('notes', row.peek('notes'))
    // should a note have login values all the same, they are kept as custom fields
    row.keepRest(builder, ['title', 'notes', ...readCommon(row, builder)])
    return builder.finish()
  },
}

function readCommon(row: TableRow, builder: DraftBuilder): readonly ColumnRole[] {
  for (const folder of row.all('folder')) builder.tag(folder)
  for (const cell of row.all('tags')) for (const collection of cell.split(',')) builder.tag(collection)
  if (isSet(row.peek('favorite'))) builder.favorite()
  if (isSet(row.peek('reprompt'))) builder.note('left-out', { field: row.labelOf('reprompt') })
  for (const { label, value } of customFields(row.peek('fields'))) builder.custom(label, value, true)
  const roles: ColumnRole[] = ['folder', 'tags', 'favorite', 'fields', 'reprompt']
  // an unknown type is worth keeping; these two say nothing more than the item's kind
  return /^\s*(?:login|note)?\s*$/i.test(row.peek('type')) ? [...roles, 'type'] : roles
}

/** Which fields were hidden is not in the file: all are kept as secret. A line without a name goes on with the value before it. */
function customFields(cell: string): { label: string; value: string }[] {
  const fields: { label: string; value: string }[] = []
  if (cell === '') return fields
  for (const line of cell.split('\n')) {
    const at = line.indexOf(': ')
    const last = fields.at(-1)
    if (at >= 0) fields.push({ label: line.slice(0, at), value: line.slice(at + 2) })
    else if (line.endsWith(':')) fields.push({ label: line.slice(0, -1), value: '' })
    else if (last !== undefined) last.value += `\n${line}`
    else if (line.trim() !== '') fields.push({ label: 'fields', value: line })
  }
  return fields
}
