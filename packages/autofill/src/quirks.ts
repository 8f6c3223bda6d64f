/**
 * The feed: equivalent domains, change-password addresses and password rules, in the format of Apple's password-manager-resources.
 * The text comes over the network by way of the user's server, so all of it has ceilings, and what is malformed in one entry drops the
 * entry, while a malformed file is refused as a whole. Pure; nothing here asks the network.
 */
import { NokkelError } from '@nokkel/base'
import { parsePasswordRules, type PasswordRules } from './password-rules.ts'

/** The files that are read, and how they are named in the feed. */
export const feedFiles = {
  sharedCredentials: 'shared-credentials.json',
  sharedCredentialsHistorical: 'shared-credentials-historical.json',
  changePasswordUrls: 'change-password-URLs.json',
  passwordRules: 'password-rules.json',
} as const
export type FeedFile = keyof typeof feedFiles
export const feedFileNames = Object.keys(feedFiles) as readonly FeedFile[]

/** The files by their content; each may be left out. */
export type FeedTexts = { readonly [file in FeedFile]?: string }

export interface Equivalence {
  /** Logins saved for these … */
  readonly saved: ReadonlySet<string>
  /** … may be used on these. */
  readonly usable: ReadonlySet<string>
}

export interface SiteFeed {
  readonly equivalents: readonly Equivalence[]
  /** Host → HTTPS address where the password is changed. Whether it is an address of that very site is asked where it is used (AUT-8). */
  readonly changePassword: ReadonlyMap<string, string>
  readonly passwordRules: ReadonlyMap<string, PasswordRules>
  /** Entries that were dropped as malformed: for the log of whoever fetched the feed. */
  readonly dropped: number
}

/** Text is counted as UTF-16 units: near enough for a ceiling. */
export const feedCeilings = {
  textChars: 2_000_000,
  entries: 20_000,
  hostsInGroup: 200,
  addressChars: 2048,
  documentBytes: 4_000_000,
} as const

const hostShape = /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/

function isHost(value: unknown): value is string {
  return typeof value === 'string' && hostShape.test(value)
}

function parsed(text: string, most: number = feedCeilings.textChars): unknown {
  if (text.length > most) throw new NokkelError('too-large')
  try {
    return JSON.parse(text)
  } catch {
    throw new NokkelError('malformed')
  }
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new NokkelError('malformed')
  if (value.length > feedCeilings.entries) throw new NokkelError('too-large')
  return value
}

function table(value: unknown): readonly (readonly [string, unknown])[] {
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

function addressOf(value: unknown): string | undefined {
  const url = typeof value === 'string' && value.length <= feedCeilings.addressChars ? URL.parse(value) : null
  return url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '' ? undefined : url.href
}

interface Ruled {
  readonly text: string
  readonly rules: PasswordRules
}

function ruledOf(value: unknown): Ruled | undefined {
  const text = typeof value === 'object' && value !== null ? (value as { 'password-rules'?: unknown })['password-rules'] : undefined
  const rules = typeof text === 'string' ? parsePasswordRules(text) : undefined
  return typeof text === 'string' && rules !== undefined ? { text, rules } : undefined
}

interface Sifted<T> {
  readonly kept: readonly T[]
  readonly dropped: number
}

function sift<T>(entries: readonly unknown[], read: (entry: unknown) => T | undefined): Sifted<T> {
  const kept = entries.map(read).filter((entry) => entry !== undefined)
  return { kept, dropped: entries.length - kept.length }
}

function groupsOf(value: unknown): Sifted<Equivalence> {
  return sift(list(value), equivalenceOf)
}

function byHost<T>(value: unknown, read: (entry: unknown) => T | undefined): Sifted<readonly [string, T]> {
  return sift(table(value), (row) => {
    const [host, entry] = row as readonly [string, unknown]
    const found = isHost(host) ? read(entry) : undefined
    return found === undefined ? undefined : ([host, found] as const)
  })
}

function feedOf(values: { readonly [file in FeedFile]?: unknown }): SiteFeed {
  const { sharedCredentials = [], sharedCredentialsHistorical = [], changePasswordUrls = {}, passwordRules = {} } = values
  const groups = [groupsOf(sharedCredentials), groupsOf(sharedCredentialsHistorical)]
  const addresses = byHost(changePasswordUrls, addressOf)
  const rules = byHost(passwordRules, ruledOf)
  return {
    equivalents: groups.flatMap(({ kept }) => kept),
    changePassword: new Map(addresses.kept),
    passwordRules: new Map(rules.kept.map(([host, ruled]) => [host, ruled.rules])),
    dropped: [...groups, addresses, rules].reduce((sum, { dropped }) => sum + dropped, 0),
  }
}

/** Throws `malformed` or `too-large` for a file; drops and counts single entries. */
export function parseFeed(texts: FeedTexts): SiteFeed {
  return feedOf(Object.fromEntries(feedFileNames.map((file) => [file, texts[file] === undefined ? undefined : parsed(texts[file])])))
}

export interface CleanFile {
  /** what a JSON file of this kind holds when nothing but what was understood is left in it */
  readonly value: unknown
  readonly kept: number
  readonly dropped: number
}

/** One file as it may be handed on. Throws as `parseFeed` does. */
export function cleanFeedFile(file: FeedFile, text: string): CleanFile {
  const value = parsed(text)
  if (file === 'sharedCredentials' || file === 'sharedCredentialsHistorical') {
    const { kept, dropped } = groupsOf(value)
    const groups = kept.map(({ saved, usable }) => (saved === usable ? { shared: [...saved] } : { from: [...saved], to: [...usable] }))
    return { value: groups, kept: kept.length, dropped }
  }
  if (file === 'changePasswordUrls') {
    const { kept, dropped } = byHost(value, addressOf)
    return { value: Object.fromEntries(kept), kept: kept.length, dropped }
  }
  const { kept, dropped } = byHost(value, ruledOf)
  return {
    value: Object.fromEntries(kept.map(([host, { text: rules }]) => [host, { 'password-rules': rules }])),
    kept: kept.length,
    dropped,
  }
}

const documentFormat = 1

/** All files in one, as a server hands them to its clients (API-14). The values are those of `cleanFeedFile`. */
export function siteDataText(files: { readonly [file in FeedFile]?: unknown }): string {
  return JSON.stringify({ format: documentFormat, ...Object.fromEntries(feedFileNames.map((file) => [file, files[file]])) })
}

/** The members of such a document, not looked into. Throws `malformed` or `too-large`. */
export function siteDataFiles(text: string): { readonly [file in FeedFile]?: unknown } {
  const value = parsed(text, feedCeilings.documentBytes)
  if (typeof value !== 'object' || value === null || (value as { format?: unknown }).format !== documentFormat)
    throw new NokkelError('malformed')
  return value
}

/** By the client's own reading: what a server says of itself is no more than what anybody says. Throws `malformed` or `too-large`. */
export function parseSiteData(text: string): SiteFeed {
  return feedOf(siteDataFiles(text))
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
