/**
 * What the server tells of sites in general (AUT-7), as this device keeps it: the whole list or none, never a question about one site. Text alone: who
 * uses it reads it again, as strictly as the server did. Fetched once a day, and kept for when the server is away.
 */
import { CborReader, decodeOwnCbor, encodeCbor, isNokkelError, utf8, utf8Decode } from '@nokkel/base'
import type { DeviceStore } from '@nokkel/store'
import type { LocalKeychain, ServerApi } from '@nokkel/sync'
import { siteDataBytes } from '@nokkel/protocol/wire'

const row = 'site-data'
const everyMs = 20 * 3_600_000
const etagLengthMax = 200

interface Row {
  readonly etag: string
  readonly checkedMs: number
  readonly text: string
}

async function readRow(store: DeviceStore): Promise<Row | null> {
  const bytes = await store.get('state', row)
  if (bytes === undefined) return null
  const reader = new CborReader(decodeOwnCbor(bytes), 'site-data')
  return { etag: reader.text(etagLengthMax), checkedMs: reader.uint(), text: utf8Decode(reader.bytesUpTo(siteDataBytes)) }
}

export async function readSiteData(store: DeviceStore): Promise<string | null> {
  const text = (await readRow(store))?.text ?? ''
  return text === '' ? null : text
}

/** True when there is another list than before. Asks nobody while the one that is kept is young; throws what the network throws. */
export async function refreshSiteData(keychain: LocalKeychain, api: Pick<ServerApi, 'siteData'>): Promise<boolean> {
  const kept = await readRow(keychain.store)
  const nowMs = keychain.nowMs()
  // a time that lies ahead is of a clock that was wrong
  if (kept !== null && nowMs >= kept.checkedMs && nowMs - kept.checkedMs < everyMs) return false
  const found = await ask(api, kept?.etag ?? '')
  const { etag, text } = found ?? { etag: kept?.etag ?? '', text: kept?.text ?? '' }
  await keychain.update(async (staged) => staged.putState(row, encodeCbor([etag, nowMs, utf8(text)])))
  return text !== (kept?.text ?? '')
}

/** null: as it was. A server from before this has nothing to tell. */
async function ask(api: Pick<ServerApi, 'siteData'>, etag: string): Promise<{ readonly etag: string; readonly text: string } | null> {
  try {
    return await api.siteData(etag === '' ? null : etag)
  } catch (error) {
    if (isNokkelError(error, 'not-found')) return { etag: '', text: '' }
    throw error
  }
}
