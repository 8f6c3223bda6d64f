import type { CborValue } from '@nokkel/base'
import type { ItemKind } from '@nokkel/keychain'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { draftFingerprint } from './fingerprint.ts'

const of = (kind: ItemKind, fields: readonly (readonly [string, CborValue])[]) => draftFingerprint({ kind, fields: new Map(fields) })
const login = [
  ['title', 'Banken'],
  ['username', 'kari'],
  ['password', 'hemmelig'],
  ['site:https://bank.example', true],
] as const

describe('draftFingerprint', () => {
  it('does not depend on the order of fields', () => {
    const value = fc.oneof(fc.string(), fc.boolean(), fc.nat(), fc.uint8Array())
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.string(), value), { selector: ([name]) => name }), (fields) => {
        expect(of('note', fields.toReversed())).toBe(of('note', fields))
      }),
    )
  })

  it('tells apart kinds, names, values and types of values', () => {
    const all = [
      of('password', login),
      of('note', login),
      of('password', [...login, ['notes', 'x']]),
      of('password', [...login, ['custom:x', ['x', true]]]),
      of('password', [...login, ['x', '1']]),
      of('password', [...login, ['x', 1]]),
      of('password', [...login, ['x', Uint8Array.of(1)]]),
      of('password', [...login, ['site:https://other.example', true]]),
      of(
        'password',
        login.filter(([name]) => name !== 'title'),
      ),
    ]
    expect(new Set(all).size).toBe(all.length)
  })

  it('leaves out what import adds and what is not content', () => {
    const same = of('password', login)
    expect(of('password', [...login, ['favorite', true], ['tag:Jobb', true]])).toBe(same)
    expect(of('password', [...login, ['site:https://old.example', false], ['custom:gone', null], ['notes', '']])).toBe(same)
    const untitled = login.filter(([name]) => name !== 'title')
    expect(of('password', [...untitled, ['title', 'bank.example']])).toBe(of('password', untitled))
    expect(of('note', [['custom:x', ['v', true]]])).toBe(of('note', [['custom:x', ['v', false]]]))
  })
})
