/** AUT-7 and AUT-8: what a list may do that comes from a server which nobody believes. */
import { describe, expect, it } from 'vitest'
import { changeAddress, classify, decide, parseSiteData, starterFeed } from './index.ts'
import type { Candidate, Decision, FrameContext } from './index.ts'
import { cleanFeedFile, siteDataText } from './site-data.ts'
import { pageOf } from './testing/page.ts'

const told = (groups: readonly object[], addresses: object = {}) =>
  parseSiteData(siteDataText({ sharedCredentials: groups, changePasswordUrls: addresses }))
const switches = { fillPasswords: true, fillCards: true, offerToSave: true, fillOnLoad: true }
const bank: Candidate = {
  itemId: 'bank', kind: 'login', title: '', username: 'kari', sites: ['https://bank.no/'], hasPassword: true, hasTotp: false, changedMs: 0, usedMs: 0,
} // prettier-ignore
const signIn = pageOf([{ name: 'username' }, { type: 'password', name: 'password' }], [{ buttons: 'Logg inn' }])
const newHere = pageOf(
  [{ name: 'username' }, { type: 'password', name: 'password', autocomplete: 'new-password' }],
  [{ buttons: 'Opprett konto' }],
)

function decided(
  url: string,
  groups: readonly object[],
  context: Partial<FrameContext> = {},
  candidates = [bank],
  model = signIn,
): Decision {
  const frame: FrameContext = {
    frameUrl: url, topUrl: url, privateWindow: false, locked: false, allowAutocompleteOff: false, neverSave: false,
    trigger: 'user', trusted: true, ...context,
  } // prettier-ignore
  return decide(model, classify(model), candidates, frame, switches, starterFeed, told(groups))
}
const said = (...parts: Parameters<typeof decided>): string => {
  const { act, reason, offers } = decided(...parts)
  return `${act} ${reason} ${offers.map(({ itemId }) => itemId).join()}`.trim()
}
const lie = [{ shared: ['bank.no', 'evil.no'] }]

describe('AUT-7 sites that are one by the server’s word alone', () => {
  it('are never filled: asked about, with the site named, however the person got there', () => {
    expect(decided('https://www.evil.no/in', lie)).toMatchObject({ act: 'ask', reason: 'said-by-server', origin: 'https://www.evil.no' })
    expect(said('https://evil.no/', lie, { trigger: 'focus', focused: 0 })).toBe('ask said-by-server bank')
    expect(said('https://evil.no/', lie, { trigger: 'load', trusted: false })).toBe('refuse no-match')
  })
  it('come after what is saved for the site itself, and after the list that ships', () => {
    const own = { ...bank, itemId: 'own', sites: ['https://evil.no'] }
    expect(said('https://evil.no/', lie, {}, [bank, own])).toBe('fill user-asked own')
    const google = { ...bank, itemId: 'google', sites: ['https://google.com'] }
    expect(said('https://youtube.com/', [{ shared: ['bank.no', 'youtube.com'] }], {}, [bank, google])).toBe('fill user-asked google')
  })
  it('not on plain HTTP, not in a frame of another site, not where a new password is wanted', () => {
    expect(said('http://evil.no/', lie)).toBe('refuse no-match')
    expect(said('http://evil.no/', lie, {}, [{ ...bank, sites: ['http://bank.no'] }])).toBe('refuse no-match')
    expect(said('https://evil.no/', lie, { topUrl: 'https://news.no/' })).toBe('refuse no-match')
    expect(said('https://evil.no/', lie, {}, [bank], newHere)).toBe('offer new-password')
  })
  it('one way where the list says one way', () => {
    const oneWay = [{ from: ['bank.no'], to: ['new-bank.no'] }]
    expect(said('https://new-bank.no/', oneWay)).toBe('ask said-by-server bank')
    expect(said('https://bank.no/', oneWay, {}, [{ ...bank, sites: ['https://new-bank.no'] }])).toBe('refuse no-match')
  })
  it('a name under which strangers have sites makes no site of theirs one with anything; nor an address or a machine of one’s own', () => {
    expect(said('https://stranger.github.io/', [{ shared: ['bank.no', 'github.io'] }])).toBe('refuse no-match')
    expect(said('https://bank.co.uk/', [{ shared: ['bank.no', 'co.uk'] }])).toBe('refuse no-match')
    for (const host of ['localhost', '127.0.0.1', 'no', '*.no', 'bank.no.', 'BANK.no'])
      expect(told([{ shared: ['bank.no', host] }]).equivalents).toEqual([])
  })
  it('a group, a list, a file of no bounds is none', () => {
    const many = Array.from({ length: 201 }, (_, at) => `a${at}.no`)
    expect(told([{ shared: many }]).equivalents).toEqual([])
    expect(() => told(Array.from({ length: 20_001 }, () => lie[0] ?? {}))).toThrow('too-large')
    expect(() => parseSiteData(' '.repeat(4_000_001))).toThrow('too-large')
    for (const text of ['', 'null', '[]', '{}', '{"format":2}', '{"format":1,"sharedCredentials":{}}', '{"format":1,"passwordRules":null}'])
      expect(() => parseSiteData(text)).toThrow('malformed')
  })
})

describe('AUT-8 where a password is changed', () => {
  it('as the list says for an address of the very site', () => {
    const feed = told([], { 'bank.no': 'https://min.bank.no/password' })
    expect(changeAddress('https://www.bank.no/login', [feed])).toBe('https://min.bank.no/password')
    expect(changeAddress('google.com', [starterFeed, feed])).toBe('https://myaccount.google.com/signinoptions/password')
  })
  it('never anywhere else, whatever is said for the site or for what stands above it', () => {
    const known = 'https://bank.co.uk/.well-known/change-password'
    for (const addresses of [
      { 'bank.co.uk': 'https://evil.no/' },
      { 'co.uk': 'https://evil.co.uk/' },
      { 'bank.co.uk': 'https://bank.co.uk.evil.no/' },
    ])
      expect(changeAddress('https://bank.co.uk', [told([], addresses)])).toBe(known)
    expect(told([], { 'bank.no': 'javascript:alert(1)', 'a.no': 'https://kari:x@a.no/' }).changePassword.size).toBe(0)
  })
  it('else at the site’s own well-known address, encrypted; none for what is no site of the web', () => {
    expect(changeAddress('http://shop.no/in', [])).toBe('https://shop.no/.well-known/change-password')
    expect(changeAddress('https://shop.no:8443/in', [])).toBe('https://shop.no:8443/.well-known/change-password')
    for (const site of ['', 'localhost:8080', 'https://192.168.1.1/', 'android://x@com.bank/', 'printer'])
      expect(changeAddress(site, [starterFeed])).toBeNull()
  })
})

describe('AUT-7 what a server hands on', () => {
  it('is what was understood, and nothing else', () => {
    const text = JSON.stringify([
      { shared: ['a.no', 'b.no'], note: 'x' },
      { shared: ['a.no'] },
      { from: ['c.no'], to: ['d.no'], more: [] },
      7,
    ])
    expect(cleanFeedFile('sharedCredentials', text)).toEqual({
      value: [{ shared: ['a.no', 'b.no'] }, { from: ['c.no'], to: ['d.no'] }],
      kept: 2,
      dropped: 2,
    })
    expect(cleanFeedFile('passwordRules', '{"a.no":{"password-rules":"minlength: 9","x":1},"b.no":{},"__proto__":{}}')).toEqual({
      value: { 'a.no': { 'password-rules': 'minlength: 9' } },
      kept: 1,
      dropped: 2,
    })
  })
})
