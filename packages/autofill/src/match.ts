/**
 * Which saved site fits which address (E6). The registrable domain comes from the public suffix list of `tldts`, private suffixes included,
 * so that two customers of one host (a.github.io, b.github.io) are two sites. Runs in the background: nothing a content script imports may
 * import this file.
 */
import { parse } from 'tldts'
import type { SiteMatch } from './decision.ts'
import type { SiteFeed } from './quirks.ts'

export interface Site {
  readonly scheme: 'http' | 'https'
  /** Lower case, punycode, no trailing dot; IPv6 without brackets. */
  readonly host: string
  readonly port: number
  /** The saved text named a port. */
  readonly portNamed: boolean
  /** undefined: an address, a name without a public suffix (localhost, an intranet name), or a public suffix itself. */
  readonly registrable: string | undefined
  /** This machine: localhost, *.localhost, 127/8, ::1. Plain HTTP is no danger there. */
  readonly loopback: boolean
}

const longestAddress = 4096

/** A full address or a bare host, as people and imports write them. undefined: no web address. A bare host means HTTPS. */
export function siteOf(text: string): Site | undefined {
  const trimmed = text.trim()
  if (trimmed === '' || trimmed.length > longestAddress) return undefined
  // `host:8080` would parse as a scheme
  const full = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`
  let url: URL
  try {
    url = new URL(full)
  } catch {
    return undefined
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined
  const scheme = url.protocol === 'http:' ? 'http' : 'https'
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  if (host === '') return undefined
  const facts = parse(host, { allowPrivateDomains: true, validateHostname: false })
  const known = facts.isIcann === true || facts.isPrivate === true
  return {
    scheme,
    host,
    port: url.port === '' ? (scheme === 'http' ? 80 : 443) : Number(url.port),
    portNamed: url.port !== '',
    registrable: facts.isIp !== true && known && facts.domain !== null ? facts.domain : undefined,
    loopback: host === 'localhost' || host.endsWith('.localhost') || host === '::1' || (facts.isIp === true && host.startsWith('127.')),
  }
}

/** How a site stands in the lists of what was decided for it (SYN-32): its registrable domain, or the host where there is none. Empty: no web address. */
export function listName(text: string): string {
  const site = siteOf(text)
  return site === undefined ? '' : (site.registrable ?? site.host)
}

/** How the saved site fits the page. Hosts without a registrable domain fit exactly or not at all, port included. */
export function matchSite(saved: string, page: string, feed?: SiteFeed): SiteMatch {
  const none: SiteMatch = { rank: 'none', insecure: false }
  const a = siteOf(saved)
  const b = siteOf(page)
  if (a === undefined || b === undefined) return none
  const insecure = b.scheme === 'http' && a.scheme === 'https' && !b.loopback
  if (a.host === b.host) {
    if (a.scheme === b.scheme && a.port === b.port) return { rank: 'exact-origin', insecure }
    // two services of one machine are two sites; without a named port the scheme's own ports are one
    const ports = a.port !== b.port && (a.portNamed || b.portNamed)
    if (a.registrable === undefined && ports) return none
    return { rank: 'exact-host', insecure }
  }
  if (a.registrable === undefined || b.registrable === undefined) return none
  if (a.registrable === b.registrable) return { rank: 'same-site', insecure }
  if (feed !== undefined && mayUse(feed, a.registrable, b.registrable)) return { rank: 'equivalent-site', insecure }
  return none
}

const order = ['exact-origin', 'exact-host', 'same-site', 'equivalent-site', 'none'] as const

/** The best match of several saved sites; a secure one goes before an insecure one of the same rank. */
export function bestMatch(sites: readonly string[], page: string, feed?: SiteFeed): SiteMatch {
  let best: SiteMatch = { rank: 'none', insecure: false }
  for (const saved of sites.slice(0, 64)) {
    const match = matchSite(saved, page, feed)
    const better = order.indexOf(match.rank) - order.indexOf(best.rank)
    if (better < 0 || (better === 0 && best.insecure && !match.insecure)) best = match
  }
  return best
}

/**
 * The page is one with a saved site by a server's word alone (AUT-7). Only a secure page of a registrable domain can be; a name under which
 * strangers have sites of their own never is, because no site has such a name for its registrable domain.
 */
export function saidMatch(sites: readonly string[], page: string, said: SiteFeed | undefined): boolean {
  if (said === undefined || siteOf(page)?.scheme !== 'https') return false
  const { rank, insecure } = bestMatch(sites, page, said)
  return rank === 'equivalent-site' && !insecure
}

/** Same site in the sense of E6: for frames. Scheme matters: a plain frame in a secure page is another. */
export function sameSite(a: string, b: string): boolean {
  const x = siteOf(a)
  const y = siteOf(b)
  if (x === undefined || y === undefined || x.scheme !== y.scheme) return false
  if (x.registrable === undefined || y.registrable === undefined) return x.host === y.host && x.port === y.port
  return x.registrable === y.registrable
}

/** A saved login of `from` may be used on `to`. Directed groups (`from` → `to`) go one way. */
function mayUse(feed: SiteFeed, from: string, to: string): boolean {
  return feed.equivalents.some(({ saved, usable }) => saved.has(from) && usable.has(to))
}
