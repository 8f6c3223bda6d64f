/** Passkeys as the keychain keeps them (SPEC REC-6), whether made here or imported: read from items, and written into one. */
import { equalBytes, type Bytes, type CborValue, type ItemId } from '@nokkel/base'
import type { Client, ItemView } from '@nokkel/client'
import type { NewPasskey, UsablePasskey } from '@nokkel/passkeys'
import { textOf } from '../candidates.ts'

export interface StoredPasskey extends UsablePasskey {
  readonly itemId: string
  readonly username: string
  readonly displayName: string
}

function bytesOf(item: ItemView, name: string): Bytes | undefined {
  const value = item.fields.find((field) => field.name === name)?.value
  return value instanceof Uint8Array && value.length > 0 ? new Uint8Array(value) : undefined
}

/** undefined: half a passkey opens nothing. */
function storedPasskey(item: ItemView): StoredPasskey | undefined {
  const credentialId = bytesOf(item, 'credentialId')
  const privateKey = bytesOf(item, 'privateKey')
  if (credentialId === undefined || privateKey === undefined) return undefined
  return {
    itemId: item.id,
    rpId: textOf(item, 'rpId'),
    credentialId,
    userHandle: bytesOf(item, 'userHandle'),
    privateKey,
    username: item.username === '' ? item.title : item.username,
    displayName: textOf(item, 'displayName'),
  }
}

/** All of a site, the last changed first. Deleted ones are not among them. */
export async function passkeysOf(client: Client, rpId: string): Promise<readonly StoredPasskey[]> {
  const summaries = await client.items({ kind: 'passkey' })
  const items = await Promise.all([...summaries].sort((a, b) => b.modifiedMs - a.modifiedMs).map(({ id }) => client.item(id)))
  return items.map(storedPasskey).filter((passkey) => passkey !== undefined && passkey.rpId === rpId) as StoredPasskey[]
}

export const isOneOf = (passkey: StoredPasskey, ids: readonly Bytes[]): boolean => ids.some((id) => equalBytes(id, passkey.credentialId))

/** The passkey that a new one of this account takes the place of (WebAuthn §6.3.2 step 7). */
export function sameAccount(passkeys: readonly StoredPasskey[], userHandle: Bytes): StoredPasskey | undefined {
  return passkeys.find((each) => each.userHandle !== undefined && equalBytes(each.userHandle, userHandle))
}

/** Into a new item, or into the one that it replaces, whose old key then stands in the item's history. Gives the item. */
export async function keep(
  client: Client,
  passkey: NewPasskey,
  title: string,
  origin: string,
  before: string | undefined,
): Promise<string> {
  const { rpId, username, displayName, userHandle, credentialId, privateKey } = passkey
  const fields = new Map<string, CborValue>([
    ['rpId', rpId],
    ['username', username],
    ['displayName', displayName],
    ['userHandle', userHandle],
    ['credentialId', credentialId],
    ['privateKey', privateKey],
    [`site:${origin}`, true],
  ])
  if (before !== undefined) {
    await client.editItem(before as ItemId, { set: fields })
    return before
  }
  fields.set('title', title)
  return client.addItem({ kind: 'passkey', fields })
}
