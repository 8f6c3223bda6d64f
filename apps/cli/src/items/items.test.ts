import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NokkelError, type CborValue, type ItemId } from '@nokkel/base'
import type { FieldView, ItemView } from '@nokkel/client'
import { createMessages } from '@nokkel/messages'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createContext } from '../context.ts'
import { readGlobals } from '../globals.ts'
import { checkDraft } from './draft-options.ts'
import { parseAssignments, readAssignment } from './field-input.ts'
import { elementsOf, findFieldValue, itemForScripts, orderFields, presentCode, valueText } from './view-item.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'nokkel-items-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const context = createContext({
  globals: readGlobals([], { NOKKEL_HOME: '/none' }),
  env: {},
  version: '0.0.0',
  signal: new AbortController().signal,
})
const none = { title: undefined, username: undefined, notes: undefined, site: [], tag: [], favorite: false, generate: false, field: [] }

async function read(kind: string, assignment: string): Promise<CborValue> {
  const [parsed] = parseAssignments(kind, [assignment], context)
  return readAssignment(kind, parsed as NonNullable<typeof parsed>, context)
}
const refusal = (work: () => unknown): NokkelError => {
  try {
    work()
  } catch (error) {
    if (error instanceof NokkelError) return error
  }
  throw new Error('it was accepted')
}

describe('field values on the line', () => {
  it.each([
    ['card', 'cardholder=Ola = Nordmann', 'Ola = Nordmann'],
    ['card', 'expiryMonth=12', 12],
    ['wifi', 'hidden=true', true],
    ['wifi', 'ssid=@@home', '@home'],
    ['password', 'custom:Ref=42', ['42', false]],
  ])('%s: %s', async (kind, assignment, value) => {
    expect(await read(kind, assignment)).toEqual(value)
  })

  it.each([
    ['password', 'password=hunter2'],
    ['password', 'totp=hunter2'],
    ['card', 'number=hunter2'],
    ['note', 'notes=hunter2'],
    ['wifi', 'password=hunter2'],
    ['passkey', 'privateKey=hunter2'],
  ])('C1: %s: %s is a secret in an argument', (kind, assignment) => {
    const error = refusal(() => parseAssignments(kind, [assignment], context))
    expect(error.code).toBe('secret-in-argument')
    expect(JSON.stringify(error)).not.toContain('hunter2')
  })

  it('E5: a card has nowhere to put its security code', () => {
    for (const name of ['cvv', 'securityCode', 'cvc'])
      expect(refusal(() => parseAssignments('card', [`${name}=@f`], context)).code).toBe('field-unknown')
  })

  it.each([
    ['password', 'frob=1', 'field-unknown'],
    ['password', 'site:x=1', 'field-unknown'],
    ['password', 'custom:=1', 'field-unknown'],
    ['password', 'novalue', 'usage'],
    ['password', '=x', 'usage'],
  ])('%s: %s is refused (%s)', (kind, assignment, code) => {
    expect(refusal(() => parseAssignments(kind, [assignment], context)).code).toBe(code)
  })

  it('reads a secret from a file without its last line break, and hides a custom field that came that way', async () => {
    const file = join(folder, 'secret')
    writeFileSync(file, 'two\nlines\r\n')
    expect(await read('password', `password=@${file}`)).toBe('two\nlines')
    expect(await read('password', `custom:PIN=@${file}`)).toEqual(['two\nlines', true])
  })

  it('takes numbers and yes or no only as such', async () => {
    await expect(read('card', 'expiryMonth=twelve')).rejects.toMatchObject({ code: 'usage' })
    await expect(read('wifi', 'hidden=1')).rejects.toMatchObject({ code: 'usage' })
  })
})

describe('drafts', () => {
  it('becomes fields', () => {
    const { fields } = checkDraft('password', { ...none, title: 'T', username: 'u', site: ['a', 'b'], tag: ['x'], favorite: true }, context)
    expect([...fields]).toEqual([
      ['title', 'T'],
      ['username', 'u'],
      ['site:a', true],
      ['site:b', true],
      ['tag:x', true],
      ['favorite', true],
    ])
  })

  it('E7: generates a strong password where the kind has one', () => {
    expect(checkDraft('password', { ...none, generate: true }, context).fields.get('password')).toMatch(
      /^[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}-[a-zA-Z0-9]{6}$/,
    )
    expect(refusal(() => checkDraft('card', { ...none, generate: true }, context)).code).toBe('field-unknown')
    expect(refusal(() => checkDraft('password', { ...none, generate: true, field: ['password=-'] }, context)).code).toBe('usage')
  })

  it('refuses the text of a secure note on the line, and takes notes of other kinds', () => {
    expect(refusal(() => checkDraft('note', { ...none, notes: 'x' }, context)).code).toBe('secret-in-argument')
    expect(checkDraft('password', { ...none, notes: 'x' }, context).fields.get('notes')).toBe('x')
  })
})

const field = (name: string, value: CborValue, secret = false): FieldView => ({ name, value, secret, modifiedMs: 1, modifiedBy: 'Mac' })
const item: ItemView = {
  id: 'a'.repeat(32) as ItemId,
  kind: 'password',
  title: 'T',
  username: 'u',
  sites: ['https://a'],
  createdMs: 1,
  modifiedMs: 2,
  deletedMs: null,
  favorite: false,
  hasTotp: true,
  pending: false,
  fields: [
    field('future', new Uint8Array([1]), true),
    field('custom:PIN', ['1234', true], true),
    field('site:https://a', true),
    field('site:https://old', false),
    field('tag:work', true),
    // RFC 6238 appendix B: the secret "12345678901234567890"
    field('totp', 'otpauth://totp/x?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&digits=8', true),
    field('password', 'pw', true),
    field('username', 'u'),
    field('title', 'T'),
  ],
  history: [{ index: 0, field: 'password', value: 'earlier', secret: true, timeMs: 1, by: 'Mac', reason: 'replaced' }],
}

describe('showing an item', () => {
  it('masks every secret for scripts unless they ask', () => {
    const text = JSON.stringify(itemForScripts(item, false))
    for (const secret of ['pw', '1234', 'earlier', 'GEZD', '"AQ"']) expect(text).not.toContain(secret)
    expect(itemForScripts(item, true)).toMatchObject({
      fields: expect.arrayContaining([
        expect.objectContaining({ name: 'custom:PIN', value: '1234' }),
        expect.objectContaining({ name: 'password', value: 'pw' }),
      ]) as unknown,
      history: [{ value: 'earlier' }],
    })
  })

  it('B4: orders known fields first and keeps those it cannot name', () => {
    expect(orderFields(item).map(({ name }) => name)).toEqual(['title', 'username', 'password', 'totp', 'custom:PIN', 'future'])
    expect(elementsOf(item, 'site')).toEqual(['https://a'])
    expect(valueText(createMessages('en'), new Uint8Array([255, 0]))).toBe('_wA')
  })

  it.each([
    ['password', 'pw'],
    ['PIN', '1234'],
    ['custom:PIN', '1234'],
    ['sites', ['https://a']],
    ['tags', ['work']],
    ['code', '14050471'],
    ['nothing', undefined],
  ])('finds the value of %s', async (name, value) => {
    expect(await findFieldValue(item, name, 1_111_111_111_000)).toEqual(value)
  })

  it('E8: makes the verification code of the moment (RFC 6238 appendix B)', async () => {
    expect(await presentCode(item, 59_000)).toEqual({ code: '94287082', secondsLeft: 1 })
    expect(await presentCode({ ...item, fields: [] }, 59_000)).toBeUndefined()
    await expect(presentCode({ ...item, fields: [field('totp', 'not a key!', true)] }, 0)).rejects.toMatchObject({ code: 'malformed' })
  })
})
