import { toHex } from '@nokkel/base'
import { SeededRandom } from '@nokkel/base/testing'
import { describe, expect, it } from 'vitest'
import { appendCheckSymbols, checkSums } from './check-symbols.ts'
import { codeAlphabet, readCode, writeCode } from './code-text.ts'
import { generateRecoveryKey, parseRecoveryKey, recoveryKeyFault, recoveryKeyLength } from './recovery-key.ts'
import { isMember, publicMember, type RecoveryMember } from './recovery-member.ts'

const random = new SeededRandom(5)

function memberOf(text: string): RecoveryMember {
  const parsed = parseRecoveryKey(text)
  if (parsed.fault !== null) throw new Error(parsed.fault)
  return parsed.member
}

describe('check characters over GF(32)', () => {
  it('F10: every pattern of one or two wrong characters in 28 is caught, exhaustively', () => {
    // the code is linear: a mistake is caught exactly when the sums of the mistake alone are not both zero, whatever the key
    let patterns = 0
    let missed = 0
    const mistake: number[] = Array.from({ length: recoveryKeyLength }, () => 0)
    for (let i = 0; i < recoveryKeyLength; i++) {
      for (let a = 1; a < 32; a++) {
        mistake[i] = a
        const single = checkSums(mistake)
        patterns++
        if (single[0] === 0 && single[1] === 0) missed++
        for (let j = i + 1; j < recoveryKeyLength; j++) {
          for (let b = 1; b < 32; b++) {
            mistake[j] = b
            const sums = checkSums(mistake)
            patterns++
            if (sums[0] === 0 && sums[1] === 0) missed++
          }
          mistake[j] = 0
        }
      }
      mistake[i] = 0
    }
    expect(patterns).toBe(28 * 31 + (28 * 27 * 31 * 31) / 2)
    expect(missed).toBe(0)
  })

  it('is linear, which the proof above leans on', () => {
    for (let round = 0; round < 200; round++) {
      const a = appendCheckSymbols([...random.bytes(26)].map((byte) => byte & 31))
      const b = [...random.bytes(28)].map((byte) => byte & 31)
      expect(checkSums(a)).toEqual([0, 0])
      expect(checkSums(a.map((value, i) => value ^ (b[i] as number)))).toEqual(checkSums(b))
    }
  })
})

describe('recovery key (F10)', () => {
  it('has 28 characters in seven groups of four, without I, O, 0 and 1', () => {
    for (let i = 0; i < 50; i++) expect(generateRecoveryKey(random)).toMatch(/^(?:[A-HJ-NP-Z2-9]{4}-){6}[A-HJ-NP-Z2-9]{4}$/)
    expect(new Set(codeAlphabet).size).toBe(32)
  })

  it('every single substitution and every exchange of two neighbours in a real key is caught', () => {
    const key = generateRecoveryKey(random).replaceAll('-', '')
    const typed = new Set<string>()
    for (let i = 0; i < key.length; i++) {
      for (const character of codeAlphabet) typed.add(key.slice(0, i) + character + key.slice(i + 1))
      typed.add(key.slice(0, i) + (key[i + 1] ?? '') + (key[i] as string) + key.slice(i + 2))
    }
    typed.delete(key)
    expect(typed.size).toBeGreaterThan(28 * 31)
    for (const wrong of typed) expect(recoveryKeyFault(wrong)).toEqual({ fault: 'checksum' })
  })

  it('is read in any case, with any spaces and hyphens', () => {
    const key = generateRecoveryKey(random)
    const member = publicMember(memberOf(key))
    const forms = [
      key.toLowerCase(),
      key.replaceAll('-', ''),
      key.replaceAll('-', ' '),
      ` ${key}\n`,
      key.replaceAll('-', '–'),
      [...key].join(' '),
      key.replaceAll('-', '\u2011'),
    ]
    for (const form of forms) expect(isMember(memberOf(form), member)).toBe(true)
  })

  it('says what is wrong, and where', () => {
    const key = generateRecoveryKey(random)
    expect(recoveryKeyFault(key)).toBeNull()
    expect(recoveryKeyFault(key.slice(0, -1))).toEqual({ fault: 'length', length: 27 })
    expect(recoveryKeyFault(`${key}A`)).toEqual({ fault: 'length', length: 29 })
    expect(recoveryKeyFault('')).toEqual({ fault: 'length', length: 0 })
    expect(recoveryKeyFault(`${key.slice(0, 5)}0${key.slice(6)}`)).toEqual({ fault: 'character', at: 4 })
    expect(recoveryKeyFault('ABCI')).toEqual({ fault: 'character', at: 3 })
    expect(parseRecoveryKey('ABCI')).toEqual({ fault: 'character', at: 3 })
  })

  it('is the same member each time, and another key another one', () => {
    const [key, other] = [generateRecoveryKey(random), generateRecoveryKey(random)]
    expect(isMember(memberOf(key), publicMember(memberOf(key)))).toBe(true)
    expect(isMember(memberOf(other), publicMember(memberOf(key)))).toBe(false)
  })

  it('keeps its keys for ever: one key, written down', () => {
    const key = writeCode(appendCheckSymbols(Array.from({ length: 26 }, (_, i) => i)))
    expect(key).toBe('ABCDEFGHJKLMNPQRSTUVWXYZ2367')
    const read = readCode(key)
    expect('values' in read && checkSums(read.values)).toEqual([0, 0])
    const member = memberOf(key)
    expect(toHex(member.sign.publicKey)).toBe('0f6aa047ebb02b73eaa1fb8ebc1dc000279b2059b4688035b37d0df978909a7f')
    expect(toHex(member.kem.publicKey.slice(0, 32))).toBe('41a121da94bd3c967a05e0a603d28f006865fb6a6dc5e367a73517068b11522a')
  })
})
