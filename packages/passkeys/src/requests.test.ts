import { SeededRandom } from '@nokkel/base/testing'
import { toBase64url, type Bytes } from '@nokkel/base'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readAssertionRequest, readCreationRequest, type Reading } from './requests.ts'

const random = new SeededRandom(7)
const some = (length: number): string => toBase64url(random.bytes(length))
const descriptor = (length = 32): object => ({ type: 'public-key', id: some(length) })
const creation = (more: object = {}): object => ({
  rp: { id: 'shop.no', name: 'Shop' },
  user: { id: some(16), name: 'kari@example.org', displayName: 'Kari' },
  challenge: some(32),
  pubKeyCredParams: [
    { type: 'public-key', alg: -8 },
    { type: 'public-key', alg: -7 },
  ],
  ...more,
})
const assertion = (more: object = {}): object => ({ challenge: some(32), rpId: 'shop.no', ...more })
const made = (more: object) => readCreationRequest(creation(more), 'host.no')
const asked = (more: object) => readAssertionRequest(assertion(more), 'host.no')
function request<T>(reading: Reading<T>): T {
  if (!reading.ok) throw new Error(reading.fault)
  return reading.request
}

describe('PK-3 what a page asks for is read once, and bounded', () => {
  it('a usual request', () => {
    const exclude = descriptor()
    const { ok } = made({})
    expect(ok).toBe(true)
    expect(request(made({ excludeCredentials: [exclude], timeout: 120_000, extensions: { credProps: true } }))).toMatchObject({
      rpId: 'shop.no',
      username: 'kari@example.org',
      displayName: 'Kari',
      verification: 'preferred',
      timeoutMs: 120_000,
      credProps: true,
    })
    expect(request(asked({ allowCredentials: [descriptor(), descriptor(64)], userVerification: 'required' }))).toMatchObject({
      rpId: 'shop.no',
      verification: 'required',
      timeoutMs: 300_000,
    })
  })

  it('defaults of the standard: the host as the site, ES256 among the algorithms, verification preferred', () => {
    expect(request(made({ rp: { name: 'Shop' }, pubKeyCredParams: [] })).rpId).toBe('host.no')
    expect(request(readAssertionRequest({ challenge: some(16) }, 'host.no'))).toMatchObject({ rpId: 'host.no', allow: [] })
    expect(request(asked({ userVerification: 'of-the-future' })).verification).toBe('preferred')
  })

  it('descriptors of other types are nobody’s, and names that are too long are cut', () => {
    expect(request(asked({ allowCredentials: [{ type: 'password', id: 7 }, descriptor()] })).allow).toHaveLength(1)
    const { username, displayName } = request(made({ user: { id: some(1), name: 'x'.repeat(5_000), displayName: '\ud800' } }))
    expect([username.length, displayName]).toEqual([1_000, '\ufffd'])
  })

  it('waits between half a minute and ten', () => {
    const waits = (timeout: unknown): number => request(asked({ timeout })).timeoutMs
    expect([1, -5, 1e9, 60_000.7, Number.NaN, 'soon'].map(waits)).toEqual([30_000, 30_000, 600_000, 60_000, 300_000, 300_000])
  })

  it.each<[string, object]>([
    ['no challenge', { challenge: undefined }],
    ['a challenge of 15 bytes', { challenge: some(15) }],
    ['a challenge of 1,025 bytes', { challenge: some(1_025) }],
    ['a challenge that is no text', { challenge: [1, 2, 3] }],
    ['another alphabet', { challenge: `${some(30)}+/` }],
    ['a user without an id', { user: { name: 'kari', displayName: '' } }],
    ['a user id of no bytes', { user: { id: '', name: 'kari', displayName: '' } }],
    ['a user id of 65 bytes', { user: { id: some(65), name: 'kari', displayName: '' } }],
    ['a user without a name', { user: { id: some(8), displayName: '' } }],
    ['a site without a name', { rp: { id: 'shop.no' } }],
    ['a site that is a list', { rp: [] }],
    ['257 excluded', { excludeCredentials: Array.from({ length: 257 }, () => descriptor(4)) }],
    ['an excluded id of 1,024 bytes', { excludeCredentials: [descriptor(1_024)] }],
    ['an excluded id of no bytes', { excludeCredentials: [{ type: 'public-key', id: '' }] }],
    ['65 algorithms', { pubKeyCredParams: Array.from({ length: 65 }, () => ({ type: 'public-key', alg: -7 })) }],
    ['extensions that are none', { extensions: 'prf' }],
  ])('left to the browser: %s', (_, more) => expect(made(more)).toEqual({ ok: false, fault: 'malformed' }))

  it.each<[string, string, object]>([
    ['algorithm-unsupported', 'only RS256', { pubKeyCredParams: [{ type: 'public-key', alg: -257 }] }],
    ['algorithm-unsupported', 'ES256 of another type', { pubKeyCredParams: [{ type: 'key', alg: -7 }] }],
    ['attestation-wanted', 'direct attestation', { attestation: 'direct' }],
    ['attestation-wanted', 'attestation of an enterprise', { attestation: 'enterprise' }],
    ['security-key-wanted', 'a key to be carried', { authenticatorSelection: { authenticatorAttachment: 'cross-platform' } }],
    ['security-key-wanted', 'a hint for it', { hints: ['security-key', 'client-device'] }],
    ['extension-unsupported', 'prf', { extensions: { prf: {} } }],
    ['extension-unsupported', 'largeBlob', { extensions: { largeBlob: { support: 'preferred' } } }],
  ])('left to the browser as %s: %s', (fault, _, more) => expect(made(more)).toEqual({ ok: false, fault }))

  it('never throws and never takes what is inherited, whatever it is given', () => {
    const polluted = JSON.parse('{"__proto__": {"challenge": "AAAAAAAAAAAAAAAAAAAAAA", "rpId": "shop.no"}}') as object
    expect(readAssertionRequest(polluted, 'host.no').ok).toBe(false)
    expect(readAssertionRequest(Object.create({ challenge: some(32) }), 'host.no').ok).toBe(false)
    fc.assert(
      fc.property(fc.anything(), fc.string(), (value, host) => {
        expect(readCreationRequest(value, host).ok).toBe(false)
        const reading = readAssertionRequest(value, host)
        if (reading.ok) expect((reading.request.challenge as Bytes).length).toBeGreaterThanOrEqual(16)
      }),
    )
  })
})
