import type { ItemId } from '@nokkel/base'
import { expect, it } from 'vitest'
import { passwordHealth } from './password-health.ts'

const year = 365.25 * 24 * 3_600_000
const now = 60 * year
const kept = (id: string, password: string, changedMs = now) => ({ id: id as ItemId, password, changedMs })

it('names what is weak, what is used in several places, and what is old, each by itself', () => {
  expect(
    passwordHealth(
      [
        kept('short', 'ab12'),
        kept('common', 'password123'),
        kept('run', '0123456789'),
        kept('good', 'wimxeq-zedwy6-Rukhef'),
        kept('one', 'pivgas-7xedDo-kirbuz'),
        kept('two', 'pivgas-7xedDo-kirbuz'),
        kept('three', 'pivgas-7xedDo-kirbuz'),
        kept('old', 'hodfyv-nIkba4-xemqas', now - 3.1 * year),
        kept('young', 'tyzbok-9zuzNo-gamcip', now - 2.9 * year),
        kept('empty', '', 0),
        kept('empty too', ''),
      ],
      now,
    ),
  ).toEqual({ weak: ['short', 'common', 'run'], reused: [['one', 'two', 'three']], old: ['old'] })
})

it('finds nothing in an empty keychain, and does not take a time to come for an old one', () => {
  expect(passwordHealth([], now)).toEqual({ weak: [], reused: [], old: [] })
  expect(passwordHealth([kept('later', 'tyzbok-9zuzNo-gamcip', now + year)], now).old).toEqual([])
})
