/**
 * The feed: equivalent domains, change-password addresses and password rules, in the format of Apple's password-manager-resources.
 * The text comes over the network by way of the user's server, so all of it has ceilings, and what is malformed in one entry drops the
 * entry, while a malformed file is refused as a whole. Pure; nothing here asks the network.
 */
import { NokkelError } from '@nokkel/base'
import { parsePasswordRules, type PasswordRules } from './password-rules.ts'

/** The files by their content; each may be left out. Names as in the feed. */
export interface FeedTexts {
  readonly sharedCredentials?: string
  readonly sharedCredentialsHistorical?: string
  readonly changePasswordUrls?: string
  readonly passwordRules?: string
  readonly appends2fa?: string
}

export interface Equivalence {
  /** Logins saved for these … */
  readonly saved: ReadonlySet<string>
  /** … may be used on these. */
  readonly usable: ReadonlySet<string>
}

export interface SiteFeed {
  readonly equivalents: readonly Equivalence[]
  /** Host → HTTPS address where the password is changed. */
  readonly changePassword: ReadonlyMap<string, string>
  readonly passwordRules: ReadonlyMap<string, PasswordRules>
  /** Sites where the code is typed behind the password. */
  readonly appends2fa: ReadonlySet<string>
  /** Entries that were dropped as malformed: for the log of whoever fetched the feed. */
  readonly dropped: number
}

/** Bytes are counted as UTF-16 units: near enough for a ceiling. */
export const feedCeilings = { textChars: 2_000_000, entries: 20_000, hostsInGroup: 200, addressChars: 2048 } as const

const hostShape = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

function isHost(value: unknown): value is string {
  return typeof value === 'string' && hostShape.test(value)
}

function parsed(text: string): unknown {
  if (text.length > feedCeilings.textChars) throw new NokkelError('too-large')
  try {
    return JSON.parse(text)
  } catch {
    throw new NokkelError('malformed')
  }
}

function list(text: string | undefined): readonly unknown[] {
  if (text === undefined) return []
  const value = parsed(text)
  if (!Array.isArray(value)) throw new NokkelError('malformed')
  if (value.length > feedCeilings.entries) throw new NokkelError('too-large')
  return value
}

function table(text: string | undefined): readonly (readonly [string, unknown])[] {
  if (text === undefined) return []
  const value = parsed(text)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new NokkelError('malformed')
  const rows = Object.entries(value)
  if (rows.length > feedCeilings.entries) throw new NokkelError('too-large')
  return rows
}

function hosts(value: unknown): Set<string> | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > feedCeilings.hostsInGroup) return undefined
  return value.every(isHost) ? new Set(value) : undefined
}

function equivalenceOf(entry: unknown): Equivalence | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined
  const { shared, from, to } = entry as { shared?: unknown; from?: unknown; to?: unknown }
  const both = hosts(shared)
  if (both !== undefined) return both.size > 1 ? { saved: both, usable: both } : undefined
  const saved = hosts(from)
  const usable = hosts(to)
  return saved !== undefined && usable !== undefined ? { saved, usable } : undefined
}

/** Throws `malformed` or `too-large` for a file; drops and counts single entries. */
export function parseFeed(texts: FeedTexts): SiteFeed {
  let dropped = 0
  const equivalents: Equivalence[] = []
  for (const entry of [...list(texts.sharedCredentials), ...list(texts.sharedCredentialsHistorical)]) {
    const found = equivalenceOf(entry)
    if (found === undefined) dropped++
    else equivalents.push(found)
  }
  const changePassword = new Map<string, string>()
  for (const [host, address] of table(texts.changePasswordUrls)) {
    const url = typeof address === 'string' && address.length <= feedCeilings.addressChars ? URL.parse(address) : null
    if (!isHost(host) || url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') dropped++
    else changePassword.set(host, url.href)
  }
  const passwordRules = new Map<string, PasswordRules>()
  for (const [host, value] of table(texts.passwordRules)) {
    const text = typeof value === 'object' && value !== null ? (value as { 'password-rules'?: unknown })['password-rules'] : undefined
    const rules = typeof text === 'string' ? parsePasswordRules(text) : undefined
    if (!isHost(host) || rules === undefined) dropped++
    else passwordRules.set(host, rules)
  }
  const appends2fa = new Set<string>()
  for (const host of list(texts.appends2fa)) {
    if (isHost(host)) appends2fa.add(host)
    else dropped++
  }
  return { equivalents, changePassword, passwordRules, appends2fa, dropped }
}

/** The entry of the host, or of the nearest parent domain that has one. */
export function lookUp<T>(map: ReadonlyMap<string, T>, host: string): T | undefined {
  for (let name = host; name.includes('.'); name = name.slice(name.indexOf('.') + 1)) {
    const found = map.get(name)
    if (found !== undefined) return found
  }
  return undefined
}

/** A starter list of our own, for when no feed was fetched yet. Each group is run by one company with one account. */
export const starterFeed: SiteFeed = parseFeed({
  sharedCredentials: JSON.stringify([
    { shared: ['google.com', 'youtube.com', 'google.no'] },
    { shared: ['apple.com', 'icloud.com'] },
    { shared: ['microsoft.com', 'live.com', 'office.com', 'microsoftonline.com', 'outlook.com'] },
    { shared: ['wikipedia.org', 'wikimedia.org', 'wiktionary.org', 'wikidata.org'] },
    { shared: ['finn.no', 'vend.no'] },
    { from: ['twitter.com'], to: ['x.com'] },
  ]),
  changePasswordUrls: JSON.stringify({
    'google.com': 'https://myaccount.google.com/signinoptions/password',
    'apple.com': 'https://account.apple.com/',
    'github.com': 'https://github.com/settings/security',
  }),
})
