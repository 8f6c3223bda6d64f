/** AUT-5 and AUT-1 on published data that lies beside the checkout, and the ceilings of the feed. */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { parseAutocomplete } from './autocomplete.ts'
import { parseFeed, starterFeed } from './quirks.ts'

const folder = fileURLToPath(new URL('../../../../shared/autofill/', import.meta.url))
const present = existsSync(folder)
if (!present) console.info('left out: published autofill data (not found at ../shared/autofill)')
const read = (name: string): string => readFileSync(`${folder}${name}`, 'utf8')

describe('AUT-5 feed', () => {
  it('the starter list is whole; a malformed file is refused, an entry dropped', () => {
    expect(starterFeed.dropped).toBe(0)
    expect(() => parseFeed({ changePasswordUrls: '[' })).toThrow('malformed')
    expect(() => parseFeed({ changePasswordUrls: ' '.repeat(2_000_001) })).toThrow('too-large')
    expect(parseFeed({ changePasswordUrls: '{"a.no":"javascript:1","b.no":"https://b.no/x"}' })).toMatchObject({ dropped: 1 })
  })
  // skipped where the checkout has no ../shared/autofill beside it: the pages and files belong to their publishers and are not in git
  it.skipIf(!present)('the published files', () => {
    const feed = parseFeed({
      sharedCredentials: read('quirks/shared-credentials.json'),
      sharedCredentialsHistorical: read('quirks/shared-credentials-historical.json'),
      changePasswordUrls: read('quirks/change-password-URLs.json'),
      passwordRules: read('quirks/password-rules.json'),
    })
    expect(feed.equivalents.length).toBeGreaterThan(100)
    expect(feed.passwordRules.size).toBeGreaterThan(200)
    expect(feed.dropped).toBeLessThan(20)
  })
})

describe('AUT-1 autocomplete attribute', () => {
  // skipped where the checkout has no ../shared/autofill beside it: the pages and files belong to their publishers and are not in git
  it.skipIf(!present)('web platform vectors', () => {
    const { keywords, vectors } = JSON.parse(read('wpt-autocomplete-vectors.json')) as {
      keywords: string[]
      vectors: [string, string, string][]
    }
    for (const word of keywords) expect(parseAutocomplete(` ${word.toUpperCase()}\t`).idl).toBe(word)
    for (const [element, value, idl] of vectors)
      expect([value, parseAutocomplete(value, !element.includes('hidden')).idl]).toEqual([value, idl])
  })
})
