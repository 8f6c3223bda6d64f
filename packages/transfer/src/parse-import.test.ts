import { utf8 } from '@nokkel/base'
import { createItem, fieldRules, itemLimits, type Hlc } from '@nokkel/keychain'
import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { transferMessages } from '@nokkel/messages'
import { importNoteCodes, importReasonCodes } from './codes.ts'
import { draftFingerprint } from './fingerprint.ts'
import { importFormats, importLimits, type ImportResult } from './import-result.ts'
import { parseImport } from './parse-import.ts'
import { codes, importText, plain, textFile, utf16, windows1252 } from './testing.ts'

const chrome = 'name,url,username,password,note'

const stamp = (): Hlc => ({ ms: 1_760_000_000_000, ctr: 0xffff_ffff, dev: '0123456789abcdef' })

/** The promise of the result: each row once. */
function expectAccounted({ rows, items, rejected }: ImportResult): void {
  const imported = new Set(items.map(({ row }) => row))
  const refused = rejected.map(({ row }) => row)
  expect(new Set(refused).size).toBe(refused.length)
  expect(refused.filter((row) => imported.has(row))).toEqual([])
  expect(imported.size + refused.length).toBe(rows)
}

describe('parseImport: rows', () => {
  it('rejects empty rows, and ignores blank lines at the end', () => {
    const result = importText(`${chrome}\na,,,,\n\n , ,,\t,\n,,,,\nb,,,,\n\n\n`)
    expect(result.rejected.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'empty-row'],
      [4, 'empty-row'],
      [5, 'empty-row'],
    ])
    expect(result.items.map(({ row }) => row)).toEqual([2, 6])
    expectAccounted(result)
  })

  it('accepts rows that end early, with a remark, and empty cells that are too many, not values that are', () => {
    const result = importText(`${chrome}\na,,u\nb,,u,p,n,,\nc,,u,p,n,x\n`)
    expect(result.items.map(({ draft }) => plain(draft)['title'])).toEqual(['a', 'b'])
    expect(result.items.map(({ notes }) => notes)).toEqual([[{ code: 'row-ends-early', params: { cells: 3, columns: 5 } }], []])
    expect(result.rejected).toEqual([{ row: 4, reason: 'malformed-row', params: { cells: 6, columns: 5 } }])
  })

  it('rejects a damaged row and what may belong to it, and reads the others', () => {
    const result = importText(`${chrome}\na,,u,p,\nb,,u,"p"x,"to\nhalv, linje\nc,,u,p,\nd,,u,"p,\n`)
    expect(result.items.map(({ draft }) => plain(draft)['title'])).toEqual(['a', 'c'])
    expect(result.rejected.map(({ row, reason }) => [row, reason])).toEqual([
      [3, 'malformed-row'],
      [4, 'malformed-row'],
      [6, 'malformed-row'],
    ])
    expectAccounted(result)
  })

  it('rejects the second of two equal rows and names the first', () => {
    const result = importText(`${chrome}\na,https://x.example,u,p,\na,https://x.example,u,p,\na,https://x.example,u,q,\n`)
    expect(result.rejected).toEqual([{ row: 3, reason: 'duplicate-in-file', params: { firstRow: 2 }, title: 'a' }])
    expect(result.items).toHaveLength(2)
  })

  it('rejects values that do not fit, naming the field, and never cuts one off', () => {
    const max = Object.fromEntries(fieldRules.password.map(({ name, max }) => [name, max]))
    const row = (title: number, site: number, username: number, password: number, notes: number) =>
      ['t'.repeat(title), `https://${'s'.repeat(site - 8)}`, 'u'.repeat(username), 'p'.repeat(password), 'n'.repeat(notes)].join(',')
    const full = [max['title'], itemLimits.siteLength, max['username'], max['password'], max['notes']] as [
      number,
      number,
      number,
      number,
      number,
    ]
    const rows = [row(...full), ...full.map((_, i) => row(...(full.map((n, j) => (i === j ? n + 1 : n)) as typeof full)))]
    const result = importText([chrome, ...rows].join('\n'))
    expect(result.items.map(({ row: n }) => n)).toEqual([2])
    expect(result.items[0]?.draft.fields.get('notes')).toHaveLength(max['notes'] as number)
    expect(result.rejected.map(({ reason, params }) => [reason, params['field'], params['max']])).toEqual(
      ['title', 'site', 'username', 'password', 'notes'].map((field, i) => ['too-long', field, full[i]]),
    )
  })

  it('rejects items with too many fields or too many bytes', () => {
    const columns = Array.from({ length: 310 }, (_, i) => `k${i}`)
    const many = importText(['title,url,username,password,tags', ...columns].join(',') + '\n' + ['a,,u,p,', ...columns].join(','))
    expect(many.rejected).toMatchObject([{ row: 2, reason: 'too-many-fields', params: { max: itemLimits.fields } }])
    const heavy = importText(`${chrome}\na,,u,p,${'界'.repeat(70_000)}`)
    expect(heavy.rejected).toMatchObject([{ row: 2, reason: 'item-too-large', params: { limitBytes: importLimits.itemBytes } }])
  })

  it('makes nothing that the keychain refuses, up to every limit', () => {
    const longest = 'k'.repeat(itemLimits.siteLength - 8)
    const accepted = [
      `name,url,username,password,${longest}\na,,u,p,${'v'.repeat(importLimits.customValue)}`,
      `folder,name,login_uri,login_username,login_password\n${'f'.repeat(itemLimits.siteLength)},a,,u,p`,
      `title,url,username,password,tags,${Array.from({ length: 297 }, (_, i) => `k${i}`).join(',')}\na,,u,p,,${Array.from({ length: 297 }, () => 'v'.repeat(560)).join(',')}`,
    ]
    for (const text of accepted) {
      const { items, rejected } = importText(text)
      expect(rejected).toEqual([])
      for (const { draft } of items) createItem(draft, stamp)
    }
    expect(importText(`name,url,username,password,k${longest}\na,,u,p,v`).rejected).toMatchObject([
      { reason: 'too-long', params: { field: 'label' } },
    ])
    expect(
      importText(`folder,name,login_uri,login_username,login_password\nf${'f'.repeat(itemLimits.siteLength)},a,,u,p`).rejected,
    ).toMatchObject([{ reason: 'too-long', params: { field: 'tag' } }])
  })

  it('gives the title of a rejected row without harmful characters', () => {
    const { rejected } = importText(`${chrome}\n"a\0${'b'.repeat(198)}🫐",,u,${'p'.repeat(6_000)},`)
    expect(rejected[0]?.title).toHaveLength(200)
    expect(rejected[0]?.title?.isWellFormed()).toBe(true)
  })
})

describe('parseImport: files', () => {
  const text = `${chrome}\r\nKåre,https://blåbær.no,kåre,"pæss\r\nord",\r\n`
  const fields = { kind: 'password', title: 'Kåre', 'site:https://blåbær.no': true, username: 'kåre', password: 'pæss\r\nord' }

  it.each([
    ['UTF-8', utf8(text), []],
    ['UTF-8 with a mark', utf8(`\uFEFF${text}`), []],
    ['UTF-16 with a mark', utf16(text, true, true), []],
    ['UTF-16 big-endian with a mark', utf16(text, false, true), []],
    ['UTF-16 without a mark', utf16(text, true, false), ['encoding-guessed']],
    ['Windows-1252', windows1252(text), ['encoding-guessed']],
  ])('reads %s', (_, bytes, notes) => {
    const result = parseImport({ name: 'x', bytes })
    expect(result.items.map(({ draft }) => plain(draft))).toEqual([fields])
    expect(codes(result.fileNotes)).toEqual(notes)
  })

  it('says which values lost characters in a damaged file', () => {
    const bytes = utf8(`${chrome}\nblåbærsyltetøy,,u,pæss,\nren,,u,p,\n`)
    bytes[bytes.indexOf(0xc3, chrome.length + 18)] = 0xff
    const result = parseImport({ name: 'x', bytes })
    expect(result.fileNotes).toEqual([{ code: 'encoding-guessed', params: { encoding: 'utf-8' } }])
    expect(result.items.map(({ notes }) => codes(notes))).toEqual([['characters-replaced'], []])
  })

  it('removes NUL characters and says so', () => {
    const result = importText(`${chrome}\0\na\0,,u,p\0w,\n\0,\0,,,\n`)
    expect(plain(result.items[0]?.draft)).toEqual({ kind: 'password', title: 'a', username: 'u', password: 'pw' })
    expect(result.items[0]?.notes.map(({ params }) => params['field'])).toEqual(['title', 'password'])
    expect(result.rejected).toMatchObject([{ row: 3, reason: 'empty-row' }])
  })

  it('takes __proto__ and constructor for headers like any other', () => {
    const { items } = importText('title,url,username,password,tags,__proto__,constructor\na,,u,p,,x,y')
    expect([...(items[0]?.draft.fields.keys() ?? [])]).toEqual(['title', 'username', 'password', 'custom:__proto__', 'custom:constructor'])
  })

  it('reads a file as the format it is told to, when any column fits', () => {
    const odd = 'Login,Username,Password\nx,kari,pw\n'
    expect(() => importText(odd)).toThrow(expect.objectContaining({ code: 'format-unknown' }))
    expect(plain(importText(odd, 'chrome-csv').items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'kari',
      username: 'kari',
      password: 'pw',
      'custom:Login': ['x', true],
    })
    expect(() => importText('a;b;c\n1;2;3', 'chrome-csv')).toThrow(
      expect.objectContaining({ code: 'format-unknown', params: { format: 'chrome-csv' } }),
    )
    expect(() => importText('', 'apple-csv')).toThrow(expect.objectContaining({ code: 'format-unknown' }))
  })

  it('refuses files over 64 MiB and more than 200,000 rows', () => {
    expect(() => parseImport({ name: 'x', bytes: new Uint8Array(importLimits.fileBytes + 1) })).toThrow(
      expect.objectContaining({ code: 'too-large', params: { limitBytes: importLimits.fileBytes } }),
    )
    const most = `${chrome}\n${',,,\n'.repeat(importLimits.rows - 1)}a,,,,\n`
    expect(importText(most).rows).toBe(importLimits.rows)
    const tooMany = expect.objectContaining({ code: 'import-too-many-rows', params: { limit: importLimits.rows } })
    expect(() => importText(`${most}b,,,,\n`)).toThrow(tooMany)
    expect(() => importText(`{"encrypted":false,"items":[${'0,'.repeat(importLimits.rows)}0]}`)).toThrow(tooMany)
  })

  it('puts no value of the file into an error, a reason or a note', () => {
    const secret = 'h3mmelig-verdi'
    const shown: unknown[] = []
    for (const bad of [
      `${chrome}\na,,${secret},"${secret}"x,${secret}`,
      `${chrome}\na,,${secret},${secret.repeat(1_000)},`,
      `title,url,username,password,otpauth\na,,${secret},${secret},${secret}`,
      `{"encrypted":false,"items":["${secret}"`,
      secret,
    ]) {
      try {
        const { rejected, items, fileNotes } = importText(bad)
        shown.push(rejected, fileNotes, ...items.map(({ notes }) => notes))
      } catch (error) {
        shown.push(String(error), error)
      }
    }
    expect(JSON.stringify(shown)).not.toContain(secret)
    expect(shown.length).toBeGreaterThan(5)
  })
})

describe('parseImport: any table', () => {
  const headers = {
    'apple-csv': ['Title', 'URL', 'Username', 'Password', 'Notes'],
    'chrome-csv': ['name', 'url', 'username', 'password', 'note'],
    '1password-csv': ['Title', 'Website', 'Username', 'Password', 'Notes'],
    'bitwarden-csv': ['name', 'login_uri', 'login_username', 'login_password', 'notes'],
  } as const
  const formats = Object.keys(headers) as (keyof typeof headers)[]
  const value = fc.oneof(
    fc.constant(''),
    fc.string({ unit: 'grapheme', maxLength: 20 }),
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.string({ unit: fc.constantFrom('"', ',', ';', '\t', '\r', '\n', ' ', '=', 'ø'), maxLength: 8 }),
  )
  const site = fc.oneof(
    fc.constant(''),
    fc.webUrl({ withFragments: false }).map((url) => url.replaceAll(',', '.')),
  )
  const rows = fc.array(fc.tuple(value, site, value, value, value), { maxLength: 12 })

  it('written by another program is read back value for value, and every row is accounted for', () => {
    fc.assert(
      fc.property(
        rows,
        fc.constantFrom(...formats),
        fc.constantFrom(',', ';', '\t'),
        fc.constantFrom('\n', '\r\n'),
        fc.boolean(),
        fc.boolean(),
        (table, format, delimiter, newline, quotes, reversed) => {
          const written = [headers[format], ...table].map((row) => (reversed ? [...row].reverse() : [...row]))
          const result = parseImport(textFile(Papa.unparse(written, { delimiter, newline, quotes })))
          expect(result.format).toBe(format)
          expectAccounted(result)
          for (const { row, draft, notes } of result.items) {
            const [title, url, username, password, text] = (table[row - 2] as string[]).map((cell) => cell.replaceAll('\0', '')) as [
              string,
              string,
              string,
              string,
              string,
            ]
            const got = plain(draft)
            if (title.trim() !== '') expect(got['title']).toBe(title)
            expect([got['username'] ?? '', got['password'] ?? '', got['notes'] ?? '']).toEqual([username, password, text])
            expect([...draft.fields.keys()].filter((name) => name.startsWith('site:'))).toEqual(url === '' ? [] : [`site:${url}`])
            expect(codes(notes).filter((code) => code !== 'characters-replaced')).toEqual([])
            createItem(draft, stamp)
          }
          for (const { row, reason, params } of result.rejected) {
            if (reason === 'duplicate-in-file')
              expect((table[row - 2] as string[]).map((cell) => cell.replaceAll('\0', ''))).toEqual(
                (table[(params['firstRow'] as number) - 2] as string[]).map((cell) => cell.replaceAll('\0', '')),
              )
            else
              expect([reason, (table[row - 2] as string[]).every((cell) => cell.replaceAll('\0', '').trim() === '')]).toEqual([
                'empty-row',
                true,
              ])
          }
          expect(result.rows).toBeLessThanOrEqual(table.length)
        },
      ),
      { numRuns: 400 },
    )
  })

  it('imported twice says the same: all fingerprints of the second are known', () => {
    fc.assert(
      fc.property(rows, (table) => {
        const csv = Papa.unparse([headers['chrome-csv'], ...table], { delimiter: ',', newline: '\n', quotes: true })
        const prints = (text: string) => importText(text).items.map(({ draft }) => draftFingerprint(draft))
        const first = new Set(prints(csv))
        expect(prints(`${csv}\n`).every((print) => first.has(print))).toBe(true)
      }),
    )
  })

  it('is accounted for, whatever the text', () => {
    const junk = fc.string({ unit: fc.constantFrom('"', ',', '\r', '\n', ' ', '\0', 'a', 'ø', '\uFEFF'), maxLength: 80 })
    fc.assert(
      fc.property(junk, (text) => expectAccounted(importText(`${chrome}\n${text}`))),
      { numRuns: 500 },
    )
  })

  it('is accounted for, whatever the JSON', () => {
    const key = fc.constantFrom(
      'type',
      'name',
      'notes',
      'login',
      'card',
      'identity',
      'fields',
      'uris',
      'uri',
      'fido2Credentials',
      'value',
      'passwordHistory',
      'password',
      'totp',
      'deletedDate',
      '__proto__',
      'x',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        fc.string({ maxLength: 5 }),
        fc.integer({ min: 0, max: 9 }),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('tree'), { maxLength: 3 }),
        tie('node'),
      ),
      node: fc.dictionary(key, tie('tree'), { maxKeys: 6 }),
    }))
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 6 }), (items) => {
        const result = importText(JSON.stringify({ encrypted: false, items }))
        expect(result.rows).toBe(items.length)
        expectAccounted(result)
        for (const { draft } of result.items) createItem(draft, stamp)
      }),
      { numRuns: 500 },
    )
  })
})

describe('words', () => {
  it('exist in both languages for every code and format, with the same parameters', () => {
    const all = [...importFormats, ...importNoteCodes, ...importReasonCodes].toSorted()
    expect(Object.keys(transferMessages.en).toSorted()).toEqual(all)
    expect(Object.keys(transferMessages.nb).toSorted()).toEqual(all)
    const parameters = (text: string) => (text.match(/\{\w+\}/g) ?? []).toSorted()
    for (const code of all as (keyof typeof transferMessages.en)[])
      expect(parameters(transferMessages.nb[code])).toEqual(parameters(transferMessages.en[code]))
  })
})
