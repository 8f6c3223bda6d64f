/**
 * Whose passkeys an origin may ask for (PK-2): its own host, or a registrable suffix of it, and never a public suffix, however deep the host
 * lies. Related origins (WebAuthn §5.11) are not followed: that needs a request to the site, and the browser makes it when it is left to it.
 */
import { siteOf } from '@nokkel/autofill'

export type RpIdFault =
  /** plain HTTP on anything but localhost, or no web address */
  | 'insecure-origin'
  /** an address of numbers is no domain (§5.1.3 step 8) */
  | 'ip-address'
  | 'other-rp'

const longest = 253

/** `origin` as the browser names it; undefined: it may. */
export function rpIdFault(rpId: string, origin: string): RpIdFault | undefined {
  const url = URL.parse(origin)
  if (url === null || url.origin !== origin || (url.protocol !== 'https:' && url.protocol !== 'http:')) return 'insecure-origin'
  const host = url.hostname
  if (url.protocol === 'http:' && host !== 'localhost' && !host.endsWith('.localhost')) return 'insecure-origin'
  if (host.startsWith('[') || /(?:^|\.)\d+$/.test(host)) return 'ip-address'
  // as the browser writes hosts, so that one passkey has one name
  if (rpId === '' || rpId.length > longest || rpId.endsWith('.') || URL.parse(`https://${rpId}/`)?.host !== rpId) return 'other-rp'
  if (rpId === host) return undefined
  if (!host.endsWith(`.${rpId}`)) return 'other-rp'
  // a parent: at least the registrable domain, which is undefined where the public suffix list knows nothing of the name
  const registrable = siteOf(host)?.registrable
  return registrable !== undefined && (rpId === registrable || rpId.endsWith(`.${registrable}`)) ? undefined : 'other-rp'
}
