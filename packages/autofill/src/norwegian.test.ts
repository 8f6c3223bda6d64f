/** AUT-1 on pages as Norwegian shops, banks and public services build them; the pages are ours, written for the words and the shapes. */
import { describe, expect, it } from 'vitest'
import { classify, planFill } from './index.ts'
import { pageOf } from './testing/page.ts'

type Fields = Parameters<typeof pageOf>[0]
const labels = (fields: Fields, form: Parameters<typeof pageOf>[1] = [{}]): string[] =>
  classify(pageOf(fields, form)).fields.map((field) => field.label)

describe('AUT-1 Norwegian pages', () => {
  it('a check-out with card: «sikkerhetskode» beside a card number is the code of the card', () => {
    const fields = [
      { labelText: 'Navn på kortet', name: 'holder' },
      { labelText: 'Kortnummer', name: 'nr', inputMode: 'numeric' },
      { labelText: 'Utløpsdato', placeholder: 'MM/ÅÅ', name: 'exp' },
      { labelText: 'Sikkerhetskode', name: 'code', maxLength: 4 },
    ]
    expect(labels(fields, [{ buttons: 'Betal 499 kr' }])).toEqual(['cc-name', 'cc-number', 'cc-exp', 'cc-csc'])
  })
  it('«sikkerhetskode» that was sent is a one-time code', () => {
    const fields = [{ labelText: 'Sikkerhetskode', inputMode: 'numeric', maxLength: 6 }]
    expect(labels(fields, [{ headings: 'Vi har sendt deg en kode på SMS', buttons: 'Bekreft' }])).toEqual(['one-time-code'])
    expect(labels([{ labelText: 'Engangskode fra kodebrikken' }])).toEqual(['one-time-code'])
    expect(labels([{ labelText: 'Bekreftelseskode', name: 'kode' }])).toEqual(['one-time-code'])
  })
  it('a national identity number is no user name, no password and no telephone', () => {
    expect(labels([{ labelText: 'Fødselsnummer (11 siffer)', name: 'fnr', inputMode: 'numeric', maxLength: 11 }])).toEqual(['none'])
    const order = [
      { labelText: 'Fornavn' },
      { labelText: 'Etternavn' },
      { labelText: 'Fødselsnummer', name: 'ssn', type: 'tel' },
      { labelText: 'Mobilnummer', type: 'tel' },
    ]
    expect(labels(order, [{ buttons: 'Bestill' }])).toEqual(['given-name', 'family-name', 'none', 'tel'])
  })
  it('an app payment that asks for the telephone alone', () => {
    const fields = [{ labelText: 'Mobilnummer', name: 'mobile', type: 'tel', maxLength: 8 }]
    expect(labels(fields, [{ buttons: 'Betal med mobilen' }])).toEqual(['tel'])
  })
  it('an address in Nynorsk', () => {
    const fields = [
      { labelText: 'Førenamn' },
      { labelText: 'Etternamn' },
      { labelText: 'Gateadresse' },
      { labelText: 'Postnummer' },
      { labelText: 'Poststad' },
      { labelText: 'E-postadresse' },
    ]
    const expected = ['given-name', 'family-name', 'street-address', 'postal-code', 'address-level2', 'email']
    expect(labels(fields, [{ buttons: 'Gå vidare' }])).toEqual(expected)
  })
  it('a sign-in of a loyalty club by telephone and PIN-like password: the telephone is the user name', () => {
    const model = pageOf(
      [{ labelText: 'Mobilnummer', type: 'tel' }, { labelText: 'Passord', type: 'password' }],
      [{ buttons: 'Logg inn', links: 'Glemt passord?' }],
    ) // prettier-ignore
    const found = classify(model)
    expect(found.fields.map((field) => field.label)).toEqual(['username', 'current-password'])
    const plan = planFill(model, found, 0, { username: '99999999', password: 'p' })
    expect(plan.steps.map((step) => step.value)).toEqual(['99999999', 'p'])
  })
  it('«Nytt passord» and «Gjenta passord» after a link in an e-mail', () => {
    const fields = [
      { type: 'password', labelText: 'Nytt passord' },
      { type: 'password', labelText: 'Gjenta passord' },
    ]
    expect(labels(fields, [{ buttons: 'Lagre', headings: 'Velg nytt passord' }])).toEqual(['new-password', 'new-password'])
  })
  it('Swedish, Danish and Finnish cards', () => {
    const card = ['cc-number', 'cc-exp', 'cc-csc']
    expect(labels([{ labelText: 'Kortnummer' }, { labelText: 'Giltigt till (MM/ÅÅ)' }, { labelText: 'CVC-kod' }])).toEqual(card)
    expect(labels([{ labelText: 'Kortnummer' }, { labelText: 'Udløbsdato' }, { labelText: 'Kontrolcifre' }])).toEqual(card)
    expect(labels([{ labelText: 'Kortin numero' }, { labelText: 'Voimassaolo' }, { labelText: 'Turvakoodi' }])).toEqual(card)
  })
})
