import { SeededRandom } from '@nokkel/base/testing'
import { describe, expect, it } from 'vitest'
import { canonicalCode, generateRandomCode, securityCodeWeakness, weakCodeReasons, type WeakCodeReason } from './security-code.ts'
import type { CodeKind } from './realm/statement.ts'

const random = new SeededRandom(3)

const weak: Record<WeakCodeReason, [CodeKind, string][]> = {
  'too-short': [
    ['digits', ''],
    ['digits', '4827'],
    ['digits', '48271'],
    ['own', 'x7!Kq'],
    ['random', 'ABCD'],
    ['passcode', ''],
  ],
  'too-long': [
    ['digits', '4827163'],
    ['own', 'x7!Kq'.repeat(40)],
  ],
  'not-digits': [
    ['digits', '48271a'],
    ['digits', 'abcdef'],
    ['digits', '4827 1'],
  ],
  'one-character': [
    ['digits', '000000'],
    ['digits', '999999'],
    ['own', 'xxxxxxxxxxxxxxxx'],
    ['own', '00000000'],
  ],
  run: [
    ['digits', '123456'],
    ['digits', '654321'],
    ['digits', '567890'],
    ['digits', '098765'],
    ['digits', '789012'],
    ['digits', '210987'],
    ['own', 'abcdefghijkl'],
    ['own', '3456789012'],
  ],
  pairs: [
    ['digits', '112233'],
    ['digits', '995511'],
    ['own', 'aabbzzxxqqpp'],
  ],
  repeated: [
    ['digits', '121212'],
    ['digits', '482482'],
    ['own', '48274827'],
    ['own', 'k7fQk7fQk7fQ'],
  ],
  common: [
    ['digits', '159753'],
    ['digits', '147258'],
    ['digits', '102030'],
    ['own', 'password1!'],
    ['own', 'Passord2024'],
    ['own', 'P@ssw0rd99'],
    ['own', '!!hemmelig!!'],
    ['own', '147258369'],
  ],
  'too-simple': [
    ['own', 'kqzvmx'],
    ['own', 'abcwvu'],
    ['own', 'aaaaab7'],
  ],
}

describe('security codes (F3)', () => {
  it.each(weakCodeReasons)('refuses what is weak, and says why: %s', (reason) => {
    for (const [kind, code] of weak[reason]) expect(securityCodeWeakness(kind, code), `${kind} ${code}`).toBe(reason)
  })

  it.each<[CodeKind, string]>([
    ['digits', '482716'],
    ['digits', '905173'],
    ['digits', '００４８２６'],
    ['own', '48271639'],
    ['own', 'x7!Kq2'],
    ['own', 'ekorn i bjørka spiser'],
    ['own', 'hest batteri stift'],
    ['passcode', '4827'],
  ])('takes %s %s', (kind, code) => {
    expect(securityCodeWeakness(kind, code)).toBeNull()
  })

  it('leaves nearly all six-digit codes free', () => {
    let refused = 0
    for (let code = 0; code < 1_000_000; code += 7) if (securityCodeWeakness('digits', code.toString().padStart(6, '0')) !== null) refused++
    expect(refused).toBeGreaterThan(100)
    expect(refused / (1_000_000 / 7)).toBeLessThan(0.01)
  })

  it('makes random codes of 24 characters in six groups, 120 bits', () => {
    const codes = new Set(Array.from({ length: 200 }, () => generateRandomCode(random)))
    expect(codes.size).toBe(200)
    const seen = new Set<string>()
    for (const code of codes) {
      expect(code).toMatch(/^(?:[A-HJ-NP-Z2-9]{4}-){5}[A-HJ-NP-Z2-9]{4}$/)
      expect(securityCodeWeakness('random', code)).toBeNull()
      for (const character of code.replaceAll('-', '')) seen.add(character)
    }
    expect(seen.size).toBe(32)
  })

  it('reads a code as it may be typed, and refuses a slip before it costs a guess', () => {
    const code = generateRandomCode(random)
    const canonical = code.replaceAll('-', '')
    for (const form of [code, canonical, code.toLowerCase(), code.replaceAll('-', ' '), ` ${code} `])
      expect(canonicalCode('random', form)).toBe(canonical)
    for (const slip of [code.slice(1), `${code}A`, code.replace(/.$/, '0')])
      expect(() => canonicalCode('random', slip)).toThrow('weak-passcode')
    for (const form of ['482716', '482 716', '482-716', ' 482716', '４８２７１６']) expect(canonicalCode('digits', form)).toBe('482716')
    for (const slip of ['48271', '4827160', '48271a', '']) expect(() => canonicalCode('digits', slip)).toThrow('weak-passcode')
    // what a person chose is taken as it was typed, but for the forms of one character
    expect(canonicalCode('own', ' Ekorn ')).toBe(' Ekorn ')
    expect(canonicalCode('passcode', 'A\u030A')).toBe('\u00C5')
  })
})
