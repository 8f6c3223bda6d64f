/**
 * Sealing to a public key: `packages/crypto/src/hpke.ts` against an implementation by other people, in both directions, and what
 * it must refuse (house rule 11: one failure for every reason).
 */
import { Aes256Gcm, CipherSuite, HkdfSha256 } from '@hpke/core'
import { XWing } from '@hpke/hybridkem-x-wing'
import { NokkelError, Secret, systemRandom, toHex, utf8, type Bytes } from '@nokkel/base'
import { createKemKey, kemCiphertextBytes, kemKeyFromSeed, kemPublicKeyBytes, openFrom, sealTo } from '@nokkel/crypto'
import { describe, expect, it } from 'vitest'

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })
const info = utf8('nk/1/test')
const aad = utf8('where it belongs')
/** X25519 points of small order (RFC 7748 §6.1): the shared secret is zero whatever the other key is */
const lowOrder = [new Uint8Array(32), new Uint8Array(32).fill(1, 0, 1)]

/** Their importer takes a whole ArrayBuffer. */
function theirKey(bytes: Bytes, isPublic: boolean): Promise<CryptoKey> {
  return suite.kem.importKey('raw', bytes.slice().buffer, isPublic)
}

/** Rounds with plaintexts, infos and associated data of many lengths, the empty ones included. */
const rounds = Array.from({ length: 24 }, (_, i) => ({
  info: systemRandom.bytes(i * 7),
  aad: systemRandom.bytes((i * 13) % 50),
  plaintext: systemRandom.bytes(i < 2 ? i : (i * i * 11) % 3_000),
}))

describe('HPKE with X-Wing, interoperation', () => {
  it('opens what the other implementation sealed', async () => {
    let opened = 0
    for (const { info, aad, plaintext } of rounds) {
      const kemKey = createKemKey(systemRandom)
      const recipientPublicKey = await theirKey(kemKey.publicKey, true)
      const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plaintext, aad)
      const sealed = new Uint8Array([...new Uint8Array(enc), ...new Uint8Array(ct)])
      expect(toHex(openFrom(kemKey, info, aad, sealed))).toBe(toHex(plaintext))
      opened++
    }
    expect(opened).toBe(24)
  })

  it('seals what the other implementation opens', async () => {
    let opened = 0
    for (const { info, aad, plaintext } of rounds) {
      const seed = systemRandom.bytes(32)
      const recipientKey = await theirKey(seed, false)
      const sealed = sealTo(systemRandom, kemKeyFromSeed(new Secret(seed)).publicKey, info, aad, plaintext)
      expect(sealed.length).toBe(kemCiphertextBytes + plaintext.length + 16)
      const enc = sealed.slice(0, kemCiphertextBytes)
      const theirs = await suite.open({ recipientKey, enc, info }, sealed.slice(kemCiphertextBytes), aad)
      expect(toHex(new Uint8Array(theirs))).toBe(toHex(plaintext))
      await expect(suite.open({ recipientKey, enc, info: utf8('other') }, sealed.slice(kemCiphertextBytes), aad)).rejects.toThrow()
      opened++
    }
    expect(opened).toBe(24)
  })
})

describe('HPKE with X-Wing, refusals', () => {
  const kemKey = createKemKey(systemRandom)
  const plaintext = systemRandom.bytes(32)
  const sealed = sealTo(systemRandom, kemKey.publicKey, info, aad, plaintext)

  /** The whole of what a caller can see of a failure. */
  function failure(open: () => unknown): string {
    try {
      open()
    } catch (error) {
      if (error instanceof NokkelError) return JSON.stringify([error.code, error.message, error.params, error.cause ?? null])
      throw error
    }
    return 'opened'
  }
  const openFailed = JSON.stringify(['open-failed', 'open-failed', {}, null])

  it('opens the untouched one', () => {
    expect(toHex(openFrom(kemKey, info, aad, sealed))).toBe(toHex(plaintext))
  })

  it('refuses another key, info or associated data', () => {
    expect(failure(() => openFrom(createKemKey(systemRandom), info, aad, sealed))).toBe(openFailed)
    expect(failure(() => openFrom(kemKey, utf8('nk/1/tesu'), aad, sealed))).toBe(openFailed)
    expect(failure(() => openFrom(kemKey, utf8(''), aad, sealed))).toBe(openFailed)
    expect(failure(() => openFrom(kemKey, info, utf8('where it belong'), sealed))).toBe(openFailed)
    expect(failure(() => openFrom(kemKey, aad, info, sealed))).toBe(openFailed)
  })

  it('refuses every truncation and every extension', () => {
    for (const length of [0, 1, 31, 1_087, 1_088, 1_119, 1_120, 1_121, 1_135, 1_136, 1_137, sealed.length - 1])
      expect(
        failure(() => openFrom(kemKey, info, aad, sealed.subarray(0, length))),
        `${length} bytes`,
      ).toBe(openFailed)
    expect(failure(() => openFrom(kemKey, info, aad, new Uint8Array([...sealed, 0])))).toBe(openFailed)
    expect(failure(() => openFrom(kemKey, info, aad, sealed.subarray(1)))).toBe(openFailed)
  })

  it('refuses a change of one bit in each of its bytes', () => {
    let refused = 0
    for (let at = 0; at < sealed.length; at++) {
      const changed = sealed.slice()
      changed[at] = (changed[at] as number) ^ (1 << (at & 7))
      expect(
        failure(() => openFrom(kemKey, info, aad, changed)),
        `byte ${at}`,
      ).toBe(openFailed)
      refused++
    }
    expect(refused).toBe(kemCiphertextBytes + 32 + 16)
  }, 30_000)

  it('refuses an encapsulation with a point of small order', () => {
    for (const point of lowOrder) {
      const changed = sealed.slice()
      changed.set(point, kemCiphertextBytes - 32)
      expect(failure(() => openFrom(kemKey, info, aad, changed))).toBe(openFailed)
    }
  })

  it('does not seal to what is no public key', () => {
    const notReduced = kemKey.publicKey.slice()
    notReduced.set([0xff, 0xff, 0xff])
    const bad = [new Uint8Array(0), kemKey.publicKey.subarray(1), new Uint8Array(kemPublicKeyBytes + 1), notReduced]
    for (const point of lowOrder) {
      const key = kemKey.publicKey.slice()
      key.set(point, kemPublicKeyBytes - 32)
      bad.push(key)
    }
    for (const publicKey of bad) expect(() => sealTo(systemRandom, publicKey, info, aad, plaintext)).toThrow('malformed')
  })

  it('says locked, not open-failed, once its key was destroyed', () => {
    const gone = createKemKey(systemRandom)
    const forGone = sealTo(systemRandom, gone.publicKey, info, aad, plaintext)
    gone.seed.destroy()
    expect(() => openFrom(gone, info, aad, forGone)).toThrow('locked')
  })

  it('never seals the same way twice', () => {
    expect(toHex(sealTo(systemRandom, kemKey.publicKey, info, aad, plaintext))).not.toBe(toHex(sealed))
  })
})
