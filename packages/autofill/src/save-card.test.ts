/** E2, E5: a card that was typed, in the shapes of check-outs, and when it is offered for saving. */
import { expect, it } from 'vitest'
import { classify } from './classify.ts'
import type { FieldModel } from './model.ts'
import { cardFieldsOf, decideSaveCard, isCardNumber, typedCard } from './save-card.ts'
import { saveIdle, type SaveContext, type SaveState } from './save.ts'
import { pageOf } from './testing/page.ts'

const number = { name: 'number', autocomplete: 'cc-number', labelText: 'Card number' }
const code = { name: 'cvc', autocomplete: 'cc-csc', labelText: 'Security code' }
const typed = (fields: readonly Partial<FieldModel>[], values: readonly string[]): ReturnType<typeof typedCard> => {
  const model = pageOf(fields)
  return typedCard(model, classify(model), new Map(values.map((value, at) => [at, value])))
}
const expiry = { name: 'expiry', autocomplete: 'cc-exp', labelText: 'Expiry date' }

it.each([
  ['10/28', 10, 2028],
  ['1028', 10, 2028],
  ['10 / 2028', 10, 2028],
  ['2028/10', 10, 2028],
  ['2028-10', 10, 2028],
  ['28/10', 10, 2028],
  ['13/13', 0, 0],
  ['soon', 0, 0],
])('E2 an expiry date as people type it: %s', (text, expMonth, expYear) => {
  expect(typed([number, expiry], ['4111 1111 1111 1111', text])).toMatchObject({ number: '4111111111111111', expMonth, expYear })
})

it('E2 a number in four parts, and the expiry in lists with and without numbers', () => {
  const parts = [1, 2, 3, 4].map((at) => ({ name: `card${at}`, maxLength: 4, labelText: `Card number part ${at} of 4` }))
  const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December']
  const month = {
    tag: 'select' as const,
    type: 'select-one',
    name: 'month',
    autocomplete: 'cc-exp-month',
    options: [{ value: '', text: 'Month' }, ...months.map((text, at) => ({ value: String(at), text }))],
  }
  const year = {
    tag: 'select' as const,
    type: 'select-one',
    name: 'year',
    autocomplete: 'cc-exp-year',
    options: ['2027', '2028'].map((text) => ({ value: text.slice(2), text })),
  }
  expect(typed([...parts, month, year], ['5555', '5555', '5555', '4444', '2', '28'])).toEqual({
    name: '',
    number: '5555555555554444',
    expMonth: 3,
    expYear: 2028,
  })
})

it('E2 what is no card number is no card: the check digit decides', () => {
  expect(isCardNumber('4111111111111111')).toBe(true)
  expect(isCardNumber('378282246310005')).toBe(true)
  expect(isCardNumber('4111111111111112')).toBe(false)
  expect(typed([number, expiry], ['4111 1111 1111 1112', '10/28'])).toBeUndefined()
})

it('E5 a security code is named as never to be told, and is no part of a card even if it is told', () => {
  const model = pageOf([number, expiry, code])
  expect(cardFieldsOf(classify(model))).toEqual({ fields: [0, 1], codes: [2] })
  expect(JSON.stringify(typed([number, expiry, code], ['4111111111111111', '10/28', '987']))).not.toContain('987')
})

const context: SaveContext = { offerToSave: true, privateWindow: false, neverSave: false, allowAutocompleteOff: false, locked: false }
const paid: SaveState = { ...saveIdle, phase: 'succeeded', purpose: 'card' }
const card = { name: '', number: '4111111111111111', expMonth: 10, expYear: 2028 }

it('E2 a new card is offered, a known one is not, and a new expiry date is an update of the same number', () => {
  expect(decideSaveCard(paid, card, [], context)).toMatchObject({ act: 'save', reason: 'new-card' })
  const known = [{ itemId: 'a', sameNumber: true, sameExpiry: true }]
  expect(decideSaveCard(paid, card, known, context)).toMatchObject({ act: 'nothing', reason: 'card-known' })
  const other = [
    { itemId: 'a', sameNumber: true, sameExpiry: false },
    { itemId: 'b', sameNumber: false, sameExpiry: true },
  ]
  expect(decideSaveCard(paid, card, other, context)).toMatchObject({ act: 'update', reason: 'changed-card', items: ['a'] })
  expect(decideSaveCard(paid, { ...card, expMonth: 0, expYear: 0 }, other, context)).toMatchObject({ act: 'nothing', reason: 'card-known' })
})

it('E1, E3, E4 the same stands against saving a card as against saving a password', () => {
  const reason = (state: SaveState, change: Partial<SaveContext>): string =>
    decideSaveCard(state, card, [], { ...context, ...change }).reason
  expect(reason(paid, { offerToSave: false })).toBe('switched-off-save')
  expect(reason(paid, { privateWindow: true })).toBe('private-window')
  expect(reason(paid, { neverSave: true })).toBe('never-for-this-site')
  expect(reason({ ...paid, autocompleteOff: true }, {})).toBe('autocomplete-off')
  expect(reason({ ...paid, phase: 'failed' }, {})).toBe('not-succeeded')
  expect(reason({ ...paid, phase: 'submitted' }, {})).toBe('waiting')
  expect(reason(paid, { locked: true })).toBe('locked')
})
