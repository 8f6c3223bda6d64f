import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { defaultHome, ensureHome, hasKeychain } from './home.ts'
import { languageFile, languageOf } from './language.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'nokkel-language-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

describe('C3: the language follows the user', () => {
  it.each([
    [{ LC_ALL: 'nb_NO.UTF-8', LANG: 'en_US.UTF-8' }, 'nb'],
    [{ LC_ALL: '', LC_MESSAGES: 'nn_NO', LANG: 'en_US.UTF-8' }, 'nb'],
    [{ LANG: 'en_GB.UTF-8' }, 'en'],
    [{ LANG: 'en_GB.UTF-8', LANGUAGE: 'nb:en' }, 'nb'],
    [{ LANG: 'C.UTF-8', LANGUAGE: 'nb' }, 'en'],
    [{ LANG: 'sv_SE.UTF-8' }, 'en'],
  ])('%j -> %s', (env, expected) => {
    expect(languageOf(undefined, home, env)).toBe(expected)
  })

  it('is overruled by the setting of the device, and that by --lang', () => {
    writeFileSync(join(home, languageFile), 'nb\n')
    expect(languageOf(undefined, home, { LANG: 'en_US' })).toBe('nb')
    expect(languageOf('en', home, { LANG: 'nb_NO' })).toBe('en')
    writeFileSync(join(home, languageFile), '../../etc/passwd\n')
    expect(languageOf(undefined, home, { LANG: 'en_US' })).toBe('en')
  })
})

describe('the home folder', () => {
  it('is where the platform keeps a user’s data', () => {
    expect(defaultHome({ XDG_DATA_HOME: '/data' }, 'linux')).toBe('/data/nokkel')
    expect(defaultHome({ XDG_DATA_HOME: 'relative' }, 'linux')).toMatch(/\.local\/share\/nokkel$/)
    expect(defaultHome({}, 'darwin')).toMatch(/Library\/Application Support\/Nokkel$/)
  })

  it('is looked into without being made', () => {
    expect(hasKeychain(join(home, 'none'))).toBe(false)
    expect(hasKeychain(home)).toBe(false)
    ensureHome(join(home, 'new'))
    writeFileSync(join(home, 'new', 'keychain.sqlite.damaged'), '')
    expect(hasKeychain(join(home, 'new'))).toBe(true)
  })
})
