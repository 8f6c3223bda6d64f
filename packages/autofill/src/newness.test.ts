/** AUT-1: whether somebody is new is decided as by all texts of a form, though most of them are never read. */
import { describe, expect, it } from 'vitest'
import type { Named, Signs } from './classify-purpose.ts'
import type { FieldEvidence } from './evidence.ts'
import { newnessOf, signNames, surely } from './newness.ts'
import { counted, named, type Place } from './newness-weights.ts'
import type { PurposeKey } from './words/table.ts'

const password = { token: '', qualifiers: { new: false, current: false, confirm: false } } as unknown as FieldEvidence

function signsOf(texts: Readonly<Partial<Record<Place, readonly PurposeKey[]>>>, read: Place[] = []): Signs {
  const said = (place: Place): Named => {
    read.push(place)
    return new Set(texts[place])
  }
  return { said, identity: 0, others: 1, emailAndUser: false, elsewhere: 0 }
}

const weights = new Map(Object.entries(counted))
for (const { place, weights: own } of named) for (const [key, weight] of Object.entries(own)) weights.set(place + key, weight)

describe('AUT-1 newness', () => {
  it('what is left to add is what the weights behind can add', () => {
    let low = 0
    let high = 0
    for (const { least, most, weights: own } of named.toReversed()) {
      for (const weight of Object.values(own)) {
        low += Math.min(weight, 0)
        high += Math.max(weight, 0)
      }
      expect([least, most]).toEqual([Number(low.toFixed(2)), Number(high.toFixed(2))])
    }
  })

  it('of the usual sign-in neither headings nor links are read', () => {
    const read: Place[] = []
    expect(newnessOf(signsOf({ buttons: ['+signin'] }, read), [password])).toBeLessThan(0)
    expect(read).not.toContain('links')
    expect(read).not.toContain('headings')
  })

  it('the answer is that of all signs, whatever the texts say', () => {
    const keys: readonly PurposeKey[] = ['+signin', '+signup', '+change', '+reset', '+forgot', '+terms', '+search']
    const pairs = keys.flatMap((first) => keys.map((second) => [first, second] as const))
    for (let round = 0; round < 4_000; round++) {
      const texts: Partial<Record<Place, readonly PurposeKey[]>> = {}
      let at = round * 7
      for (const { place } of named) {
        if (at % 3 !== 0) texts[place] = pairs[at % pairs.length] as readonly PurposeKey[]
        at = (at * 31 + 17) % 65_521
      }
      const signs = { ...signsOf(texts), others: round % 5, identity: round % 4 }
      for (const passwords of [[], [password], [password, password]]) {
        const whole = signNames(signs, passwords).reduce((sum, name) => sum + (weights.get(name) ?? 0), 0)
        const asked = newnessOf(signs, passwords)
        // sums in another order differ in the last digits
        if (Math.abs(whole) < 1e-9 || Math.abs(whole - surely) < 1e-9) continue
        expect(asked > 0).toBe(whole > 0)
        expect(asked < 0).toBe(whole < 0)
        if (passwords.length > 1) expect(asked < surely).toBe(whole < surely)
      }
    }
  })
})
