/** What an item without a title of its own is called. The builder sets it, and the fingerprint must not count it as content. */
import type { CborValue } from '@nokkel/base'
import { siteHost } from './site.ts'

/** longer ones would not fit the title field */
const maxLength = 500

/** Best first: hosts of its sites, the passkey's site, the network's name, the user name. */
export function derivedTitles(fields: ReadonlyMap<string, CborValue>): string[] {
  const titles: (CborValue | undefined)[] = []
  for (const [name, value] of fields) if (value === true && name.startsWith('site:')) titles.push(siteHost(name.slice('site:'.length)))
  titles.push(fields.get('rpId'), fields.get('ssid'), fields.get('username'))
  return titles.filter((title) => typeof title === 'string').filter((title) => title.trim() !== '' && title.length <= maxLength)
}
