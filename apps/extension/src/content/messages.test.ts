import { describe, expect, it } from 'vitest'
import { readPageMessage } from './messages.ts'

const field = {
  tag: 'input', type: 'password', name: 'p', id: '', autocomplete: '', placeholder: '', labelText: 'Password', title: '', before: '',
  maxLength: -1, pattern: '', inputMode: '', extra: '', options: [], form: -1, disabled: false, readOnly: false, passwordRules: '',
} // prettier-ignore
const page = { url: 'https://shop.example/', title: 'x', forms: [], fields: [field] }
const focus = { type: 'focus', docId: 'd', revision: 1, ancestors: [], page, field: 0, trusted: true, passkey: null }

describe('what a page may say (A34)', () => {
  it('takes what fits the schema, and copies it', () => {
    const read = readPageMessage({ ...focus, more: 'left out', page: { ...page, more: 1, fields: [{ ...field, more: 1 }] } })
    expect(read).toEqual({ ...focus, page: { ...page, fields: [{ ...field, visible: undefined }] } })
    expect(readPageMessage({ type: 'outcome', docId: 'd', event: 'response', status: 401 })).not.toBeNull()
  })

  it.each([
    ['a field that is not there', { ...focus, field: 1 }],
    ['a form that is not there', { ...focus, page: { ...page, fields: [{ ...field, form: 0 }] } }],
    ['too many fields', { ...focus, page: { ...page, fields: Array.from({ length: 1_001 }, () => field) } }],
    ['a text without end', { ...focus, page: { ...page, fields: [{ ...field, labelText: 'x'.repeat(401) }] } }],
    ['a missing property', { ...focus, page: { ...page, fields: [{ ...field, name: undefined }] } }],
    ['an inherited type', Object.create(focus)],
    ['a message beyond the ceiling', { ...focus, type: 'pasted', message: 'x'.repeat(801) }],
    ['another type', { ...focus, type: 'call' }],
    ['a password beyond the ceiling', { type: 'submitted', docId: 'd', page, field: 0, username: '', password: 'x'.repeat(5_001) }],
    ['a passkey that is none', { ...focus, passkey: 'any' }],
    ['no status', { type: 'outcome', docId: 'd', event: 'response', status: -1 }],
    ['an unknown fault', { type: 'closed', docId: 'd', token: 't', fault: 'constructor' }],
  ])('refuses %s', (_, message) => {
    expect(readPageMessage(message)).toBeNull()
  })

  it('100,000 messages: never throws, and what it lets through is of the schema', () => {
    const names = [
      'type',
      'docId',
      'page',
      'fields',
      'forms',
      'field',
      'token',
      '__proto__',
      'constructor',
      'event',
      'revision',
      'ancestors',
    ] as const
    const types = ['page', 'focus', 'pasted', 'submitted', 'outcome', 'closed', 'call']
    // a small generator of its own: ten times as many tries in the same time
    let state = 20261126
    const next = (bound: number): number => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      return Math.floor((state / 2 ** 32) * bound)
    }
    const pick = <T>(from: readonly T[]): T => from[next(from.length)] as T
    const value = (depth: number): unknown => {
      const kind = next(depth > 3 ? 7 : 10)
      if (kind < 5) return pick([null, undefined, -1, 0, 1, 1e300, Number.NaN, true, '', 'x'.repeat(5_001), page, [page], field])
      if (kind < 7) return pick(types)
      if (kind === 7) return [value(depth + 1), value(depth + 1)]
      return Object.fromEntries([0, 1, 2].map(() => [pick(names), value(depth + 1)]))
    }
    let through = 0
    for (let turn = 0; turn < 100_000; turn++) {
      const base: object = pick([
        focus,
        { ...focus, type: 'page', status: 200 },
        { ...focus, type: 'pasted', message: '@shop.example #123456' },
        { type: 'submitted', docId: 'd', page, field: 0, username: '', password: '' },
        {},
      ])
      const read = readPageMessage(
        pick([value(0), { ...base, [pick(names)]: value(0) }, { ...base, page: { ...page, [pick(names)]: value(1) } }]),
      )
      if (read === null) continue
      through++
      if (!types.slice(0, 6).includes(read.type) || Object.getPrototypeOf(read) !== Object.prototype) expect(read).toBeNull()
      if ('field' in read && read.field >= read.page.fields.length) expect(read).toBeNull()
    }
    expect(through).toBeGreaterThan(100)
  })
})
