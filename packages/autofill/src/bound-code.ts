/**
 * Codes in messages that name the site they are for, so that no other gets them (E8, AUT-9): WICG "Origin-bound one-time codes delivered via
 * SMS". What the text before the last line says is for people, and may say anything. Runs in the background, for the public suffix list.
 */
import { matchSite, siteOf } from './match.ts'
import type { SiteFeed } from './quirks.ts'

export interface BoundCode {
  readonly code: string
  /** host of the tab's own page */
  readonly host: string
  /** host of the frame that asks, where it is not the tab's own page; null: none */
  readonly embedded: string | null
}

/**
 * `exact`: every document is of the very host that the message names for it. `same-site`: all are of its site, which is to be named first. `other`: it is
 * for somebody else.
 */
export type BoundCodeFit = 'exact' | 'same-site' | 'other'

const longestMessage = 2_000
/** `@host #code`, and `@host` or `%host` of a frame: the draft has had both signs. What follows after a space is of a later draft. */
const lastLine = /^@([^\s@#%]{1,253}) #(\S{1,32})(?: [@%]([^\s@#%]{1,253}))?(?: |$)/

/** undefined: the message names no site. */
export function boundCodeOf(message: string): BoundCode | undefined {
  if (message.length > longestMessage) return undefined
  // who copies a message often gets the end of its line with it
  const found = lastLine.exec(
    message
      .trimEnd()
      .split(/\r\n?|\n/)
      .at(-1) ?? '',
  )
  if (found === null) return undefined
  const [, host = '', code = '', embedded] = found
  return { code, host: host.toLowerCase(), embedded: embedded?.toLowerCase() ?? null }
}

function fitOf(host: string, address: string, feed: SiteFeed | undefined): BoundCodeFit {
  const named = siteOf(`https://${host}`)
  const site = siteOf(address)
  if (named === undefined || site === undefined || (site.scheme === 'http' && !site.loopback)) return 'other'
  // a message has no place for a port, and sites reach over all of them (HTML, "same site")
  if (named.host === site.host) return 'exact'
  return matchSite(`https://${host}`, address, feed).rank === 'none' ? 'other' : 'same-site'
}

/**
 * §"Usage" of the draft. `page`: address of the document that asks. `around`: origins of the frames around it, innermost first, the tab's own last;
 * empty for the tab's own page. Sites that the feed has as equal count as the same.
 */
export function fitOfBoundCode(code: BoundCode, page: string, around: readonly string[], feed?: SiteFeed): BoundCodeFit {
  const { host, embedded } = code
  const top = around.at(-1)
  if (top === undefined) return embedded === null ? fitOf(host, page, feed) : 'other'
  if (embedded === null) return 'other'
  const fits = around.slice(0, -1).map((each) => {
    const inner = fitOf(embedded, each, feed)
    return inner === 'other' ? fitOf(host, each, feed) : inner
  })
  fits.push(fitOf(embedded, page, feed), fitOf(host, top, feed))
  if (fits.includes('other')) return 'other'
  return fits.includes('same-site') ? 'same-site' : 'exact'
}
