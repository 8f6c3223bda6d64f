import { parseTotp } from '@nokkel/keychain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { normaliseTotp } from './totp.ts'

describe('normaliseTotp', () => {
  it('makes a URI of a bare secret, however it is spaced', () => {
    expect(normaliseTotp('jbsw y3dp-ehpk 3pxp', 'kari@example.org')).toBe('otpauth://totp/kari%40example.org?secret=JBSWY3DPEHPK3PXP')
    expect(normaliseTotp(' JBSWY3DPEHPK3PXP==== ', '')).toBe('otpauth://totp/?secret=JBSWY3DPEHPK3PXP')
  })

  it('leaves out a label that would make the URI too long for its field', () => {
    expect(normaliseTotp('JBSWY3DPEHPK3PXP', '界'.repeat(1_000))).toBe('otpauth://totp/?secret=JBSWY3DPEHPK3PXP')
  })

  it('keeps label, issuer, algorithm, digits and period of a URI', () => {
    expect(
      normaliseTotp('otpauth://totp/Bank:kari?issuer=Min+bank&secret=jbswy3dpehpk3pxp&algorithm=sha-256&digits=8&period=60', 'x'),
    ).toBe('otpauth://totp/Bank:kari?secret=JBSWY3DPEHPK3PXP&issuer=Min%20bank&algorithm=SHA256&digits=8&period=60')
    expect(normaliseTotp('OTPAUTH://TOTP/a b?secret=JBSWY3DPEHPK3PXP#x', '')).toBe('otpauth://totp/a%20b?secret=JBSWY3DPEHPK3PXP')
    expect(normaliseTotp('otpauth://totp?secret=JBSWY3DPEHPK3PXP&issuer=100%', '')).toBe(
      'otpauth://totp/?secret=JBSWY3DPEHPK3PXP&issuer=100%25',
    )
  })

  it('clears bits that belong to no byte, which every authenticator ignores', () => {
    expect(normaliseTotp('JBSWY3DPEHPK3PXPB', '')).toContain('secret=JBSWY3DPEHPK3PXP')
    expect(normaliseTotp('JBSWY3DPEB', '')).toContain('secret=JBSWY3DPEA')
  })

  it.each([
    'steam://JBSWY3DPEHPK3PXP',
    'otpauth://hotp/x?secret=JBSWY3DPEHPK3PXP&counter=1',
    'otpauth://totp/x?issuer=y',
    'otpauth://totp/x?secret=10',
    'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&digits=60',
    'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&period=1',
    'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&algorithm=MD5',
    'none',
    '123456',
    '{"secret":"x"}',
    '',
  ])('refuses %s', (text) => {
    expect(normaliseTotp(text, 'x')).toBeUndefined()
  })

  it('is stable: what it made it leaves as it is', () => {
    const secret = fc.string({ unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'), minLength: 8, maxLength: 64 })
    fc.assert(
      fc.property(secret, fc.string({ unit: 'binary' }), (text, label) => {
        const once = normaliseTotp(text, label)
        expect(once).toBeDefined()
        expect(parseTotp(once as string)).toMatchObject({ algorithm: 'SHA-1', digits: 6, periodSeconds: 30 })
        expect(normaliseTotp(once as string, 'other')).toBe(once)
      }),
    )
  })

  it('makes only what the keychain can make codes of', () => {
    const query = fc.string({
      unit: fc.constantFrom(
        'secret=',
        'JBSWY3DPEHPK3PXP',
        '&',
        'digits=',
        'period=',
        'algorithm=',
        'SHA512',
        '8',
        '60',
        '%',
        '+',
        '=',
        'issuer=',
        'é',
      ),
      maxLength: 14,
    })
    fc.assert(
      fc.property(query, fc.string({ unit: 'binary' }), (text, label) => {
        const uri = normaliseTotp(`otpauth://totp/${label}?secret=JBSWY3DPEHPK3PXP&${text}`, '')
        if (uri !== undefined) parseTotp(uri)
      }),
      { numRuns: 500 },
    )
  })

  it('never throws', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: 'binary' }),
        (text, label) => void normaliseTotp(`otpauth://totp/${text}?secret=JBSWY3DPEHPK3PXP&${text}`, label),
      ),
    )
    expect(normaliseTotp('otpauth://totp/x?secret=JBSWY3DPEHPK3PXP&issuer=\ud800', '\ud800')?.isWellFormed()).toBe(true)
  })
})
