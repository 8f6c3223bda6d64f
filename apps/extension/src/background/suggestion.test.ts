import { parsePasswordRules, parseSiteData } from '@nokkel/autofill'
import { systemRandom } from '@nokkel/base'
import { describe, expect, it } from 'vitest'
import { passwordByRules, saidRules } from './suggestion.ts'

const made = (rules: string, maxLength = -1): string[] =>
  Array.from({ length: 200 }, () => passwordByRules(systemRandom, parsePasswordRules(rules), maxLength))

describe('strong passwords for a field (E7)', () => {
  it('has our own shape where the site demands nothing else, and lets hyphens be', () => {
    for (const password of [...made(''), ...made('minlength: 8; required: lower; required: upper; required: digit; allowed: [-]')])
      expect(password).toMatch(/^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}$/)
  })

  it('keeps to the rules of the site', () => {
    for (const password of made('minlength: 12; maxlength: 16; required: upper; required: [!$]; allowed: digit; max-consecutive: 2')) {
      expect(password).toMatch(/^[A-Z!$0-9]{16}$/)
      expect(password).toMatch(/[A-Z]/)
      expect(password).toMatch(/[!$]/)
      expect(password).not.toMatch(/(.)\1\1/)
    }
  })

  it('fits into the field, and ends for rules that no password fits', () => {
    expect(made('', 10).every((password) => /^[A-Za-z2-9]{10}$/.test(password))).toBe(true)
    expect(made('maxlength: 4; required: [a]; allowed: [a]; max-consecutive: 1').every((password) => password === 'aaaa')).toBe(true)
  })

  it('AUT-7 rules of the server may shape a password, but not until it can be guessed', () => {
    const rulesOf = (rules: string) =>
      saidRules(parseSiteData(JSON.stringify({ format: 1, passwordRules: { 'bank.no': { 'password-rules': rules } } })), 'www.bank.no')
    for (const good of [
      'minlength: 8; maxlength: 8; allowed: lower, digit;',
      'required: digit; maxlength: 20',
      'allowed: digit; minlength: 13',
    ])
      expect(rulesOf(good)).toBeDefined()
    const weak = ['maxlength: 4; required: digit;', 'allowed: [a]', 'maxlength: 6', 'allowed: digit; maxlength: 12']
    const known = Array.from({ length: 20 }, () => 'required: [a]').join('; ')
    for (const bad of [...weak, `${known}; allowed: lower, upper`]) expect(rulesOf(bad)).toBeUndefined()
    expect(saidRules(undefined, 'bank.no')).toBeUndefined()
  })
})
