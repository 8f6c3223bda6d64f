/** Server addresses as people type them. https everywhere; http only for this machine itself (SPEC API-2). */
import { NokkelError } from '@nokkel/base'

const localHosts = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\]|.+\.localhost)$/

/** The origin, without path or trailing slash. Throws `server-url-invalid` with the reason. */
export function normaliseServerUrl(text: string): string {
  const trimmed = text.trim()
  const withScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  let url: URL
  try {
    url = new URL(withScheme)
  } catch {
    throw new NokkelError('server-url-invalid', { reason: 'syntax' })
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '' || (url.pathname !== '/' && url.pathname !== ''))
    throw new NokkelError('server-url-invalid', { reason: 'parts' })
  if (url.protocol === 'https:' || (url.protocol === 'http:' && localHosts.test(url.hostname))) return url.origin
  throw new NokkelError('server-url-invalid', { reason: 'scheme' })
}
