import { fromHex, toBase64url, utf8 } from '@nokkel/base'
import { beforeAll, describe, expect, it } from 'vitest'
import { codes, importJson, importText, plain } from '../testing.ts'

let key: Uint8Array

beforeAll(async () => {
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  key = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey))
})

const file = (...items: unknown[]) => ({ encrypted: false, folders: [{ id: 'f1', name: 'Jobb/Drift' }], items })
const shared = {
  id: 'i1',
  organizationId: null,
  folderId: null,
  reprompt: 0,
  notes: null,
  favorite: false,
  collectionIds: null,
  creationDate: '2023-02-01T10:00:00.000Z',
  revisionDate: '2024-03-01T10:00:00.500Z',
  deletedDate: null,
}
const passkey = (more: object = {}) => ({
  credentialId: 'b64.AQIDBA',
  keyType: 'public-key',
  keyAlgorithm: 'ECDSA',
  keyCurve: 'P-256',
  keyValue: toBase64url(key),
  rpId: 'shop.example',
  userHandle: 'dXNlcg',
  userName: 'kari',
  counter: '0',
  rpName: 'Butikken',
  userDisplayName: 'Kari N',
  discoverable: 'true',
  creationDate: '2023-05-05T05:05:05.000Z',
  ...more,
})

describe('Bitwarden JSON: logins', () => {
  it('reads addresses, custom fields, history, verification code, folder, favourite and times', () => {
    const { format, rows, items } = importJson(
      file({
        ...shared,
        type: 1,
        name: 'Portal',
        notes: 'husk',
        favorite: true,
        folderId: 'f1',
        fields: [
          { name: 'Medlem', value: '77', type: 0, linkedId: null },
          { name: 'PIN', value: '1234', type: 1, linkedId: null },
          { name: 'Husk meg', value: 'true', type: 2, linkedId: null },
          { name: 'Koblet', value: null, type: 3, linkedId: 100 },
        ],
        login: {
          uris: [
            { match: null, uri: ' https://a.example ' },
            { match: 3, uri: 'https://b.example/?a,b' },
            { match: 0, uri: 'https://a.example' },
          ],
          username: 'kari',
          password: 'pw',
          totp: 'JBSWY3DPEHPK3PXP',
          fido2Credentials: [],
          passwordRevisionDate: '2024-01-01T00:00:00.000Z',
        },
        passwordHistory: [
          { lastUsedDate: '2022-01-01T00:00:00.000Z', password: 'eldst' },
          { lastUsedDate: '2023-01-01T00:00:00.000Z', password: 'eldre' },
        ],
      }),
    )
    expect([format, rows]).toEqual(['bitwarden-json', 1])
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'Portal',
      notes: 'husk',
      favorite: true,
      'tag:Jobb/Drift': true,
      'site:https://a.example': true,
      'site:https://b.example/?a,b': true,
      username: 'kari',
      password: 'pw',
      totp: 'otpauth://totp/kari?secret=JBSWY3DPEHPK3PXP',
      'custom:Medlem': ['77', false],
      'custom:PIN': ['1234', true],
      'custom:Husk meg': ['true', false],
    })
    expect(items[0]?.draft).toMatchObject({
      createdMs: Date.UTC(2023, 1, 1, 10),
      modifiedMs: Date.UTC(2024, 2, 1, 10) + 500,
      history: [
        { field: 'password', value: 'eldre', ms: Date.UTC(2023, 0, 1) },
        { field: 'password', value: 'eldst', ms: Date.UTC(2022, 0, 1) },
      ],
    })
    expect(items[0]?.notes).toEqual([
      { code: 'left-out', params: { field: 'Koblet' } },
      { code: 'left-out', params: { field: 'login.uris.match' } },
    ])
  })

  it('keeps the newest earlier passwords and says how many there were', () => {
    const passwordHistory = Array.from({ length: 25 }, (_, i) => ({
      lastUsedDate: new Date(Date.UTC(2020, 0, i + 1)).toISOString(),
      password: `p${i}`,
    }))
    const { items } = importJson(file({ ...shared, type: 1, name: 'A', login: { password: 'x' }, passwordHistory }))
    expect(items[0]?.draft.history?.map(({ value }) => value)).toEqual(Array.from({ length: 20 }, (_, i) => `p${24 - i}`))
    expect(items[0]?.notes).toEqual([{ code: 'history-shortened', params: { kept: 20, total: 25 } }])
  })

  it('names what it leaves out: attachments, master password prompt, unknown properties, lost folders, archive', () => {
    const { items } = importJson(
      file({
        ...shared,
        type: 1,
        name: 'A',
        folderId: 'borte',
        reprompt: 1,
        archivedDate: '2025-01-01T00:00:00.000Z',
        novelty: { a: 1 },
        login: { username: 'u', later: 'x' },
        attachments: [{ id: '1', fileName: 'kvittering.pdf', size: '10' }],
      }),
    )
    expect(items[0]?.notes).toEqual([
      { code: 'left-out', params: { field: 'folder' } },
      { code: 'was-archived', params: {} },
      { code: 'left-out', params: { field: 'reprompt' } },
      { code: 'attachment-left-out', params: { name: 'kvittering.pdf' } },
      { code: 'left-out', params: { field: 'novelty' } },
      { code: 'left-out', params: { field: 'login.later' } },
    ])
  })

  it('reads the smallest files that Bitwarden documents', () => {
    const { items } = importJson({
      items: [{ type: 1, name: 'Tjeneste', login: { uris: ['https://my.example'], totp: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP' } }],
    })
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'Tjeneste',
      'site:https://my.example': true,
      totp: 'otpauth://totp/x?secret=JBSWY3DPEHPK3PXP',
    })
  })

  it('E6: never makes a site of an address that must not match, or of a pattern', () => {
    const uris = [
      { match: 5, uri: 'https://aldri.example' },
      { match: 4, uri: '^https://.*$' },
      { match: null, uri: 'https://a.example' },
    ]
    const { items } = importJson(file({ ...shared, type: 1, name: 'A', login: { uris, username: 'u' } }))
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'A',
      'custom:uri': ['https://aldri.example', false],
      'custom:uri (2)': ['^https://.*$', false],
      'site:https://a.example': true,
      username: 'u',
    })
    expect(codes(items[0]?.notes)).toContain('kept-as-custom')
  })

  it('reads an organisation’s collections as tags', () => {
    const { items } = importJson({
      encrypted: false,
      collections: [{ id: 'c1', organizationId: 'o', name: 'Drift' }],
      items: [{ ...shared, type: 1, name: 'A', collectionIds: ['c1'], login: { username: 'u' } }],
    })
    expect(plain(items[0]?.draft)).toMatchObject({ 'tag:Drift': true })
  })
})

describe('Bitwarden JSON: passkeys', () => {
  it('become items of their own beside a password', () => {
    const { rows, items, rejected } = importJson(
      file({
        ...shared,
        type: 1,
        name: 'Butikk',
        folderId: 'f1',
        login: { uris: [{ match: null, uri: 'https://shop.example' }], username: 'kari', password: 'pw', fido2Credentials: [passkey()] },
      }),
    )
    expect([rows, rejected.length]).toEqual([1, 0])
    expect(items.map(({ row }) => row)).toEqual([1, 1])
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'password',
      title: 'Butikk',
      'tag:Jobb/Drift': true,
      'site:https://shop.example': true,
      username: 'kari',
      password: 'pw',
    })
    expect(codes(items[0]?.notes)).toEqual(['passkey-separated'])
    expect(plain(items[1]?.draft)).toEqual({
      kind: 'passkey',
      title: 'Butikk',
      'tag:Jobb/Drift': true,
      rpId: 'shop.example',
      username: 'kari',
      displayName: 'Kari N',
      credentialId: Uint8Array.of(1, 2, 3, 4),
      privateKey: key,
      userHandle: utf8('user'),
      'custom:rpName': ['Butikken', false],
    })
    expect(items[1]?.draft.createdMs).toBe(Date.UTC(2023, 4, 5, 5, 5, 5))
  })

  it('take everything along when the login is nothing else', () => {
    const { items } = importJson(
      file({
        ...shared,
        type: 1,
        name: '',
        favorite: true,
        login: {
          uris: [{ match: 1, uri: 'https://shop.example' }],
          username: 'kari',
          password: null,
          totp: null,
          fido2Credentials: [passkey({ credentialId: '00112233-4455-6677-8899-aabbccddeeff', rpName: null })],
        },
      }),
    )
    expect(items).toHaveLength(1)
    expect(plain(items[0]?.draft)).toMatchObject({
      kind: 'passkey',
      title: 'shop.example',
      favorite: true,
      'site:https://shop.example': true,
      credentialId: fromHex('00112233445566778899aabbccddeeff'),
    })
    expect(items[0]?.notes).toEqual([{ code: 'left-out', params: { field: 'login.uris.match' } }])
  })

  it('that are damaged are reported at their login, and never imported by half', () => {
    const broken = [
      passkey({ keyValue: '' }),
      passkey({ keyValue: toBase64url(key.subarray(0, -1)) }),
      passkey({ keyValue: toBase64url(utf8('not a key')) }),
      passkey({ credentialId: 'x' }),
      passkey({ credentialId: 'b64.' }),
      passkey({ rpId: '' }),
      passkey({ userHandle: '#' }),
      passkey({ userHandle: toBase64url(new Uint8Array(65)) }),
      'x',
    ]
    const { items } = importJson(
      file(
        ...broken.map((credential, i) => ({
          ...shared,
          type: 1,
          name: `A${i}`,
          login: { username: 'kari', fido2Credentials: [credential] },
        })),
      ),
    )
    expect(items.map(({ draft, notes }) => [draft.kind, ...codes(notes)])).toEqual(broken.map(() => ['password', 'passkey-unreadable']))
  })

  it('say so when a site may notice the lost signature counter', () => {
    const { items } = importJson(file({ ...shared, type: 1, name: 'A', login: { fido2Credentials: [passkey({ counter: '17' })] } }))
    expect(items[0]?.notes).toContainEqual({ code: 'left-out', params: { field: 'counter' } })
  })
})

describe('Bitwarden JSON: other kinds', () => {
  it('E5: cards, always without the security code, wherever it stands', () => {
    const { items, noteCounts } = importJson(
      file({
        ...shared,
        type: 3,
        name: 'Visa CVV 123',
        notes: 'cvc: 456',
        card: { cardholderName: 'Kari N', brand: 'Visa', number: '4111 1111 1111 1111', expMonth: '7', expYear: '2031', code: '987' },
        fields: [
          { name: 'CVV2', value: '987', type: 1 },
          { name: 'Sikkerhetskode', value: '987', type: 0 },
          { name: 'PIN', value: '4321', type: 1 },
          { name: 'Husk', value: 'CVV=987', type: 0 },
        ],
      }),
    )
    expect(plain(items[0]?.draft)).toEqual({
      kind: 'card',
      title: 'Visa CVV •••',
      notes: 'cvc: •••',
      cardholder: 'Kari N',
      number: '4111 1111 1111 1111',
      expiryMonth: 7,
      expiryYear: 2031,
      'custom:brand': ['Visa', false],
      'custom:PIN': ['4321', true],
      'custom:Husk': ['CVV=•••', false],
    })
    expect(JSON.stringify([...(items[0]?.draft.fields ?? [])])).not.toMatch(/987|456|123/)
    expect(noteCounts['security-code-dropped']).toBe(6)
  })

  it('keeps an expiry that is no month or year as it is', () => {
    const { items } = importJson(file({ ...shared, type: 3, name: 'K', card: { number: '1', expMonth: '13', expYear: '31' } }))
    expect(plain(items[0]?.draft)).toEqual({ kind: 'card', title: 'K', number: '1', expiryYear: 2031, 'custom:expMonth': ['13', true] })
  })

  it('secure notes', () => {
    const { items } = importJson(
      file({ ...shared, type: 2, name: 'Kode', notes: 'hemmelig', secureNote: { type: 0 }, fields: [{ name: 'x', value: 'y', type: 1 }] }),
    )
    expect(plain(items[0]?.draft)).toEqual({ kind: 'note', title: 'Kode', notes: 'hemmelig', 'custom:x': ['y', true] })
    expect(items[0]?.notes).toEqual([])
  })

  it('identities, keys and kinds from after our time become notes, with every value', () => {
    const { items } = importJson(
      file(
        {
          ...shared,
          type: 4,
          name: 'Meg',
          notes: 'n',
          identity: { title: 'Fru', firstName: 'Kari', ssn: '010203 12345', email: 'k@example.org', address1: null, licenseNumber: '' },
        },
        {
          ...shared,
          type: 5,
          name: 'SSH',
          sshKey: { privateKey: '-----BEGIN\nx', publicKey: 'ssh-ed25519 A', keyFingerprint: 'SHA256:x' },
        },
        { ...shared, type: 6, name: 'Konto', bankAccount: { bankName: 'B', accountNumber: '1', pin: '1234' } },
        { ...shared, type: 99, name: 'Nytt', wallet: { seed: 'ord ord', deep: { a: 1 } } },
      ),
    )
    expect(items.map(({ draft }) => plain(draft))).toEqual([
      {
        kind: 'note',
        title: 'Meg',
        notes: 'n',
        'custom:title': ['Fru', false],
        'custom:firstName': ['Kari', false],
        'custom:ssn': ['010203 12345', true],
        'custom:email': ['k@example.org', false],
      },
      {
        kind: 'note',
        title: 'SSH',
        'custom:privateKey': ['-----BEGIN\nx', true],
        'custom:publicKey': ['ssh-ed25519 A', false],
        'custom:keyFingerprint': ['SHA256:x', false],
      },
      { kind: 'note', title: 'Konto', 'custom:bankName': ['B', false], 'custom:accountNumber': ['1', true], 'custom:pin': ['1234', true] },
      { kind: 'note', title: 'Nytt', 'custom:seed': ['ord ord', true] },
    ])
    expect(items.map(({ notes }) => notes[0])).toEqual(
      ['identity', 'sshKey', 'bankAccount', 'type 99'].map((kind) =>
        expect.objectContaining(
          kind === 'type 99' ? { code: 'left-out', params: { field: 'wallet.deep' } } : { code: 'kind-as-note', params: { kind } },
        ),
      ),
    )
    expect(codes(items[3]?.notes)).toEqual(['left-out', 'kind-as-note'])
  })

  it('what was in the bin stays there, and is listed', () => {
    const { items, rejected } = importJson(
      file({ ...shared, type: 1, name: 'Slettet', deletedDate: '2024-01-01T00:00:00.000Z', login: { username: 'u' } }),
    )
    expect(items).toEqual([])
    expect(rejected).toEqual([{ row: 1, reason: 'deleted-in-source', params: {}, title: 'Slettet' }])
  })
})

describe('Bitwarden JSON: files that are not what they should be', () => {
  it('refuses encrypted exports with the reason', () => {
    expect(() => importText('{"encrypted":true,"encKeyValidation_DO_NOT_EDIT":"2.x","items":[{"type":1,"name":"2.x"}]}')).toThrow(
      expect.objectContaining({ code: 'import-encrypted', params: { format: 'bitwarden-json', passwordProtected: false } }),
    )
    expect(() => importText('{"encrypted":true,"passwordProtected":true,"data":"2.x"}')).toThrow(
      expect.objectContaining({ code: 'import-encrypted', params: { format: 'bitwarden-json', passwordProtected: true } }),
    )
  })

  it('refuses broken and foreign JSON', () => {
    expect(() => importText('{"encrypted":false,"items":[')).toThrow(
      expect.objectContaining({ code: 'malformed', params: { what: 'json' } }),
    )
    expect(() => importText('{"accounts":[]}')).toThrow(expect.objectContaining({ code: 'format-unknown' }))
    expect(() => importText('name,url', 'bitwarden-json')).toThrow(expect.objectContaining({ code: 'format-unknown' }))
  })

  it('accounts for every item, whatever it is', () => {
    const { rows, items, rejected } = importText(
      `{"encrypted":false,"items":[null,7,"x",[],{},{"type":1},{"type":1,"name":{"a":1},"login":"x"},{"type":"1","name":5,"login":{"uris":[5],"username":["a"],"password":true}},{"type":3,"card":[]},{"login":{"username":"u"}}]}`,
    )
    expect(rows).toBe(10)
    expect(rejected.map(({ row, reason }) => [row, reason])).toEqual([
      [1, 'malformed-row'],
      [2, 'malformed-row'],
      [3, 'malformed-row'],
      [4, 'malformed-row'],
      [5, 'empty-row'],
      [6, 'empty-row'],
      [7, 'empty-row'],
      [9, 'empty-row'],
    ])
    expect(items.map(({ row, draft }) => [row, plain(draft)])).toEqual([
      [8, { kind: 'password', title: '5', password: 'true' }],
      [10, { kind: 'password', title: 'u', username: 'u' }],
    ])
    expect(items[0]?.notes).toEqual([
      { code: 'left-out', params: { field: 'login.uris' } },
      { code: 'left-out', params: { field: 'login.username' } },
    ])
  })

  it('takes __proto__ for a name like any other', () => {
    const { items } = importText(
      '{"encrypted":false,"__proto__":{"items":[]},"items":[{"type":1,"name":"A","__proto__":{"favorite":true},"login":{"username":"u","__proto__":{"password":"x"}},"fields":[{"name":"__proto__","value":"v","type":0}]}]}',
    )
    expect([...(items[0]?.draft.fields ?? [])]).toEqual([
      ['title', 'A'],
      ['custom:__proto__', ['v', false]],
      ['username', 'u'],
    ])
    expect(items[0]?.notes).toEqual([
      { code: 'left-out', params: { field: '__proto__' } },
      { code: 'left-out', params: { field: 'login.__proto__' } },
    ])
    expect(({} as Record<string, unknown>)['favorite']).toBeUndefined()
  })

  it('replaces lone surrogates and removes NUL, and says where', () => {
    const { items } = importText(
      String.raw`{"encrypted":false,"folders":[{"id":"f","name":"\ud800"}],"items":[{"type":1,"folderId":"f","name":"a\ud800b","login":{"username":"u\u0000v","password":"\udc00","totp":"otpauth://totp/\ud800?secret=JBSWY3DPEHPK3PXP","uris":[{"uri":"https://x\u0000.example/\ud800"}]},"fields":[{"name":"l\ud800","value":"v\u0000","type":0}]}]}`,
    )
    expect(plain(items[0]?.draft)).toMatchObject({
      title: 'a\ufffdb',
      username: 'uv',
      password: '\ufffd',
      'tag:\ufffd': true,
      'custom:l\ufffd': ['v', false],
      'site:https://x.example/\ufffd': true,
    })
    for (const [name, value] of items[0]?.draft.fields ?? [])
      expect([name, value].flat().every((text) => typeof text !== 'string' || text.isWellFormed())).toBe(true)
    expect(codes(items[0]?.notes).every((code) => code === 'characters-replaced')).toBe(true)
    expect(items[0]?.notes.map(({ params }) => params['field'])).toEqual(
      expect.arrayContaining(['title', 'tag', 'username', 'password', 'site', 'label', 'l\ufffd', 'login.totp']),
    )
  })

  it('refuses an item of a hundred thousand fields without looking for names for all of them', () => {
    const fields = Array.from({ length: 100_000 }, () => ({ name: 'x', value: 'y', type: 0 }))
    const { rejected } = importJson(file({ ...shared, type: 2, name: 'A', fields }))
    expect(rejected).toMatchObject([{ reason: 'too-many-fields', params: { max: 300 } }])
  })

  it('is not slowed down by values made for patterns', () => {
    const pad = (text: string) => text.repeat(200_000)
    const login = {
      username: 'u',
      totp: `${pad('=')}x`,
      uris: [{ uri: pad('a,') }],
      fido2Credentials: [passkey({ keyValue: `${pad('=')}x` })],
    }
    const { rows } = importJson(
      file(
        { ...shared, type: 1, name: 'A', login },
        { ...shared, type: 3, name: `CVV${pad(' ')}x`, notes: pad('cvv '), card: { number: '1' } },
      ),
    )
    expect(rows).toBe(2)
  })

  it('survives JSON nested deeper than a stack', () => {
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
    const { rows } = importText(`{"encrypted":false,"items":[{"type":1,"name":${deep},"login":${deep}},${deep}]}`)
    expect(rows).toBe(2)
  })
})
