/** AUT-1: the vocabulary that ships is the one the word tables give, and it finds words as the tables mean them. */
import { expect, it } from 'vitest'
import { compileWords } from './compile-words.ts'
import { foldText } from './fold-text.ts'
import { findWords } from './match-words.ts'
import { classOf, firstEdge, firstMark, firstPurpose, firstQualifier, wordKeys } from './table.ts'
import { tables } from './tables.ts'

it('AUT-1 vocabulary.ts is compiled from the word tables (run with -u after a change of a table)', async () => {
  const { latin, others } = compileWords(tables)
  const escaped = (text: string): string => text.replaceAll('\n', '\\n').replaceAll('\f', '\\f')
  const file = `/** Compiled from the word tables by compile-words.test.ts (\`vitest -u\`): change the tables, not this file. Format: compile-words.ts. */
export const latinWords =
  '${escaped(latin)}'

export const otherWords =
  '${escaped(others)}'
`
  await expect(file).toMatchFileSnapshot('./vocabulary.ts')
})

it('AUT-1 every key has a mark that needs no escape, and stands among those of its class', () => {
  expect(firstMark + wordKeys.length).toBeLessThanOrEqual(firstEdge)
  expect(firstEdge + 3).toBeLessThanOrEqual('\\'.charCodeAt(0))
  const classes = wordKeys.map((_, at) => (at < firstPurpose ? 'field' : at < firstQualifier ? 'purpose' : 'qualifier'))
  expect(wordKeys.map(classOf)).toEqual(classes)
})

const fieldKeys = (text: string, identifier = false): string[] => findWords(foldText(text, identifier)).field.map((hit) => hit.key)

it('AUT-1 the longest word wins, words are not found inside of others, marks and capitals do not matter', () => {
  expect(fieldKeys('E-mail address')).toEqual(['email'])
  expect(fieldKeys('UTLØPSDATO')).toEqual(['cc-exp'])
  expect(fieldKeys('utlopsdato')).toEqual(['cc-exp'])
  expect(fieldKeys('billingZipCode', true)).toContain('postal-code')
  expect(fieldKeys('compass')).toEqual([])
  expect(fieldKeys('ﾊﾟｽﾜｰﾄﾞ')).toEqual(['password'])
  expect(fieldKeys('Straße')).toEqual(['street-address'])
})
