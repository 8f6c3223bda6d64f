/**
 * Where a site's password is changed (AUT-8): as a feed says if that is an address of the very site, else the address that the site itself
 * would redirect from (W3C, "A Well-Known URL for Changing Passwords"). Never an address of anybody else: the person types a password there.
 */
import { siteOf } from './match.ts'
import { lookUp, type SiteFeed } from './quirks.ts'

/** `site` as it was saved. null: no site of the public web. */
export function changeAddress(site: string, feeds: readonly SiteFeed[]): string | null {
  const saved = siteOf(site)
  if (saved?.registrable === undefined) return null
  for (const feed of feeds) {
    const said = lookUp(feed.changePassword, saved.host)
    if (said !== undefined && siteOf(said)?.registrable === saved.registrable) return said
  }
  const port = saved.scheme === 'https' && saved.port !== 443 ? `:${saved.port}` : ''
  return `https://${saved.host}${port}/.well-known/change-password`
}
