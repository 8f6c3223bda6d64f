import { utf8 } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import { detectFormat } from './detect.ts'
import { importLimits } from './import-result.ts'
import { textFile, utf16, windows1252 } from './testing.ts'

const headers = {
  'apple-csv': 'Title,URL,Username,Password,Notes,OTPAuth',
  'chrome-csv': 'name,url,username,password,note',
  'firefox-csv': '"url","username","password","httpRealm","formActionOrigin","guid","timeCreated","timeLastUsed","timePasswordChanged"',
  'bitwarden-csv': 'folder,favorite,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp',
  '1password-csv': 'Title,Url,Username,Password,OTPAuth,Favorite,Archived,Tags,Notes',
} as const

const detect = (text: string) => detectFormat(textFile(text))

describe('detectFormat', () => {
  it.each(Object.entries(headers))('%s by its header', (format, header) => {
    expect(detect(header)).toBe(format)
    expect(detect(`${header}\r\n"x"`)).toBe(format)
    expect(detect(`\uFEFF\n\n${header.toUpperCase()}\n`)).toBe(format)
    expect(detect(header.split(',').reverse().join(','))).toBe(format)
    expect(detect(header.replaceAll(',', ';'))).toBe(format)
    expect(detect(header.replaceAll(',', '\t'))).toBe(format)
    expect(detect(`sep=;\r\n${header.replaceAll(',', ';')}`)).toBe(format)
    expect(detectFormat({ name: 'x', bytes: utf16(`${header}\n`, true, true) })).toBe(format)
    expect(detectFormat({ name: 'x', bytes: windows1252(`${header}\nåæø\n`) })).toBe(format)
  })

  it('older and other headers of the same programs', () => {
    expect(detect('Title,Url,Username,Password,OTPAuth')).toBe('apple-csv')
    expect(detect('Title,URL,Username,Password')).toBe('apple-csv')
    expect(detect('name,url,username,password')).toBe('chrome-csv')
    expect(detect('url,username,password,httpRealm,formActionOrigin')).toBe('firefox-csv')
    expect(detect('collections,type,name,notes,fields,reprompt,login_uri,login_username,login_password,login_totp')).toBe('bitwarden-csv')
    expect(detect('"Notes","Password","Title","Type","URL","Username",')).toBe('1password-csv')
    expect(detect('"UUID","TITLE","USERNAME","PASSWORD","URL","URLS","SCOPE","TAGS","NOTES","SECTION 1: X","1: CARDHOLDER NAME"')).toBe(
      '1password-csv',
    )
    expect(detect('title,website,username,password,notes')).toBe('1password-csv')
  })

  it('leaves programs that we do not read alone, although their columns overlap', () => {
    expect(detect('url,username,password,totp,extra,name,grouping,fav')).toBeUndefined()
    expect(detect('"Group","Title","Username","Password","URL","Notes","TOTP","Icon","Last Modified","Created"')).toBeUndefined()
    expect(detect('type,name,url,email,username,password,note,totp,createTime,modifyTime,vault')).toBeUndefined()
    expect(detect('')).toBeUndefined()
    expect(detect('hello')).toBeUndefined()
    expect(detectFormat({ name: 'x.1pux', bytes: Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0) })).toBeUndefined()
  })

  it('Bitwarden JSON by its shape, whatever the file is called; encrypted files as well', () => {
    expect(detect('{"encrypted":false,"folders":[],"items":[]}')).toBe('bitwarden-json')
    expect(detect(' {"items":[{"type":1,"name":"x"}]}')).toBe('bitwarden-json')
    expect(detect('{"encrypted":true,"passwordProtected":true,"salt":"x","data":"2.x"}')).toBe('bitwarden-json')
    expect(detectFormat({ name: 'x', bytes: utf16('{"encrypted":false,"items":[]}', false, true) })).toBe('bitwarden-json')
    for (const other of [
      '{}',
      '[]',
      '{"items":[{"id":1}]}',
      '{"items":"x"}',
      '{"encrypted":',
      '{"__proto__":{"encrypted":false,"items":[]}}',
      'null',
    ])
      expect(detect(other)).toBeUndefined()
  })

  it('refuses files over the limit before looking at them', () => {
    const bytes = new Uint8Array(importLimits.fileBytes + 1)
    bytes.set(utf8(headers['apple-csv']))
    expect(() => detectFormat({ name: 'x', bytes })).toThrow(expect.objectContaining({ code: 'too-large' }))
  })
})
