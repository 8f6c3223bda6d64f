import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldText, hasWords, narrows, searchText, searchWords } from './search.ts'

const item = { title: 'Sommerøya Café', username: 'Ola.Nordmann', sites: ['https://cafe.example'], tags: ['Ferie'] }
const found = (query: string): boolean => hasWords(searchText(item), searchWords(query))

describe('search (C1)', () => {
  it('C1 finds every word, wherever it stands, in whatever case, with or without accents', () => {
    for (const query of ['', '  ', 'café', 'CAFE', 'ola sommer', 'nord ferie cafe', 'ｃａｆé', 'sommerøya'])
      expect(found(query), query).toBe(true)
    for (const query of ['kari', 'cafe kari', 'ola nordmann kari']) expect(found(query), query).toBe(false)
  })
  it('C1 å, ø and æ are letters of their own', () => {
    expect(found('sommeroya')).toBe(false)
    expect(foldText('ÅØÆ')).not.toBe(foldText('AOA'))
  })
  it('C1 a word does not run over from one field into the next', () => {
    expect(found('caféola')).toBe(false)
  })

  it('C1 the short ways of folding fold as the long one', () => {
    const letters = fc.constantFrom('a', 'B', 'å', 'Å', 'a\u030a', 'É', 'ø', 'Æ', 'ｆ', 'ﬁ', 'İ', 'K', ' ', '\x81', '字', '\u0301')
    const long = (text: string): string =>
      text
        .normalize('NFC')
        .toLowerCase()
        .replace(/[åäöøæ]/g, (letter) => String.fromCharCode(0x80 + 'æäøöå'.indexOf(letter)))
        .normalize('NFKD')
        .replace(/\p{M}+/gu, '')
    fc.assert(
      fc.property(fc.string({ unit: letters, maxLength: 8 }), (text) => {
        expect(foldText(text)).toBe(long(text))
      }),
      { numRuns: 2_000 },
    )
  })

  const text = fc.string({ unit: fc.constantFrom('a', 'b', 'å', 'é', 'B', ' ', 'ø'), maxLength: 12 })
  it('C1 whatever has the words has every query that they narrow', () => {
    fc.assert(
      fc.property(text, text, text, (title, earlier, later) => {
        const [first, second] = [searchWords(earlier), searchWords(later)]
        const prepared = searchText({ ...item, title })
        if (narrows(second, first) && hasWords(prepared, second)) expect(hasWords(prepared, first)).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
  it('C1 who types on narrows; who deletes or types another word does not', () => {
    expect(narrows(searchWords('bank k'), searchWords('bank'))).toBe(true)
    expect(narrows(searchWords('bank'), searchWords('ban'))).toBe(true)
    expect(narrows(searchWords('ban'), searchWords('bank'))).toBe(false)
    expect(narrows(searchWords('bank'), searchWords('bank s'))).toBe(false)
  })
})
