import { errorCodes } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import type { Entry, ErrorWords } from './catalogue.ts'
import { createMessages, en, nb, pickLanguage, type MessageKey } from './index.ts'

const names = (text: string): string[] => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string))].sort()
const namesOf = (entry: Entry): string[] => (typeof entry === 'string' ? names(entry) : names(`${entry.one} ${entry.other}`))
const list = (texts: string | readonly string[]): readonly string[] => (typeof texts === 'string' ? [texts] : texts)

describe('C3: everything is said in bokmål and in English', () => {
  it('has the same keys and placeholders for all words', () => {
    expect(Object.keys(nb.words).sort()).toEqual(Object.keys(en.words).sort())
    for (const key of Object.keys(en.words) as MessageKey[]) expect(namesOf(nb.words[key]), key).toEqual(namesOf(en.words[key]))
  })

  it('has no key in two parts of a catalogue', async () => {
    const parts = await Promise.all([
      import('./en/labels.ts'),
      import('./en/cli.ts'),
      import('./en/help.ts'),
      import('./en/items.ts'),
      import('./en/screens.ts'),
      import('./en/web.ts'),
    ])
    const keys = parts.flatMap((part) => Object.values(part).flatMap((words) => Object.keys(words)))
    expect(keys.length).toBe(new Set(keys).size)
  })

  it.each(errorCodes)('says what happened and what to do about %s in both languages', (code) => {
    for (const part of ['message', 'hint'] as const) {
      const [ours, theirs] = [list(nb.errors[code][part]), list(en.errors[code][part])]
      expect(ours.map(names)).toEqual(theirs.map(names))
      expect(names(ours.at(-1) as string), 'the last one must do without parameters').toEqual([])
    }
    for (const language of ['nb', 'en'] as const) {
      const { message, hint } = createMessages(language).errorText(code)
      expect(message).toMatch(/^[\p{Lu}“«].*[.!?]$/u)
      expect(hint).toMatch(/[.!?)]$|NAME$|NAVN$/)
      expect(message + hint).not.toMatch(/[{}]|undefined/)
    }
  })

  it('has the same placeholders in the special cases of errors', () => {
    for (const code of errorCodes) {
      const [ours, theirs] = [nb.errors[code], en.errors[code]].map((words: ErrorWords) =>
        [words.reasons, words.hints].map((texts) => Object.entries(texts ?? {}).map(([name, text]) => [name, names(text)])),
      )
      expect(ours).toEqual(theirs)
    }
  })

  it('says what to do when something else answered in the server’s place', () => {
    for (const [language, network] of [
      ['nb', /nettverket .* åpne en nettside/],
      ['en', /the network .* open a web page/],
    ] as const) {
      const { errorText } = createMessages(language)
      for (const code of ['malformed', 'server-unavailable'] as const) {
        expect(errorText(code, { what: 'response', status: 404 }).hint).toMatch(network)
        expect(errorText(code, { what: 'constructor' }).hint).not.toMatch(network)
        expect(errorText(code).hint).not.toMatch(network)
      }
    }
  })

  it('does not leave English among the Norwegian words', () => {
    const same = (Object.keys(en.words) as MessageKey[]).filter((key) => {
      const [a, b] = [en.words[key], nb.words[key]]
      return typeof a === 'string' && a === b
    })
    // names and patterns that are alike in both languages
    expect(same.sort()).toEqual([
      'ask.field',
      'devices.status',
      'hint.usage',
      'import.and-more',
      'import.format',
      'kind.wifi',
      'status.server',
      'sync.change',
      'verification.state',
      'web.devices.ended-at',
      'web.devices.request-about',
      'web.number.masked',
    ])
  })
})

describe('createMessages', () => {
  const english = createMessages('en')
  const norwegian = createMessages('nb')

  it('fills in parameters and chooses the plural', () => {
    expect(english.t('list.count', { count: 1 })).toBe('1 item')
    expect(english.t('list.count', { count: 0 })).toBe('0 items')
    expect(norwegian.t('list.count', { count: 2 })).toBe('2 objekter')
    expect(english.t('done.edited', { title: 'a {title} $& b' })).toBe('Changed “a {title} $& b”.')
  })

  it('writes numbers, times and sizes as the language does', () => {
    expect(english.number(12_345.5)).toBe('12,345.5')
    expect(norwegian.number(12_345.5).replace(/\s/g, ' ')).toBe('12 345,5')
    expect(english.duration(30)).toBe('30 seconds')
    expect(norwegian.duration(600)).toBe('10 minutter')
    expect(english.duration(86_400 * 3)).toBe('3 days')
    expect(english.size(2_500_000)).toBe('2.5 MB')
    expect(norwegian.dateTime(Date.UTC(2026, 4, 17, 12))).toMatch(/17\. mai 2026/)
  })

  it('says more when it knows more', () => {
    expect(english.errorText('passcode-throttled').message).toBe('Too many wrong passcodes.')
    expect(english.errorText('passcode-throttled', { retryAfterSeconds: 120 }).message).toBe('Too many wrong passcodes. Wait 2 minutes.')
    expect(norwegian.errorText('weak-passcode', { reason: 'run' }).message).toBe('Koden er en rekke, som 123456.')
    expect(norwegian.errorText('region-unavailable', { region: 'SE' }).message).toContain('Sverige')
    expect(english.errorText('region-unavailable', { region: '?' }).message).toContain('?')
    expect(english.errorText('too-large', { field: 'notes' }).message).toBe('Notes is too long.')
  })

  it('does not trip over names that every object has', () => {
    expect(english.label('constructor', '')).toBe('')
    expect(english.errorText('malformed', { what: 'constructor' }).message).toBe('This is not valid: constructor.')
    expect(english.importText('toString')).toBe('toString')
    expect(english.labelWith('notice', 'device-left', {})).toBe('A device turned the keychain off: ….')
  })

  it('shows what it has no words for as it is (B4)', () => {
    expect(english.label('kind', 'ssh-key')).toBe('ssh-key')
    expect(norwegian.label('kind', 'password')).toBe('passord')
    expect(english.importText('security-code-dropped', { field: 'CVV' })).toContain('CVV')
  })
})

describe('pickLanguage', () => {
  it.each([
    [['nb_NO.UTF-8'], 'nb'],
    [['nn-NO'], 'nb'],
    [['no'], 'nb'],
    [['en-US', 'nb'], 'en'],
    [['sv_SE', 'nb'], 'nb'],
    [['de'], 'en'],
    [['C'], 'en'],
    [['norsk'], 'en'],
    [[], 'en'],
  ])('%j -> %s', (tags, expected) => {
    expect(pickLanguage(tags)).toBe(expected)
  })
})
