/**
 * Bitwarden's unencrypted JSON: `{ encrypted: false, folders | collections, items }`. The encrypted kinds hold nothing readable and
 * are refused with the reason. Passkeys of a login become items of their own, since a password and a passkey are two ways in.
 */
import { NokkelError } from '@nokkel/base'
import type { ItemKind } from '@nokkel/keychain'
import type { ImportNote } from '../codes.ts'
import { DraftBuilder, type Built } from '../draft-builder.ts'
import { JsonSource, isoMs } from '../json-source.ts'
import { buildPasskey } from './bitwarden-passkey.ts'
import { bitwardenKinds, readAsCustoms, readCard, readUnknownKind } from './bitwarden-kinds.ts'

/** What every item may have, besides the object named after its type. */
const commonNames = [
  'id',
  'object',
  'organizationId',
  'folderId',
  'collectionIds',
  'type',
  'reprompt',
  'name',
  'notes',
  'favorite',
  'fields',
  'passwordHistory',
  'revisionDate',
  'creationDate',
  'deletedDate',
  'archivedDate',
  'key',
  'attachments',
  'edit',
  'viewPassword',
  'permissions',
  'organizationUseTotp',
]
/** Bookkeeping of their server, never of use elsewhere. */
const ignoredNames = ['id', 'object', 'organizationId', 'key', 'edit', 'viewPassword', 'permissions', 'organizationUseTotp', 'type']

export interface BitwardenFile {
  readonly items: readonly unknown[]
  readonly folders: ReadonlyMap<string, string>
}

/** True for every kind of Bitwarden JSON export, encrypted ones included. */
export function isBitwardenJson(parsed: unknown): boolean {
  const file = JsonSource.from(parsed)
  if (file === undefined) return false
  const names = file.names()
  return names.includes('encrypted')
    ? names.includes('items') || names.includes('data')
    : file.list('items').some((item) => JsonSource.from(item)?.names().includes('type'))
}

export function openBitwardenJson(parsed: unknown): BitwardenFile {
  const file = JsonSource.from(parsed)
  if (file === undefined || !isBitwardenJson(parsed)) throw new NokkelError('format-unknown', { format: 'bitwarden-json' })
  if (file.text('encrypted') === 'true')
    throw new NokkelError('import-encrypted', { format: 'bitwarden-json', passwordProtected: file.text('passwordProtected') === 'true' })
  const folders = new Map<string, string>()
  for (const folder of [...file.list('folders'), ...file.list('collections')]) {
    const source = JsonSource.from(folder)
    if (source !== undefined) folders.set(source.text('id'), source.text('name'))
  }
  return { items: file.list('items'), folders }
}

/** The drafts of one item: several when a login has passkeys. */
export function buildBitwardenItem(value: unknown, folders: ReadonlyMap<string, string>): { title: string; built: readonly Built[] } {
  const item = JsonSource.from(value)
  if (item === undefined) return { title: '', built: [{ reason: 'malformed-row', params: {} }] }
  const title = item.text('name')
  if (item.text('deletedDate') !== '') return { title, built: [{ reason: 'deleted-in-source', params: {} }] }
  const type = item.text('type')
  // hand-made files sometimes have no type: the object that is there tells
  const property = type === '' ? [...bitwardenKinds.values()].find((name) => item.names().includes(name)) : bitwardenKinds.get(type)
  const common = readOrganisation(item, folders)
  if (property === 'login') return { title, built: buildLogin(item, common) }

  const kind: ItemKind = property === 'card' ? 'card' : 'note'
  const builder = new DraftBuilder(kind)
  common(builder)
  readShared(item, builder)
  const own = property === undefined ? undefined : item.object(property)
  if (property === undefined) readUnknownKind(item, commonNames, builder)
  else if (own !== undefined && property === 'card') readCard(own, builder)
  else if (own !== undefined && property === 'secureNote') own.ignore('type')
  else if (own !== undefined) readAsCustoms(own, builder)
  if (kind === 'note' && property !== 'secureNote') builder.note('kind-as-note', { kind: property ?? `type ${type}` })
  noteUnread(builder, item, own)
  return { title, built: [builder.finish()] }
}

function buildLogin(item: JsonSource, common: (builder: DraftBuilder) => void): Built[] {
  const login = item.object('login') ?? new JsonSource({})
  const username = login.text('username')
  const password = login.text('password')
  const totp = login.text('totp')
  const history = readHistory(item)
  const readAll = (into: DraftBuilder) => {
    common(into)
    readShared(item, into)
    readSites(login, into)
  }

  const builder = new DraftBuilder('password')
  readAll(builder)
  builder.text('username', username)
  builder.text('password', password)
  builder.totp(totp, 'login.totp')
  builder.history('password', history)
  if (history.length < item.list('passwordHistory').length) builder.note('left-out', { field: 'passwordHistory' })
  login.ignore('passwordRevisionDate')

  // a login that is nothing but its passkey becomes one item, which then takes everything along
  let merged = password + totp + item.text('notes') === '' && history.length + item.list('fields').length === 0
  const passkeys: Built[] = []
  for (const credential of login.list('fido2Credentials')) {
    const source = JsonSource.from(credential, 'login.fido2Credentials.')
    const built = source === undefined ? undefined : buildPasskey(source, merged ? readAll : common)
    if (built === undefined) builder.note('passkey-unreadable', { site: source?.text('rpId') ?? '' })
    else passkeys.push(built)
    merged &&= built !== undefined && (username === '' || source?.text('userName') === username)
  }
  const [first, ...others] = passkeys
  if (first !== undefined && merged) {
    const leftOut: ImportNote[] = [...item.unread(), ...login.unread()].map((field) => ({ code: 'left-out', params: { field } }))
    return ['draft' in first ? { ...first, notes: [...first.notes, ...leftOut] } : first, ...others]
  }
  noteUnread(builder, item, login)
  if (passkeys.length > 0) builder.note('passkey-separated')
  return [builder.finish(), ...passkeys]
}

function readSites(login: JsonSource, builder: DraftBuilder): void {
  for (const uri of login.list('uris')) {
    const source = JsonSource.from(uri, 'login.uris.')
    const address = typeof uri === 'string' ? uri : (source?.text('uri') ?? '')
    const match = source?.text('match') ?? ''
    // 4 is a regular expression and 5 means "never here": as sites they would fill where the person did not want it
    if (match === '4' || match === '5') {
      builder.keepAsCustom('uri', address, false)
      continue
    }
    builder.site(address)
    // 0 is matching by registrable domain, which is how matching works here (E6)
    if (match !== '' && match !== '0') builder.note('left-out', { field: 'login.uris.match' })
    source?.ignore('uriChecksum')
    if (source === undefined && typeof uri !== 'string') builder.note('left-out', { field: 'login.uris' })
    noteUnread(builder, source)
  }
  builder.site(login.text('uri'))
}

/** What a login and its passkeys have in common. */
function readOrganisation(item: JsonSource, folders: ReadonlyMap<string, string>): (builder: DraftBuilder) => void {
  const ids = [item.text('folderId'), ...item.list('collectionIds').map(String)].filter((id) => id !== '')
  const favorite = item.text('favorite') === 'true'
  const archived = item.text('archivedDate') !== ''
  const created = isoMs(item.text('creationDate'))
  const modified = isoMs(item.text('revisionDate'))
  return (builder) => {
    builder.text('title', item.text('name'))
    for (const id of ids) {
      const folder = folders.get(id)
      if (folder === undefined) builder.note('left-out', { field: 'folder' })
      else builder.tag(folder)
    }
    if (favorite) builder.favorite()
    if (archived) builder.note('was-archived')
    builder.times(created, modified)
  }
}

/** Notes, custom fields, and what is never kept. */
function readShared(item: JsonSource, builder: DraftBuilder): void {
  builder.text('notes', item.text('notes'))
  for (const field of item.list('fields')) {
    const source = JsonSource.from(field, 'fields.')
    const label = source?.text('name') ?? ''
    const type = source?.text('type') ?? ''
    // 0 text, 1 hidden, 2 true or false, 3 linked to another field and without a value of its own
    if (source === undefined || type === '3') {
      builder.note('left-out', { field: label === '' ? 'fields' : label })
      continue
    }
    builder.custom(label === '' ? 'fields' : label, source.text('value'), type !== '0' && type !== '2')
    source.ignore('linkedId')
    noteUnread(builder, source)
  }
  if (Number(item.text('reprompt')) > 0) builder.note('left-out', { field: 'reprompt' })
  for (const attachment of item.list('attachments')) {
    builder.note('attachment-left-out', { name: JsonSource.from(attachment)?.text('fileName') ?? '' })
  }
  item.ignore(...ignoredNames)
}

function readHistory(item: JsonSource): { value: string; ms: number }[] {
  const entries: { value: string; ms: number }[] = []
  for (const entry of item.list('passwordHistory')) {
    const source = JsonSource.from(entry)
    const value = source?.text('password') ?? ''
    if (value !== '') entries.push({ value, ms: isoMs(source?.text('lastUsedDate') ?? '') ?? 0 })
  }
  return entries
}

function noteUnread(builder: DraftBuilder, ...sources: readonly (JsonSource | undefined)[]): void {
  for (const source of sources) for (const field of source?.unread() ?? []) builder.note('left-out', { field })
}
