import { describe, expect, it } from 'vitest'
import { isSecurityCode, maskSecurityCodes } from './security-code.ts'

describe('E5: a card’s security code is recognised', () => {
  it.each([
    'CVV',
    'cvc2',
    'CVV-kode',
    'cardCvv',
    'Card CVC',
    'Sikkerhetskode',
    'Security Code',
    'securityCode',
    'verification number(cvv)',
    '3: VERIFICATION NUMBER',
    'CID',
    'Kontrollsiffer',
    'CVC/CVV',
    'Prüfziffer',
  ])('on a card under the name %s, whatever its value', (label) => {
    expect(isSecurityCode(label, 'abc', true)).toBe(true)
  })

  it.each(['PIN', 'Number', 'Bank', 'Utløper', 'Incident'])('on a card, %s is something else', (label) => {
    expect(isSecurityCode(label, '123', true)).toBe(false)
  })

  it('outside cards only under a name that means nothing else and with three or four digits', () => {
    expect(isSecurityCode('CVV', '123', false)).toBe(true)
    expect(isSecurityCode('cvc code', ' 1234 ', false)).toBe(true)
    expect(isSecurityCode('CVV', '12345', false)).toBe(false)
    expect(isSecurityCode('Security code', '123456', false)).toBe(false)
    expect(isSecurityCode('Sikkerhetskode', '1234', false)).toBe(false)
  })

  it('in the free text of a card', () => {
    expect(maskSecurityCodes('Bank X\nCVV: 123, PIN 4321')).toBe('Bank X\nCVV: •••, PIN 4321')
    expect(maskSecurityCodes('sikkerhetskode 9876')).toBe('sikkerhetskode •••')
    expect(maskSecurityCodes('cvv is on the back, phone 12345')).toBe('cvv is on the back, phone 12345')
  })
})
