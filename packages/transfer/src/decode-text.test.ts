import { utf8 } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import { decodeText } from './decode-text.ts'
import { utf16, windows1252 } from './testing.ts'

const header = 'name,url,username,password\n'

describe('decodeText', () => {
  it('reads UTF-8 with and without byte order marks', () => {
    expect(decodeText(utf8('blåbær 🫐'))).toEqual({ text: 'blåbær 🫐', lossy: false })
    expect(decodeText(utf8('\uFEFF\uFEFFblåbær'))).toEqual({ text: 'blåbær', lossy: false })
    expect(decodeText(new Uint8Array())).toEqual({ text: '', lossy: false })
  })

  it('reads UTF-16 by its mark, and reports it as a guess without one', () => {
    for (const littleEndian of [true, false]) {
      expect(decodeText(utf16('blåbær 🫐', littleEndian, true))).toEqual({ text: 'blåbær 🫐', lossy: false })
      expect(decodeText(utf16(`${header}blåbær`, littleEndian, false))).toEqual({
        text: `${header}blåbær`,
        guessed: littleEndian ? 'utf-16le' : 'utf-16be',
        lossy: false,
      })
    }
  })

  it('replaces lone surrogates of UTF-16 and says so', () => {
    expect(decodeText(utf16('a\ud800b', true, true))).toEqual({ text: 'a\ufffdb', lossy: true })
  })

  it('takes what is not UTF-8 for Windows-1252 and says so', () => {
    expect(decodeText(windows1252('Kåre Ødegård'))).toEqual({ text: 'Kåre Ødegård', guessed: 'windows-1252', lossy: false })
    expect(decodeText(Uint8Array.of(0x80, 0x20, 0x99)).text).toBe('€ ™')
  })

  it('keeps UTF-8 with a damaged byte as UTF-8', () => {
    const bytes = utf8('blåbærsyltetøy')
    bytes[bytes.length - 2] = 0xff
    expect(decodeText(bytes)).toMatchObject({ guessed: 'utf-8', lossy: true })
    expect(decodeText(bytes).text).toContain('blåbær')
  })
})
