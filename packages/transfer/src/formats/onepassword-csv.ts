/**
 * 1Password 8: `Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes`, logins and passwords only. 1Password 7 and before
 * wrote the columns that the person chose, in two dialects: Mac `label(name)` with a Type column, Windows upper case with `1: LABEL`
 * for what stands outside a section. Those have cards and Wi-Fi as well. What we cannot name is kept as a secret custom field.
 */
import type { ItemKind } from '@nokkel/keychain'
import { buildLogin, isSet, type CsvFormat } from '../csv-format.ts'
import type { ColumnRole, TableRow } from '../csv-table.ts'
import { DraftBuilder, type Built } from '../draft-builder.ts'

const known = new Map<string, ColumnRole>(
  Object.entries({
    title: 'title',
    name: 'title',
    url: 'site',
    urls: 'site',
    website: 'site',
    username: 'username',
    password: 'password',
    otpauth: 'totp',
    'one-time password': 'totp',
    notes: 'notes',
    notesplain: 'notes',
    'notes-plain': 'notes',
    favorite: 'favorite',
    archived: 'archived',
    tags: 'tags',
    type: 'type',
    'created date': 'created',
    'modified date': 'modified',
    uuid: 'bookkeeping',
    scope: 'bookkeeping',
    autosubmit: 'bookkeeping',
    ainfo: 'bookkeeping',
    ps: 'bookkeeping',
    'cardholder name': 'cardholder',
    'cardholder name(cardholder)': 'cardholder',
    'card number': 'card-number',
    'number(ccnum)': 'card-number',
    '2: number': 'card-number',
    'expiry date(expiry)': 'card-expiry',
    'expiry date': 'card-expiry',
    'verification number': 'security-code',
    'verification number(cvv)': 'security-code',
    'network name(network_name)': 'wifi-name',
    'wireless network password(wireless_password)': 'wifi-password',
    'wireless security(wireless_security)': 'wifi-security',
  } satisfies Record<string, ColumnRole>),
)

const evidence = ['favorite', 'archived', 'tags', 'type', 'uuid', 'scope', 'urls', 'website', 'created date', 'modified date']

export const onePasswordCsv: CsvFormat = {
  id: '1password-csv',
  columns: {
    roleOf: (key) => known.get(key) ?? known.get(key.replace(/^\d+: /, '')),
    required: evidence.flatMap((column) => [
      ['title', 'password', column],
      ['title', 'username', column],
    ]),
    open: true,
  },
  build: (row, lossy) => {
    const kind = kindOf(row)
    if (kind === 'password')
      return buildLogin(row, lossy, true, (builder) => [
        ...readCommon(row, builder),
        ...(/^(?:login|password)$/i.test(row.peek('type').trim()) ? (['type'] as const) : []),
      ])
    return kind === 'card' ? buildCard(row, lossy) : kind === 'wifi' ? buildWifi(row, lossy) : buildNote(row, lossy)
  },
}

function kindOf(row: TableRow): ItemKind {
  const type = row.peek('type').trim().toLowerCase()
  if (type === 'credit card' || (type === '' && row.peek('card-number') !== '' && row.peek('password') === '')) return 'card'
  if (type === 'wireless router' && row.peek('wifi-name') !== '') return 'wifi'
  if (type === '' || type === 'login' || type === 'password') return 'password'
  // an e-mail account or a server with a password of its own is used like a login
  return row.peek('username') + row.peek('password') === '' ? 'note' : 'password'
}

function readCommon(row: TableRow, builder: DraftBuilder): ColumnRole[] {
  if (isSet(row.peek('favorite'))) builder.favorite()
  if (isSet(row.peek('archived'))) builder.note('was-archived')
  // version 6 wrote an old-style property list: {(⏎ tag ⏎)}
  for (const cell of row.all('tags'))
    for (const tag of cell.replace(/^\s*\{?\(|\)\}?\s*$/g, '').split(/[,;\r\n]/)) builder.tag(tag.trim().replace(/^"(.*)"$/, '$1'))
  const created = seconds(row.peek('created'))
  const modified = seconds(row.peek('modified'))
  builder.times(created, modified)
  const roles: ColumnRole[] = ['favorite', 'archived', 'tags']
  if (created !== undefined) roles.push('created')
  if (modified !== undefined) roles.push('modified')
  return roles
}

function buildCard(row: TableRow, lossy: boolean): Built {
  const builder = new DraftBuilder('card', lossy)
  const taken: ColumnRole[] = ['title', 'notes', 'cardholder', 'card-number', ...readCommon(row, builder)]
  builder.text('title', row.peek('title'))
  builder.text('cardholder', row.peek('cardholder'))
  builder.text('number', row.peek('card-number').trim())
  builder.text('notes', row.peek('notes'))
  const expiry = /^\s*(\d{1,2})\s*[/-]\s*(\d{4})\s*$/.exec(row.peek('card-expiry'))
  const month = Number(expiry?.[1] ?? 0)
  if (expiry !== null && month >= 1 && month <= 12) {
    builder.uint('expiryMonth', month)
    builder.uint('expiryYear', Number(expiry[2]))
    taken.push('card-expiry')
  }
  if (/^credit card$/i.test(row.peek('type').trim())) taken.push('type')
  row.keepRest(builder, taken)
  return builder.finish()
}

function buildWifi(row: TableRow, lossy: boolean): Built {
  const builder = new DraftBuilder('wifi', lossy)
  builder.text('title', row.peek('title'))
  builder.text('ssid', row.peek('wifi-name'))
  builder.text('password', row.peek('wifi-password'))
  builder.text('security', row.peek('wifi-security'))
  builder.text('notes', row.peek('notes'))
  // the router's own address and administrator password stay with it
  row.keepRest(builder, ['title', 'notes', 'wifi-name', 'wifi-password', 'wifi-security', 'type', ...readCommon(row, builder)])
  return builder.finish()
}

function buildNote(row: TableRow, lossy: boolean): Built {
  const builder = new DraftBuilder('note', lossy)
  const type = row.peek('type').trim()
  builder.text('title', row.peek('title'))
  builder.text('notes', row.peek('notes'))
  if (!/^secure note$/i.test(type)) builder.note('kind-as-note', { kind: type })
  for (const cell of row.all('site')) builder.site(cell)
  row.keepRest(builder, ['title', 'notes', 'site', 'type', ...readCommon(row, builder)])
  return builder.finish()
}

function seconds(cell: string): number | undefined {
  return /^\s*\d{9,11}\s*$/.test(cell) ? Number(cell) * 1_000 : undefined
}
